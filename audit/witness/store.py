"""What a witness remembers of each log: the newest checkpoint that it vouched for. Check and set are one."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from protocol.checkpoint import Checkpoint, open_checkpoint
from protocol.signed_note import NoteKey, parse_vkey

log = structlog.get_logger(__name__)

BUSY_TIMEOUT_SECONDS = 5.0

CAUGHT_LIMIT = 100
"""Notes of one log. Whoever holds its key can sign as many as they like."""


@dataclass(frozen=True)
class Seen:
    """The newest checkpoint of a log, and the note with the log's signature and the witness's."""

    checkpoint: Checkpoint
    note: bytes


class WitnessStore:
    """The logs that a witness vouches for, by origin, and what it has seen of them. Any thread may use it.

    `log_vkeys` are those that may ask, besides those that were admitted; what was seen of others is kept for the day
    when they may again.
    Raises NoteError for a key that is none.
    """

    def __init__(self, path: Path, log_vkeys: Sequence[str]) -> None:
        given = {key.name: key for key in map(parse_vkey, log_vkeys)}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute("CREATE TABLE IF NOT EXISTS seen (origin TEXT PRIMARY KEY, note BLOB NOT NULL)")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS caught (origin TEXT, note BLOB, PRIMARY KEY (origin, note)) WITHOUT ROWID"
        )
        self._connection.execute("CREATE TABLE IF NOT EXISTS logs (origin TEXT PRIMARY KEY, vkey TEXT NOT NULL)")
        admitted = self._connection.execute("SELECT vkey FROM logs")
        self._logs = {key.name: key for (vkey,) in admitted for key in [parse_vkey(vkey)]} | given

    def admit(self, vkey: str) -> bool:
        """One more log that may ask, from now on for ever. False for one that is known under another key: whoever
        replaced it wants what was seen to be forgotten. Blocks. Raises NoteError."""
        key = parse_vkey(vkey)
        known = self._logs.get(key.name)
        if known is None:
            with self._lock:
                self._connection.execute("INSERT OR IGNORE INTO logs VALUES (?, ?)", (key.name, vkey))
            self._logs = self._logs | {key.name: key}
            log.info("log_admitted", origin=key.name)
        elif known != key:
            log.critical("log_key_replaced", origin=key.name, known=known.vkey, offered=vkey)
            return False
        return True

    def log_key(self, origin: str) -> NoteKey | None:
        """None for a log that is not among those that may ask."""
        return self._logs.get(origin)

    @property
    def origins(self) -> list[str]:
        return list(self._logs)

    @contextmanager
    def checking(self, log_key: NoteKey) -> Iterator["Check"]:
        """One log's state, held: nobody else can move it before the block is left. What `set` was given lasts then."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                check = Check(self._connection, log_key)
                yield check
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def newest(self, log_key: NoteKey) -> Seen | None:
        with self._lock:
            return Check(self._connection, log_key).seen()

    def caught(self, log_key: NoteKey) -> list[bytes]:
        """What this log has signed and what does not continue what was seen of it: evidence, with the newest."""
        with self._lock:
            rows = self._connection.execute("SELECT note FROM caught WHERE origin = ?", (log_key.name,))
            return [bytes(note) for (note,) in rows]

    def close(self) -> None:
        with self._lock:
            self._connection.close()


class Check:
    """A transaction about one log."""

    def __init__(self, connection: sqlite3.Connection, log_key: NoteKey) -> None:
        self._connection = connection
        self._log_key = log_key

    def seen(self) -> Seen | None:
        """Raises CheckpointError for a state that somebody has altered."""
        row = self._connection.execute("SELECT note FROM seen WHERE origin = ?", (self._log_key.name,)).fetchone()
        return None if row is None else Seen(open_checkpoint(bytes(row[0]), self._log_key), bytes(row[0]))

    def keep_caught(self, note: bytes) -> None:
        """Evidence; beyond CAUGHT_LIMIT there is enough of it."""
        self._connection.execute(
            "INSERT OR IGNORE INTO caught SELECT ?, ? WHERE (SELECT count(*) FROM caught WHERE origin = ?) < ?",
            (self._log_key.name, note, self._log_key.name, CAUGHT_LIMIT),
        )

    def set(self, note: bytes) -> None:
        self._connection.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", (self._log_key.name, note))
