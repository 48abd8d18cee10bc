"""RecoveryStore in a SQL database."""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, insert, select

from serving.database import Database
from serving.identity.sql import UserTables


class SqlRecoveryCodes:
    def __init__(self, database: Database, tables: UserTables[Any]) -> None:
        self._database = database
        self._rows = tables.recovery_codes

    async def replace(self, user_id: int, digests: Collection[bytes], made_at_ms: int) -> None:
        rows = [{"user_id": user_id, "digest": digest, "made_at_ms": made_at_ms} for digest in digests]
        async with self._database.writing() as session:
            await session.execute(delete(self._rows).where(self._rows.user_id == user_id))
            if rows:
                await session.execute(insert(self._rows), rows)

    async def use(self, user_id: int, digest: bytes) -> bool:
        chosen = delete(self._rows).where(self._rows.user_id == user_id, self._rows.digest == digest)
        async with self._database.writing() as session:
            return cast("CursorResult[Any]", await session.execute(chosen)).rowcount == 1

    async def left(self, user_id: int) -> int:
        query = select(func.count()).select_from(self._rows).where(self._rows.user_id == user_id)
        async with self._database.reading() as session:
            return int((await session.execute(query)).scalar_one())
