"""The reader's own terminal: keys one by one, the alternate screen, everything put back on every way out."""

import os
import select
import shutil
import signal
import sys
import termios
import tty
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self

_KEYS = {
    b"\x1b[A": "up",
    b"\x1b[B": "down",
    b"\x1b[C": "right",
    b"\x1b[D": "left",
    b"\x1b[H": "home",
    b"\x03": "ctrl-c",
    b"": "eof",
}
RESIZED = "resized"
"""In the place of a key: what was drawn last does not fit any more."""
_ENTER = "\x1b[?1049h\x1b[2J"
_LEAVE = "\x1b[0m\x1b[?25h\x1b[?1049l"


class TerminalConsole:
    """Use as a context: inside, the terminal is the player's."""

    def __init__(self, keys: int | None = None, picture: int | None = None) -> None:
        self._keys = sys.stdin.fileno() if keys is None else keys
        self._picture = sys.stdout.fileno() if picture is None else picture

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self._keys)
        tty.setcbreak(self._keys)
        # A signal alone ends no wait: Python goes on with a `select` that one broke off (PEP 475).
        self._resizes, self._resized = os.pipe()
        for end in (self._resizes, self._resized):
            os.set_blocking(end, False)
        self._handler = signal.signal(signal.SIGWINCH, self._tell_resized)
        self.write(_ENTER)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.write(_LEAVE)
        signal.signal(signal.SIGWINCH, self._handler)
        for end in (self._resizes, self._resized):
            os.close(end)
        termios.tcsetattr(self._keys, termios.TCSADRAIN, self._before)

    def write(self, text: str) -> None:
        data = memoryview(text.encode("utf-8", "replace"))
        while data:
            data = data[os.write(self._picture, data) :]

    def wait(self, seconds: float | None) -> str | None:
        ready, _, _ = select.select([self._keys, self._resizes], [], [], seconds)
        if self._resizes in ready:
            os.read(self._resizes, 4096)
            return RESIZED
        if not ready:
            return None
        pressed = os.read(self._keys, 32)
        return _KEYS.get(pressed) or pressed[:1].decode("ascii", "replace")

    def size(self) -> tuple[int, int]:
        """As it is now: what the environment says of it was true when a shell began."""
        try:
            found = os.get_terminal_size(self._picture)
        except OSError:
            found = os.terminal_size((0, 0))
        if not (found.columns and found.lines):  # a serial line's
            found = shutil.get_terminal_size()
        return found.columns, found.lines

    def _tell_resized(self, _signal: int, _frame: FrameType | None) -> None:
        with suppress(BlockingIOError):  # it is full: many are one
            os.write(self._resized, b"\0")
