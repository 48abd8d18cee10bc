"""EventStore of observability/, in SQLite."""

from typing import cast

from sqlalchemy import delete, func, select

from broker.observability.identity_events import KeptEvent
from broker.storage.tables import AuditEventRow
from serving.database import Database
from serving.identity.events import EventKind, IdentityEvent


class SqlIdentityEvents:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, event: IdentityEvent, at_ms: int) -> int:
        row = AuditEventRow(
            at_ms=at_ms,
            kind=event.kind,
            actor=event.actor,
            subject=event.subject,
            address=event.address,
            facts=dict(event.facts),
        )
        async with self._database.writing() as session:
            session.add(row)
            await session.flush()
            return row.event_id

    async def newest(self, before: int | None, limit: int, subject: str | None = None) -> list[KeptEvent]:
        query = select(AuditEventRow).order_by(AuditEventRow.event_id.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditEventRow.event_id < before)
        if subject is not None:
            query = query.where(AuditEventRow.subject == subject)
        async with self._database.reading() as session:
            return [_kept(row) for row in await session.scalars(query)]

    async def following(self, after: int, limit: int) -> list[KeptEvent]:
        query = select(AuditEventRow).where(AuditEventRow.event_id > after).order_by(AuditEventRow.event_id)
        async with self._database.reading() as session:
            return [_kept(row) for row in await session.scalars(query.limit(limit))]

    async def keep_newest(self, count: int) -> None:
        newest = select(func.coalesce(func.max(AuditEventRow.event_id), 0)).scalar_subquery()
        async with self._database.writing() as session:
            await session.execute(delete(AuditEventRow).where(AuditEventRow.event_id <= newest - count))


def _kept(row: AuditEventRow) -> KeptEvent:
    event = IdentityEvent(cast("EventKind", row.kind), row.actor, row.subject, row.address, row.facts)
    return KeptEvent(row.event_id, row.at_ms, event)
