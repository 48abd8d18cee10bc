"""Reads a terminal or a pipe as it comes, and stops while anybody asks it to."""

import asyncio
import os
from collections.abc import Callable
from enum import Enum

READ_BYTES = 4096
"""What one read of a terminal gives at most; larger pieces only cost memory that is not filled."""

GATHER_BYTES = 64 * 1024
"""Gathered before it goes on, and not a byte more: one event, one frame, and SSH packets that are full. OpenSSH takes
16 KiB in one packet of a terminal, 32 KiB in one without. Twice as much would fill two events, and hold the event loop
up for milliseconds."""

FEW_BYTES = 256
"""A first read of so little is the echo of a key: whoever types is not kept waiting by a look for more."""

AFTER_END_BYTES = 256 * 1024
"""What is still read after the program ended. A terminal holds less; more comes only from a child that writes on."""


class Hold(Enum):
    """Why reading stands still. Each reason is set and cleared by whoever has it."""

    RECORDER = "recorder"
    VIEWERS = "viewers"
    PAUSED = "paused"
    STRICT = "strict"


class FdReader:
    """Calls `on_data` with what came. `ended` is done at end of file, or when empty after `end_when_empty`."""

    def __init__(
        self,
        descriptor: int,
        on_data: Callable[[bytes], None],
        *,
        read_bytes: int = READ_BYTES,
        gather_bytes: int = GATHER_BYTES,
    ) -> None:
        self._descriptor = descriptor
        self._on_data = on_data
        self._read_bytes = read_bytes
        self._gather_bytes = gather_bytes
        self._holds: set[Hold] = set()
        self._left_bytes: int | None = None
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._reading = False
        self._closed = False
        os.set_blocking(descriptor, False)
        self._arrange()

    def hold(self, reason: Hold) -> None:
        if reason not in self._holds:
            self._holds.add(reason)
            self._arrange()

    def release(self, reason: Hold) -> None:
        if reason in self._holds:  # asked at every piece of output, and mostly for nothing
            self._holds.remove(reason)
            self._arrange()

    def end_when_empty(self) -> None:
        """The program ended: read what is left and call it a day, even if a child of it keeps the terminal open."""
        if self._left_bytes is None and not self._closed:
            self._left_bytes = AFTER_END_BYTES
            self._loop.call_soon(self._read)

    def close(self) -> None:
        """Read no more; `ended` stays open. The descriptor stays the caller's."""
        self._closed = True
        self._arrange()

    def _arrange(self) -> None:
        wanted = not self._holds and not self._closed
        if wanted and not self._reading:
            self._loop.add_reader(self._descriptor, self._read)
            if self._left_bytes is not None:
                self._loop.call_soon(self._read)
        elif not wanted and self._reading:
            self._loop.remove_reader(self._descriptor)
        self._reading = wanted

    def _read(self) -> None:
        if self._holds or self._closed:
            return
        pieces: list[bytes] = []
        gathered = 0
        empty = ended = False
        while gathered < self._gather_bytes and not empty and not ended:
            try:
                piece = os.read(self._descriptor, min(self._read_bytes, self._gather_bytes - gathered))
            except BlockingIOError:
                empty = True
            except OSError:  # EIO: the last program that had the terminal is gone
                ended = True
            else:
                ended = not piece
                pieces.append(piece)
                gathered += len(piece)
                if gathered < FEW_BYTES and self._left_bytes is None:
                    break
        if gathered:
            self._on_data(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        if self._left_bytes is not None:
            self._left_bytes -= gathered
            ended = ended or empty or self._left_bytes <= 0
            if not ended:
                self._loop.call_soon(self._read)
        if ended and not self._closed:
            self.close()
            self.ended.set_result(None)
