"""The log's one mutable value: the newest signed checkpoint, compared and swapped. Trusted, and small.

Beside it stands which entry was made for what, so that an entry that was asked for twice is in the log once.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from audit.log.errors import LogBroken

BUSY_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True)
class EntryKey:
    """What an entry is for: a kind of leaf (its number) and what it is about."""

    kind: int
    subject: bytes


class Ledger(Protocol):
    """What the log needs of it. Called by one thread. Whatever it raises but LogBroken means that nothing is believed
    until the process was started again: a swap that was reported as failed may have happened."""

    def open(self) -> None: ...

    def newest(self) -> bytes | None:
        """The signed checkpoint; None if there has never been one."""

    def swap(self, old: bytes | None, new: bytes, made: Mapping[EntryKey, int]) -> None:
        """Puts `new` and the places of its keyed entries, together and lastingly, if `old` is still the newest.

        Raises LogBroken if it is not: somebody else continues this log.
        """

    def place_of(self, key: EntryKey) -> int | None:
        """The entry's index."""

    def subjects_without(self, kind: int, other_kind: int) -> list[bytes]:
        """Those that have an entry of one kind and none of the other."""

    def close(self) -> None: ...


class SqliteLedger:
    """A `Ledger` in one SQLite file; `synchronous=FULL`: a commit has reached the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        self._path.touch(mode=0o600)
        connection = sqlite3.connect(
            self._path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection = connection
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1), note BLOB NOT NULL)"
        )
        connection.execute(
            "CREATE TABLE IF NOT EXISTS entries (kind INTEGER, subject BLOB, place INTEGER NOT NULL,"
            " PRIMARY KEY (kind, subject)) WITHOUT ROWID"
        )

    def newest(self) -> bytes | None:
        row = self._open.execute("SELECT note FROM checkpoint").fetchone()
        return None if row is None else bytes(row[0])

    def swap(self, old: bytes | None, new: bytes, made: Mapping[EntryKey, int]) -> None:
        connection = self._open
        connection.execute("BEGIN IMMEDIATE")
        try:
            if self.newest() != old:
                raise LogBroken(problem="somebody else has appended to it")
            connection.execute("INSERT OR REPLACE INTO checkpoint VALUES (1, ?)", (new,))
            connection.executemany(
                "INSERT INTO entries VALUES (?, ?, ?)",
                [(key.kind, key.subject, place) for key, place in made.items()],
            )
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def place_of(self, key: EntryKey) -> int | None:
        query = "SELECT place FROM entries WHERE kind = ? AND subject = ?"
        row = self._open.execute(query, (key.kind, key.subject)).fetchone()
        return None if row is None else int(row[0])

    def subjects_without(self, kind: int, other_kind: int) -> list[bytes]:
        query = (
            "SELECT subject FROM entries AS made WHERE kind = ? AND NOT EXISTS"
            " (SELECT 1 FROM entries WHERE kind = ? AND subject = made.subject) ORDER BY place"
        )
        return [bytes(row[0]) for row in self._open.execute(query, (kind, other_kind))]

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def _open(self) -> sqlite3.Connection:
        assert self._connection is not None
        return self._connection
