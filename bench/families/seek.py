"""Seeking: a random second of eight recorded hours of a real shell, from the index, until its screen stands.

The index is opened anew for each second. The peer is asciinema's own reader, which knows only the way from the
beginning: it reads a cast that ends at that second (written before, not timed). Its start is measured with an empty
cast and taken off. It draws nothing; we do. So the two are not alike, and the goal is a bound in milliseconds.
"""

import json
import random
import time
from collections.abc import Sequence
from pathlib import Path

from ptyprocess import PtyProcess

from audit.replay_index.keys import IndexKeys
from audit.replay_index.session_index import SessionIndex
from audit.vault.escapes import filter_output
from audit.vault.painting import paint
from bench.core.needs import find
from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.statistics import percentile
from bench.core.workbench import Workbench
from protocol.events import Event, TerminalOutput
from tests.helpers.indexes import index_keys, index_recording, opened_records

SECONDS_PER_ROUND = 11
GOAL = Goal("<=", 100.0)


def measure(bench: Workbench) -> list[Result]:
    bench.say("record eight hours")
    recording = bench.working_day
    folder = bench.folder / "seek"
    bench.say("index them")
    index_recording(folder, recording).close()
    keys = index_keys(folder)
    events = [event for record in opened_records(recording) for event in record.events]
    draw = random.Random(8841)
    moments = [[draw.randrange(8 * 3_600_000) for _ in range(SECONDS_PER_ROUND)] for _ in range(bench.rounds + 1)]
    ours_rounds, peer_rounds = iter(moments), iter(moments)
    empty = _write_cast(folder / "empty.cast", [], 0)
    times = in_turn(
        bench.rounds,
        {
            "ours": lambda: [_seek(folder, recording.session_id, keys, t_ms) for t_ms in next(ours_rounds)],
            "peer": lambda: [_peer(folder, events, next(peer_rounds)[0], empty)],
        },
        on_round=bench.round_done,
    )
    medians = [percentile(values, 50) for values in times["ours"]]
    slow = [percentile(values, 95) for values in times["ours"]]
    peer = "asciinema cat up to that second"
    peer_times = [value for (value,) in times["peer"]]
    return [
        Result.within("seek in 8 hours, median", "ms", medians, peer, peer_times, GOAL),
        Result.alone("seek in 8 hours, p95", "ms", slow),
    ]


def _seek(folder: Path, session_id: bytes, keys: IndexKeys, t_ms: int) -> float:
    began = time.perf_counter()
    index = SessionIndex.open(folder, session_id, keys)
    paint(index.at(t_ms).emulator, 80, 25, "")
    index.close()
    return (time.perf_counter() - began) * 1000


def _peer(folder: Path, events: Sequence[Event], t_ms: int, empty: Path) -> float:
    cast = _write_cast(folder / "peer.cast", events, t_ms)
    return max(_cat(cast) - _cat(empty), 0.001)


def _cat(cast: Path) -> float:
    """In a terminal of its own, without which asciinema does not begin."""
    began = time.perf_counter()
    command = ["sh", "-c", 'exec "$0" cat "$1" > /dev/null', find("asciinema"), str(cast)]
    status = PtyProcess.spawn(command).wait()
    if status:
        raise ChildProcessError(f"asciinema ended with status {status}")
    return (time.perf_counter() - began) * 1000


def _write_cast(path: Path, events: Sequence[Event], t_ms: int) -> Path:
    """Version 2, which every asciinema reads."""
    lines = [json.dumps({"version": 2, "width": 80, "height": 24})]
    lines += [
        json.dumps([event.t_ms / 1000, "o", filter_output(event.data)])
        for event in events
        if isinstance(event, TerminalOutput) and event.t_ms <= t_ms
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
