"""What families measure with: the deployments, started when the first family asks, and stopped at the end."""

import contextlib
import os
import random
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.core.results import Result
from bench.deployment.openssh import OpenSsh
from bench.deployment.people import Deployment, Machine
from bench.deployment.shell_hours import record_hours
from tests.helpers.recordings import SealedRecording

MIB = 1024 * 1024

Family = Callable[["Workbench"], list[Result]]


@dataclass
class Workbench:
    """Shared by all families of a run. `size_mib` is how much a bulk transfer moves."""

    rounds: int
    size_mib: int
    say: Callable[[str], None] = lambda _text: None
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="consentry-bench-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    @cached_property
    def ours(self) -> Deployment:
        return self._stack.enter_context(Deployment(self.folder / "ours"))

    @cached_property
    def openssh(self) -> OpenSsh:
        return self._stack.enter_context(OpenSsh(self.folder / "openssh"))

    @property
    def behind_jump(self) -> Machine:
        """The peer of the whole path: stock ssh through a jump host."""
        return self._reached("target")

    @property
    def behind_jump_as_shipped(self) -> Machine:
        """The same with the cipher that OpenSSH takes when nobody chooses one: chacha20-poly1305."""
        return self._reached("shipped")

    @property
    def direct(self) -> Machine:
        """The peer without a jump host."""
        return self._reached("direct")

    def _reached(self, host: str) -> Machine:
        return Machine(("ssh", "-F", str(self.openssh.config)), host)

    @cached_property
    def working_day(self) -> SealedRecording:
        """Eight recorded hours of a real shell."""
        folder = self.folder / "working-day"
        folder.mkdir()
        return record_hours(folder, hours=8)

    def round_done(self, number: int) -> None:
        self.say(f"round {number} of {self.rounds}")

    @cached_property
    def log_file(self) -> Path:
        """What people look at over ssh: an application's log."""
        path = self.folder / "application.log"
        _repeat(log_lines(8 * MIB), path, self.size_mib)
        return path

    @cached_property
    def random_file(self) -> Path:
        """What no compression makes smaller: an archive, a picture, a backup."""
        path = self.folder / "random.bin"
        _repeat(os.urandom(64 * MIB), path, self.size_mib)
        return path


def log_lines(size_bytes: int) -> bytes:
    """Lines of 80 columns with line ends, the same in every run."""
    draw = random.Random(8841)
    words = ("request", "reply", "timeout", "session", "upload", "cache", "user", "order", "queue", "retry")
    lines = []
    for number in range(size_bytes // 80):
        clock = f"{number // 60 % 60:02}:{number % 60:02}.{draw.randrange(1000):03}"
        text = f"2026-11-22T18:{clock} app[{draw.randrange(32768)}]:"
        while len(text) < 79:
            text += f" {draw.choice(words)}={draw.randrange(100_000)}"
        lines.append(text[:79])
    return ("\n".join(lines) + "\n").encode("ascii")


def _repeat(block: bytes, path: Path, size_mib: int) -> None:
    """The block is longer than any compressor's window here, so that its return is not noticed."""
    left = size_mib * MIB
    with path.open("wb") as file:
        while left:
            left -= file.write(block[:left])
