"""A program with a terminal of its own."""

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import struct
import termios
from pathlib import Path

from agent_client.shell.process_tree import Child, ProcessTree

LARGEST_SIDE = 1000
"""Columns or rows beyond this are nobody's screen, and cost memory in every emulator that replays them."""

DEFAULT_COLUMNS, DEFAULT_ROWS = 80, 24


def clamp_size(columns: int, rows: int) -> tuple[int, int]:
    """What a client says about its window, made usable; 0 means that it does not know."""
    return min(columns, LARGEST_SIDE) or DEFAULT_COLUMNS, min(rows, LARGEST_SIDE) or DEFAULT_ROWS


class PtyProcess:
    """The master end of a terminal and the program on it. `close` ends the terminal: the program gets SIGHUP."""

    def __init__(self, master: int, child: Child) -> None:
        self.master = master
        self.child = child
        self._closed = False

    @classmethod
    async def start(
        cls,
        tree: ProcessTree,
        arguments: tuple[str, ...],
        *,
        environment: dict[str, str],
        folder: Path,
        columns: int,
        rows: int,
    ) -> "PtyProcess":
        """Raises ProgramNotStarted."""
        master, slave = pty.openpty()
        try:
            _set_size(master, columns, rows)
            _be_utf8(slave)
            child = await tree.start(
                arguments,
                environment=environment,
                folder=folder,
                descriptors=(slave, slave, slave),
                terminal=True,
            )
        except BaseException:
            os.close(master)
            raise
        finally:
            os.close(slave)
        return cls(master, child)

    @property
    def exited(self) -> "asyncio.Future[int]":
        return self.child.exited

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed. Unsure counts as no: then nothing typed is recorded."""
        try:
            return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)
        except (termios.error, OSError):
            return False

    def resize(self, columns: int, rows: int) -> None:
        with contextlib.suppress(OSError):
            _set_size(self.master, columns, rows)

    def writing_end(self) -> int:
        """A descriptor for writing, the caller's own to close."""
        return os.dup(self.master)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            os.close(self.master)
            self.child.signal_group(signal.SIGHUP)


def _set_size(descriptor: int, columns: int, rows: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _be_utf8(slave: int) -> None:
    """So that erasing one Chinese character while typing erases all of its bytes (IUTF8, Linux and macOS)."""
    iutf8 = getattr(termios, "IUTF8", 0x4000)
    attributes = termios.tcgetattr(slave)
    attributes[0] |= iutf8
    with contextlib.suppress(termios.error):
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
