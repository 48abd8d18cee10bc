"""The journal's pages come out of its indexes, whatever is chosen: it may hold half a million entries."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from audit.storage import MIGRATIONS
from audit.storage.journal import Happening, JournalChoice, SqlJournal
from serving.database import Database, open_database

SESSION = b"s" * 16


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await open_database(tmp_path / "audit.sqlite3", MIGRATIONS)
    yield opened
    await opened.aclose()


@pytest.mark.parametrize(
    ("choice", "indexes", "is_sorted"),
    [
        ({"kinds": ("logged_in",)}, {"ix_journal_kind"}, False),
        ({"source": "broker"}, {"ix_journal_source"}, False),
        ({"session_id": SESSION}, {"ix_journal_session_id"}, False),
        ({"who": "mei"}, {"ix_journal_actor", "ix_journal_subject"}, False),
        ({"kinds": ("logged_in", "logged_out")}, {"ix_journal_kind"}, True),
        ({"since_ms": 1, "until_ms": 2}, {"ix_journal_at_ms"}, True),
    ],
    ids=lambda one: "+".join(one) if isinstance(one, dict) else "",
)
async def test_a_page_is_searched_in_indexes(
    database: Database, choice: dict[str, Any], indexes: set[str], is_sorted: bool
) -> None:
    """Of one kind, source, session or person, it ends with the page's last entry; else numbers alone are sorted."""
    plan = await plan_of(database, JournalChoice(**choice))
    assert not [step for step in plan if step.startswith("SCAN journal")]
    assert {index for index in indexes if any(index in step for step in plan)} == indexes
    assert any("ORDER BY" in step for step in plan) == is_sorted


async def test_what_somebody_did_and_what_was_done_to_them_stand_in_one_order(database: Database) -> None:
    """Each once, over pages; whoever did something to themselves is no exception."""
    journal = SqlJournal(database)
    for number, (actor, subject) in enumerate([("mei", ""), ("wei", "mei"), ("mei", "mei"), ("wei", ""), ("", "mei")]):
        await journal.add(
            Happening(
                source="broker", source_key=str(number), at_ms=number, kind="logged_in", actor=actor, subject=subject
            )
        )
    of_mei = JournalChoice(who="mei")
    first = await journal.newest(None, 2, of_mei)
    second = await journal.newest(first[-1].entry_id, 3, of_mei)
    assert [one.happening.source_key for one in [*first, *second]] == ["4", "2", "1", "0"]


async def plan_of(database: Database, choice: JournalChoice) -> list[str]:
    """How SQLite finds the first page of it."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        await SqlJournal(database).newest(None, 100, choice)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    [(statement, parameters)] = [one for one in asked if "FROM journal" in one[0]]
    async with database.reading() as reader:
        connection = await reader.connection()
        explained = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [str(row.detail) for row in explained]
