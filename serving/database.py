"""Opens the file, brings it up to date, gives connections and transactions."""

import asyncio
import errno
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from protocol.details import system_reason
from protocol.errors import UnavailableError

log = structlog.get_logger(__name__)

T = TypeVar("T")

BUSY_TIMEOUT_MS = 5_000
"""`consentry admin` may write while the broker runs; SQLite lets one of them wait."""

FULL_BELOW_BYTES = 256 * 1024
"""So much SQLite wants beside a file to begin with, and some."""


class DatabaseUnusable(UnavailableError):
    sentence = "The database {path} cannot be used: {problem}."


class DatabaseFull(UnavailableError):
    """Nothing of the transaction is kept."""

    sentence = (
        "The server's disk is full. Nothing was changed. Tell whoever runs it, and try again when there is space."
    )


class Database:
    """One SQLite file: many who read, one who writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine: AsyncEngine = create_async_engine(f"sqlite+aiosqlite:///{path}")
        _set_up_connections(self._engine.sync_engine)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._one_writer = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """All that is read in the block is of one moment, whatever is written meanwhile."""
        async with self._sessions() as session:
            await session.execute(text("BEGIN"))
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed, and on the disk, when the block is left without an error; otherwise undone.

        Writers of this process queue here, in order and for as long as it takes. SQLite has no queue: it lets each
        wait on its own, and refuses whoever was unlucky for BUSY_TIMEOUT_MS. Not to be nested. Raises DatabaseFull.
        """
        try:
            async with self._one_writer, self._sessions() as session, session.begin():
                await session.execute(text("BEGIN IMMEDIATE"))
                yield session
        except DatabaseError as error:
            if not _is_for_want_of_space(error, self.path):
                raise
            log.error("disk_full", database=str(self.path))
            raise DatabaseFull from error

    async def check(self) -> None:
        """Raises DatabaseError if it does not answer."""
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def forget_deleted(self) -> None:
        """Empties the write-ahead log, which still holds pages as they were before something was deleted.

        Somebody who reads at this moment may keep it from happening; the next time, or closing, does it.
        """
        async with self._engine.connect() as connection:
            await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))

    async def aclose(self) -> None:
        # aiosqlite's threads must end before the event loop does.
        await self._engine.dispose()


async def open_database(path: Path, migrations: Path) -> Database:
    """Creates or upgrades the file, then opens it. Raises DatabaseUnusable."""
    await asyncio.to_thread(bring_up_to_date, path, migrations)
    return Database(path)


def with_database(path: Path, migrations: Path, use: Callable[[Database], Awaitable[T]]) -> T:
    """For a command: opens, uses, closes, in an event loop of its own. Raises DatabaseUnusable."""

    async def run() -> T:
        database = await open_database(path, migrations)
        try:
            return await use(database)
        finally:
            await database.aclose()

    return asyncio.run(run())


def bring_up_to_date(path: Path, migrations: Path) -> None:
    """Runs those of Alembic's migrations in a folder that the file lacks. Blocks.

    Raises DatabaseUnusable, also for a file of a later version.
    """
    engine = create_engine(f"sqlite:///{path}")
    # A migration rebuilds tables; with foreign keys on, dropping the old one would take its dependants along.
    _set_up_connections(engine, foreign_keys=False)
    try:
        path.touch(mode=0o600)
        newest = newest_revision(migrations)
        with engine.connect() as connection:
            present = _present_revision(connection)
        if present == newest:
            return
        if present is not None and present > newest:
            # Before a copy is made: the one of this name is of before the upgrade that this program made.
            raise _of_later_version(path)
        if present is not None:
            _back_up(path, path.with_name(f"{path.name}.before-{newest}"))
        _upgrade(engine, path, migrations)
        log.info("database_upgraded", from_revision=present, to_revision=newest)
    except (DatabaseError, sqlite3.Error, OSError) as error:
        raise DatabaseUnusable(path=path, problem=_reason_of(error, path)) from error
    finally:
        engine.dispose()


def newest_revision(migrations: Path) -> str:
    """Of a folder of Alembic's, where the name of every file in `versions` begins with its number and a "_"."""
    return max(path.name.partition("_")[0] for path in (migrations / "versions").glob("[0-9]*_*.py"))


def _present_revision(connection: Connection) -> str | None:
    """What Alembic noted in the file; None for a new one."""
    tables = connection.execute(text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"))
    if tables.first() is None:
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _upgrade(engine: Engine, path: Path, migrations: Path) -> None:
    from serving.migrations import RevisionUnknown, upgrade  # slow to import, and seldom needed

    with engine.connect() as connection:
        connection.execute(text("BEGIN IMMEDIATE"))
        try:
            upgrade(connection, migrations)
        except RevisionUnknown:
            raise _of_later_version(path) from None


def _of_later_version(path: Path) -> DatabaseUnusable:
    return DatabaseUnusable(path=path, problem="it was written by a later version of Consentry; upgrade the program")


def _back_up(path: Path, backup: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(backup)) as target:
        source.backup(target)
    backup.chmod(0o600)


def _is_for_want_of_space(error: Exception, path: Path) -> bool:
    """On a full disk SQLite often speaks of an I/O error, as if the disk were broken: what it wants is a few blocks
    beside the file."""
    name = str(getattr(getattr(error, "orig", None) or error, "sqlite_errorname", ""))
    if name == "SQLITE_FULL":
        return True
    return name.startswith("SQLITE_IOERR") and shutil.disk_usage(path.parent).free < FULL_BELOW_BYTES


def _set_up_connections(engine: Engine, *, foreign_keys: bool = True) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # SQLAlchemy must not begin transactions by itself: a reader that turns writer is what deadlocks in SQLite.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA secure_delete=ON")  # what was erased is not left in free pages
        cursor.execute(f"PRAGMA foreign_keys={int(foreign_keys)}")
        cursor.close()


def _reason_of(error: Exception, path: Path) -> str:
    if isinstance(error, OSError):
        return system_reason(error)
    original = getattr(error, "orig", None)
    if _is_for_want_of_space(error, path):
        return system_reason(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    return str(original if isinstance(original, sqlite3.Error) else error).splitlines()[0]
