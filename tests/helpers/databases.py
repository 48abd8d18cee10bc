"""New databases in tests: a server's migrations run once in a test process, and each further new file is a copy.

To migrate from nothing takes longer than most tests that want a database do. Whoever tests the migrations asks for
`migrated_anew` (tests/conftest.py) and has all of them run.
"""

import sqlite3
import threading
from pathlib import Path

from sqlalchemy import Engine, text

from serving import database

migrate = database._upgrade
"""What the product does."""

_made: dict[Path, sqlite3.Connection] = {}
"""By the folder of their migrations, in memory."""
_one_at_a_time = threading.Lock()


def copy_or_migrate(engine: Engine, path: Path, migrations: Path) -> None:
    """In the place of `migrate`: the same file, whether it was new or had something in it."""
    with _one_at_a_time, engine.connect() as connection:
        is_new = connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar() == 0
        file = connection.connection.driver_connection
        assert isinstance(file, sqlite3.Connection)
        if is_new and migrations in _made:
            _made[migrations].backup(file)
            return
        migrate(engine, path, migrations)
        if is_new:
            _made[migrations] = sqlite3.connect(":memory:", check_same_thread=False)
            file.backup(_made[migrations])
