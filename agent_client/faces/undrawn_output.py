"""Output of the shared terminal on its way to the customer's screen, which may be far slower than the room.

Never more than 4 ms of emulating for a frame. Under a flood the room runs ahead of the screen; then the oldest output
is left out and the newest is drawn.
"""

import time
from collections import deque

from agent_client.screens.room_screen import RoomScreen

EMULATE_SECONDS = 0.004
EMULATE_BYTES = 1024
"""Output goes to the emulator in pieces of this size, with a look at the clock after each."""

UNDRAWN_LIMIT_BYTES = 128 * 1024
KEPT_UNDRAWN_BYTES = 32 * 1024
"""When too much waits to be drawn, this much of the newest is kept: some screens full."""


class UndrawnOutput:
    """`add` what comes, `draw` it into the emulator."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._size_bytes = 0

    def add(self, data: bytes) -> int:
        """How many bytes are left out for it: the emulator has to be told, or half a sequence swallows what follows."""
        self._pieces.append(data)
        self._size_bytes += len(data)
        return self._leave_out() if self._size_bytes > UNDRAWN_LIMIT_BYTES else 0

    def _leave_out(self) -> int:
        skipped = 0
        while self._size_bytes > KEPT_UNDRAWN_BYTES and len(self._pieces) > 1:
            skipped += len(self._take())
        if self._size_bytes > KEPT_UNDRAWN_BYTES:
            piece = self._take()
            skipped += len(piece) - KEPT_UNDRAWN_BYTES
            self._put_back(piece[-KEPT_UNDRAWN_BYTES:])
        return skipped

    def draw(self, room: RoomScreen) -> bool:
        """What there is, or as much of it as a frame has time for: then True, as there is more."""
        deadline_seconds = time.monotonic() + EMULATE_SECONDS
        while self._pieces:
            self._draw_piece(room)
            if time.monotonic() >= deadline_seconds:
                return bool(self._pieces)
        return False

    def draw_all(self, room: RoomScreen) -> None:
        while self._pieces:
            self._draw_piece(room)

    def _draw_piece(self, room: RoomScreen) -> None:
        piece = self._take()
        if len(piece) > EMULATE_BYTES:
            self._put_back(piece[EMULATE_BYTES:])
        room.feed(piece[:EMULATE_BYTES])

    def _take(self) -> bytes:
        piece = self._pieces.popleft()
        self._size_bytes -= len(piece)
        return piece

    def _put_back(self, piece: bytes) -> None:
        self._pieces.appendleft(piece)
        self._size_bytes += len(piece)
