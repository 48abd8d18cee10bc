"""PasskeyStore in a SQL database, for whatever kind of user a server has."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError

from serving.database import Database
from serving.identity.passkeys import Passkey, PasskeyKnown, PasskeyUnknown
from serving.identity.sql import UserTables
from serving.identity.tables import PasskeyColumns
from serving.identity.users import User

U = TypeVar("U", bound=User)


class SqlPasskeys(Generic[U]):
    def __init__(self, database: Database, tables: UserTables[U]) -> None:
        self._database = database
        self._tables = tables
        self._rows = tables.passkeys

    async def of_user(self, user_id: int) -> Sequence[Passkey]:
        query = select(self._rows).where(self._rows.user_id == user_id).order_by(self._rows.passkey_id)
        async with self._database.reading() as session:
            return [_passkey(row) for row in await session.scalars(query)]

    async def find(self, credential_id: bytes) -> tuple[U, Passkey] | None:
        users, rows = self._tables.users, self._rows
        query = select(users, rows).join(rows, rows.user_id == users.user_id).where(rows.credential_id == credential_id)
        async with self._database.reading() as session:
            found = (await session.execute(query)).one_or_none()
        return None if found is None else (self._tables.read(found[0]), _passkey(found[1]))

    async def add(self, passkey: Passkey) -> Passkey:
        row = self._rows(**{name: value for name, value in vars(passkey).items() if name != "passkey_id"})
        try:
            async with self._database.writing() as session:
                session.add(row)
        except IntegrityError:
            raise PasskeyKnown from None
        return _passkey(row)

    async def used(self, passkey_id: int, sign_count: int, now_ms: int) -> bool:
        # Devices that do not count say 0 for ever; whoever once counted goes on.
        counts = self._rows.sign_count < sign_count if sign_count else self._rows.sign_count == 0
        return await self._changed(
            update(self._rows)
            .where(self._rows.passkey_id == passkey_id, counts)
            .values(sign_count=sign_count, last_used_at_ms=now_ms)
        )

    async def rename(self, user_id: int, passkey_id: int, name: str) -> None:
        theirs = (self._rows.user_id == user_id, self._rows.passkey_id == passkey_id)
        if not await self._changed(update(self._rows).where(*theirs).values(name=name)):
            raise PasskeyUnknown

    async def remove(self, user_id: int, passkey_id: int) -> None:
        theirs = (self._rows.user_id == user_id, self._rows.passkey_id == passkey_id)
        if not await self._changed(delete(self._rows).where(*theirs)):
            raise PasskeyUnknown

    async def _changed(self, statement: Any) -> bool:
        async with self._database.writing() as session:
            return cast("CursorResult[Any]", await session.execute(statement)).rowcount == 1


def _passkey(row: PasskeyColumns) -> Passkey:
    return Passkey(
        passkey_id=row.passkey_id,
        user_id=row.user_id,
        name=row.name,
        credential_id=row.credential_id,
        public_key=row.public_key,
        user_handle=row.user_handle,
        sign_count=row.sign_count,
        synced=row.synced,
        created_at_ms=row.created_at_ms,
        last_used_at_ms=row.last_used_at_ms,
    )
