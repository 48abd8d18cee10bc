"""Durable acks: how many records per second of 200 sessions the record store acknowledges, against SQLite.

Each session hands in its next record when the last one is acknowledged: signature checked, chain checked, appended,
`fdatasync`ed. The peer commits one row with the same bytes at a time, `synchronous=FULL`, in WAL mode.
"""

import asyncio
import os
import shutil
import sqlite3
import time
from pathlib import Path

from audit.ingest import RecordStore
from audit.session_files import SessionOpening
from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import Workbench
from protocol.events import TerminalOutput
from tests.helpers.recordings import START_MS, make_session

SESSIONS = 200
RECORDS_PER_SESSION = 25
PEER_SECONDS = 1.0
OUTPUT_BYTES = 600
"""In each record: about a second of somebody's typing. Random, so that it is as large when it is sealed."""

SealedSession = tuple[SessionOpening, list[bytes]]


def measure(bench: Workbench) -> list[Result]:
    sessions = [_sealed_session(number) for number in range(SESSIONS)]
    record = sessions[0][1][1]
    rates = in_turn(
        bench.rounds,
        {"ours": lambda: _store(bench.folder / "acks", sessions), "peer": lambda: _sqlite(bench.folder, record)},
        on_round=bench.round_done,
    )
    peer, goal = "SQLite, one row per commit", Goal(">=", 20.0)
    return [Result.compared("durable acks, 200 sessions", "per s", rates["ours"], peer, rates["peer"], goal)]


def _sealed_session(number: int) -> SealedSession:
    session = make_session(session_id=number.to_bytes(16, "big"))
    sealer = session.sealer()
    records = [sealer.seal_epoch(START_MS)]
    records += [
        sealer.seal_events([TerminalOutput(1000 * n, 0, os.urandom(OUTPUT_BYTES))], 1000 * n, 1000 * n)
        for n in range(1, RECORDS_PER_SESSION)
    ]
    return session.opening, records


def _store(folder: Path, sessions: list[SealedSession]) -> float:
    """Acknowledgements per second."""

    async def run() -> float:
        store = RecordStore(folder, on_fatal=_give_up, free_limit_bytes=0, free_limit_share=0.0)
        await store.start()
        for opening, records in sessions:
            await store.open_session(opening)
            await store.submit(opening.session_id, records[0])

        async def upload(opening: SessionOpening, records: list[bytes]) -> None:
            for record in records[1:]:
                await store.submit(opening.session_id, record)

        began = time.perf_counter()
        await asyncio.gather(*(upload(opening, records) for opening, records in sessions))
        seconds = time.perf_counter() - began
        await store.aclose()
        return SESSIONS * (RECORDS_PER_SESSION - 1) / seconds

    shutil.rmtree(folder, ignore_errors=True)
    return asyncio.run(run())


def _give_up(error: Exception) -> None:
    raise error


def _sqlite(folder: Path, record: bytes) -> float:
    """Commits per second."""
    path = folder / "acks.sqlite"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE records (session INTEGER, seq INTEGER, record BLOB)")
    began = time.perf_counter()
    rows = 0
    while (seconds := time.perf_counter() - began) < PEER_SECONDS:
        database.execute("INSERT INTO records VALUES (?, ?, ?)", (rows % SESSIONS, rows, record))
        rows += 1
    database.close()
    return rows / seconds
