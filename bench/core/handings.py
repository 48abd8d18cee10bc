"""What each process did with a key: system calls as the kernel saw them, and from them who handed on to whom, and when.

`perf` writes down the beginning and the end of every system call of a few processes, on one clock, for half a
microsecond each. A process *hands on* when it begins to write; it was *woken* when the first of its calls after that
ended. So the time of a key falls into pieces that add up to the whole, with nothing inside of the programs.
"""

import platform
import re
import shutil
import signal
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Self

_EVENTS = "raw_syscalls:sys_enter,raw_syscalls:sys_exit"
_LINE = re.compile(r"\s*.*\s(\d+)/\d+\s+(\d+\.\d+):\s+raw_syscalls:sys_(enter|exit): NR (-?\d+) ")

_WRITES = {
    "x86_64": {1, 20, 44, 46},  # write, writev, sendto, sendmsg (arch/x86/entry/syscalls/syscall_64.tbl)
    "aarch64": {64, 66, 206, 211},  # the same (include/uapi/asm-generic/unistd.h)
}

START_SECONDS = 2.0


def can_trace() -> bool:
    """Is there a `perf` that may look at other processes' system calls, on a machine whose numbers we know?"""
    if platform.machine() not in _WRITES or shutil.which("perf") is None:
        return False
    probe = ["perf", "record", "-q", "-o", "/dev/null", "-e", _EVENTS, "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@dataclass(frozen=True)
class Call:
    """The beginning (`is_end` false) or the end of one system call. Seconds on the monotonic clock."""

    at_seconds: float
    pid: int
    is_end: bool
    is_write: bool


@dataclass(frozen=True)
class Step:
    """From the moment in which the one before handed on until this one did, in microseconds."""

    name: str
    woken_us: float
    worked_us: float


class SystemCalls:
    """Writes down the calls of these processes while the block runs; `calls` is for afterwards."""

    def __init__(self, pids: Sequence[int], folder: Path) -> None:
        self._pids = pids
        self._file = folder / "calls.data"
        self.calls: list[Call] = []

    def __enter__(self) -> Self:
        words = ["perf", "record", "-q", "-k", "CLOCK_MONOTONIC", "-m", "8M", "-o", str(self._file), "-e", _EVENTS]
        self._perf = subprocess.Popen([*words, "-p", ",".join(map(str, self._pids))], stderr=subprocess.DEVNULL)
        time.sleep(START_SECONDS)  # it does not say when it listens
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._perf.send_signal(signal.SIGINT)
        self._perf.wait()
        if error is None:
            words = ["perf", "script", "-i", str(self._file), "-F", "comm,pid,tid,time,event,trace"]
            text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
            self.calls = parse_calls(text.splitlines(), _WRITES[platform.machine()])
        self._file.unlink(missing_ok=True)


def parse_calls(lines: Iterable[str], writes: set[int]) -> list[Call]:
    """Lines of `perf script`. Whatever else stands there is left out."""
    found = (_LINE.match(line) for line in lines)
    return [
        Call(float(one[2]), int(one[1]), one[3] == "exit", int(one[4]) in writes) for one in found if one is not None
    ]


def calls_per_key(calls: Sequence[Call], names: Mapping[int, str], keys: int) -> dict[str, float]:
    """How many each named process made."""
    counted = Counter(names[call.pid] for call in calls if not call.is_end and call.pid in names)
    return {name: count / keys for name, count in counted.items()}


def steps(calls: Sequence[Call], names: Mapping[int, str], keys: Sequence[tuple[float, float]]) -> list[Step]:
    """Medians over all keys that went the usual way. `keys` are from when to when each was under way, in order.

    Not the usual way is, for one, a key during which a record was sealed.
    """
    walks: defaultdict[tuple[str, ...], list[list[tuple[float, float]]]] = defaultdict(list)
    ordered = sorted((call for call in calls if call.pid in names), key=lambda call: call.at_seconds)
    at = 0
    for began, ended in keys:
        while at < len(ordered) and ordered[at].at_seconds < began:
            at += 1
        until = at
        while until < len(ordered) and ordered[until].at_seconds <= ended:
            until += 1
        way, pieces = _walk(ordered[at:until], names)
        walks[way].append(pieces)
        at = until
    if not walks:
        return []
    way, usual = max(walks.items(), key=lambda walk: len(walk[1]))
    return [
        Step(name, 1e6 * median(walk[n][0] for walk in usual), 1e6 * median(walk[n][1] for walk in usual))
        for n, name in enumerate(way)
    ]


def _walk(calls: Sequence[Call], names: Mapping[int, str]) -> tuple[tuple[str, ...], list[tuple[float, float]]]:
    """Who handed on, one after the other, and for each how long it took to wake and to work."""
    way: list[str] = []
    pieces: list[tuple[float, float]] = []
    handed_on: float | None = None
    woken: dict[int, float] = {}
    for call in calls:
        if call.is_end:
            woken.setdefault(call.pid, call.at_seconds)
        elif call.is_write:
            if handed_on is not None:
                woken_at = woken.get(call.pid, handed_on)
                way.append(names[call.pid])
                pieces.append((woken_at - handed_on, call.at_seconds - woken_at))
            handed_on = call.at_seconds
            woken.clear()
    return tuple(way), pieces
