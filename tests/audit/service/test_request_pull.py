"""Requests for help that ended at the broker are here for the reports, once each and without what customers said."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from audit.service.request_pull import KEPT_MS, RequestPull
from audit.storage import MIGRATIONS
from audit.storage.ended_requests import SqlEndedRequests
from audit.storage.seals import Unsealed
from audit.storage.sessions import BrokerSession, SqlSessions
from audit.storage.tables import SessionRow
from broker.requests.request import Asked
from protocol.errors import PeerError
from serving.database import Database, open_database
from serving.waiting import EndedRequests
from tests.audit.quality.builders import ended_request
from tests.audit.service.house import House
from tests.broker.harness import FakeClock
from tests.helpers.waiting import PATIENCE_SECONDS

SESSION = bytes.fromhex("0a" * 16)
FOREVER_MS = 2**53


class Broker:
    """Requests by the number of their end, in pages of two."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = list(numbers)

    async def ended_requests(self, after: int) -> EndedRequests | None:
        page = [number for number in self.numbers if number > after][:2]
        newest = max(self.numbers, default=0)
        return EndedRequests([ended_request(number) for number in page], page[-1] if page else after, newest)


class EarlierBroker:
    async def ended_requests(self, after: int) -> None:
        return None


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(tmp_path / "audit.sqlite3", MIGRATIONS)
    yield database
    await database.aclose()


def pull_from(broker: Any, database: Database, now_ms: int = 0) -> RequestPull:
    return RequestPull(broker, SqlEndedRequests(database), FakeClock(now_ms))


async def kept(database: Database) -> list[int]:
    return [one.request_id for one in await SqlEndedRequests(database).ended_between(0, FOREVER_MS)]


async def test_each_request_is_kept_once(database: Database) -> None:
    """Page by page, and on from there."""
    broker = Broker(1, 2, 3)
    await pull_from(broker, database).pull()
    broker.numbers.append(7)
    for _ in range(2):
        await pull_from(broker, database).pull()
    assert await kept(database) == [1, 2, 3, 7]
    assert await SqlEndedRequests(database).cursor() == 7


async def test_a_broker_that_was_restored_from_a_copy_is_asked_for_all_that_it_keeps(database: Database) -> None:
    """What ended since its copy stays known here, and what ends from now on is told."""
    await pull_from(Broker(1, 2, 9), database).pull()
    broker = Broker(1, 2)
    await pull_from(broker, database).pull()
    broker.numbers.append(3)
    await pull_from(broker, database).pull()
    assert await kept(database) == [1, 2, 3, 9]


@pytest.mark.parametrize("broker", [EarlierBroker(), Broker()])
async def test_a_broker_without_any_is_asked_no_further(database: Database, broker: Any) -> None:
    """One of an earlier version, or one that nobody asked for help."""
    await pull_from(broker, database).pull()
    assert await kept(database) == []


class StandsStill:
    async def ended_requests(self, after: int) -> EndedRequests | None:
        return EndedRequests([ended_request()], after, after + 5)


async def test_numbers_that_do_not_rise_are_no_answer(database: Database) -> None:
    """Rather than asked for, for ever; nothing of it is kept."""
    with pytest.raises(PeerError, match="up to 0 after 0"):
        await pull_from(StandsStill(), database).pull()
    assert await kept(database) == []


async def test_after_two_years_a_request_is_forgotten(database: Database) -> None:
    """When something newer comes."""
    await pull_from(Broker(1), database).pull()
    await pull_from(Broker(1, 2), database, now_ms=KEPT_MS + ended_request(1).ended_at_ms + 1).pull()
    assert await kept(database) == [2]


async def test_an_erase_leaves_the_figure_and_takes_the_session(database: Database) -> None:
    """Also where the broker tells of it once more."""
    requests = SqlEndedRequests(database)
    led = structs.replace(ended_request(1), session_id=SESSION.hex())
    await requests.keep_page([led], 1)
    await requests.forget_session(SESSION)
    assert [one.session_id for one in await requests.ended_between(0, FOREVER_MS)] == [None]
    async with database.writing() as transaction:
        transaction.add(SessionRow(session_id=SESSION, opened_at_ms=1, erased_at_ms=2))
    await requests.keep_page([led], 1)
    assert [one.session_id for one in await requests.ended_between(0, FOREVER_MS)] == [None]


async def test_a_page_leaves_the_other_places_of_the_feed(database: Database) -> None:
    """Each part of the feed goes on where it was."""
    sessions = SqlSessions(database, Unsealed())
    await sessions.keep_page([BrokerSession(SESSION, 1, None, b"{}")], 5, 50)
    await SqlEndedRequests(database).keep_page([], 8)
    assert (await sessions.cursor(), await sessions.heard_at_ms()) == (5, 50)
    await sessions.keep_page([], 6, 60)
    assert await SqlEndedRequests(database).cursor() == 8


async def test_the_reports_have_what_the_broker_counts(house: House) -> None:
    """A request that was served and one that was given up: the same numbers at both, and no word of the customer."""
    services = house.broker.server.broker.services
    room = services.waiting_room
    found = await services.users.find("wei")
    assert found is not None
    engineer, _ = found
    for words, served in (("Receipts never arrive.", True), ("The till is on fire.", False)):
        request = await room.ask(Asked("Ann Example", words))
        if served:
            await room.take(request.request_id, engineer)
        await room.end(request.request_id, engineer, served=served, anybodys=True)
    async with house.audit() as audit:
        pulled = audit.server.service.services
        token = await audit.login("supervisor")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (report := (await audit.request("GET", "/v1/report?by=engineer", token=token)).json)["requests"] < 2:
                await asyncio.sleep(0.05)
        figures = {(group["key"], one["name"]): one for group in report["groups"] for one in group["figures"]}
        at_broker = await room.figures(0)
        assert (report["requests"], at_broker.ended) == (2, 2)
        assert figures[engineer.staff_number, "speed_of_answer_median"]["value"] == at_broker.median_ms
        assert figures[engineer.staff_number, "queue_service_level"]["value"] == 1
        assert (figures["?", "abandonment"]["value"], figures["?", "abandonment"]["count"]) == (1, 1)
        csv = await audit.request("GET", "/v1/report.csv?by=tier", token=token)
        assert csv.status == HTTPStatus.OK
        assert b"standard,standard,abandonment,share,0.5" in csv.body
        kept = pulled.settings.database_file.read_bytes() + b"".join(
            path.read_bytes() for path in pulled.settings.data_folder.glob("*.sqlite3-wal")
        )
        assert b"till is on fire" not in kept
        assert b"Ann Example" not in kept
