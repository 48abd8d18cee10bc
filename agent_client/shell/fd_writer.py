"""Writes to a terminal or a pipe without ever blocking, and says when it has taken enough for now."""

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import Callable

FULL_BYTES = 64 * 1024
"""Above this, whoever feeds it should wait: a program that does not read its input gets no more of it."""


class FdWriter:
    """Takes bytes in order. `on_drained` is called when everything is written after it had been full."""

    def __init__(self, descriptor: int, on_drained: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._on_drained = on_drained
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._loop = asyncio.get_running_loop()
        self._was_full = False
        self._end_wanted = False
        self._closed = False
        os.set_blocking(descriptor, False)

    @property
    def full(self) -> bool:
        return self._waiting_bytes > FULL_BYTES

    def write(self, data: bytes) -> None:
        if self._closed or self._end_wanted:
            return
        if not self._waiting:
            data = data[self._write_now(data) :]
            if data and not self._closed:
                self._loop.add_writer(self._descriptor, self._continue)
        if data and not self._closed:
            self._waiting.append(data)
            self._waiting_bytes += len(data)
            self._was_full = self._was_full or self.full

    def end(self) -> None:
        """Close the descriptor once everything is written: end of file for the program."""
        self._end_wanted = True
        if not self._waiting:
            self.close()

    def close(self) -> None:
        """Close the descriptor now; what was not written is dropped."""
        if not self._closed:
            self._closed = True
            self._loop.remove_writer(self._descriptor)
            self._waiting.clear()
            self._waiting_bytes = 0
            with contextlib.suppress(OSError):
                os.close(self._descriptor)

    def _write_now(self, data: bytes) -> int:
        """How many bytes went. A program that closed its input gets no more; it is not told twice."""
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return 0
        except OSError:
            self.close()
            return len(data)

    def _continue(self) -> None:
        while self._waiting and not self._closed:
            piece = self._waiting[0]
            written = self._write_now(piece)
            if self._closed:
                return
            self._waiting_bytes -= written
            if written < len(piece):
                self._waiting[0] = piece[written:]
                return
            self._waiting.popleft()
        self._loop.remove_writer(self._descriptor)
        if self._end_wanted:
            self.close()
            return
        if self._was_full:
            self._was_full = False
            self._on_drained()
