"""What was decided is kept, told, and does not grow for ever."""

from pathlib import Path

from structlog.testing import capture_logs

from broker.storage import MIGRATIONS
from broker.storage.users import TABLES
from serving.database import open_database
from serving.identity.events import IdentityEvent
from serving.identity.kept_events import IdentityEvents
from serving.identity.sql_events import SqlIdentityEvents
from tests.broker.harness import FakeClock


async def test_an_event_is_a_line_a_row_and_for_a_lock_an_alert(tmp_path: Path) -> None:
    """The row is what administrators read, the line what machines watch, the alert what somebody should look at."""
    database = await open_database(tmp_path / "broker.sqlite3", MIGRATIONS)
    clock, locked = FakeClock(), list[IdentityEvent]()
    events = IdentityEvents(SqlIdentityEvents(database, TABLES), clock, on_locked=locked.append)
    with capture_logs() as lines:
        await events.note(IdentityEvent("person_changed", "ada", "wei", "192.0.2.1", {"role": "reviewer"}))
        await events.note(IdentityEvent("login_locked", "", "wei", "192.0.2.2"))
    assert [(line["event"], line["user"], line["log_level"]) for line in lines] == [
        ("person_changed", "wei", "info"),
        ("login_locked", "wei", "warning"),
    ]
    assert [one.kind for one in locked] == ["login_locked"]
    newest = await events.newest(None, 10)
    assert [(one.event.kind, one.at_ms) for one in newest] == [
        ("login_locked", clock.unix_ms()),
        ("person_changed", clock.unix_ms()),
    ]
    assert newest[1].event.facts == {"role": "reviewer"}
    await database.aclose()


async def test_the_oldest_events_go_first(tmp_path: Path) -> None:
    """Numbers are never used twice, so that whoever reads on misses nothing."""
    database = await open_database(tmp_path / "broker.sqlite3", MIGRATIONS)
    store = SqlIdentityEvents(database, TABLES)
    for _ in range(5):
        await store.add(IdentityEvent("logged_in", "wei", "wei"), 1)
    await store.keep_newest(2)
    assert [one.event_id for one in await store.newest(None, 10)] == [5, 4]
    assert await store.add(IdentityEvent("logged_in", "wei", "wei"), 1) == 6
    assert [one.event_id for one in await store.newest(5, 10)] == [4]
    await database.aclose()
