"""SessionStore of sessions/, in SQLite."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from broker.sessions.session import (
    NOTE_CHANGE_HOURS,
    Note,
    NoteChanged,
    NoteClosed,
    NoteUnknown,
    Participation,
    Session,
    SessionRating,
    SessionState,
    Stop,
)
from broker.storage.tables import NoteRow, ParticipantRow, RatingRow, SessionRow, UserRow
from protocol.grants import Scope
from protocol.messages.fields import EndReason, Language
from serving.database import Database


class SqlSessions:
    def __init__(self, database: Database, *, when_changed: Callable[[], None] = lambda: None) -> None:
        """`when_changed` hears of every change that is on the disk."""
        self._database = database
        self._when_changed = when_changed

    @asynccontextmanager
    async def _changing(self, session_id: bytes) -> AsyncIterator[AsyncSession]:
        """One transaction about one session, which gets the next change number with it."""
        async with self._database.writing() as transaction:
            yield transaction
            await transaction.flush()
            newest = select(func.coalesce(func.max(SessionRow.change), 0) + 1).scalar_subquery()
            await transaction.execute(
                update(SessionRow).where(SessionRow.session_id == session_id).values(change=newest)
            )
        self._when_changed()

    async def add(self, session: Session) -> None:
        async with self._changing(session.session_id) as transaction:
            transaction.add(
                SessionRow(
                    session_id=session.session_id,
                    agent_key=session.agent_key,
                    token_hash=session.token_hash,
                    language=session.language,
                    state=session.state,
                    opened_at_ms=session.opened_at_ms,
                )
            )

    async def find(self, session_id: bytes) -> Session | None:
        async with self._database.reading() as reader:
            row = await reader.get(SessionRow, session_id)
            return None if row is None else (await sessions_of_rows(reader, [row]))[0]

    async def unended(self) -> list[Session]:
        async with self._database.reading() as reader:
            rows = await reader.scalars(select(SessionRow).where(SessionRow.state != "ended"))
            return await sessions_of_rows(reader, list(rows))

    async def of_engineer(
        self,
        user_id: int | None,
        states: tuple[SessionState, ...],
        limit: int,
        before: bytes | None = None,
        team: str | None = None,
    ) -> list[Session]:
        place = tuple_(SessionRow.opened_at_ms, SessionRow.session_id)
        newest_first = SessionRow.opened_at_ms.desc(), SessionRow.session_id.desc()
        query = select(SessionRow).where(SessionRow.state.in_(states)).order_by(*newest_first).limit(limit)
        if before is not None:
            last = select(SessionRow.opened_at_ms, SessionRow.session_id).where(SessionRow.session_id == before)
            query = query.where(place < last.scalar_subquery())
        if user_id is not None:
            theirs = select(ParticipantRow.session_id).where(ParticipantRow.user_id == user_id)
            query = query.where(SessionRow.session_id.in_(theirs))
        if team is not None:
            of_team = select(ParticipantRow.session_id).where(ParticipantRow.team == team)
            query = query.where(SessionRow.session_id.in_(of_team))
        async with self._database.reading() as reader:
            return await sessions_of_rows(reader, list(await reader.scalars(query)))

    async def count_by_state(self) -> dict[SessionState, int]:
        counts: dict[SessionState, int] = {"waiting": 0, "paired": 0, "live": 0, "ended": 0}
        async with self._database.reading() as reader:
            for state, count in await reader.execute(select(SessionRow.state, func.count()).group_by(SessionRow.state)):
                counts[cast("SessionState", state)] = count
        return counts

    async def add_participant(self, session_id: bytes, participant: Participation) -> None:
        async with self._changing(session_id) as transaction:
            transaction.add(
                ParticipantRow(
                    session_id=session_id,
                    number=participant.number,
                    user_id=participant.user_id,
                    name=participant.name,
                    staff_number=participant.staff_number,
                    team=participant.team,
                    paired_at_ms=participant.paired_at_ms,
                    login=participant.login,
                    scopes=[*participant.scopes],
                    expires_at_ms=participant.expires_at_ms,
                )
            )
            await transaction.execute(
                update(SessionRow)
                .where(SessionRow.session_id == session_id, SessionRow.state == "waiting")
                .values(state="paired")
            )

    async def keep_grant(self, session_id: bytes, number: int, scopes: tuple[Scope, ...], expires_at_ms: int) -> None:
        async with self._changing(session_id) as transaction:
            await transaction.execute(
                update(ParticipantRow)
                .where(ParticipantRow.session_id == session_id, ParticipantRow.number == number)
                .values(scopes=[*scopes], expires_at_ms=expires_at_ms)
            )
            if scopes:
                await transaction.execute(
                    update(SessionRow)
                    .where(SessionRow.session_id == session_id, SessionRow.state != "ended")
                    .values(state="live")
                )

    async def keep_tier(self, session_id: bytes, tier: str) -> None:
        async with self._changing(session_id) as transaction:
            await transaction.execute(update(SessionRow).where(SessionRow.session_id == session_id).values(tier=tier))

    async def keep_stop(self, session_id: bytes, stop: Stop) -> None:
        async with self._changing(session_id) as transaction:
            await transaction.execute(
                update(SessionRow)
                .where(SessionRow.session_id == session_id)
                .values(stopped_by=stop.name, stopped_by_number=stop.staff_number, stopped_why=stop.why)
            )

    async def end(self, session_id: bytes, reason: EndReason, record_count: int | None, ended_at_ms: int) -> None:
        async with self._changing(session_id) as transaction:
            await transaction.execute(
                update(SessionRow)
                .where(SessionRow.session_id == session_id, SessionRow.state != "ended")
                .values(state="ended", end_reason=reason, record_count=record_count, ended_at_ms=ended_at_ms)
            )

    async def add_note(self, session_id: bytes, user_id: int, text: str, written_at_ms: int) -> Note:
        async with self._changing(session_id) as transaction:
            row = NoteRow(session_id=session_id, user_id=user_id, text=text, written_at_ms=written_at_ms)
            transaction.add(row)
            author = await transaction.get_one(UserRow, user_id)
            await transaction.flush()
            return note_of_row(row, author)

    async def change_note(
        self, session_id: bytes, note_id: int, user_id: int, *, version: str, text: str, not_before_ms: int
    ) -> Note:
        async with self._changing(session_id) as transaction:
            row = await transaction.get(NoteRow, note_id)
            if row is None or (row.session_id, row.user_id) != (session_id, user_id):
                raise NoteUnknown
            author = await transaction.get_one(UserRow, user_id)
            if note_of_row(row, author).version != version:
                raise NoteChanged
            if row.written_at_ms < not_before_ms:
                raise NoteClosed(hours=NOTE_CHANGE_HOURS)
            row.text = text
            await transaction.flush()
            return note_of_row(row, author)

    async def notes(self, session_id: bytes) -> list[Note]:
        query = (
            select(NoteRow, UserRow)
            .join(UserRow, UserRow.user_id == NoteRow.user_id)
            .where(NoteRow.session_id == session_id)
            .order_by(NoteRow.note_id)
        )
        async with self._database.reading() as reader:
            return [note_of_row(row, author) for row, author in await reader.execute(query)]

    async def keep_rating(self, session_id: bytes, rating: SessionRating, signature: bytes) -> None:
        values = {
            "stars": rating.stars,
            "solved": rating.solved,
            "comment": rating.comment,
            "rated_at_ms": rating.rated_at_ms,
            "signature": signature,
        }
        statement = upsert(RatingRow).values(session_id=session_id, **values)
        async with self._changing(session_id) as transaction:
            await transaction.execute(statement.on_conflict_do_update(index_elements=["session_id"], set_=values))

    async def rating(self, session_id: bytes) -> SessionRating | None:
        async with self._database.reading() as reader:
            row = await reader.get(RatingRow, session_id)
        return None if row is None else SessionRating(row.stars, row.solved, row.comment, row.rated_at_ms)


async def sessions_of_rows(reader: AsyncSession, rows: list[SessionRow]) -> list[Session]:
    sessions = {row.session_id: _session(row) for row in rows}
    # In pieces: SQLite allows only so many parameters in one statement.
    keys = list(sessions)
    for start in range(0, len(keys), 500):
        query = (
            select(ParticipantRow)
            .where(ParticipantRow.session_id.in_(keys[start : start + 500]))
            .order_by(ParticipantRow.number)
        )
        for row in await reader.scalars(query):
            sessions[row.session_id].participants.append(
                Participation(
                    number=row.number,
                    user_id=row.user_id,
                    name=row.name,
                    staff_number=row.staff_number,
                    team=row.team,
                    paired_at_ms=row.paired_at_ms,
                    login=row.login,
                    scopes=tuple(Scope(scope) for scope in row.scopes),
                    expires_at_ms=row.expires_at_ms,
                )
            )
    return [sessions[row.session_id] for row in rows]


def _session(row: SessionRow) -> Session:
    return Session(
        session_id=row.session_id,
        agent_key=row.agent_key,
        token_hash=row.token_hash,
        language=cast("Language", row.language),
        opened_at_ms=row.opened_at_ms,
        state=cast("SessionState", row.state),
        ended_at_ms=row.ended_at_ms,
        end_reason=cast("EndReason | None", row.end_reason),
        record_count=row.record_count,
        stop=_stop(row),
        tier=row.tier,
    )


def _stop(row: SessionRow) -> Stop | None:
    if row.stopped_by is None:
        return None
    return Stop(row.stopped_by, row.stopped_by_number or "", row.stopped_why or "")


def note_of_row(row: NoteRow, author: UserRow) -> Note:
    return Note(row.note_id, author.user_id, author.name, author.staff_number, row.written_at_ms, row.text)
