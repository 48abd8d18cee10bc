"""How far each security monitor has been told of each stream: the journal, and every session's recording."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from audit.storage.tables import SiemPlaceRow
from serving.database import Database


@dataclass(frozen=True)
class Place:
    """`pending` is the end of a delivery that may or may not have arrived."""

    delivered: int = 0
    pending: int | None = None
    complete: bool = False


class SqlSiemPlaces:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, target: str, stream: str) -> Place:
        async with self._database.reading() as reader:
            row = await reader.get(SiemPlaceRow, (target, stream))
        return Place() if row is None else Place(row.delivered, row.pending, row.complete)

    async def complete(self, target: str) -> set[str]:
        """Streams of which nothing more comes."""
        query = select(SiemPlaceRow.stream).where(SiemPlaceRow.target == target, SiemPlaceRow.complete.is_(True))
        async with self._database.reading() as reader:
            return set(await reader.scalars(query))

    async def begins(self, target: str, stream: str, first: int, last: int) -> None:
        """A delivery of `[first, last)` is about to be tried. On the disk when this returns."""
        values = {"target": target, "stream": stream, "delivered": first, "pending": last, "complete": False}
        await self._put(values, {"delivered": first, "pending": last})

    async def arrived(self, target: str, stream: str, last: int) -> None:
        values = {"target": target, "stream": stream, "delivered": last, "pending": None, "complete": False}
        await self._put(values, {"delivered": last, "pending": None})

    async def is_complete(self, target: str, stream: str) -> None:
        values = {"target": target, "stream": stream, "delivered": 0, "pending": None, "complete": True}
        await self._put(values, {"complete": True})

    async def _put(self, values: dict[str, object], changes: dict[str, object]) -> None:
        statement = insert(SiemPlaceRow).values(**values)
        async with self._database.writing() as transaction:
            await transaction.execute(
                statement.on_conflict_do_update(index_elements=["target", "stream"], set_=changes)
            )
