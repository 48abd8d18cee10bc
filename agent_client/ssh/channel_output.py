"""Output on its way into an SSH channel: queued here while the client's window is closed, counted when it left."""

import signal
from collections import deque
from collections.abc import Callable

import asyncssh

from agent_client.shell.tally import ChannelRecord

RESUME_BELOW_BYTES = 64 * 1024
"""Whoever waits is told when this little is queued, so that a shell does not stop and go at every packet."""


class ChannelOutput:
    """Writes one channel. Its own queue holds what the channel cannot take, so that nothing else does.

    asyncssh is told to ask for a pause as soon as it holds a single byte. Then what it still holds belongs to the last
    piece written, and we know exactly which bytes have left.
    """

    def __init__(
        self, channel: asyncssh.SSHServerChannel[bytes], record: ChannelRecord, on_drained: Callable[[], None]
    ) -> None:
        self._channel = channel
        self._record = record
        self._on_drained = on_drained
        self._queue: deque[tuple[bytes, bool]] = deque()
        self._last_was_error = False
        self._paused = False
        self._finish_status: int | None = None
        self._closed = False
        self.queued_bytes = 0
        channel.set_write_buffer_limits(high=0)

    def write(self, data: bytes, *, error: bool = False) -> None:
        if self._closed:
            return
        if self._paused or self._queue:
            self._queue.append((data, error))
            self.queued_bytes += len(data)
        else:
            self._send(data, error)

    def finish(self, exit_status: int) -> None:
        """Close with this status (negative: a signal) once everything has left."""
        if self._finish_status is None and not self._closed:
            self._finish_status = exit_status
            self._finish_if_empty()

    def abort(self) -> None:
        """Close now. What did not leave is not counted."""
        if not self._closed:
            if not self._last_was_error:
                self._record.output.settle(self._channel.get_write_buffer_size())
            self._close(None)
            self._channel.abort()

    def lost(self) -> None:
        """The channel is gone. Of the last piece it cannot be known any more what left: it is not counted."""
        self._close(None)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._record.output.settle(0)
        while self._queue and not self._paused and not self._closed:
            data, error = self._queue.popleft()
            self.queued_bytes -= len(data)
            self._send(data, error)
        if self.queued_bytes <= RESUME_BELOW_BYTES:
            self._on_drained()
        self._finish_if_empty()

    def _send(self, data: bytes, error: bool) -> None:
        if self._channel.is_closing():
            return
        self._last_was_error = error
        if error:
            self._channel.write_stderr(data)
        else:
            self._record.output.written(data)
            self._channel.write(data)
            self._record.output.settle(self._channel.get_write_buffer_size())

    def _finish_if_empty(self) -> None:
        status = self._finish_status
        if status is None or self._paused or self._queue or self._closed:
            return
        self._close(status)
        if self._channel.is_closing():
            return
        if status < 0:
            self._channel.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
        else:
            self._channel.exit(status)

    def _close(self, exit_status: int | None) -> None:
        if self._closed:
            return
        self._closed = True
        self._queue.clear()
        self.queued_bytes = 0
        self._record.close(exit_status)
