"""The agent's end of a warden: start programs below it, and freeze, thaw or kill all that ever came out of them."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import structlog

from agent_client.shell import warden
from protocol.details import system_reason
from protocol.errors import UnavailableError

log = structlog.get_logger(__name__)

KILL_PAUSE_SECONDS = 0.005
"""Between two looks at what is left: a killed process is gone within a few scheduler ticks."""

KILL_LIMIT_SECONDS = 5.0
"""What still lives by then sits in the kernel (a dead network disk); it holds no terminal and gets no input."""

FREEZE_PASSES = 8
"""A process can fork between being seen and being stopped, but its child is caught on the next look."""

SEND_BUFFER_BYTES = 512 * 1024
"""Room for one request with a long command and a large environment, so that sending never blocks."""

RECEIVE_BYTES = 65536


class ProgramNotStarted(UnavailableError):
    """The system did not start a program that an engineer asked for."""

    sentence = "The program could not be started on the customer's machine: {problem}."


@dataclass
class Child:
    """One started program. `exited` becomes its exit code, or minus the signal that ended it."""

    pid: int
    exited: asyncio.Future[int]

    def signal_group(self, signal_number: int) -> None:
        """Signal the program's process group (it leads one), if it still runs."""
        if not self.exited.done():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal_number)


@dataclass
class _Link:
    """A running warden and what was asked of it."""

    process: subprocess.Popen[bytes]
    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    starting: dict[int, asyncio.Future[Child]] = field(default_factory=dict)
    running: dict[int, Child] = field(default_factory=dict)


class ProcessTree:
    """Everything that was started for one purpose: the room's shell, or one engineer's commands.

    The warden is started with the first program and stays until `close`. If it dies by another hand than ours (the
    engineer's shell runs as the same user and may kill it), every program counts as ended by SIGKILL and what can still
    be found is killed: nothing goes on unwatched.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._link: _Link | None = None
        self._next_id = 0
        self._frozen: list[int] = []
        self._known: set[int] = set()

    @property
    def warden_pid(self) -> int | None:
        return self._link.process.pid if self._link else None

    async def start(
        self,
        arguments: tuple[str, ...],
        *,
        environment: dict[str, str],
        folder: Path,
        descriptors: tuple[int, int, int],
        terminal: bool,
    ) -> Child:
        """Start `arguments[0]` with `arguments[1:]` as its own view of its arguments (so argv[0] can differ).

        `descriptors` become its standard input, output and error; the caller closes its own copies. With `terminal`
        the first of them becomes its controlling terminal. Raises ProgramNotStarted.
        """
        link = self._link or self._start_warden()
        self._next_id += 1
        answer: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        link.starting[self._next_id] = answer
        request = {
            "id": self._next_id,
            "arguments": arguments,
            "folder": str(folder),
            "environment": environment,
            "terminal": terminal,
        }
        body = json.dumps(request).encode()
        frame = struct.pack(">I", len(body)) + body
        try:
            sent = socket.send_fds(link.socket, [frame], list(descriptors))
            link.socket.sendall(frame[sent:])
        except OSError as error:
            self._lost(link)
            raise ProgramNotStarted(problem="the process that watches over it is gone") from error
        return await answer

    def living(self) -> dict[int, str]:
        """Every living process that came out of this tree, parents first, with its state letter."""
        if self._link is None:
            return {}
        return _below(self._link.process.pid)

    def freeze(self) -> None:
        """Stop every process of the tree, now. What was stopped before (Ctrl-Z) is left alone by `thaw`."""
        for _ in range(FREEZE_PASSES):
            # Parents first: a shell that is stopped itself does not notice, and tell, that its jobs are.
            running = [pid for pid, state in self.living().items() if state not in "Tt" and pid not in self._frozen]
            if not running:
                return
            self._frozen += [pid for pid in running if _send(pid, signal.SIGSTOP)]

    def thaw(self) -> None:
        for pid in reversed(self._frozen):
            _send(pid, signal.SIGCONT)
        self._frozen.clear()

    def kill_now(self) -> int:
        """One pass: stop everything, then kill it. Returns how many processes were found living."""
        living = list(self.living())
        if self._link is None:
            # The warden was killed. What it had started, and what still hangs below that, can be found once more.
            living = [pid for root in self._known for pid in (root, *_below(root))]
            self._known.clear()
        for signal_number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in living:
                _send(pid, signal_number)
        self._frozen.clear()
        return len(living)

    async def kill(self) -> None:
        """Kill everything, also what daemonised itself; return when nothing lives. A few milliseconds, as a rule."""
        limit = asyncio.get_running_loop().time() + KILL_LIMIT_SECONDS
        while left := self.kill_now():
            if asyncio.get_running_loop().time() > limit:
                log.error("processes_survived", tree=self._name, count=left)
                return
            await asyncio.sleep(KILL_PAUSE_SECONDS)

    async def close(self) -> None:
        """Kill everything and the warden too."""
        await self.kill()
        link = self._link
        if link is not None:
            self._lost(link)
            link.process.kill()
            await asyncio.to_thread(link.process.wait)

    def _start_warden(self) -> _Link:
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", warden.__file__],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )
        link = self._link = _Link(process, ours)
        asyncio.get_running_loop().add_reader(ours, self._receive, link)
        return link

    def _receive(self, link: _Link) -> None:
        try:
            data = link.socket.recv(RECEIVE_BYTES)
        except ConnectionError:
            data = b""
        if not data:
            log.error("warden_lost", tree=self._name)
            self._lost(link)
            link.process.kill()
            link.process.wait()
            self.kill_now()
            return
        link.received += data
        while len(link.received) >= 4:
            (length,) = struct.unpack_from(">I", link.received)
            if len(link.received) < 4 + length:
                return
            message = json.loads(link.received[4 : 4 + length])
            del link.received[: 4 + length]
            self._take(link, message)

    def _take(self, link: _Link, message: dict[str, int | str]) -> None:
        if "status" in message:
            child = link.running.pop(int(message["pid"]), None)
            if child is not None:
                self._known.discard(child.pid)
                _resolve(child.exited, int(message["status"]))
            return
        answer = link.starting.pop(int(message["id"]))
        if "error" in message:
            if not answer.done():
                refused = OSError(int(message["errno"]), str(message["error"]))
                answer.set_exception(ProgramNotStarted(problem=system_reason(refused, "it cannot be started")))
            return
        child = Child(int(message["pid"]), asyncio.get_running_loop().create_future())
        link.running[child.pid] = child
        self._known.add(child.pid)
        _resolve(answer, child)

    def _lost(self, link: _Link) -> None:
        """The warden is gone or about to be: nothing that waits for it waits for ever."""
        if self._link is link:
            self._link = None
        asyncio.get_running_loop().remove_reader(link.socket)
        link.socket.close()
        for answer in link.starting.values():
            if not answer.done():
                answer.set_exception(ProgramNotStarted(problem="the process that watches over it is gone"))
        for child in link.running.values():
            _resolve(child.exited, -signal.SIGKILL)


def _below(pid: int) -> dict[int, str]:
    if sys.platform == "linux":
        return warden.below(pid)
    letters = {psutil.STATUS_STOPPED: "T", psutil.STATUS_ZOMBIE: "Z"}
    try:
        found = psutil.Process(pid).children(recursive=True)
        return {process.pid: letters.get(process.status(), "S") for process in found}
    except psutil.Error:
        return {}


def _send(pid: int, signal_number: int) -> bool:
    try:
        os.kill(pid, signal_number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _resolve(future: asyncio.Future[Any], value: object) -> None:
    if not future.done():
        future.set_result(value)
