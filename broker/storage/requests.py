"""RequestStore of requests/, in SQLite."""

from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, update

from broker.requests.request import OPEN_STATES, Asked, HelpRequest, RequestState
from broker.storage.tables import RequestRow
from serving.database import Database


class SqlRequests:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, asked: Asked, asked_at_ms: int) -> HelpRequest:
        async with self._database.writing() as transaction:
            row = RequestRow(
                customer=asked.customer,
                words=asked.words,
                contact=asked.contact,
                tier=asked.tier,
                session_id=asked.session_id,
                asked_at_ms=asked_at_ms,
                state="waiting",
                taken_by_name="",
                taken_by_number="",
                taken_at_ms=0,
                ended_at_ms=0,
            )
            transaction.add(row)
            await transaction.flush()
            return _request(row)

    async def find(self, request_id: int) -> HelpRequest | None:
        async with self._database.reading() as reader:
            row = await reader.get(RequestRow, request_id)
            return None if row is None else _request(row)

    async def open_requests(self) -> list[HelpRequest]:
        query = select(RequestRow).where(RequestRow.state.in_(OPEN_STATES)).order_by(RequestRow.request_id)
        async with self._database.reading() as reader:
            return [_request(row) for row in await reader.scalars(query)]

    async def of_session(self, session_id: bytes) -> HelpRequest | None:
        query = select(RequestRow).where(RequestRow.session_id == session_id).order_by(RequestRow.request_id.desc())
        async with self._database.reading() as reader:
            row = await reader.scalar(query.limit(1))
            return None if row is None else _request(row)

    async def ended_since(self, unix_ms: int) -> list[HelpRequest]:
        query = select(RequestRow).where(RequestRow.ended_at_ms > 0, RequestRow.ended_at_ms >= unix_ms)
        async with self._database.reading() as reader:
            return [_request(row) for row in await reader.scalars(query)]

    async def ended_after(self, end_number: int, limit: int) -> list[HelpRequest]:
        query = (
            select(RequestRow).where(RequestRow.end_number > end_number).order_by(RequestRow.end_number).limit(limit)
        )
        async with self._database.reading() as reader:
            return [_request(row) for row in await reader.scalars(query)]

    async def newest_end(self) -> int:
        async with self._database.reading() as reader:
            return await reader.scalar(select(func.coalesce(func.max(RequestRow.end_number), 0))) or 0

    async def take(self, request_id: int, user_id: int, name: str, staff_number: str, at_ms: int) -> bool:
        return await self._change(
            request_id,
            "waiting",
            state="taken",
            taken_by=user_id,
            taken_by_name=name,
            taken_by_number=staff_number,
            taken_at_ms=at_ms,
        )

    async def give_back(self, request_id: int) -> None:
        await self._change(
            request_id, "taken", state="waiting", taken_by=None, taken_by_name="", taken_by_number="", taken_at_ms=0
        )

    async def end(self, request_id: int, state: RequestState, at_ms: int, session_id: bytes | None = None) -> bool:
        # The time, or one more: a count would begin anew when all that had ended are forgotten.
        following = select(func.max(at_ms, func.coalesce(func.max(RequestRow.end_number), 0) + 1)).scalar_subquery()
        ended = {"state": state, "ended_at_ms": at_ms, "end_number": following}
        led_to = {} if session_id is None else {"session_id": session_id}
        return await self._change(request_id, *OPEN_STATES, **ended, **led_to)

    async def forget_before(self, unix_ms: int) -> None:
        async with self._database.writing() as transaction:
            await transaction.execute(
                delete(RequestRow).where(RequestRow.ended_at_ms > 0, RequestRow.ended_at_ms < unix_ms)
            )

    async def _change(self, request_id: int, *only_if: RequestState, **values: object) -> bool:
        """False unless it was in one of these states: of two who change it, one does."""
        statement = update(RequestRow).where(RequestRow.request_id == request_id, RequestRow.state.in_(only_if))
        async with self._database.writing() as transaction:
            changed = await transaction.execute(statement.values(**values))
            return bool(cast("CursorResult[Any]", changed).rowcount)


def _request(row: RequestRow) -> HelpRequest:
    return HelpRequest(
        request_id=row.request_id,
        asked=Asked(row.customer, row.words, row.contact, row.tier, row.session_id),
        asked_at_ms=row.asked_at_ms,
        state=cast("RequestState", row.state),
        taken_by=row.taken_by,
        taken_by_name=row.taken_by_name,
        taken_by_number=row.taken_by_number,
        taken_at_ms=row.taken_at_ms,
        ended_at_ms=row.ended_at_ms,
        end_number=row.end_number or 0,
    )
