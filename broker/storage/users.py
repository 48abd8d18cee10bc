"""Engineers and their logins, in SQLite."""

from broker.organisation.engineers import Engineer
from broker.storage.tables import TokenRow, UserRow
from protocol.grants import Scope
from serving.database import Database
from serving.identity import sql


class SqlUsers(sql.SqlUsers[Engineer]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, _TABLES)

    async def add(
        self,
        *,
        user_name: str,
        name: str,
        staff_number: str,
        max_scopes: frozenset[Scope],
        password_hash: str,
        created_at_ms: int,
        totp_secret: str | None = None,
    ) -> Engineer:
        """Raises UserExists for a user name or staff number that is taken."""
        row = UserRow(
            user_name=user_name,
            name=name,
            staff_number=staff_number,
            max_scopes=sorted(max_scopes),
            password_hash=password_hash,
            created_at_ms=created_at_ms,
            totp_secret=totp_secret,
        )
        return await self._insert(row, {"staff_number": "staff number"})


class SqlTokens(sql.SqlTokens[Engineer]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, _TABLES)


def _engineer(row: UserRow) -> Engineer:
    return Engineer(
        user_id=row.user_id,
        user_name=row.user_name,
        name=row.name,
        staff_number=row.staff_number,
        max_scopes=frozenset(Scope(scope) for scope in row.max_scopes),
        disabled=row.disabled,
        has_totp=row.totp_secret is not None,
        created_at_ms=row.created_at_ms,
    )


_TABLES = sql.UserTables(UserRow, TokenRow, _engineer)
