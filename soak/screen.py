"""Reads a terminal and knows what must stand in it: marks, and floods of numbered lines, each once and in order."""

import os
import re
import select
import subprocess
import time
from collections.abc import Callable

PATIENCE_SECONDS = 90.0
"""Without one byte, or without the line that is waited for: more than any restart of a broker takes."""

_LOOK_SECONDS = 0.5


class WrongBytes(Exception):
    """A line that is not the one that had to come."""


class Silence(Exception):
    """Nothing comes any more, although nobody was killed."""


class Gone(Exception):
    """The client has ended."""


class Screen:
    """One `ssh -tt`. Lines that nobody waits for (prompts, echoes of what is typed, replays) are passed over."""

    def __init__(self, process: "subprocess.Popen[bytes]", *, gives_up: Callable[[], bool]) -> None:
        """`gives_up` says that nothing is to be waited for any more."""
        self._process = process
        self._gives_up = gives_up
        self._rest = b""
        self._lines: list[bytes] = []
        self.bytes_read = 0

    def type(self, text: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(text.encode())
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            raise Gone from None

    def expect_anything(self) -> None:
        """Returns when the shell has said something: before that, an interrupt would kill it."""
        while not self._lines and not self._rest:
            self._wait()

    def expect_mark(self, mark: str) -> None:
        """Reads on to a line that ends with the mark."""
        wanted = mark.encode()
        while not self._next_line().endswith(wanted):
            pass

    def expect_flood(self, name: str, count: int) -> None:
        """`seq -f NAME-%.0f-PAD 1 COUNT`, every line once, whole, in order."""
        prefix = f"{name}-".encode()
        number = 1
        while number <= count:
            line = self._next_line()
            at = line.find(prefix)
            if at < 0 or not line[at + len(prefix) :][:1].isdigit():
                continue
            expected = flood_line(name, number)
            if line[at:] != expected:
                raise WrongBytes(f"line {number} of {name}: {line[-200:]!r}")
            number += 1

    def _next_line(self) -> bytes:
        while not self._lines:
            self._wait()
        return self._lines.pop(0)

    def _wait(self) -> None:
        """Until something came."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._read():
            if self._gives_up():
                raise Gone
            if time.monotonic() > deadline:
                raise Silence(f"the last bytes were {self._rest[-200:]!r}")

    def _read(self) -> bool:
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        if not select.select([handle], [], [], _LOOK_SECONDS)[0]:
            return False
        data = os.read(handle, 65536)
        if not data:
            raise Gone
        self.bytes_read += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._lines += [re.sub(rb"\r+$", b"", line) for line in lines]
        return True


FLOOD_PAD = "the quick brown fox jumps over the lazy dog"


def flood_line(name: str, number: int) -> bytes:
    return f"{name}-{number}-{FLOOD_PAD}".encode()


def flood_command(name: str, count: int) -> str:
    return f"seq -f '{name}-%.0f-{FLOOD_PAD}' 1 {count}\n"
