"""Processes of ours that begin where their imports end: forks of one that has made them.

A start is most of what a run with a failing system call would cost: two seconds of imports, under strace more. Nothing
of it touches the paths whose calls fail. From `main` on it is the program as it always runs, with its own environment,
output and process id.
"""

import ctypes
import multiprocessing
import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path

from tests.faults.short_write import ShortWrite, take_half
from tests.faults.strace import Tracer

IMPORTED = ("consentry.__main__", "consentry.serve", "broker.server", "tests.faults.recording_agent")

PR_SET_PTRACER = 0x59616D61
PR_SET_PTRACER_ANY = -1

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([*IMPORTED, __name__])

_looking = threading.Lock()
"""multiprocessing looks at all its children when it starts one, and an exit status can be read once: a second thread
that looks at the same moment would see 255."""


class StillRuns(AssertionError):
    """It was to end by itself, and did not in time."""


class Forked:
    """`main()` of a module that is among `IMPORTED`, with `arguments` behind the program's name.

    A tracer is there before its first step.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        environment: dict[str, str],
        stdout: Path,
        stderr: Path,
        tracer: Tracer | None = None,
    ) -> None:
        """Both files are added to, and may be the same."""
        gate, go = _context.Pipe(duplex=False)
        short = tracer.short_write if tracer else None
        self._process = _context.Process(
            target=_begin, args=(module, (module, *arguments), environment, (stdout, stderr), short, gate)
        )
        with _looking:
            self._process.start()
        assert self._process.pid is not None
        # A short write is the process' own doing.
        self._strace = tracer.attach(self._process.pid) if tracer and not short else None
        go.send_bytes(b"go")

    @property
    def runs(self) -> bool:
        with _looking:
            return self._process.is_alive()

    def ended_within(self, seconds: float) -> int:
        """Its exit status; negative for a signal. Raises StillRuns."""
        wait([self._process.sentinel], seconds)
        if self.runs:
            raise StillRuns(f"process {self._process.pid} did not end within {seconds:.0f} s")
        if self._strace is not None:
            self._strace.communicate(timeout=seconds)  # its log is whole then
        assert self._process.exitcode is not None
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()

    def close(self) -> None:
        """Leaves nothing behind, whatever happened."""
        self._process.kill()
        wait([self._process.sentinel])
        if self._strace is not None:
            self._strace.communicate()


def _begin(
    module: str,
    arguments: Sequence[str],
    environment: dict[str, str],
    outputs: tuple[Path, Path],
    short: ShortWrite | None,
    gate: Connection,
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate(outputs, start=1):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    if short is not None:
        take_half(short)
    # Where only a parent may trace (Ubuntu, Debian): strace is the parent's other child.
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY)
    gate.recv_bytes()
    sys.argv = list(arguments)
    sys.exit(import_module(module).main())
