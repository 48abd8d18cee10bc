"""What people read in pages comes out of indexes, however long the tables are: a journal of half a million entries, the
looks of years."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from audit.quality.store import CaseChoice
from audit.storage import MIGRATIONS
from audit.storage.ended_requests import SqlEndedRequests
from audit.storage.erase_policies import SqlErasePolicies
from audit.storage.journal import Happening, JournalChoice, SqlJournal
from audit.storage.log_entries import SqlLogEntries
from audit.storage.quality import SqlQuality
from audit.storage.requests import SqlRequests
from audit.storage.seals import Unsealed
from audit.storage.sessions import BrokerSession, SqlSessions
from audit.storage.views import SqlViews
from audit.vault.reading import RecordingChanged
from serving.database import Database, bring_up_to_date
from tests.audit.quality.builders import NOW_MS

SESSION = b"s" * 16


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plans") / "audit.sqlite3"
    bring_up_to_date(path, MIGRATIONS)
    return path


@pytest.fixture
async def database(tmp_path: Path, fresh: Path) -> AsyncIterator[Database]:
    """With an entry of each that a next page begins behind."""
    opened = Database(Path(shutil.copy(fresh, tmp_path)))
    await SqlViews(opened).add(SESSION, "mei", "view", "monthly review", 2, b"c" * 32, b"s" * 32)
    await SqlSessions(opened, Unsealed()).keep_page([BrokerSession(SESSION, 1, 2, b"{}")], 1, 1)
    yield opened
    await opened.aclose()


Ask = Callable[[Database], Awaitable[object]]


def journal(**choice: Any) -> Ask:
    return lambda database: SqlJournal(database).newest(1, 100, JournalChoice(**choice))


def views(**choice: Any) -> Ask:
    every = {"session_id": None, "user_name": None, "before_id": 1, "limit": 100}
    return lambda database: SqlViews(database).newest(**every | choice)


def sessions(**choice: Any) -> Ask:
    return lambda database: SqlSessions(database, Unsealed()).newest(limit=100, **choice)


def cases(**choice: Any) -> Ask:
    return lambda database: SqlQuality(database).cases(CaseChoice(**choice), limit=100)


LONG = {"since_ms": 1, "until_ms": 2**52}
ONE_WAY: dict[str, Ask] = {
    "journal": journal(),
    "journal of a time": journal(**LONG),
    "journal of a kind": journal(kinds=("logged_in",), **LONG),
    "journal of a source": journal(source="broker", **LONG),
    "journal of a session": journal(session_id=SESSION, who="mei", kinds=("logged_in",), source="broker", **LONG),
    "views": views(),
    "views of a time": views(**LONG),
    "views of a session": views(session_id=SESSION, user_name="mei", actions=("view", "hold"), **LONG),
    "views of a person": views(user_name="mei", actions=("view", "hold"), **LONG),
    "views of a kind": views(actions=("hold",), **LONG),
    "sessions": sessions(before=SESSION),
    "sessions by number": lambda database: SqlSessions(database, Unsealed()).beginning_with("7", 2),
    "running sessions": sessions(running=True),
    "held sessions": lambda database: SqlSessions(database, Unsealed()).held(100),
    "due sessions": lambda database: SqlSessions(database, Unsealed()).all_of("standard", 5),
    "sessions of a class": lambda database: SqlSessions(database, Unsealed()).count_of("standard", 5),
    "unfinished sessions": lambda database: SqlSessions(database, Unsealed()).unfinished(),
    "requests": lambda database: SqlRequests(database).newest(None, 100),
    "open requests": lambda database: SqlRequests(database).newest("asked", 100),
    "confirmed erases": lambda database: SqlRequests(database).confirmed_erases(),
    "policies": lambda database: SqlErasePolicies(database).newest(100),
    "ended requests": lambda database: SqlEndedRequests(database).ended_between(1, 2**52),
    "what the log is to hear": lambda database: SqlLogEntries(database).waiting(100),
    "how much the log is to hear": lambda database: SqlLogEntries(database).count_waiting(),
    "reviews": cases(),
    "reviews done": cases(is_open=False, latest_first=True),
    "reviews of a person": cases(reviewer="ana", is_open=True),
    "reviews of a plan": lambda database: SqlQuality(database).given_by("monthly"),
    "reviews of sessions": lambda database: SqlQuality(database).is_assigned("ana", SESSION.hex()),
}
TWO_WAYS: dict[str, Ask] = {
    "journal of a person": journal(who="mei", kinds=("logged_in",), **LONG),
    "journal of kinds": journal(kinds=("logged_in", "logged_out"), **LONG),
    "views of kinds": views(actions=("hold", "erase"), **LONG),
}
OF_ONE_MILLISECOND = ("LAST TERM OF ORDER BY", "RIGHT PART OF ORDER BY")
"""Such rows are sorted among themselves."""
WHOLE = {"requests", "policies"}
"""All of a table is asked for, in the order of its numbers."""


@pytest.mark.parametrize("name", ONE_WAY)
async def test_a_page_is_read_in_the_order_of_an_index(database: Database, name: str) -> None:
    """No table is read through, and nothing is sorted: SQLite stops at the page's last row."""
    for plan in await plans_of(database, ONE_WAY[name]):
        assert name in WHOLE or scans(plan) == []
        assert [step for step in plan if "ORDER BY" in step and not step.endswith(OF_ONE_MILLISECOND)] == []


