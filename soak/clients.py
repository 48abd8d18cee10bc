"""The engineers' processes while they live, so that the dice find them in an order that can be repeated."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import psutil


@dataclass(eq=False)
class Client:
    """One `ssh` or `scp`. `struck` says that its death was ours."""

    name: str
    process: "subprocess.Popen[bytes]"
    struck: bool = False

    def strike(self, part: Literal["ssh", "proxy"], pick: float) -> int | None:
        """Kills it or the ssh-proxy below it; the process id, None if that was not there."""
        with contextlib.suppress(psutil.Error):
            below = psutil.Process(self.process.pid).children(recursive=True)
            proxies = [one for one in below if "ssh-proxy" in one.cmdline()]
            others = [self.process.pid, *(one.pid for one in below if one not in proxies)]
            targets = [one.pid for one in proxies] if part == "proxy" else others
            if targets and self.process.poll() is None:
                pid = targets[int(pick * len(targets))]
                self.struck = True  # before: whoever reads the exit status must find it
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    return pid
        return None


class Clients:
    """All of them, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alive: list[Client] = []

    @contextlib.contextmanager
    def running(self, name: str, process: "subprocess.Popen[bytes]") -> Iterator[Client]:
        """Registers the process; it has ended when the block is left."""
        client = Client(name, process)
        with self._lock:
            self._alive.append(client)
        try:
            yield client
        finally:
            with self._lock:
                self._alive.remove(client)
            if process.poll() is None:
                process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def alive(self) -> list[Client]:
        with self._lock:
            return [client for client in self._alive if client.process.poll() is None]
