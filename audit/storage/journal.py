"""The journal: what was decided or noticed, by the broker and here, in one order. Security monitors are fed from it.

Added in the transaction of what it is about; what comes twice is kept once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from audit.storage.feed_places import feed_places, keep_place
from audit.storage.newest import NewestFirst, Way, ways_of
from audit.storage.tables import JournalRow
from serving.database import Database

Source = Literal["broker", "audit"]


@dataclass(frozen=True, kw_only=True)
class Happening:
    """`source_key` names it where it happened, once and for all: with its time, for a database that is restored from a
    copy gives numbers again. `actor` and `subject` are user names, or empty."""

    source: Source
    source_key: str
    at_ms: int
    kind: str
    actor: str = ""
    subject: str = ""
    address: str = ""
    session_id: bytes | None = None
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class JournalEntry:
    entry_id: int
    happening: Happening


@dataclass(frozen=True, kw_only=True)
class JournalChoice:
    """Which entries somebody wants to see: those that fit all that is said. `who` did it, or it was done to them;
    `until_ms` is the first moment after."""

    kinds: Sequence[str] = ()
    source: Source | None = None
    who: str | None = None
    session_id: bytes | None = None
    since_ms: int | None = None
    until_ms: int | None = None

    def ways(self) -> list[Way]:
        """Led by what fewest entries have: a session, a person, a kind, a source."""
        said: list[list[ColumnElement[bool]]] = []
        if self.session_id is not None:
            said.append([JournalRow.session_id == self.session_id])
        if self.who is not None:
            said.append([JournalRow.actor == self.who, JournalRow.subject == self.who])
        if self.kinds:
            said.append([JournalRow.kind == kind for kind in dict.fromkeys(self.kinds)])
        if self.source is not None:
            said.append([JournalRow.source == self.source])
        return ways_of(said)


ALL_ENTRIES = JournalChoice()

_BY_TIME = NewestFirst(JournalRow.entry_id, JournalRow.at_ms)


async def add_happening(transaction: AsyncSession, happening: Happening) -> None:
    """Within the transaction of what it is about. A second time changes nothing."""
    row = {**vars(happening), "facts": dict(happening.facts)}
    await transaction.execute(insert(JournalRow).values(**row).on_conflict_do_nothing())


class SqlJournal:
    """Entries are added, read in pages, and never changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, happening: Happening) -> None:
        async with self._database.writing() as transaction:
            await add_happening(transaction, happening)

    async def broker_cursor(self) -> int:
        places = await feed_places(self._database)
        return places.events_cursor if places else 0

    async def keep_page(self, happenings: Sequence[Happening], cursor: int) -> None:
        """A page of the broker's decisions and how far it went, together."""
        async with self._database.writing() as transaction:
            for happening in happenings:
                await add_happening(transaction, happening)
            await keep_place(transaction, events_cursor=cursor)

    async def after(self, entry_id: int, limit: int) -> list[JournalEntry]:
        """The oldest first, beginning after this number."""
        query = select(JournalRow).where(JournalRow.entry_id > entry_id).order_by(JournalRow.entry_id).limit(limit)
        async with self._database.reading() as reader:
            return [_entry(row) for row in await reader.scalars(query)]

    async def newest(self, before: int | None, limit: int, choice: JournalChoice = ALL_ENTRIES) -> list[JournalEntry]:
        """Of those that were chosen the last to happen first, beginning before this number."""
        async with self._database.reading() as reader:
            rows = await _BY_TIME.page(
                reader,
                JournalRow,
                choice.ways(),
                since_ms=choice.since_ms,
                until_ms=choice.until_ms,
                before=before,
                limit=limit,
            )
        return [_entry(row) for row in rows]

    async def waiting(self, entry_id: int) -> tuple[int, int | None]:
        """How many came after this number, and when the first of them happened."""
        query = select(func.count(), func.min(JournalRow.at_ms)).where(JournalRow.entry_id > entry_id)
        async with self._database.reading() as reader:
            count, first_ms = (await reader.execute(query)).one()
        return count, first_ms

    async def keep_newest(self, count: int) -> None:
        newest = select(func.coalesce(func.max(JournalRow.entry_id), 0)).scalar_subquery()
        async with self._database.writing() as transaction:
            await transaction.execute(delete(JournalRow).where(JournalRow.entry_id <= newest - count))


def _entry(row: JournalRow) -> JournalEntry:
    return JournalEntry(
        row.entry_id,
        Happening(
            source=cast("Source", row.source),
            source_key=row.source_key,
            at_ms=row.at_ms,
            kind=row.kind,
            actor=row.actor,
            subject=row.subject,
            address=row.address,
            session_id=row.session_id,
            facts=row.facts,
        ),
    )
