"""The file: created, upgraded, refused; and that a commit is durable."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from broker.storage import MIGRATIONS
from serving import database
from serving.database import Database, DatabaseFull, DatabaseUnusable, bring_up_to_date, newest_revision, open_database
from serving.migrations import alembic_config

pytestmark = pytest.mark.usefixtures("migrated_anew")

INSERT_SESSION = """INSERT INTO sessions (session_id, agent_key, token_hash, language, state, opened_at_ms)
    VALUES (:session_id, x'01', x'01', 'en', 'waiting', 1)"""


def migrate(path: Path, how: str) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        config = alembic_config(MIGRATIONS)
        config.attributes["connection"] = connection
        if how == "check":
            command.check(config)
        else:
            command.downgrade(config, "base")
    engine.dispose()


def tables(path: Path) -> set[str]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = {row[0] for row in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))}
    engine.dispose()
    return found - {"alembic_version", "sqlite_sequence"}


def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    """Alembic's own check finds nothing left to do."""
    path = tmp_path / "broker.sqlite3"
    bring_up_to_date(path, MIGRATIONS)
    migrate(path, "check")


def test_the_files_of_the_migrations_begin_with_their_revisions() -> None:
    """So that a start finds out without Alembic that there is nothing to do."""
    script = ScriptDirectory.from_config(alembic_config(MIGRATIONS))
    assert newest_revision(MIGRATIONS) == script.get_current_head()
    for revision in script.walk_revisions():
        assert Path(revision.path).name.startswith(f"{revision.revision}_")


def test_a_broker_with_nothing_to_upgrade_does_not_load_alembic(tmp_path: Path) -> None:
    """It is a good part of what a command of the broker takes to start."""
    path = tmp_path / "broker.sqlite3"
    bring_up_to_date(path, MIGRATIONS)
    program = (
        "import sys, broker.server, broker.commands\n"
        "from pathlib import Path\n"
        "from broker.storage import MIGRATIONS\n"
        "from serving.database import bring_up_to_date\n"
        "bring_up_to_date(Path(sys.argv[1]), MIGRATIONS)\n"
        "print('alembic' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"


def test_migrations_can_be_undone_and_done_again(tmp_path: Path) -> None:
    """Down to nothing and up again; the second time there is a backup beside the file."""
    path = tmp_path / "broker.sqlite3"
    bring_up_to_date(path, MIGRATIONS)
    made = tables(path)
    migrate(path, "downgrade")
    assert tables(path) == set()
    bring_up_to_date(path, MIGRATIONS)
    assert tables(path) == made
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    """An old program must not write what it does not understand; nor put a copy of it in the place of the one from
    before its own upgrade."""
    path = tmp_path / "broker.sqlite3"
    bring_up_to_date(path, MIGRATIONS)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = path.read_bytes()
    copy = tmp_path / f"broker.sqlite3.before-{newest_revision(MIGRATIONS)}"
    copy.write_bytes(b"as it was")
    with pytest.raises(DatabaseUnusable, match="later version"):
        bring_up_to_date(path, MIGRATIONS)
    assert path.read_bytes() == before
    assert copy.read_bytes() == b"as it was"


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 500])
def test_a_damaged_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    """And not replaced by an empty one."""
    path = tmp_path / "broker.sqlite3"
    path.write_bytes(content)
    with pytest.raises(DatabaseUnusable):
        bring_up_to_date(path, MIGRATIONS)
    assert path.read_bytes() == content


