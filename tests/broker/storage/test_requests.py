"""The order in which requests ended, by which the audit service reads on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, text

from broker.requests.request import Asked
from broker.storage import MIGRATIONS
from broker.storage.requests import SqlRequests
from serving.database import bring_up_to_date, open_database
from serving.migrations import alembic_config


@pytest.fixture
async def requests(tmp_path: Path) -> AsyncIterator[SqlRequests]:
    database = await open_database(tmp_path / "broker.sqlite3", MIGRATIONS)
    yield SqlRequests(database)
    await database.aclose()


async def end(requests: SqlRequests, at_ms: int) -> int:
    request = await requests.add(Asked("Ann Example", "receipts never arrive"), 1)
    assert await requests.end(request.request_id, "abandoned", at_ms)
    return request.request_id


async def test_numbers_rise_whatever_the_clock_does(requests: SqlRequests) -> None:
    """Two that end in one millisecond, and one after the clock was set back, come in the order in which they ended."""
    ids = [await end(requests, at_ms) for at_ms in (1000, 1000, 400)]
    found = await requests.ended_after(0, 10)
    assert [(one.request_id, one.end_number) for one in found] == list(zip(ids, (1000, 1001, 1002), strict=True))
    assert [one.request_id for one in await requests.ended_after(1000, 1)] == ids[1:2]


async def test_a_request_that_waits_has_not_ended(requests: SqlRequests) -> None:
    await requests.add(Asked("Ann Example", "receipts never arrive"), 1)
    assert (await requests.ended_after(0, 10), await requests.newest_end()) == ([], 0)


async def test_a_number_is_not_given_again_when_what_had_it_is_forgotten(requests: SqlRequests) -> None:
    """Whoever has read up to it would never be told of the second one."""
    await end(requests, 1000)
    await requests.forget_before(2000)
    assert await requests.newest_end() == 0
    await end(requests, 2000)
    assert await requests.newest_end() == 2000


def test_what_had_ended_before_ends_were_numbered_comes_first(tmp_path: Path) -> None:
    """An upgrade from 0012 numbers them in their order; one that waits gets its number when it ends."""
    path = tmp_path / "broker.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        config = alembic_config(MIGRATIONS)
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        for number, ended_at_ms in ((1, 900), (2, 0), (3, 400)):
            connection.execute(
                text(f"""INSERT INTO requests VALUES ({number}, NULL, 'Ann', 'help', '', 'standard', 1, 'waiting',
                     NULL, '', '', 0, {ended_at_ms})""")
            )
        connection.commit()
    bring_up_to_date(path, MIGRATIONS)
    with engine.connect() as connection:
        numbered = connection.execute(text("SELECT request_id, end_number FROM requests ORDER BY end_number")).all()
    engine.dispose()
    assert [tuple(row) for row in numbered] == [(2, None), (3, 1), (1, 2)]
