"""What the queue does by itself as time passes. With the real store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from broker.requests.request import Asked
from broker.requests.waiting_room import FORGETTING_EVERY_MS, KEPT_MS, WaitingRoom
from broker.storage import MIGRATIONS
from broker.storage.requests import SqlRequests
from serving.database import Database, open_database
from tests.broker.harness import FakeClock


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(tmp_path / "broker.sqlite3", MIGRATIONS)
    yield database
    await database.aclose()


async def test_who_asked_for_what_is_forgotten_by_a_broker_that_never_restarts(database: Database) -> None:
    """Ninety days after its end, give or take the day between two looks; who still waits is not."""
    store, clock = SqlRequests(database), FakeClock()
    room = WaitingRoom(store, clock, lambda *_: None, target_ms_of={"standard": 300_000}, max_waiting=10)
    await room.start()
    ended, waits = [await room.ask(Asked(name, "receipts never arrive")) for name in ("Ann", "Ben")]
    await store.end(ended.request_id, "abandoned", clock.unix_ms())
    clock.advance(KEPT_MS - 1)
    await room.handle_time()
    assert await store.find(ended.request_id) is not None
    clock.advance(FORGETTING_EVERY_MS)
    await room.handle_time()
    assert await store.find(ended.request_id) is None
    assert await store.find(waits.request_id) is not None
