"""What the audit service asks the database for: who it is, and which sessions changed."""

from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from broker.audit_feed.changes import ChangedSession
from broker.audit_feed.services import AuditServiceExistsAlready, AuditServiceUnknown, RegisteredAuditService
from broker.sessions.session import Note, SessionRating
from broker.storage.sessions import note_of_row, sessions_of_rows
from broker.storage.tables import AuditServiceRow, NoteRow, RatingRow, SessionRow, UserRow, WhisperRow
from serving.database import Database


class SqlAuditServices:
    """AuditServiceStore of audit_feed/, in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, token_hash: bytes, created_at_ms: int) -> None:
        try:
            async with self._database.writing() as session:
                session.add(AuditServiceRow(name=name, token_hash=token_hash, created_at_ms=created_at_ms))
        except IntegrityError:
            raise AuditServiceExistsAlready(name=name) from None

    async def all(self) -> list[RegisteredAuditService]:
        async with self._database.reading() as session:
            rows = await session.scalars(select(AuditServiceRow).order_by(AuditServiceRow.name))
            return [RegisteredAuditService(row.name, row.created_at_ms) for row in rows]

    async def remove(self, name: str) -> None:
        async with self._database.writing() as session:
            removed = await session.execute(delete(AuditServiceRow).where(AuditServiceRow.name == name))
        if not cast("CursorResult[Any]", removed).rowcount:
            raise AuditServiceUnknown(name=name)

    async def with_token(self, token_hash: bytes) -> RegisteredAuditService | None:
        async with self._database.reading() as session:
            row = await session.scalar(select(AuditServiceRow).where(AuditServiceRow.token_hash == token_hash))
        return None if row is None else RegisteredAuditService(row.name, row.created_at_ms)


class SqlChangedSessions:
    """ChangedSessions of audit_feed/, in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def after(self, change: int, limit: int) -> list[ChangedSession]:
        query = select(SessionRow).where(SessionRow.change > change).order_by(SessionRow.change).limit(limit)
        async with self._database.reading() as reader:
            rows = list(await reader.scalars(query))
            sessions = await sessions_of_rows(reader, rows)
            ids = [row.session_id for row in rows]
            notes: dict[bytes, list[Note]] = {session_id: [] for session_id in ids}
            written = (
                select(NoteRow, UserRow)
                .join(UserRow, UserRow.user_id == NoteRow.user_id)
                .where(NoteRow.session_id.in_(ids))
                .order_by(NoteRow.note_id)
            )
            for note, author in await reader.execute(written):
                notes[note.session_id].append(note_of_row(note, author))
            ratings = {
                row.session_id: SessionRating(row.stars, row.solved, row.comment, row.rated_at_ms)
                for row in await reader.scalars(select(RatingRow).where(RatingRow.session_id.in_(ids)))
            }
        return [
            ChangedSession(row.change, session, notes[row.session_id], ratings.get(row.session_id))
            for row, session in zip(rows, sessions, strict=True)
        ]

    async def newest(self) -> int:
        async with self._database.reading() as reader:
            return await reader.scalar(select(func.max(SessionRow.change))) or 0

    async def forget_words(self, session_id: bytes) -> None:
        async with self._database.writing() as session:
            await session.execute(delete(NoteRow).where(NoteRow.session_id == session_id))
            await session.execute(delete(WhisperRow).where(WhisperRow.session_id == session_id))
            await session.execute(update(SessionRow).where(SessionRow.session_id == session_id).values(stopped_why=""))
            await session.execute(delete(RatingRow).where(RatingRow.session_id == session_id))
