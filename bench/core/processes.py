"""CPU time and memory of processes, from /proc (proc(5))."""

import os
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def tree_of(pid: int) -> list[int]:
    """The process and everything below it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def cpu_seconds(*pids: int) -> float:
    """User and system time of these processes, everything below them, and every child that they waited for."""
    return sum(_ticks(one) for pid in pids for one in tree_of(pid)) / _TICKS_PER_SECOND


def _ticks(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    fields = status.rpartition(")")[2].split()  # the name in parentheses may hold blanks
    return sum(int(field) for field in fields[11:15])  # utime, stime, cutime, cstime


def pss_kib(pid: int) -> float:
    """Memory of one process; pages that it shares count as its share of them."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return float(line.split()[1])
    raise ValueError(f"no memory is known of process {pid}")


def on_cpu(*pids: int) -> tuple[float, int]:
    """Microseconds on a processor, to the nanosecond, and how often it was given to them: of all threads that live.

    A turn on the processor is a wake-up, unless somebody else's took it away in between (sched/schedstats.rst).
    """
    ran_us, turns = 0.0, 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            ran_ns, _, times = task.read_text().split()
            ran_us += int(ran_ns) / 1e3
            turns += int(times)
    return ran_us, turns