@pytest.mark.parametrize("is_full", [True, False])
def test_a_full_disk_is_told_from_a_broken_one(tmp_path: Path, is_full: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite says “disk I/O error” of both, and whoever reads that looks for another disk."""
    path = tmp_path / "broker.sqlite3"
    bring_up_to_date(path, MIGRATIONS)

    def fails(*_: object) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
        raise error

    monkeypatch.setattr(database, "_present_revision", fails)
    if is_full:
        monkeypatch.setattr(database, "FULL_BELOW_BYTES", 2**62)
    with pytest.raises(DatabaseUnusable, match="No space left on device" if is_full else "disk I/O error"):
        bring_up_to_date(path, MIGRATIONS)


async def test_a_disk_that_is_full_is_an_answer_and_no_mistake(tmp_path: Path) -> None:
    """Nothing of the transaction is kept, and the next one goes on where there is space again."""
    opened = await open_database(tmp_path / "broker.sqlite3", MIGRATIONS)
    row = {"session_id": b"\x01" * 16}

    async def write_too_much() -> None:
        async with opened.writing() as transaction:
            await transaction.execute(text("PRAGMA max_page_count = 1"))
            await transaction.execute(text(INSERT_SESSION), row)
            await transaction.execute(text("CREATE TABLE much AS SELECT zeroblob(10000000) AS bytes"))

    with pytest.raises(DatabaseFull):
        await write_too_much()
    async with opened.writing() as transaction:
        await transaction.execute(text("PRAGMA max_page_count = 1000000"))
        await transaction.execute(text(INSERT_SESSION), row)
    await opened.aclose()


def test_a_missing_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """Not with a traceback."""
    with pytest.raises(DatabaseUnusable, match=r"used: No such file or directory\.$"):
        bring_up_to_date(tmp_path / "missing" / "broker.sqlite3", MIGRATIONS)


async def test_every_connection_is_durable_and_keeps_references(tmp_path: Path) -> None:
    """WAL with synchronous=FULL: a commit that returned survives a power cut."""
    database = await open_database(tmp_path / "broker.sqlite3", MIGRATIONS)
    async with database.reading() as session:
        pragmas = [
            (await session.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    await database.aclose()
    assert pragmas == ["wal", 2, 1, 5000]


async def fail_half_way(database: Database) -> None:
    async with database.writing() as session:
        await session.execute(text("INSERT INTO notes VALUES (1, x'01', 1, 1, '')"))


async def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """A transaction is whole or not there; the next one finds no lock left behind."""
    database = await open_database(tmp_path / "broker.sqlite3", MIGRATIONS)
    for _ in range(2):
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            await fail_half_way(database)
    async with database.reading() as session:
        assert (await session.execute(text("SELECT count(*) FROM tokens"))).scalar_one() == 0
    await database.aclose()


async def test_what_is_read_together_is_of_one_moment(tmp_path: Path) -> None:
    """A session and who takes part in it are two questions: nobody reads one before and the other after a change."""
    database, count = (
        await open_database(tmp_path / "broker.sqlite3", MIGRATIONS),
        text("SELECT count(*) FROM sessions"),
    )
    async with database.reading() as reader:
        assert await reader.scalar(count) == 0
        async with database.writing() as session:
            await session.execute(text(INSERT_SESSION), {"session_id": b"\x01"})
        assert await reader.scalar(count) == 0
    async with database.reading() as reader:
        assert await reader.scalar(count) == 1
    await database.aclose()


async def test_writers_of_one_process_wait_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """64 sessions that open in the same instant are all written, even if SQLite itself lets nobody wait."""
    monkeypatch.setattr("serving.database.BUSY_TIMEOUT_MS", 0)
    database = await open_database(tmp_path / "broker.sqlite3", MIGRATIONS)

    async def open_one(number: int) -> None:
        async with database.writing() as session:
            await session.execute(text(INSERT_SESSION), {"session_id": number.to_bytes(16)})

    await asyncio.gather(*(open_one(number) for number in range(64)))
    async with database.reading() as session:
        assert (await session.execute(text("SELECT count(*) FROM sessions"))).scalar_one() == 64
    await database.aclose()


def test_whoever_was_there_before_roles_is_an_engineer_and_stays_logged_in(tmp_path: Path) -> None:
    """An upgrade from 0002 keeps people, their second factor, and their logins."""
    path = tmp_path / "broker.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        config = alembic_config(MIGRATIONS)
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        columns = "user_id, user_name, name, staff_number, max_scopes, password_hash, totp_secret, created_at_ms"
        connection.execute(text(f"INSERT INTO users ({columns}) VALUES (1, 'wei', 'Wei', 'E-1', '[]', 'x', 'S', 1)"))
        connection.execute(text("INSERT INTO tokens VALUES (x'01', 1, 5, 9)"))
        connection.commit()
    bring_up_to_date(path, MIGRATIONS)
    with engine.connect() as connection:
        user = connection.execute(text("SELECT role, version, totp_secret, password_provisional FROM users")).one()
        token = connection.execute(text("SELECT created_at_ms, expires_at_ms, method, revoked FROM tokens")).one()
    engine.dispose()
    assert tuple(user) == ("engineer", 1, "S", 0)
    assert tuple(token) == (5, 9, "password", 0)


def test_sessions_of_before_get_the_tier_of_their_request_and_no_team(tmp_path: Path) -> None:
    """An upgrade from 0014 makes those with a request count as changed, so that the audit service hears of it."""
    path = tmp_path / "broker.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        config = alembic_config(MIGRATIONS)
        config.attributes["connection"] = connection
        command.upgrade(config, "0014")
        for number in (1, 2, 3):
            connection.execute(
                text(
                    "INSERT INTO sessions (session_id, agent_key, token_hash, language, state, opened_at_ms, change)"
                    " VALUES (:id, x'00', x'00', 'en', 'ended', 1, :change)"
                ),
                {"id": number.to_bytes(16), "change": number},
            )
        asked = "session_id, customer, words, contact, tier, asked_at_ms, state, taken_by_name, taken_by_number"
        for session, tier in ((2, "standard"), (2, "gold"), (1, "standard"), (None, "gold")):
            connection.execute(
                text(
                    f"INSERT INTO requests ({asked}, taken_at_ms, ended_at_ms)"
                    " VALUES (:id, 'Ann', 'x', '', :tier, 1, 'served', '', '', 1, 1)"
                ),
                {"id": session and session.to_bytes(16), "tier": tier},
            )
        connection.commit()
    bring_up_to_date(path, MIGRATIONS)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT tier, change FROM sessions ORDER BY session_id")).all()
    engine.dispose()
    assert [tuple(one) for one in kept] == [("standard", 5), ("gold", 4), ("", 3)]
