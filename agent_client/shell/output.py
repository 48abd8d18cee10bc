"""The one path of every byte that a program puts out: redacted, then recorded, then shown.

Nobody sees a byte that was not recorded. While the recorder has too much unacknowledged, reading stops, and with it the
program. In the `strict` policy a byte is shown only after its record is on the broker's disk.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from agent_client.recording import REDACTION_HOLD_SECONDS, Recording, Redactor
from agent_client.shell.fd_reader import FdReader, Hold
from protocol.events import Event

STRICT_WAITING_BYTES = 256 * 1024
"""Output that may wait for its acknowledgement before the program is stopped: a few records' worth."""


class OutputPath:
    """Joins a reader to those who look. `show` is called in order, and never again after `close`."""

    def __init__(
        self,
        recording: Recording,
        redactor: Redactor,
        *,
        to_event: Callable[[bytes], Event],
        show: Callable[[bytes], None],
    ) -> None:
        self._recording = recording
        self._redactor = redactor
        self._to_event = to_event
        self._show = show
        self._loop = asyncio.get_running_loop()
        self._flush_timer: asyncio.TimerHandle | None = None
        self._unacked: deque[bytes] = deque()
        self._unacked_bytes = 0
        self._strict_task: asyncio.Task[None] | None = None
        self._room_task: asyncio.Task[None] | None = None
        self._closed = False
        self.reader: FdReader | None = None

    def feed(self, data: bytes) -> None:
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        self._emit(self._redactor.feed(data))
        if self._redactor.held_bytes:
            self._flush_timer = self._loop.call_later(REDACTION_HOLD_SECONDS, self._flush)

    async def finish(self) -> None:
        """The program ended: let everything out, and return when it was shown."""
        self._flush()
        if self._strict_task is not None:
            await asyncio.wait([self._strict_task])

    def close(self) -> None:
        """Show nothing any more. What the redactor held back was never seen by anyone and is dropped."""
        self._closed = True
        if self._flush_timer is not None:
            self._flush_timer.cancel()
        for task in (self._strict_task, self._room_task):
            if task is not None:
                task.cancel()

    def _flush(self) -> None:
        self._flush_timer = None
        self._emit(self._redactor.flush())

    def _emit(self, data: bytes) -> None:
        if not data or self._closed:
            return
        self._recording.record(self._to_event(data))
        if self._recording.strict:
            self._unacked.append(data)
            self._unacked_bytes += len(data)
            if self._unacked_bytes > STRICT_WAITING_BYTES and self.reader is not None:
                self.reader.hold(Hold.STRICT)
            if self._strict_task is None or self._strict_task.done():
                self._strict_task = asyncio.create_task(self._show_when_durable(), name="show output when durable")
        else:
            self._show(data)
        if not self._recording.has_room and self.reader is not None and (not self._room_task or self._room_task.done()):
            self.reader.hold(Hold.RECORDER)
            self._room_task = asyncio.create_task(self._go_on_when_room(), name="read on when the recorder has room")

    async def _show_when_durable(self) -> None:
        while self._unacked:
            count = len(self._unacked)
            await self._recording.wait_until_durable()
            for _ in range(count):
                data = self._unacked.popleft()
                self._unacked_bytes -= len(data)
                self._show(data)
            if self.reader is not None:
                self.reader.release(Hold.STRICT)

    async def _go_on_when_room(self) -> None:
        await self._recording.wait_for_room()
        if self.reader is not None:
            self.reader.release(Hold.RECORDER)
