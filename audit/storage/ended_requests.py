"""Requests for help that ended, as the broker told of them: what the figures of the queue rest on."""

from collections.abc import Sequence

from msgspec import structs
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from audit.storage.feed_places import feed_places, keep_place
from audit.storage.tables import EndedRequestRow, SessionRow
from serving.database import Database
from serving.waiting import EndedRequest

_COLUMNS = [getattr(EndedRequestRow, name) for name in EndedRequest.__struct_fields__]


class SqlEndedRequests:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def cursor(self) -> int:
        places = await feed_places(self._database)
        return places.requests_cursor if places else 0

    async def keep_page(self, requests: Sequence[EndedRequest], cursor: int) -> None:
        """A page of the broker's and how far it went, together. What was erased here stays so."""
        ids = [bytes.fromhex(one.session_id) for one in requests if one.session_id is not None]
        erased = select(SessionRow.session_id).where(
            SessionRow.session_id.in_(ids), SessionRow.erased_at_ms.is_not(None)
        )
        async with self._database.writing() as transaction:
            gone = {session_id.hex() for session_id in await transaction.scalars(erased)}
            for request in requests:
                values = structs.asdict(request)
                if request.session_id in gone:
                    values["session_id"] = None
                await transaction.execute(
                    insert(EndedRequestRow)
                    .values(**values)
                    .on_conflict_do_update(index_elements=["request_id", "asked_at_ms"], set_=values)
                )
            await keep_place(transaction, requests_cursor=cursor)

    async def ended_between(self, start_ms: int, end_ms: int) -> list[EndedRequest]:
        """From the first moment until before the second; the first to end first."""
        ended_at_ms = EndedRequestRow.ended_at_ms
        query = select(*_COLUMNS).where(ended_at_ms >= start_ms, ended_at_ms < end_ms)
        query = query.order_by(ended_at_ms, EndedRequestRow.request_id)
        async with self._database.reading() as reader:
            return [EndedRequest(**row._mapping) for row in await reader.execute(query)]

    async def forget_session(self, session_id: bytes) -> None:
        """After an erase nothing says any more which session a request led to."""
        chosen = update(EndedRequestRow).where(EndedRequestRow.session_id == session_id.hex())
        async with self._database.writing() as transaction:
            await transaction.execute(chosen.values(session_id=None))

    async def forget_before(self, unix_ms: int) -> None:
        """Removes what ended before."""
        async with self._database.writing() as transaction:
            await transaction.execute(delete(EndedRequestRow).where(EndedRequestRow.ended_at_ms < unix_ms))
