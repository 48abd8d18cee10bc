"""Durable appends: how many entries per second of 200 sessions the log signs and publishes, against SQLite.

Each session asks for its next entry when the last one is published: staged, read back, hashed, signed, swapped into the
ledger, tiles written, all of it synced. The peer commits one row with the same bytes at a time, `synchronous=FULL`, in
WAL mode.
"""

import asyncio
import shutil
import sqlite3
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.log import FolderStorage, SqliteLedger, TransparencyLog
from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import Workbench
from protocol.log_leaves import HeadLeaf, encode_leaf

SESSIONS = 200
ENTRIES_PER_SESSION = 15
ROWS = 1000


def measure(bench: Workbench) -> list[Result]:
    rates = in_turn(
        bench.rounds,
        {"ours": lambda: _log(bench.folder / "log"), "peer": lambda: _sqlite(bench.folder / "log.sqlite")},
        on_round=bench.round_done,
    )
    peer, goal = "SQLite, one row per commit", Goal(">=", 1.0)
    return [Result.compared("log entries, 200 sessions", "per s", rates["ours"], peer, rates["peer"], goal)]


def _leaf(session: int, seq: int) -> HeadLeaf:
    return HeadLeaf(seq, session.to_bytes(16, "big"), seq, bytes(32))


def _log(folder: Path) -> float:
    """Entries per second, each published before its session asks for the next."""

    async def run() -> float:
        log = TransparencyLog(
            FolderStorage(folder / "files"),
            SqliteLedger(folder / "ledger.sqlite3"),
            "bench/log",
            Ed25519PrivateKey.generate(),
        )
        await log.start()

        async def session(number: int) -> None:
            for seq in range(ENTRIES_PER_SESSION):
                await log.append(_leaf(number, seq))

        began = time.perf_counter()
        await asyncio.gather(*(session(number) for number in range(SESSIONS)))
        seconds = time.perf_counter() - began
        await log.aclose()
        return SESSIONS * ENTRIES_PER_SESSION / seconds

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return asyncio.run(run())


def _sqlite(path: Path) -> float:
    """Commits per second."""
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE entries (place INTEGER PRIMARY KEY, entry BLOB)")
    began = time.perf_counter()
    for place in range(ROWS):
        database.execute("INSERT INTO entries VALUES (?, ?)", (place, encode_leaf(_leaf(place % SESSIONS, place))))
    seconds = time.perf_counter() - began
    database.close()
    return ROWS / seconds
