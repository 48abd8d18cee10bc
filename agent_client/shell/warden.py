"""The process that stands above everything an engineer starts. Standard library only: it is run as a script.

Why a process of its own: a program that wants to outlive its terminal forks twice and makes a session of its own. Its
parent is then init, and nobody can tell any more who started it. On Linux a *child subreaper* (prctl(2)) takes init's
place, so every orphan below the warden becomes the warden's child, and "everything that this engineer started" is
exactly "everything below this warden". And since the warden sees its socket close when the agent dies, however the
agent dies, nothing that an engineer started is left running without its record.

It speaks over a UNIX stream socket on its standard input. Frames are u32 length, big-endian, and JSON; the file
descriptors of a request travel with its first byte.

    → {"id": n, "arguments": […], "folder": "…", "environment": {…}, "terminal": bool}   3 descriptors: in, out, err
    ← {"id": n, "pid": p}   or   {"id": n, "errno": e, "error": "…"}, as the system says it
    ← {"pid": p, "status": s}   exit code, or minus the signal

Elsewhere than on Linux there is no subreaper: what leaves its session there is found only while its parent lives.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from typing import Any

PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
RECEIVE_BYTES = 65536
KILL_PAUSE_SECONDS = 0.01


def main() -> int:
    link = socket.socket(fileno=os.dup(0))
    with open(os.devnull) as nothing:  # noqa: PTH123 - pathlib would double the start-up time
        os.dup2(nothing.fileno(), 0)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGTSTP):
        signal.signal(ignored, signal.SIG_IGN)
    wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return Warden(link, wake_read).run()


def _pipe() -> tuple[int, int]:
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends


class Warden:
    """Starts what its socket asks for, reports what ended, and kills everything below it when the socket closes."""

    def __init__(self, link: socket.socket, wake: int) -> None:
        self._link = link
        self._wake = wake
        self._received = bytearray()
        self._descriptors: list[int] = []
        self._started: dict[int, subprocess.Popen[bytes]] = {}

    def run(self) -> int:
        while True:
            readable, _, _ = select.select([self._link.fileno(), self._wake], [], [])
            if self._wake in readable:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake, 4096)
                self._reap()
            if self._link.fileno() in readable and not self._receive():
                kill_all_below(os.getpid())
                return 0

    def _receive(self) -> bool:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._link, RECEIVE_BYTES, 16)
        except ConnectionError:
            return False
        if not data:
            return False
        self._received += data
        self._descriptors += descriptors
        while len(self._received) >= 4:
            (length,) = struct.unpack_from(">I", self._received)
            if len(self._received) < 4 + length:
                break
            request = json.loads(self._received[4 : 4 + length])
            del self._received[: 4 + length]
            descriptors, self._descriptors = self._descriptors[:3], self._descriptors[3:]
            self._start(request, descriptors)
        return True

    def _start(self, request: dict[str, Any], descriptors: list[int]) -> None:
        standard_in, standard_out, standard_err = descriptors
        try:
            process = subprocess.Popen(
                request["arguments"][1:],
                executable=request["arguments"][0],
                cwd=request["folder"],
                env=request["environment"],
                stdin=standard_in,
                stdout=standard_out,
                stderr=standard_err,
                start_new_session=True,
                preexec_fn=_prepare_terminal if request["terminal"] else _prepare,  # noqa: PLW1509 - one thread
            )
        except (OSError, ValueError) as error:
            number, said = getattr(error, "errno", None), getattr(error, "strerror", None)
            self._send({"id": request["id"], "errno": number or 0, "error": said or ""})
        else:
            self._started[process.pid] = process
            self._send({"id": request["id"], "pid": process.pid})
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            process = self._started.pop(pid, None)
            if process is not None:
                process.returncode = os.waitstatus_to_exitcode(status)
                self._send({"pid": pid, "status": process.returncode})

    def _send(self, message: dict[str, object]) -> None:
        body = json.dumps(message).encode()
        with contextlib.suppress(ConnectionError):  # the agent is gone: the next read says so and ends everything
            self._link.sendall(struct.pack(">I", len(body)) + body)


def _prepare() -> None:
    """In the child, before the program: undo what the warden ignores for itself."""
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGTSTP, signal.SIGCHLD):
        signal.signal(ignored, signal.SIG_DFL)


def _prepare_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    _prepare()


def below(root: int) -> dict[int, str]:
    """Every living process below `root`, parents first, with its state letter (proc(5): R S D T t I)."""
    children: dict[int, list[int]] = {}
    states: dict[int, str] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:  # noqa: PTH123
                # The name in parentheses may hold anything, so fields are counted from the last parenthesis.
                fields = stat.read().rpartition(b")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        states[int(name)] = fields[0].decode()
        children.setdefault(int(fields[1]), []).append(int(name))
    found = list(children.get(root, ()))
    for pid in found:
        found += children.get(pid, ())
    return {pid: states[pid] for pid in found if states[pid] not in "ZX"}


def kill_all_below(root: int) -> None:
    """Stop before killing, so that nothing can fork away between two looks; again until nothing is left."""
    if not os.path.isdir("/proc/self"):  # noqa: PTH112
        return
    while pids := below(root):
        for signal_number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal_number)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(KILL_PAUSE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
