"""Broker and audit service of the practice organisation: one process, as on a laptop.

Where it stops by itself (somebody tries what happens then), it is started again, and a session that was open goes on. A
server that stops again and again, or does not come back, ends the practice with one sentence.
"""

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Literal

from consentry.practice.claims import claim_port
from consentry.practice.place import Place
from consentry.practice.processes import PracticePartFailed, free_port, listens, own_command, stopped_after
from protocol.errors import UnavailableError

START_WITHIN_SECONDS = 120.0
"""Where they are only slow, on a machine that is busy with something else, nobody is told that they stopped."""

LOOK_SECONDS = 0.05
AGAIN_AFTER_SECONDS = 0.5
"""Between two tries to come back: of the one before, the port or the data may still be held."""

RESTARTS_LIMIT = 3
RESTARTS_WITHIN_SECONDS = 60.0
"""More within a minute, and something is wrong that another start does not mend."""

DESK_HOST = "127.0.0.1"
"""Not the broker's “localhost”: a browser keeps cookies by host name alone, and sends each server its own this way."""

Turn = Literal["stopped", "back"]


class PortTaken(UnavailableError):
    """The broker's address is part of its profile: another port will not do."""

    sentence = "Something listens on port {port} already, perhaps another practice. Stop it and try again."


@contextlib.contextmanager
def broker_running(place: Place, tell: Callable[[Turn], None]) -> "Iterator[Servers]":
    """Servers that answer while the block runs. `tell` hears, in another thread, when they stopped and are back.

    Raises PracticePartFailed, also in the middle of the block; has to be called in the main thread.
    """
    port = int(place.facts["broker_origin"].rpartition(":")[2])
    if not claim_port(port) or listens(port):
        raise PortTaken(port=port)
    servers = Servers(place, port, tell)
    with servers.kept():
        try:
            yield servers
        except KeyboardInterrupt:
            if servers.has_failed:
                raise PracticePartFailed(part="broker", log=place.log("broker")) from None
            raise


class Servers:
    """The process of both servers, and who looks after it."""

    def __init__(self, place: Place, port: int, tell: Callable[[Turn], None]) -> None:
        audit_port = free_port(besides=port)
        self.desk = f"https://{DESK_HOST}:{audit_port}/desk/"
        self.are_there = threading.Event()
        self.has_failed = False
        self._log = place.log("broker")
        self._port = port
        self._tell = tell
        self._command = [
            *own_command(), "serve", "--data", str(place.broker), "--host", "localhost", "--port", str(port),
            "--audit-data", str(place.audit), "--audit-host", DESK_HOST, "--audit-port", str(audit_port),
        ]  # fmt: skip
        self._is_over = threading.Event()
        self._restarts: list[float] = []
        self._process: subprocess.Popen[Any]

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Runs them, and starts them again where that helps."""
        with contextlib.ExitStack() as stack:
            stack.callback(self._stop)
            self._start()
            if not self._has_come(time.monotonic() + START_WITHIN_SECONDS):
                raise PracticePartFailed(part="broker", log=self._log)
            looking = threading.Thread(target=self._look_after, name="look after the servers", daemon=True)
            looking.start()
            stack.callback(looking.join)
            stack.callback(self._is_over.set)
            yield

    def _start(self) -> None:
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: we stop the customer first
            )

    def _stop(self) -> None:
        with stopped_after(self._process):
            self.are_there.clear()

    def _has_come(self, deadline: float) -> bool:
        while not self._is_over.is_set() and self._process.poll() is None and time.monotonic() < deadline:
            if listens(self._port):
                self.are_there.set()
                return True
            self._is_over.wait(LOOK_SECONDS)
        return False

    def _look_after(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            if self._process.poll() is None:
                continue
            self.are_there.clear()
            self._tell("stopped")
            if self._may_start_again() and self._come_back():
                self._tell("back")
            elif not self._is_over.is_set():
                self.has_failed = True
                main = threading.main_thread().ident
                assert main is not None
                # It waits for a line of the customer, and nothing but a signal ends that.
                signal.pthread_kill(main, signal.SIGINT)
                return

    def _may_start_again(self) -> bool:
        now = time.monotonic()
        self._restarts = [at for at in self._restarts if now - at < RESTARTS_WITHIN_SECONDS]
        self._restarts.append(now)
        return len(self._restarts) <= RESTARTS_LIMIT

    def _come_back(self) -> bool:
        deadline = time.monotonic() + START_WITHIN_SECONDS
        while not self._is_over.wait(AGAIN_AFTER_SECONDS) and time.monotonic() < deadline:
            if not listens(self._port):
                self._start()
                if self._has_come(deadline):
                    return True
        return False
