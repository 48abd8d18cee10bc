"""Exports and erases that one person asked for and another has to confirm."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from audit.storage.journal import Happening, add_happening
from audit.storage.tables import KeyBackupRow, RequestRow
from serving.database import Database

Kind = Literal["export", "erase"]
State = Literal["asked", "confirmed", "refused", "done"]


@dataclass(frozen=True)
class Request:
    """One of them, open or decided."""

    request_id: int
    kind: Kind
    session_id: bytes
    state: State
    reason: str
    asked_by: str
    asked_at_ms: int
    answered_by: str | None
    answered_at_ms: int | None


class SqlRequests:
    """Every change of one is an entry of the journal, in the same transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, kind: Kind, session_id: bytes, reason: str, asked_by: str, now_ms: int) -> Request:
        row = RequestRow(
            kind=kind, session_id=session_id, state="asked", reason=reason, asked_by=asked_by, asked_at_ms=now_ms
        )
        async with self._database.writing() as transaction:
            transaction.add(row)
            await transaction.flush()  # gives it its number
            await add_happening(transaction, request_happening(row, "asked", asked_by, now_ms))
        return as_request(row)

    async def find(self, request_id: int) -> Request | None:
        async with self._database.reading() as reader:
            row = await reader.get(RequestRow, request_id)
        return None if row is None else as_request(row)

    async def newest(self, state: State | None, limit: int) -> list[Request]:
        query = select(RequestRow).order_by(RequestRow.request_id.desc()).limit(limit)
        if state is not None:
            query = query.where(RequestRow.state == state)
        async with self._database.reading() as reader:
            return [as_request(row) for row in await reader.scalars(query)]

    async def has_erase(self, session_id: bytes) -> bool:
        """Whether its erase is asked for, or decided and not done yet."""
        query = select(RequestRow.request_id).where(
            RequestRow.session_id == session_id,
            RequestRow.kind == "erase",
            RequestRow.state.in_(("asked", "confirmed")),
        )
        async with self._database.reading() as reader:
            return await reader.scalar(query.limit(1)) is not None

    async def confirmed_erases(self) -> list[Request]:
        """Decided and not done yet."""
        query = select(RequestRow).where(RequestRow.kind == "erase", RequestRow.state == "confirmed")
        async with self._database.reading() as reader:
            return [as_request(row) for row in await reader.scalars(query)]

    async def answer(self, request_id: int, state: State, answered_by: str, now_ms: int) -> bool:
        """False if it was answered before, or by the one who asked: also when two race."""
        answered = {"answered_by": answered_by, "answered_at_ms": now_ms}
        return await self._change(
            request_id, "asked", state, now_ms, RequestRow.asked_by != answered_by, answered=answered, actor=answered_by
        )

    async def set_aside(self, request_id: int, now_ms: int) -> bool:
        """For one that was confirmed and must not be carried out any more."""
        return await self._change(request_id, "confirmed", "refused", now_ms)

    async def done(self, request_id: int, now_ms: int) -> bool:
        return await self._change(request_id, "confirmed", "done", now_ms)

    async def _change(
        self,
        request_id: int,
        before: State,
        after: State,
        now_ms: int,
        *only: Any,
        answered: Mapping[str, object] | None = None,
        actor: str = "",
    ) -> bool:
        async with self._database.writing() as transaction:
            changed = await transaction.execute(
                update(RequestRow)
                .where(RequestRow.request_id == request_id, RequestRow.state == before, *only)
                .values(state=after, **(answered or {}))
            )
            if cast("CursorResult[Any]", changed).rowcount != 1:
                return False
            row = await transaction.get_one(RequestRow, request_id)
            await add_happening(transaction, request_happening(row, after, actor, now_ms))
            return True


class SqlKeyBackups:
    """Where keys were copied to: an erase has to reach those, too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def made(self, folder: str, now_ms: int) -> None:
        statement = upsert(KeyBackupRow).values(folder=folder, made_at_ms=now_ms)
        async with self._database.writing() as transaction:
            await transaction.execute(
                statement.on_conflict_do_update(index_elements=["folder"], set_={"made_at_ms": now_ms})
            )

    async def folders(self) -> list[str]:
        return [folder for folder, _ in await self.all()]

    async def all(self) -> list[tuple[str, int]]:
        """Each folder, and when it was last brought up to date."""
        async with self._database.reading() as reader:
            rows = await reader.scalars(select(KeyBackupRow).order_by(KeyBackupRow.folder))
            return [(row.folder, row.made_at_ms) for row in rows]


def request_happening(row: RequestRow, state: State, actor: str, now_ms: int) -> Happening:
    return Happening(
        source="audit",
        source_key=f"request:{row.request_id}:{state}@{now_ms}",
        at_ms=now_ms,
        kind=f"request_{state}",
        actor=actor,
        session_id=row.session_id,
        facts={"request": row.request_id, "kind": row.kind, "reason": row.reason},
    )


def as_request(row: RequestRow) -> Request:
    return Request(
        request_id=row.request_id,
        kind=cast("Kind", row.kind),
        session_id=row.session_id,
        state=cast("State", row.state),
        reason=row.reason,
        asked_by=row.asked_by,
        asked_at_ms=row.asked_at_ms,
        answered_by=row.answered_by,
        answered_at_ms=row.answered_at_ms,
    )
