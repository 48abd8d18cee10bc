"""Building indexes: how fast text becomes searchable, and how fast recorded output becomes an index.

Text: lines of support work into encrypted blocks with filters, synced to the disk at the end; the peer is SQLite's FTS5
(unicode61, which finds no Chinese words), one row per line, in one transaction. Output: a flood of plain lines through
emulator, keyframes and blocks; the peer is pyte alone, drawing the same. The last line is eight hours of a real shell,
with keystrokes and full-screen programs; nothing does the same.
"""

import shutil
import sqlite3
import time
from pathlib import Path

import pyte

from audit.replay_index.entries import Entry
from audit.replay_index.indexer import SessionIndexer
from audit.vault.opening import OpenedRecord
from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import MIB, Workbench, log_lines
from bench.deployment.index_of_hours import write_hour
from bench.deployment.support_hours import make_hour
from protocol.events import CommandOutput, TerminalOutput
from tests.helpers.indexes import index_keys, opened_records, session_of

HOURS = 20
FLOOD_BYTES = 4 * MIB
PYTE_BYTES = MIB // 4
PIECE_BYTES = 32 * 1024


def measure(bench: Workbench) -> list[Result]:
    folder = bench.folder / "index-build"
    hours = [make_hour(number)[0] for number in range(HOURS)]
    text_mib = sum(len(entry.text.encode()) + 1 for hour in hours for entry in hour) / MIB
    text = in_turn(
        bench.rounds,
        {"ours": lambda: text_mib / _ours(folder, hours), "peer": lambda: text_mib / _fts5(folder, hours)},
        on_round=bench.round_done,
    )
    lines = log_lines(FLOOD_BYTES).replace(b"\n", b"\r\n")
    pieces = [lines[at : at + PIECE_BYTES] for at in range(0, len(lines), PIECE_BYTES)]
    flood = opened_records(session_of([[TerminalOutput(5000 + at, 0, piece)] for at, piece in enumerate(pieces)]))
    floods = in_turn(
        bench.rounds,
        {"ours": lambda: _index(folder, flood), "peer": lambda: _pyte(lines[:PYTE_BYTES])},
        on_round=bench.round_done,
    )
    day = opened_records(bench.working_day)
    days = [_index(folder, day)]
    return [
        Result.compared("index build, text", "MiB/s", text["ours"], "SQLite FTS5", text["peer"], Goal(">=", 0.3)),
        Result.compared("index build, flood", "MiB/s", floods["ours"], "pyte alone", floods["peer"], Goal(">=", 3.0)),
        Result.alone("index build, 8 hours of a shell", "MiB/s", days),
    ]


def _ours(folder: Path, hours: list[list[Entry]]) -> float:
    shutil.rmtree(folder, ignore_errors=True)
    keys = index_keys(folder)
    began = time.perf_counter()
    for number, entries in enumerate(hours):
        write_hour(folder, keys, number, entries)
    return time.perf_counter() - began


def _fts5(folder: Path, hours: list[list[Entry]]) -> float:
    path = folder.with_suffix(".sqlite")
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    began = time.perf_counter()
    database.execute("CREATE VIRTUAL TABLE lines USING fts5(text, session UNINDEXED, t_ms UNINDEXED)")
    for number, entries in enumerate(hours):
        rows = ((entry.text, number, entry.t_ms) for entry in entries)
        database.executemany("INSERT INTO lines VALUES (?, ?, ?)", rows)
    database.commit()
    seconds = time.perf_counter() - began
    database.close()
    return seconds


def _index(folder: Path, records: list[OpenedRecord]) -> float:
    """MiB of output per second."""
    shutil.rmtree(folder, ignore_errors=True)
    indexer = SessionIndexer.open(folder, records[0].stored.session_id, index_keys(folder))
    began = time.perf_counter()
    for record in records:
        indexer.feed(record)
    seconds = time.perf_counter() - began
    indexer.close()
    outputs = (e for record in records for e in record.events if isinstance(e, TerminalOutput | CommandOutput))
    return sum(len(event.data) for event in outputs) / MIB / seconds


def _pyte(data: bytes) -> float:
    stream = pyte.ByteStream(pyte.Screen(80, 24))
    began = time.perf_counter()
    stream.feed(data)
    return len(data) / MIB / (time.perf_counter() - began)