@pytest.mark.parametrize("name", TWO_WAYS)
async def test_each_of_two_ways_to_a_page_is_read_in_the_order_of_its_index(database: Database, name: str) -> None:
    """What both ways bring, no more than two pages, is sorted at the end."""
    plan = (await plans_of(database, TWO_WAYS[name]))[-1]
    assert [step for step in scans(plan) if "journal" in step or "views" in step] == []
    assert len([step for step in plan if "ORDER BY" in step]) == 1
    assert len([step for step in plan if "USING" in step and "INDEX ix_" in step]) == 2


async def test_what_somebody_did_and_what_was_done_to_them_stand_in_one_order(database: Database) -> None:
    """Each once, over pages, by when it happened; whoever did something to themselves is no exception."""
    told = SqlJournal(database)
    for number, (actor, subject) in enumerate([("mei", ""), ("wei", "mei"), ("mei", "mei"), ("wei", ""), ("", "mei")]):
        await told.add(
            Happening(
                source="broker",
                source_key=str(number),
                at_ms=NOW_MS + number,
                kind="logged_in",
                actor=actor,
                subject=subject,
            )
        )
    late = Happening(source="broker", source_key="late", at_ms=NOW_MS + 1, kind="logged_out", actor="mei")
    await told.add(late)  # the broker could not be reached for a while
    of_mei = JournalChoice(who="mei", since_ms=NOW_MS)
    first = await told.newest(None, 2, of_mei)
    second = await told.newest(first[-1].entry_id, 9, of_mei)
    assert [one.happening.source_key for one in [*first, *second]] == ["4", "2", "late", "1", "0"]


async def test_sessions_of_one_millisecond_are_on_one_page_or_the_next(database: Database) -> None:
    """None is lost between two pages, as those were that had been opened together with the last one."""
    kept = SqlSessions(database, Unsealed())
    opened = [bytes([number]) * 16 for number in range(5)]
    await kept.keep_page([BrokerSession(one, 7, 8, b"{}") for one in opened], 2, 1)
    first = await kept.newest(limit=3)
    second = await kept.newest(before=first[-1].session_id, limit=3)
    assert [one.session_id for one in [*first, *second]] == [*reversed(opened), SESSION]


async def test_what_was_found_broken_is_not_called_sound_by_a_reading_that_began_before(database: Database) -> None:
    """Only records that go on rightly make it sound again."""
    kept = SqlSessions(database, Unsealed())
    await kept.was_read(SESSION, "sound", None, b"digest")
    assert await kept.is_not_sound(SESSION, "broken", RecordingChanged())
    await kept.was_read(SESSION, "sound", None, b"digest")
    assert [one.condition for one in await kept.newest(limit=1)] == ["broken"]
    await kept.is_sound_again(SESSION)
    await kept.was_read(SESSION, "sound", None, b"digest")
    assert [one.condition for one in await kept.newest(limit=1)] == ["sound"]


async def test_a_session_is_found_by_the_beginning_of_its_number(database: Database) -> None:
    """However many digits are said, also an odd number of them."""
    kept = SqlSessions(database, Unsealed())
    for text in ("7", "73", "737", SESSION.hex()):
        assert [one.session_id for one in await kept.beginning_with(text, 2)] == [SESSION]
    assert await kept.beginning_with("74", 2) == []


def scans(plan: list[str]) -> list[str]:
    """Steps that read a table, or one of its indexes, through; but for one that stands in the order of the page."""
    return [step for step in plan if step.startswith("SCAN") and "USING INDEX" not in step and "CONSTANT" not in step]


async def plans_of(database: Database, ask: Ask) -> list[list[str]]:
    """How SQLite answers each question that is asked."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        await ask(database)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    async with database.reading() as reader:
        connection = await reader.connection()
        return [
            [str(row.detail) for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in asked
            if statement.startswith("SELECT")
        ]
