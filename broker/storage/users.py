"""The broker's people and their logins, in SQLite."""

from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError

from broker.organisation.engineers import Engineer
from broker.organisation.people import Role
from broker.organisation.teams import TeamTaken, TeamUnknown
from broker.storage.tables import (
    ApiTokenRow,
    AuditEventRow,
    PasskeyRow,
    ProviderPersonRow,
    RecoveryCodeRow,
    TokenRow,
    UserRow,
)
from protocol.grants import Scope
from serving.database import Database
from serving.identity import sql
from serving.identity.passwords import NO_PASSWORD
from serving.identity.secret_box import SecretBox
from serving.identity.users import UserExists


class SqlUsers(sql.SqlUsers[Engineer]):
    def __init__(self, database: Database, box: SecretBox) -> None:
        super().__init__(database, TABLES, box)

    async def add(
        self,
        *,
        user_name: str,
        name: str,
        staff_number: str,
        max_scopes: frozenset[Scope],
        password_hash: str,
        created_at_ms: int,
        role: Role = "engineer",
        totp_secret: str | None = None,
        password_provisional: bool = False,
        team: str = "",
    ) -> Engineer:
        """Raises UserExists for a user name or staff number that is taken."""
        row = UserRow(
            user_name=user_name,
            name=name,
            role=role,
            staff_number=staff_number,
            max_scopes=sorted(max_scopes),
            password_hash=password_hash,
            created_at_ms=created_at_ms,
            totp_secret=self._sealed(totp_secret, user_name),
            password_provisional=password_provisional,
            team=team,
        )
        return await self._insert(row, {"staff_number": "staff number"})

    async def set_password(
        self, user_id: int, password_hash: str, *, keep: bytes | None = None, provisional: bool = False
    ) -> None:
        await self._change(user_id, keep=keep, password_hash=password_hash, password_provisional=provisional)

    async def change(
        self, one: Engineer, if_version: int, *, name: str, role: Role, max_scopes: frozenset[Scope], disabled: bool
    ) -> None:
        """What an administrator may change of somebody, all in one; ends their logins. Raises ChangedMeanwhile."""
        await self._change(
            one.user_id, if_version=if_version, name=name, role=role, max_scopes=sorted(max_scopes), disabled=disabled
        )

    async def set_role(self, user_id: int, role: Role) -> None:
        """Also ends all the user's logins."""
        await self._change(user_id, role=role)

    async def set_team(self, one: Engineer, team: str, if_version: int | None = None) -> Engineer:
        async with self._database.writing() as session:
            return engineer_of_row(cast("UserRow", await self._put(session, one.user_id, if_version, {"team": team})))

    async def rename_team(self, team: str, name: str) -> int:
        async with self._database.writing() as session:
            if await session.scalar(select(UserRow).where(UserRow.team == name).limit(1)):
                raise TeamTaken(team=name)
            renamed = await session.execute(
                update(UserRow).where(UserRow.team == team).values(team=name, version=UserRow.version + 1)
            )
            count = cast("CursorResult[Any]", renamed).rowcount
            if not count:
                raise TeamUnknown(team=team)
            return count

    async def set_facts(self, user_id: int, *, name: str, staff_number: str, role: Role) -> None:
        """As an OpenID provider says them; also ends all the user's logins. Raises UserExists."""
        try:
            await self._change(user_id, name=name, staff_number=staff_number, role=role)
        except IntegrityError:
            raise UserExists(field="staff number", value=staff_number) from None


class SqlTokens(sql.SqlTokens[Engineer]):
    def __init__(self, database: Database) -> None:
        super().__init__(database, TABLES)


def engineer_of_row(row: UserRow) -> Engineer:
    return Engineer(
        user_id=row.user_id,
        user_name=row.user_name,
        name=row.name,
        role=cast("Role", row.role),
        staff_number=row.staff_number,
        max_scopes=frozenset(Scope(scope) for scope in row.max_scopes),
        disabled=row.disabled,
        has_totp=row.totp_secret is not None,
        created_at_ms=row.created_at_ms,
        version=row.version,
        has_password=row.password_hash != NO_PASSWORD,
        password_provisional=row.password_provisional,
        team=row.team,
    )


TABLES = sql.UserTables(
    users=UserRow,
    tokens=TokenRow,
    api_tokens=ApiTokenRow,
    recovery_codes=RecoveryCodeRow,
    events=AuditEventRow,
    passkeys=PasskeyRow,
    provider_people=ProviderPersonRow,
    read=engineer_of_row,
)
