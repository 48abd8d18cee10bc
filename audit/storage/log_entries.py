"""What the transparency log is to hear: added in the transaction of what it is about, delivered later.

A row is added once for its subject, and delivered as often as it takes: the broker enters it once.
"""

import secrets
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from audit.storage.tables import LogEntryRow
from protocol.log_leaves import SALT_BYTES, commitment
from serving.database import Database

EntryKind = Literal["view", "erase", "qa"]


@dataclass(frozen=True)
class WaitingEntry:
    entry_id: int
    kind: EntryKind
    session_id: bytes
    commitment: bytes


async def add_entry(
    transaction: AsyncSession, kind: EntryKind, subject: str, session_id: bytes, digest: bytes, salt: bytes | None
) -> None:
    """Within the transaction of what it is about. A second time changes nothing."""
    row = {"kind": kind, "subject": subject, "session_id": session_id, "commitment": digest, "salt": salt}
    await transaction.execute(insert(LogEntryRow).values(**row).on_conflict_do_nothing())


async def add_committed(
    transaction: AsyncSession, kind: EntryKind, subject: str, session_id: bytes, content: bytes
) -> None:
    """As `add_entry`, with a commitment to the content under a salt that is kept here."""
    salt = secrets.token_bytes(SALT_BYTES)
    await add_entry(transaction, kind, subject, session_id, commitment(salt, content), salt)


class SqlLogEntries:
    """A row for each leaf, from what it is about to where it stands in the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, kind: EntryKind, subject: str, session_id: bytes, content: bytes) -> None:
        """As `add_committed`, on its own."""
        async with self._database.writing() as transaction:
            await add_committed(transaction, kind, subject, session_id, content)

    async def waiting(self, limit: int) -> list[WaitingEntry]:
        """Not delivered yet, oldest first."""
        query = select(LogEntryRow).where(LogEntryRow.place.is_(None)).order_by(LogEntryRow.entry_id).limit(limit)
        async with self._database.reading() as reader:
            return [
                WaitingEntry(row.entry_id, cast("EntryKind", row.kind), row.session_id, row.commitment)
                for row in await reader.scalars(query)
            ]

    async def commitments(self, kind: EntryKind) -> set[bytes]:
        """Of all entries of this kind."""
        query = select(LogEntryRow.commitment).where(LogEntryRow.kind == kind)
        async with self._database.reading() as reader:
            return set(await reader.scalars(query))

    async def count_waiting(self) -> int:
        query = select(func.count()).where(LogEntryRow.place.is_(None))
        async with self._database.reading() as reader:
            return await reader.scalar(query) or 0

    async def delivered(self, entry_id: int, place: int) -> None:
        async with self._database.writing() as transaction:
            await transaction.execute(update(LogEntryRow).where(LogEntryRow.entry_id == entry_id).values(place=place))

    async def place_of(self, kind: EntryKind, subject: str) -> int | None:
        """In the broker's log, once it is there."""
        query = select(LogEntryRow.place).where(LogEntryRow.kind == kind, LogEntryRow.subject == subject)
        async with self._database.reading() as reader:
            place: int | None = await reader.scalar(query)
        return place
