"""Failing one system call of a real process: `strace --inject`, and a way to take only part of a write.

strace counts the calls of each thread and each system call by themselves, so `when=3` is a thread's third fdatasync.
Calls are chosen by the paths that they touch (`-P`, also through descriptors): a database beside the records is left
alone. An injected error replaces the call, which does nothing. That the call did its work and only said that it had
not is what tests/audit/ingest/test_crashes.py plays through.
"""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.faults.short_write import ShortWrite

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
    """Looks at one run: what fails in it, and what its log says afterwards."""

    def __init__(self, log: Path, paths: Sequence[Path], fault: Fault | None = None) -> None:
        self._log = log
        self._paths = paths
        self._fault = fault

    @property
    def short_write(self) -> ShortWrite | None:
        """What the process has to do by itself: strace cannot."""
        if self._fault is None or self._fault.name != "short":
            return None
        return ShortWrite(self._fault.nth, frozenset(map(str, self._paths)), self._log.with_suffix(".short"))

    def attach(self, pid: int) -> "subprocess.Popen[bytes]":
        """strace at a process that waits, with all threads and processes that it will start.

        It ends with them; until then it says who they are.
        """
        names = [name for call in SYSTEM_CALLS for name in (call, *_OTHER_NAMES.get(call, "").split(",")) if name]
        # `?` before a name: this machine's architecture may not have it.
        words = ["-e", "trace=" + ",".join(f"?{name}" for name in names), "-e", "signal=none"]
        fault = self._fault
        if fault is not None and fault.name != "short":
            calls = ",".join(name for name in (fault.system_call, _OTHER_NAMES.get(fault.system_call, "")) if name)
            words += ["-e", f"inject={calls}:error={fault.name}:when={fault.nth}"]
        words += [word for path in self._paths for word in ("-P", str(path))]
        strace = subprocess.Popen(
            [require_strace(), "-f", "-o", str(self._log), *words, "-p", str(pid)], stderr=subprocess.PIPE
        )
        assert strace.stderr is not None
        answer = strace.stderr.readline()
        assert b"attached" in answer, f"strace does not attach to process {pid}: {answer.decode()}"
        return strace

    @property
    def hit(self) -> bool:
        """Whether the fault came to pass."""
        assert self._fault is not None
        if self.short_write is not None:
            return self.short_write.mark.exists()
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


def _plain(name: str) -> str:
    """The name under which a fault would ask for it."""
    return next((plain for plain, others in _OTHER_NAMES.items() if name in others.split(",")), name)
