"""Turns what went wrong into one sentence and an exit status.

A person gets one sentence on standard error: what was wrong and what to do. Standard output stays clean for scripts.
`--debug` adds the traceback for whoever has to find out why.
"""

import os
import select
import sys
import traceback
from types import TracebackType
from typing import Self, TextIO

import typer
from typer.exceptions import TyperException

from consentry.usage_errors import usage_error
from protocol.details import system_reason
from protocol.errors import ConsentryError, RefusedError
from wording import Wording

FAILED = 1
INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""
UNREAD = 141
"""128 + SIGPIPE: whoever read standard output has read enough, as `head` has."""

_RED = "\x1b[31m"
_PLAIN = "\x1b[0m"


class Interrupted(Exception):
    """Ctrl-C."""


class PipeBroken(Exception):
    """What was written to has no reader any more."""

    def __init__(self, broken: BrokenPipeError) -> None:
        super().__init__()
        self.broken = broken


class Complaint:
    """A context that swallows what went wrong, tells it, and keeps the exit status.

    Swallowed: errors raised on purpose, usage errors, refusals of the operating system, and interruption. Everything
    else is a mistake in the program and goes on to the last resort.
    """

    def __init__(self, wording: Wording, stream: TextIO, *, debug: bool) -> None:
        self.exit_status = 0
        self.debug = debug
        self._wording = wording
        self._stream = stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None:
            return False
        told = self._describe(error)
        if told is None:
            return False
        if self.debug and not isinstance(error, TyperException):
            traceback.print_exception(error, file=self._stream)
        sentence, self.exit_status = told
        if sentence:
            if self.exit_status == INTERRUPTED and self._stream.isatty():
                self._stream.write("\n")  # behind the ^C that the terminal shows
            self._write(sentence)
        return True

    def tell_internal(self, error: BaseException) -> None:
        """The last resort's sentence for a mistake of ours."""
        if self.debug:
            traceback.print_exception(error, file=self._stream)
        self._write(self._wording.say("command-failure.internal", kind=type(error).__name__))

    def _describe(self, error: BaseException) -> tuple[str, int] | None:
        if isinstance(error, RefusedError) and "code" in error.fields:
            code, reason = str(error.fields["code"]), str(error.fields.get("reason", ""))
            return self._wording.say_refusal(code, reason), FAILED
        if isinstance(error, ConsentryError):
            return self._wording.say_error(error), FAILED
        if isinstance(error, TyperException):
            return usage_error(error, self._wording), error.exit_code
        if isinstance(error, typer.Abort) and not isinstance(error.__context__, KeyboardInterrupt):
            return self._wording.say("command-failure.aborted"), FAILED
        if isinstance(error, Interrupted | typer.Abort | KeyboardInterrupt):
            return self._wording.say("command-failure.interrupted"), INTERRUPTED
        if isinstance(error, PipeBroken):
            return self._describe(error.broken)
        if isinstance(error, BrokenPipeError) and _nobody_reads():
            return "", UNREAD
        if isinstance(error, OSError):
            problem = self._wording.say_detail(system_reason(error))
            where = f" ({error.filename})" if error.filename else ""
            return self._wording.say("command-failure.system", problem=problem + where), FAILED
        return None

    def _write(self, sentence: str) -> None:
        if wants_colour(self._stream):
            sentence = f"{_RED}{sentence}{_PLAIN}"
        self._stream.write(sentence + "\n")
        self._stream.flush()


def _nobody_reads() -> bool:
    """Whether standard output is a pipe that was closed at its other end. Nothing more goes into it then."""
    poll = select.poll()
    poll.register(sys.stdout, 0)  # a broken pipe is told without being asked for
    if not poll.poll(0):
        return False
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return True


def wants_colour(stream: TextIO) -> bool:
    """Colour only for a person at a terminal who has not asked to be spared (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def install_last_resort(complaint: Complaint) -> None:
    """A mistake of ours ends in one sentence as well, with exit status 1, and in a traceback only if asked for."""

    def tell(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        complaint.tell_internal(error)

    sys.excepthook = tell
