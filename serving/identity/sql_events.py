"""EventStore in a SQL database."""

from typing import Any, cast

from sqlalchemy import delete, func, insert, select

from serving.database import Database
from serving.identity.events import EventKind, IdentityEvent
from serving.identity.kept_events import KeptEvent
from serving.identity.sql import UserTables
from serving.identity.tables import EventColumns


class SqlIdentityEvents:
    def __init__(self, database: Database, tables: UserTables[Any]) -> None:
        self._database = database
        self._rows = tables.events

    async def add(self, event: IdentityEvent, at_ms: int) -> int:
        row = {
            "at_ms": at_ms,
            "kind": event.kind,
            "actor": event.actor,
            "subject": event.subject,
            "address": event.address,
            "facts": dict(event.facts),
        }
        async with self._database.writing() as session:
            added = await session.execute(insert(self._rows).values(row).returning(self._rows.event_id))
            return int(added.scalar_one())

    async def newest(self, before: int | None, limit: int, subject: str | None = None) -> list[KeptEvent]:
        query = select(self._rows).order_by(self._rows.event_id.desc()).limit(limit)
        if before is not None:
            query = query.where(self._rows.event_id < before)
        if subject is not None:
            query = query.where(self._rows.subject == subject)
        async with self._database.reading() as session:
            return [_kept(row) for row in await session.scalars(query)]

    async def following(self, after: int, limit: int) -> list[KeptEvent]:
        query = select(self._rows).where(self._rows.event_id > after).order_by(self._rows.event_id)
        async with self._database.reading() as session:
            return [_kept(row) for row in await session.scalars(query.limit(limit))]

    async def keep_newest(self, count: int) -> None:
        newest = select(func.coalesce(func.max(self._rows.event_id), 0)).scalar_subquery()
        async with self._database.writing() as session:
            await session.execute(delete(self._rows).where(self._rows.event_id <= newest - count))


def _kept(row: EventColumns) -> KeptEvent:
    event = IdentityEvent(cast("EventKind", row.kind), row.actor, row.subject, row.address, row.facts)
    return KeptEvent(row.event_id, row.at_ms, event)
