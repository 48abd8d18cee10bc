"""Streams whose other end takes bytes and acknowledges none: paused, hung, or on purpose.

What they cost is bounded (`SEND_BUFFER_BYTES`, and SSH's windows behind it), and they may go on at any time: nothing is
ended for it. Somebody should know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from tunnel.stream_connection import ConnectionState

UNANSWERED_SECONDS = 60.0
"""An end that is well acknowledges within a quarter of a second, and at least every MiB."""


class Watched(Protocol):
    """What is asked of a stream: see `StreamConnection`."""

    @property
    def state(self) -> ConnectionState: ...

    @property
    def buffered_bytes(self) -> int: ...

    @property
    def acknowledged_bytes(self) -> int: ...


S = TypeVar("S", bound=Watched)


@dataclass
class _Wait:
    acknowledged_bytes: int
    since_seconds: float
    is_told: bool = False


class UnansweredStreams(Generic[S]):
    """Looked at now and then, with the streams that there are; remembers nothing of those that have ended."""

    def __init__(self) -> None:
        self._waits: dict[S, _Wait] = {}

    def look(self, streams: Iterable[S], now_seconds: float) -> list[S]:
        """Those that have not moved for UNANSWERED_SECONDS though they are connected; each once, until it moves."""
        before, self._waits = self._waits, {}
        found = []
        for stream in streams:
            if not stream.buffered_bytes or not stream.state.connected:
                continue
            wait = before.get(stream)
            if wait is None or wait.acknowledged_bytes != stream.acknowledged_bytes:
                wait = _Wait(stream.acknowledged_bytes, now_seconds)
            elif not wait.is_told and now_seconds - wait.since_seconds >= UNANSWERED_SECONDS:
                wait.is_told = True
                found.append(stream)
            self._waits[stream] = wait
        return found
