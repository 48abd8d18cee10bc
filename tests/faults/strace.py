"""Failing one system call of a real process: `strace --inject`, and a way to take only part of a write.

strace counts the calls of each thread and each system call by themselves, so `when=3` is a thread's third fdatasync.
Calls are chosen by the paths that they touch (`-P`, also through descriptors): a database beside the records is left
alone. An injected error replaces the call, which does nothing. That the call did its work and only said that it had
not is what tests/audit/ingest/test_crashes.py plays through.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SYSTEM_CALLS = ("openat", "mkdir", "pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "unlink")
"""Everything that changes the disk on the append paths, under the names that Linux has for it on x86-64 and ARM."""

_OTHER_NAMES = {"mkdir": "mkdirat", "rename": "renameat,renameat2", "unlink": "unlinkat"}
"""Newer architectures have only these."""

FaultName = Literal["EIO", "ENOSPC", "EINTR", "short"]

ERRORS: tuple[FaultName, ...] = ("EIO", "ENOSPC", "EINTR")
SHORT_CALLS = ("pwrite64", "write")
CANNOT_BE_INTERRUPTED = ("mkdir", "rename", "unlink")
"""Neither waits for anything that a signal could break off: no kernel answers EINTR."""

_CALL = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)")
_INJECTED = b"(INJECTED)"


@dataclass(frozen=True, order=True)
class Fault:
    """The `nth` call (from 1) of `system_call` on the watched paths goes wrong in this way."""

    system_call: str
    nth: int
    name: FaultName

    def __str__(self) -> str:
        return f"{self.system_call} {self.nth} {self.name}"


def require_strace() -> str:
    """Where strace is. A machine without it fails the test and says what to do."""
    found = shutil.which("strace")
    assert found, (
        "strace is missing, and these tests fail system calls of real processes with it. "
        "Install it, for example with: apt-get install strace"
    )
    return found


class Tracer:
    """One traced run: the command to start, and what its log says afterwards."""

    def __init__(self, log: Path, paths: Sequence[Path], fault: Fault | None = None) -> None:
        self._log = log
        self._paths = paths
        self._fault = fault

    def command(self, program: Sequence[str]) -> list[str]:
        """`program` under strace; with a short write, which strace cannot do, under a stand-in for `os.write` too."""
        names = [name for call in SYSTEM_CALLS for name in (call, *_OTHER_NAMES.get(call, "").split(",")) if name]
        fault = self._fault
        inject: list[str] = []
        if fault is not None and fault.name == "short":
            program = [sys.executable, "-m", "tests.faults.short_write", str(fault.nth), *program[1:]]
        elif fault is not None:
            calls = ",".join(name for name in (fault.system_call, _OTHER_NAMES.get(fault.system_call, "")) if name)
            inject = ["-e", f"inject={calls}:error={fault.name}:when={fault.nth}"]
        watched = [word for path in self._paths for word in ("-P", str(path))]
        # `?` before a name: this machine's architecture may not have it.
        traced = ",".join(f"?{name}" for name in names)
        return [
            require_strace(), "-f", "--seccomp-bpf", "-qq", "-o", str(self._log), "-e", f"trace={traced}",
            "-e", "signal=none", *inject, *watched, *program,
        ]  # fmt: skip

    @property
    def hit(self) -> bool:
        """Whether the fault came to pass."""
        assert self._fault is not None
        if self._fault.name == "short":
            return self._log.with_suffix(".short").exists()
        return _INJECTED in self._log.read_bytes()

    def counted(self) -> Counter[str]:
        """How many calls the busiest thread made of each kind: as far as `nth` can go."""
        threads: Counter[tuple[str, str]] = Counter()
        for line in self._log.read_text(errors="replace").splitlines():
            if (found := _CALL.match(line)) and "resumed>" not in line:
                threads[(line.split()[0], _plain(found[1]))] += 1
        calls: Counter[str] = Counter()
        for (_, name), count in threads.items():
            calls[name] = max(calls[name], count)
        return calls

    def environment(self) -> dict[str, str]:
        """What the stand-in for short writes needs to know."""
        return {
            "CONSENTRY_TEST_SHORT_PATHS": os.pathsep.join(map(str, self._paths)),
            "CONSENTRY_TEST_SHORT_MARK": str(self._log.with_suffix(".short")),
        }


def faults_for(calls: Counter[str], *, beyond: int = 0) -> list[Fault]:
    """Every fault that makes sense for these calls; `beyond` adds so many that should find no call any more."""
    return [
        Fault(call, nth, name)
        for call in SYSTEM_CALLS
        if calls[call]
        for nth in range(1, calls[call] + beyond + 1)
        for name in (*ERRORS, *(("short",) if call in SHORT_CALLS else ()))
        if not (name == "EINTR" and call in CANNOT_BE_INTERRUPTED)
    ]


def kill_traced(process: "subprocess.Popen[bytes]", signal_number: int) -> None:
    """Signals the program, not strace, which would let go of it and leave it running."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for pid in children.read_text().split():
        os.kill(int(pid), signal_number)


def _plain(name: str) -> str:
    """The name under which a fault would ask for it."""
    return next((plain for plain, others in _OTHER_NAMES.items() if name in others.split(",")), name)
