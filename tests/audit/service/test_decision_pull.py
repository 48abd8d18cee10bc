"""What the broker decides about people is here, too: once each, and what is missing is said to be."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from audit.service.broker_feed import RemoteDecision, RemoteDecisions
from audit.service.decision_pull import DecisionPull
from audit.storage import MIGRATIONS
from audit.storage.journal import SqlJournal
from serving.database import open_database
from tests.broker.harness import FakeClock


class Broker:
    """Decisions with their numbers, in pages of two."""

    def __init__(self) -> None:
        self.kept: list[RemoteDecision] = []
        self.newest = 0

    def decide(self, count: int, at_ms: int = 5) -> None:
        for _ in range(count):
            self.newest += 1
            self.kept.append(RemoteDecision(self.newest, at_ms, "logged_in", "mei", "mei", "192.0.2.1", {"n": 1}))

    async def decisions(self, after: int) -> RemoteDecisions | None:
        return RemoteDecisions([one for one in self.kept if one.event_id > after][:2], self.newest)


class EarlierBroker:
    async def decisions(self, after: int) -> None:
        return None


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[SqlJournal]:
    database = await open_database(tmp_path / "audit.sqlite3", MIGRATIONS)
    yield SqlJournal(database)
    await database.aclose()


async def keys(journal: SqlJournal) -> list[str]:
    return [entry.happening.source_key for entry in await journal.after(0, 100)]


def pull_from(broker: Any, journal: SqlJournal) -> DecisionPull:
    return DecisionPull(broker, journal, FakeClock())


async def test_each_decision_is_kept_once(journal: SqlJournal) -> None:
    """Page by page, and on from there."""
    broker = Broker()
    broker.decide(5)
    await pull_from(broker, journal).pull()
    broker.decide(1)
    await pull_from(broker, journal).pull()
    await pull_from(broker, journal).pull()
    assert await keys(journal) == [f"{number}@5" for number in range(1, 7)]
    happening = (await journal.after(0, 1))[0].happening
    assert (happening.source, happening.kind, happening.actor) == ("broker", "logged_in", "mei")


async def test_what_is_decided_about_a_session_is_found_by_it(journal: SqlJournal) -> None:
    """A broker that says something else there is believed nothing of it."""
    broker = Broker()
    for number, session in enumerate(("0a" * 16, "../" * 10, 7), 1):
        broker.kept.append(RemoteDecision(number, 5, "session_stopped", "ana", "", "", {"session": session}))
    broker.newest = 3
    await pull_from(broker, journal).pull()
    found = [entry.happening.session_id for entry in await journal.after(0, 100)]
    assert found == [b"\x0a" * 16, None, None]


async def test_what_the_broker_dropped_before_it_was_pulled_is_told(journal: SqlJournal) -> None:
    """As an entry of its own, in its place."""
    broker = Broker()
    broker.decide(2)
    await pull_from(broker, journal).pull()
    broker.decide(4)
    del broker.kept[:4]
    await pull_from(broker, journal).pull()
    assert await keys(journal) == ["1@5", "2@5", "missing:3..4", "5@5", "6@5"]


async def test_a_broker_that_was_restored_from_a_copy_is_followed(journal: SqlJournal) -> None:
    """Its numbers begin again at an earlier one; nothing that it decides then is taken for something known."""
    broker = Broker()
    broker.decide(3)
    await pull_from(broker, journal).pull()
    broker.kept, broker.newest = broker.kept[:1], 1
    await pull_from(broker, journal).pull()
    broker.decide(2, at_ms=9)
    await pull_from(broker, journal).pull()
    assert await keys(journal) == ["1@5", "2@5", "3@5", "missing:1..3", "2@9", "3@9"]


async def test_a_broker_of_an_earlier_version_tells_none(journal: SqlJournal) -> None:
    await pull_from(EarlierBroker(), journal).pull()
    assert await keys(journal) == []
