"""The reader's own terminal: keys one by one, the alternate screen, everything put back on every way out."""

import os
import select
import shutil
import sys
import termios
import tty
from types import TracebackType
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
        self.write(_ENTER)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.write(_LEAVE)
        termios.tcsetattr(self._keys, termios.TCSADRAIN, self._before)

    def write(self, text: str) -> None:
        data = memoryview(text.encode("utf-8", "replace"))
        while data:
            data = data[os.write(self._picture, data) :]

    def wait(self, seconds: float | None) -> str | None:
        ready, _, _ = select.select([self._keys], [], [], seconds)
        if not ready:
            return None
        pressed = os.read(self._keys, 32)
        return _KEYS.get(pressed) or pressed[:1].decode("ascii", "replace")

    def size(self) -> tuple[int, int]:
        found = shutil.get_terminal_size()
        return found.columns, found.lines
