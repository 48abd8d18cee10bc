"""What the audit service knows of each session, and how far the broker's feed was read."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import CursorResult, func, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from audit.storage.feed_places import feed_places, keep_place
from audit.storage.seals import Seal
from audit.storage.tables import SessionRow
from protocol import kept_errors
from protocol.errors import ConsentryError
from serving.database import Database

Condition = Literal["sound", "broken", "hostile", "sealed", "unread"]
"""`broken`: not what its agent signed. `hostile`: signed, and made to harm its reader. `sealed`: no key opens it."""

Retention = Literal["standard", "short", "pci"]


@dataclass(frozen=True)
class BrokerSession:
    """One session as the broker tells it; `facts` is its JSON."""

    session_id: bytes
    opened_at_ms: int
    ended_at_ms: int | None
    facts: bytes


@dataclass(frozen=True)
class KnownSession:
    """`facts` and `digest` are JSON: what the broker and what the recording say of it. `problem` is a kept error."""

    session_id: bytes
    opened_at_ms: int
    ended_at_ms: int | None
    facts: bytes | None
    digest: bytes | None
    condition: Condition
    problem: str
    next_seq: int
    finished: bool
    retention: Retention
    held: str | None
    erased_at_ms: int | None
    due_told_at_ms: int | None = None


class SqlSessions:
    """Facts of a session are sealed under its key (`SessionKeys`), and gone with it."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

    async def cursor(self) -> int:
        places = await feed_places(self._database)
        return places.cursor if places else 0

    async def heard_at_ms(self) -> int | None:
        """When the broker last told something."""
        places = await feed_places(self._database)
        return places.read_at_ms if places else None

    async def keep_page(self, sessions: Sequence[BrokerSession], cursor: int, now_ms: int) -> None:
        """One page of the broker's feed and how far it went, together. What was erased here stays erased."""
        async with self._database.writing() as transaction:
            erased = await _erased_of(transaction, [session.session_id for session in sessions])
            # A page may name one twice: what it says last counts.
            told = {session.session_id: session for session in sessions if session.session_id not in erased}
            said = {session_id: session.facts for session_id, session in told.items()}
            sealed = await asyncio.to_thread(self._seal.seal_all, said)
            rows = [
                {
                    "session_id": session_id,
                    "opened_at_ms": session.opened_at_ms,
                    "ended_at_ms": session.ended_at_ms,
                    "facts": sealed[session_id],
                }
                for session_id, session in told.items()
            ]
            if rows:
                new = upsert(SessionRow)
                changes = {"ended_at_ms": new.excluded.ended_at_ms, "facts": new.excluded.facts}
                await transaction.execute(new.on_conflict_do_update(index_elements=["session_id"], set_=changes), rows)
            await keep_place(transaction, cursor=cursor, read_at_ms=now_ms)

    async def find(self, session_id: bytes) -> KnownSession | None:
        async with self._database.reading() as reader:
            row = await reader.get(SessionRow, session_id)
        return None if row is None else self._session(row)

    async def newest(
        self, *, before_ms: int | None = None, before: bytes | None = None, limit: int, running: bool = False
    ) -> list[KnownSession]:
        """`before`: those behind this one, whichever were opened in its millisecond. `running`: only those whose
        recording still grows."""
        order = (SessionRow.opened_at_ms, SessionRow.session_id)
        query = select(SessionRow).order_by(*(column.desc() for column in order)).limit(limit)
        if running:
            query = query.where(
                SessionRow.finished.is_(False), SessionRow.ended_at_ms.is_(None), SessionRow.erased_at_ms.is_(None)
            )
        if before_ms is not None:
            query = query.where(SessionRow.opened_at_ms < before_ms)
        async with self._database.reading() as reader:
            if before is not None:
                opened_at_ms = select(SessionRow.opened_at_ms).where(SessionRow.session_id == before)
                query = query.where(tuple_(*order) < tuple_(await reader.scalar(opened_at_ms), before))
            return [self._session(row) for row in await reader.scalars(query)]

    async def these(self, session_ids: Sequence[bytes]) -> list[KnownSession]:
        """Those of them that are known, the newest first."""
        query = select(SessionRow).where(SessionRow.session_id.in_(session_ids))
        async with self._database.reading() as reader:
            return [self._session(row) for row in await reader.scalars(query.order_by(SessionRow.opened_at_ms.desc()))]

    async def beginning_with(self, text: str, limit: int) -> list[KnownSession]:
        """Those whose numbers, in hex, begin so."""
        first, last = (bytes.fromhex(text.ljust(32, digit)) for digit in "0f")
        query = select(SessionRow).where(SessionRow.session_id.between(first, last)).limit(limit)
        async with self._database.reading() as reader:
            return [self._session(row) for row in await reader.scalars(query)]

    async def unfinished(self) -> list[bytes]:
        """Those whose recording may still grow: no FINAL, not erased."""
        query = select(SessionRow.session_id).where(SessionRow.finished.is_(False), SessionRow.erased_at_ms.is_(None))
        async with self._database.reading() as reader:
            return list(await reader.scalars(query))

    async def readable(self) -> list[tuple[bytes, bool]]:
        """Those whose records are here and not erased, the newest first; and whether they are over."""
        query = (
            select(SessionRow.session_id, SessionRow.finished, SessionRow.ended_at_ms)
            .where(SessionRow.next_seq > 1, SessionRow.erased_at_ms.is_(None))
            .order_by(SessionRow.opened_at_ms.desc())
        )
        async with self._database.reading() as reader:
            rows = await reader.execute(query)
            return [(row.session_id, row.finished or row.ended_at_ms is not None) for row in rows]

    async def unread(self) -> list[bytes]:
        """Those whose records are here, and that nobody has read to the end."""
        query = select(SessionRow.session_id).where(
            SessionRow.next_seq > 1, SessionRow.erased_at_ms.is_(None), SessionRow.condition == "unread"
        )
        async with self._database.reading() as reader:
            return list(await reader.scalars(query))

    async def pulled(self, session_id: bytes, next_seq: int, finished: bool) -> None:
        await self._change(session_id, next_seq=next_seq, finished=finished)

    async def is_sound_again(self, session_id: bytes) -> None:
        """For a recording that was broken, and goes on rightly now: it is to be read."""
        async with self._database.writing() as transaction:
            await transaction.execute(
                update(SessionRow)
                .where(SessionRow.session_id == session_id, SessionRow.condition == "broken")
                .values(condition="unread", problem="")
            )

    async def is_not_sound(self, session_id: bytes, condition: Condition, problem: ConsentryError) -> bool:
        """For a recording that was sound, and is not any more. False for any other."""
        only = (SessionRow.session_id == session_id, SessionRow.condition == "sound", SessionRow.erased_at_ms.is_(None))
        changes = {"condition": condition, "problem": kept_errors.kept(problem)}
        async with self._database.writing() as transaction:
            changed = await transaction.execute(update(SessionRow).where(*only).values(**changes))
            return cast("CursorResult[Any]", changed).rowcount == 1

    async def was_read(
        self, session_id: bytes, condition: Condition, problem: ConsentryError | None, digest: bytes | None
    ) -> None:
        """Nothing is written of a session that was erased meanwhile; one that was found broken meanwhile stays so."""
        async with self._database.writing() as transaction:
            row = await transaction.get(SessionRow, session_id)
            if row is None or row.erased_at_ms is not None:
                return
            if row.condition != "broken":
                row.condition, row.problem = condition, kept_errors.kept(problem) if problem else ""
            row.digest = None if digest is None else await asyncio.to_thread(self._seal.seal, session_id, digest)

    async def set_retention(self, session_id: bytes, retention: Retention) -> None:
        await self._change(session_id, retention=retention, due_told_at_ms=None)

    async def set_hold(self, session_id: bytes, reason: str | None) -> None:
        """One that is lifted begins the notice of what is due anew."""
        await self._change(session_id, held=reason, due_told_at_ms=None)

    async def was_erased(self, session_id: bytes, erased_at_ms: int) -> None:
        await self._change(session_id, erased_at_ms=erased_at_ms, facts=None, digest=None, problem="")

    async def add_erased(self, session_id: bytes, opened_at_ms: int, ended_at_ms: int, erased_at_ms: int) -> None:
        """One that was never here, and was erased elsewhere: nothing more is kept of it. Twice is once."""
        row = {"opened_at_ms": opened_at_ms, "ended_at_ms": ended_at_ms, "erased_at_ms": erased_at_ms}
        async with self._database.writing() as transaction:
            await transaction.execute(upsert(SessionRow).values(session_id=session_id, **row).on_conflict_do_nothing())

    async def was_set_aside(self, session_id: bytes, erased_at_ms: int) -> None:
        """To everybody it is an erased one; what is said of it stays as it is, and cannot be read."""
        await self._change(session_id, erased_at_ms=erased_at_ms)

    async def is_back(self, session_id: bytes) -> None:
        """After it was set aside: it is to be read again."""
        await self._change(session_id, erased_at_ms=None, condition="unread", problem="")

    async def all_of(self, retention: Retention, ended_before_ms: int) -> list[KnownSession]:
        """Not erased, not held, of one class, ended before that time."""
        query = select(SessionRow).where(
            SessionRow.retention == retention,
            SessionRow.ended_at_ms < ended_before_ms,
            SessionRow.held.is_(None),
            SessionRow.erased_at_ms.is_(None),
        )
        async with self._database.reading() as reader:
            return [self._session(row) for row in await reader.scalars(query)]

    async def held(self, limit: int) -> list[KnownSession]:
        """Under a legal hold, the newest first."""
        query = select(SessionRow).where(SessionRow.held.is_not(None), SessionRow.erased_at_ms.is_(None))
        async with self._database.reading() as reader:
            rows = await reader.scalars(query.order_by(SessionRow.opened_at_ms.desc()).limit(limit))
            return [self._session(row) for row in rows]

    async def count_of(self, retention: Retention, ended_before_ms: int) -> tuple[int, int, int]:
        """Of one class, not erased: all, those that are held, and of the others those that ended before that time."""
        kept = (SessionRow.retention == retention, SessionRow.erased_at_ms.is_(None))
        held = (*kept, SessionRow.held.is_not(None))
        late = SessionRow.ended_at_ms < ended_before_ms
        counts = [select(func.count()).where(*wanted).scalar_subquery() for wanted in (kept, held, (*held, late))]
        due = select(func.count()).where(*kept, late).scalar_subquery() - counts[2]
        async with self._database.reading() as reader:
            all_kept, all_held, all_due = (await reader.execute(select(counts[0], counts[1], due))).one()
        return all_kept, all_held, all_due

    async def _change(self, session_id: bytes, **values: object) -> None:
        async with self._database.writing() as transaction:
            await transaction.execute(update(SessionRow).where(SessionRow.session_id == session_id).values(**values))

    def _session(self, row: SessionRow) -> KnownSession:
        return KnownSession(
            session_id=row.session_id,
            opened_at_ms=row.opened_at_ms,
            ended_at_ms=row.ended_at_ms,
            facts=self._opened(row.session_id, row.facts),
            digest=self._opened(row.session_id, row.digest),
            condition=cast("Condition", row.condition),
            problem=row.problem,
            next_seq=row.next_seq,
            finished=row.finished,
            retention=cast("Retention", row.retention),
            held=row.held,
            erased_at_ms=row.erased_at_ms,
            due_told_at_ms=row.due_told_at_ms,
        )

    def _opened(self, session_id: bytes, sealed: bytes | None) -> bytes | None:
        return None if sealed is None else self._seal.open(session_id, sealed)


async def _erased_of(reader: AsyncSession, session_ids: Sequence[bytes]) -> set[bytes]:
    erased = SessionRow.session_id.in_(session_ids), SessionRow.erased_at_ms.is_not(None)
    return set(await reader.scalars(select(SessionRow.session_id).where(*erased)))
