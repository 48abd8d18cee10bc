"""The audit service's people and their logins, in SQLite."""

from typing import cast

from audit.service.people import Auditor, Role
from audit.storage.tables import (
    ApiTokenRow,
    IdentityEventRow,
    PasskeyRow,
    ProviderPersonRow,
    RecoveryCodeRow,
    TokenRow,
    UserRow,
)
from serving.database import Database
from serving.identity import sql
from serving.identity.openid import sql_people
from serving.identity.openid.claims import ProviderPerson
from serving.identity.passwords import NO_PASSWORD
from serving.identity.secret_box import SecretBox


class SqlUsers(sql.SqlUsers[Auditor]):
    def __init__(self, database: Database, box: SecretBox) -> None:
        super().__init__(database, TABLES, box)

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
            totp_secret=self._sealed(totp_secret, user_name),
        )
        return await self._insert(row, {})

    async def set_facts(self, user_id: int, *, name: str, role: Role) -> None:
        """As an OpenID provider says them; also ends all the user's logins."""
        await self._change(user_id, name=name, role=role)


class SqlTokens(sql.SqlTokens[Auditor]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, TABLES)


class SqlProviderPeople(sql_people.SqlProviderPeople[Auditor]):
    """Who somebody of an OpenID provider is here."""

    def __init__(self, database: Database, users: SqlUsers) -> None:
        super().__init__(database, TABLES)
        self._users = users

    def is_up_to_date(self, known: Auditor, person: ProviderPerson, role: Role) -> bool:
        return (known.name, known.role) == (person.name, role)

    def _new_row(self, person: ProviderPerson, role: Role, now_ms: int) -> UserRow:
        return UserRow(
            user_name=person.user_name,
            name=person.name,
            role=role,
            password_hash=NO_PASSWORD,
            created_at_ms=now_ms,
        )

    async def _set_facts(self, user_id: int, person: ProviderPerson, role: Role) -> None:
        await self._users.set_facts(user_id, name=person.name, role=role)


def _auditor(row: UserRow) -> Auditor:
    return Auditor(
        user_id=row.user_id,
        user_name=row.user_name,
        name=row.name,
        role=cast("Role", row.role),
        disabled=row.disabled,
        has_totp=row.totp_secret is not None,
        has_password=row.password_hash != NO_PASSWORD,
        created_at_ms=row.created_at_ms,
        version=row.version,
    )


TABLES = sql.UserTables(
    users=UserRow,
    tokens=TokenRow,
    api_tokens=ApiTokenRow,
    recovery_codes=RecoveryCodeRow,
    events=IdentityEventRow,
    passkeys=PasskeyRow,
    provider_people=ProviderPersonRow,
    read=_auditor,
)
