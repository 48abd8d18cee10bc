"""The customer's terminal as a device: taken in raw mode, drawn in frames, given back on every path.

Frames never block: a terminal that is slow is skipped until it has taken what it was given, and then gets the newest
frame. Only rows that changed are sent, and everything again from time to time, since any program of the same user could
have written across the screen.

The terminal is opened anew for this: its flags are not shared with other programs that hold standard input or output.
"""

import asyncio
import atexit
import contextlib
import fcntl
import os
import struct
import termios
import tty
from collections.abc import Callable, Sequence
from typing import Any

ENTER = b"\x1b[?1049h\x1b[?2004h\x1b[?7l\x1b[?25l\x1b[2J"
"""Alternate screen, bracketed paste, no wrapping, no cursor."""

LEAVE = b"\x1b[0m\x1b[?2026l\x1b[?7h\x1b[?2004l\x1b[?25h\x1b[?1049l"

READ_BYTES = 16 * 1024


def _opened_anew(fd: int) -> int:
    flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(os.ttyname(fd), flags)
    except OSError:
        # After `su` the device still belongs to who logged in; /dev/tty is the same one, open to whoever sits at it.
        return os.open("/dev/tty", flags)


class CustomerTerminal:
    """`take` it, `draw` frames on it, `give_back`. All from the event loop's thread."""

    def __init__(self, fd: int, *, on_input: Callable[[bytes], None], on_gone: Callable[[], None]) -> None:
        self._fd = _opened_anew(fd)
        self._on_input = on_input
        self._on_gone = on_gone
        self._saved: Any = None
        self._unsent = b""
        self._shown: list[str] = []
        self._is_gone = False

    @property
    def is_busy(self) -> bool:
        """The last frame is still on its way: skip one."""
        return bool(self._unsent)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows; 80 × 24 where the terminal does not say."""
        with contextlib.suppress(OSError):
            rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(self._fd, termios.TIOCGWINSZ, bytes(8)))
            if rows and columns:
                return columns, rows
        return 80, 24

    def take(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._saved = termios.tcgetattr(self._fd)
        atexit.register(self.give_back)
        tty.setraw(self._fd, termios.TCSAFLUSH)
        self._loop.add_reader(self._fd, self._read)
        self._send(ENTER)

    def give_back(self, last_words: Sequence[str] = ()) -> None:
        """As it was before, with `last_words` in it. Safe to call twice, and without an event loop."""
        if self._saved is None:
            return
        saved, self._saved = self._saved, None
        atexit.unregister(self.give_back)
        if not self._loop.is_closed():
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)
        self._unsent = b""
        os.set_blocking(self._fd, not self._is_gone)
        with contextlib.suppress(OSError, termios.error):
            # What the terminal has not drawn yet would come after our leaving: drop it; typed-ahead keys too.
            termios.tcflush(self._fd, termios.TCIOFLUSH)
            os.write(self._fd, LEAVE)
            termios.tcsetattr(self._fd, termios.TCSANOW, saved)
            os.write(self._fd, "".join(f"{line}\n" for line in last_words).encode())
        os.close(self._fd)

    def forget_input(self) -> None:
        """Keys that were pressed before what is shown now."""
        with contextlib.suppress(termios.error):
            termios.tcflush(self._fd, termios.TCIFLUSH)

    def draw(self, lines: Sequence[str], cursor: tuple[int, int] | None, *, everything: bool) -> None:
        """One frame: a line of escapes per row. Does nothing while the terminal is busy."""
        if self.is_busy or self._saved is None:
            return
        parts = ["\x1b[?2026h\x1b[?25l"]
        if everything:
            # Somebody else's output may have changed what every row is drawn with.
            parts.append("\x1b[0m\x1b[r\x1b[?6l\x1b[?7l\x1b(B\x0f")
        for index, line in enumerate(lines):
            if everything or index >= len(self._shown) or self._shown[index] != line:
                parts.append(f"\x1b[{index + 1};1H\x1b[0m\x1b[2K{line}")
        if cursor is not None:
            parts.append(f"\x1b[{cursor[1] + 1};{cursor[0] + 1}H\x1b[?25h")
        parts.append("\x1b[?2026l")
        self._shown = list(lines)
        self._send("".join(parts).encode())

    def ring(self) -> None:
        """For somebody who looks elsewhere: a sound, or whatever their terminal makes of a bell."""
        self._send(b"\a")

    def _send(self, data: bytes) -> None:
        self._unsent += data
        self._write()

    def _write(self) -> None:
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(self._fd, self._unsent) :]
        except BlockingIOError:
            self._loop.add_writer(self._fd, self._write)
            return
        except OSError:
            self._gone()
            return
        self._loop.remove_writer(self._fd)

    def _read(self) -> None:
        try:
            data = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._on_input(data)
        else:
            self._gone()

    def _gone(self) -> None:
        if not self._is_gone:
            self._is_gone = True
            self._unsent = b""
            self._loop.remove_reader(self._fd)
            self._loop.remove_writer(self._fd)
            self._on_gone()
