"""One channel of the outer SSH, piped into one stream to the customer's agent, with back-pressure both ways."""

import asyncio
from collections.abc import Callable

import asyncssh

from tunnel.stream_connection import StreamConnection


class Carrier(asyncssh.SSHTCPSession[bytes]):
    """The channel's end; `_StreamEnd` is the stream's. `on_closed` is called once, when the channel is closed."""

    def __init__(self, stream: StreamConnection, on_closed: Callable[["Carrier"], None]) -> None:
        self._stream = stream
        self._on_closed = on_closed

    def cut(self) -> None:
        """At once: the stream ends, and the channel with it."""
        self._stream.abort()

    # ── called by asyncssh ──────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        self._stream.set_protocol(_StreamEnd(self._stream, chan))

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        del datatype  # a channel of this kind has no second one
        self._stream.write(data)

    def eof_received(self) -> bool:
        """An SSH client that says no more is gone: both directions end."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._stream.close()
        self._on_closed(self)

    def pause_writing(self) -> None:
        self._stream.pause_reading()

    def resume_writing(self) -> None:
        self._stream.resume_reading()


class _StreamEnd(asyncio.Protocol):
    """Writes what comes from the agent to the channel."""

    def __init__(self, stream: StreamConnection, channel: asyncssh.SSHTCPChannel[bytes]) -> None:
        self._stream = stream
        self._channel = channel

    def data_received(self, data: bytes) -> None:
        if not self._channel.is_closing():
            self._channel.write(data)

    def pause_writing(self) -> None:
        self._channel.pause_reading()

    def resume_writing(self) -> None:
        self._channel.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._channel.close()
