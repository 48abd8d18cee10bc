"""Looks for inputs that break a target, until its time is up."""

import random
import resource
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from fuzz.mutation import mutate
from fuzz.reach import Line, lines_reached
from fuzz.target import Target

SLOW_SECONDS = 2.0
"""An input of at most 64 KiB that keeps its target busy for longer is a finding, too."""

MEMORY_LIMIT_KIB = 512 * 1024
"""By how much the process may grow. Targets hold a few MiB each."""


@dataclass(frozen=True)
class Finding:
    """An input that broke a target, and how."""

    target: Target
    data: bytes
    problem: str


@dataclass
class Campaign:
    """One target's. The same seed breeds the same inputs for as long as the target behaves the same."""

    target: Target
    seed: int
    runs: int = 0
    reached: set[Line] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._pool: list[bytes] = []
        self._grown_from_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def run(self, minutes: float, *, tell: Callable[[str], None] = lambda _: None) -> Finding | None:
        """The first finding, or None after so many minutes."""
        ends = time.monotonic() + minutes * 60
        for data in (b"", *self.target.seeds(), *self.target.kept()):
            if finding := self.try_one(data, always_keep=True):
                return finding
        while time.monotonic() < ends:
            data = mutate(self._chance, self._chance.choice(self._pool), self._pool, self.target.words)
            if finding := self.try_one(data):
                return finding
            if self.runs % 20_000 == 0:
                tell(f"{self.target.name}: {self.runs} runs, {len(self._pool)} inputs, {len(self.reached)} lines")
        return None

    def try_one(self, data: bytes, *, always_keep: bool = False) -> Finding | None:
        """Runs one input; breeds from it if it reached something new."""
        self.runs += 1
        began = time.process_time()  # not by the wall's clock: others may have had the core
        try:
            lines = lines_reached(self.target.run, data)
        except Exception:  # noqa: BLE001 (any error that is not documented is what is looked for)
            return Finding(self.target, data, traceback.format_exc())
        seconds = time.process_time() - began
        if seconds > SLOW_SECONDS:
            return Finding(self.target, data, f"it took {seconds:.1f} s")
        grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - self._grown_from_kib
        if grown_kib > MEMORY_LIMIT_KIB:
            return Finding(self.target, data, f"the process grew by {grown_kib} KiB")
        if always_keep or not lines <= self.reached:
            self._pool.append(data)
        self.reached |= lines
        return None


def run_with_atheris(target: Target, minutes: float) -> None:
    """Hands over to atheris, which leaves the process at its end. Raises ImportError where it is not installed."""
    import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore] # optional, and not for every Python

    atheris.instrument_all()
    folder = target.folder
    folder.mkdir(parents=True, exist_ok=True)
    atheris.Setup([sys.argv[0], f"-max_total_time={int(minutes * 60)}", str(folder)], target.run)
    atheris.Fuzz()
