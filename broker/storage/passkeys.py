"""Passkeys in SQL."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError

from broker.organisation.engineers import Engineer
from broker.storage.sign_in_tables import PasskeyRow
from broker.storage.tables import UserRow
from broker.storage.users import TABLES
from serving.database import Database
from serving.identity.passkeys import Passkey, PasskeyKnown, PasskeyUnknown


class SqlPasskeys:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_user(self, user_id: int) -> Sequence[Passkey]:
        query = select(PasskeyRow).where(PasskeyRow.user_id == user_id).order_by(PasskeyRow.passkey_id)
        async with self._database.reading() as session:
            return [_passkey(row) for row in await session.scalars(query)]

    async def find(self, credential_id: bytes) -> tuple[Engineer, Passkey] | None:
        query = (
            select(UserRow, PasskeyRow)
            .join(PasskeyRow, PasskeyRow.user_id == UserRow.user_id)
            .where(PasskeyRow.credential_id == credential_id)
        )
        async with self._database.reading() as session:
            found = (await session.execute(query)).one_or_none()
        return None if found is None else (TABLES.read(found[0]), _passkey(found[1]))

    async def add(self, passkey: Passkey) -> Passkey:
        row = PasskeyRow(**{name: value for name, value in vars(passkey).items() if name != "passkey_id"})
        try:
            async with self._database.writing() as session:
                session.add(row)
        except IntegrityError:
            raise PasskeyKnown from None
        return _passkey(row)

    async def used(self, passkey_id: int, sign_count: int, now_ms: int) -> bool:
        # Devices that do not count say 0 for ever; whoever once counted goes on.
        counts = PasskeyRow.sign_count < sign_count if sign_count else PasskeyRow.sign_count == 0
        return await self._changed(
            update(PasskeyRow)
            .where(PasskeyRow.passkey_id == passkey_id, counts)
            .values(sign_count=sign_count, last_used_at_ms=now_ms)
        )

    async def rename(self, user_id: int, passkey_id: int, name: str) -> None:
        theirs = (PasskeyRow.user_id == user_id, PasskeyRow.passkey_id == passkey_id)
        if not await self._changed(update(PasskeyRow).where(*theirs).values(name=name)):
            raise PasskeyUnknown

    async def remove(self, user_id: int, passkey_id: int) -> None:
        theirs = (PasskeyRow.user_id == user_id, PasskeyRow.passkey_id == passkey_id)
        if not await self._changed(delete(PasskeyRow).where(*theirs)):
            raise PasskeyUnknown

    async def _changed(self, statement: Any) -> bool:
        async with self._database.writing() as session:
            return cast("CursorResult[Any]", await session.execute(statement)).rowcount == 1


def _passkey(row: PasskeyRow) -> Passkey:
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
