"""WhisperStore of sessions/, in SQLite."""

from typing import cast

from sqlalchemy import func, select

from broker.organisation.engineers import Engineer
from broker.sessions.whispers import Whisper, WhisperKind, WhispersFull
from broker.storage.tables import WhisperRow
from serving.database import Database


class SqlWhispers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        session_id: bytes,
        author: Engineer,
        text: str,
        said_at_ms: int,
        *,
        limit: int,
        kind: WhisperKind = "text",
    ) -> Whisper:
        newest = select(func.coalesce(func.max(WhisperRow.number), 0)).where(WhisperRow.session_id == session_id)
        async with self._database.writing() as transaction:
            number = (await transaction.scalar(newest) or 0) + 1
            if number > limit:
                raise WhispersFull
            row = WhisperRow(
                session_id=session_id,
                number=number,
                user_id=author.user_id,
                name=author.name,
                staff_number=author.staff_number,
                said_at_ms=said_at_ms,
                text=text,
                kind=kind,
            )
            transaction.add(row)
            return _whisper(row)

    async def after(self, session_id: bytes, number: int) -> list[Whisper]:
        query = (
            select(WhisperRow)
            .where(WhisperRow.session_id == session_id, WhisperRow.number > number)
            .order_by(WhisperRow.number)
        )
        async with self._database.reading() as reader:
            return [_whisper(row) for row in await reader.scalars(query)]


def _whisper(row: WhisperRow) -> Whisper:
    return Whisper(
        row.number, row.user_id, row.name, row.staff_number, row.said_at_ms, row.text, cast("WhisperKind", row.kind)
    )
