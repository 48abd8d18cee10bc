"""The audit service's people and their logins, in SQLite."""

from typing import cast

from audit.service.people import Auditor, Role
from audit.storage.tables import TokenRow, UserRow
from serving.database import Database
from serving.identity import sql


class SqlUsers(sql.SqlUsers[Auditor]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, _TABLES)

    async def add(
        self,
        *,
        user_name: str,
        name: str,
        role: Role,
        password_hash: str,
        created_at_ms: int,
        totp_secret: str | None = None,
    ) -> Auditor:
        """Raises UserExists for a user name that is taken."""
        row = UserRow(
            user_name=user_name,
            name=name,
            role=role,
            password_hash=password_hash,
            created_at_ms=created_at_ms,
            totp_secret=totp_secret,
        )
        return await self._insert(row, {})


class SqlTokens(sql.SqlTokens[Auditor]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, _TABLES)


def _auditor(row: UserRow) -> Auditor:
    return Auditor(
        user_id=row.user_id,
        user_name=row.user_name,
        name=row.name,
        role=cast("Role", row.role),
        disabled=row.disabled,
        has_totp=row.totp_secret is not None,
        created_at_ms=row.created_at_ms,
        version=row.version,
    )


_TABLES = sql.UserTables(UserRow, TokenRow, _auditor)
