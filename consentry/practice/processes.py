"""Our own commands as processes, and the ports that they listen on."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from consentry.practice.claims import claim_port, has_chosen
from protocol.errors import ConsentryError, UnavailableError

STOP_WITHIN_SECONDS = 15.0
FIRST_PORT = 18443
PORTS_TRIED = 200


class PracticePartFailed(UnavailableError):
    """One of the processes did not start, or stopped by itself. `part` is "broker" or "customer"."""

    sentence = (
        "The {part} did not start or stopped by itself, and the practice with it. What it said last is in {log}; start "
        "the practice again to go on."
    )


class PracticeStepFailed(ConsentryError):
    """A step of the set-up said no, and why."""

    sentence = "The practice organisation could not be set up: “consentry {step}” said: {problem}"


class NoFreePort(UnavailableError):
    sentence = "No free port was found between {first} and {last}. Stop something that listens there and try again."


def run_consentry(
    *arguments: str | Path, stdin: str | None = None, home: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """One of our own commands to its end. What went wrong was said by it, in the reader's language."""
    done = subprocess.run(
        [*own_command(), *(str(argument) for argument in arguments)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        env=environment_of(home) if home else None,
        check=False,
    )
    if done.returncode != 0:
        raise PracticeStepFailed(step=" ".join(str(one) for one in arguments[:2]), problem=done.stderr.strip())
    return done


def own_command() -> list[str]:
    """This very program, wherever the reader stands: the installed command where there is one."""
    installed = Path(sys.executable).with_name("consentry")
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "consentry"]


def environment_of(home: Path) -> dict[str, str]:
    return {**os.environ, "CONSENTRY_HOME": str(home)}


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


@contextlib.contextmanager
def stopped_after(process: "subprocess.Popen[Any]") -> Iterator[None]:
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pipe in (process.stdin, process.stdout):
            _close(pipe)


def _close(pipe: IO[Any] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(BrokenPipeError):
            pipe.close()


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return True
    return False


def free_port(*, besides: int | None = None) -> int:
    """The first that nobody listens on and no other practice has chosen: claims.py. Raises NoFreePort."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if port == besides or has_chosen(port):
            continue
        with contextlib.suppress(OSError), socket.create_server(("localhost", port)):
            if claim_port(port):
                return port
    raise NoFreePort(first=FIRST_PORT, last=FIRST_PORT + PORTS_TRIED - 1)
