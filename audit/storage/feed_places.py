"""How far each part of the broker's feed was read. Kept with what was read, in one transaction."""

from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from audit.storage.tables import FeedRow
from serving.database import Database

FEED = 1
"""There is one broker."""


async def feed_places(database: Database) -> FeedRow | None:
    """None before anything was read."""
    async with database.reading() as reader:
        return await reader.get(FeedRow, FEED)


async def keep_place(transaction: AsyncSession, **place: int) -> None:
    """Changes these columns of FeedRow and leaves the others."""
    first = {"cursor": 0, "read_at_ms": 0} | place
    await transaction.execute(
        insert(FeedRow).values(feed_id=FEED, **first).on_conflict_do_update(index_elements=["feed_id"], set_=place)
    )
