"""Looks at processes while something happens to them: memory, descriptors and CPU time, several times a second."""

import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.core.processes import cpu_seconds

_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


@dataclass(frozen=True)
class Sample:
    """`seconds` since the watch began. Memory is what is resident, in MiB."""

    seconds: float
    memory_mib: float
    descriptors: int
    cpu_seconds: float


def sample(pid: int, began: float) -> Sample:
    """How the process is now. Raises FileNotFoundError when it is no more."""
    resident_pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Sample(
        seconds=time.monotonic() - began,
        memory_mib=resident_pages * _PAGE_KIB / 1024,
        descriptors=len(os.listdir(f"/proc/{pid}/fd")),  # noqa: PTH208 - the number alone, thousands of times
        cpu_seconds=cpu_seconds(pid),
    )


@dataclass
class Watch:
    """Samples one process while the block runs, first and last at its edges. `mark` remembers when something began."""

    pid: int
    every_seconds: float = 0.25
    samples: list[Sample] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._over = threading.Event()
        self._sample()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def mark(self, what: str) -> None:
        self.marks.append((time.monotonic() - self._began, what))

    @property
    def highest_mib(self) -> float:
        return max(one.memory_mib for one in self.samples)

    def _look(self) -> None:
        while True:
            is_over = self._over.wait(self.every_seconds)
            if not self._sample() or is_over:
                return

    def _sample(self) -> bool:
        """False when the process is no more."""
        try:
            self.samples.append(sample(self.pid, self._began))
        except (FileNotFoundError, ProcessLookupError):
            return False
        return True
