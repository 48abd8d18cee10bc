"""The engineers' processes while they live, so that the dice find them in an order that can be repeated."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Literal

import psutil

from soak.tally import Tally
from tests.helpers.deployment import Engineer

ORPHANS_END_WITHIN_SECONDS = 110.0
"""An `ssh` whose `scp` was killed, or an ssh-proxy whose `ssh` was. It has to reach a broker to say goodbye, and after
several that died it waits for up to half a minute before it tries again."""

LAST_WORDS_BYTES = 300


@dataclass(eq=False)
class Client:
    """One `ssh`, `scp` or `connect`. `struck` says that its death was ours; `family` is what it had started by then."""

    name: str
    process: "subprocess.Popen[bytes]"
    errors: IO[bytes]
    struck: bool = False
    family: list[psutil.Process] = field(default_factory=list)

    def strike(self, part: Literal["ssh", "proxy"], pick: float) -> int | None:
        """Kills it or the ssh-proxy below it; the process id, None if that was not there."""
        with contextlib.suppress(psutil.Error):
            below = psutil.Process(self.process.pid).children(recursive=True)
            proxies = [one.pid for one in below if "ssh-proxy" in one.cmdline()]
            others = [self.process.pid, *(one.pid for one in below if one.pid not in proxies)]
            targets = proxies if part == "proxy" else others
            if targets and self.process.poll() is None:
                pid = targets[int(pick * len(targets))]
                self.family += below
                self.struck = True  # before: whoever reads the exit status must find it
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    return pid
        return None

    def kill(self) -> None:
        """Its children are remembered first: nobody could find them below a process that is no more."""
        if self.process.poll() is None:
            with contextlib.suppress(psutil.Error):
                self.family += psutil.Process(self.process.pid).children(recursive=True)
            self.process.kill()

    def last_words(self) -> str:
        """The end of what it wrote to standard error."""
        self.errors.seek(0)
        return self.errors.read()[-LAST_WORDS_BYTES:].decode(errors="replace").strip()


class Clients:
    """All of them, oldest first."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._lock = threading.Lock()
        self._alive: list[Client] = []

    @contextlib.contextmanager
    def running(
        self, name: str, engineer: Engineer, *arguments: str, gives_up: Callable[[], bool], **options: Any
    ) -> Iterator[Client]:
        """A client that has ended, and all of its family, when the block is left.

        With `gives_up` true nobody waits any more: what the client reaches for is dead, and the window is closed.
        """
        # A file: a pipe would stay open for as long as an orphan holds it.
        with tempfile.TemporaryFile() as errors:
            process = engineer.popen(*arguments, stderr=errors, **options)
            client = Client(name, process, errors)
            with self._lock:
                self._alive.append(client)
            try:
                yield client
            finally:
                with self._lock:
                    self._alive.remove(client)
                self._see_off(client, gives_up)

    def alive(self) -> list[Client]:
        with self._lock:
            return [client for client in self._alive if client.process.poll() is None]

    def _see_off(self, client: Client, gives_up: Callable[[], bool]) -> None:
        process = client.process
        client.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        deadline = time.monotonic() + ORPHANS_END_WITHIN_SECONDS
        left = client.family
        while left and not gives_up() and time.monotonic() < deadline:
            _, left = psutil.wait_procs(left, 0.2)
        for orphan in left:
            with contextlib.suppress(psutil.Error):
                if not gives_up():
                    self._tally.violated(f"{client.name}: outlived its killed client: {orphan.cmdline()}")
                orphan.kill()
