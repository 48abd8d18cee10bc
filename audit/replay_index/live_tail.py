"""A running session as it happens: a picture first, then every event as soon as its record was fed.

Whoever feeds the indexer feeds it through a `LiveSession`; any number of followers look on. A follower who cannot keep
up with a flood gets a new picture instead of the events that would have piled up: what a viewer wants is now. There is
no delay beyond the record's own: agents seal once a second.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from audit.replay_index.index_files import Keyframe
from audit.replay_index.indexer import SessionIndexer
from audit.vault.opening import OpenedRecord
from protocol.events import CommandOutput, Event, TerminalInput, TerminalOutput

QUEUE_LIMIT_BYTES = 1024 * 1024
"""What may wait for one follower before it is sent a picture instead."""
_FRAMING_BYTES = 32


@dataclass(frozen=True, slots=True)
class LiveEvents:
    """What happened, in order."""

    events: tuple[Event, ...]


LiveItem = Keyframe | LiveEvents
"""A keyframe replaces everything that a viewer knew of the session's terminals."""


class LiveSession:
    """One session while its records arrive. Used within one event loop."""

    def __init__(self, indexer: SessionIndexer) -> None:
        self._indexer = indexer
        self._followers: set[_Follower] = set()
        self._closed = False

    @property
    def next_seq(self) -> int:
        return self._indexer.next_seq

    @property
    def has_followers(self) -> bool:
        return bool(self._followers)

    def feed(self, record: OpenedRecord) -> None:
        """The next record, into the index and to everybody who looks on. Raises what the indexer raises."""
        is_new = record.stored.seq == self._indexer.next_seq
        self._indexer.feed(record)
        if is_new and record.events:
            for follower in self._followers:
                follower.offer(record.events)
        if self._indexer.finished:
            self.close()

    def close(self) -> None:
        """Nothing more will come: followers end when they have seen what waits for them."""
        self._closed = True
        for follower in self._followers:
            follower.wake.set()

    async def follow(self) -> AsyncGenerator[LiveItem, None]:
        """From now on, until the session ends. Begins with a picture."""
        follower = _Follower()
        self._followers.add(follower)
        try:
            while True:
                if follower.needs_picture:
                    follower.begin_anew()
                    yield self._indexer.picture()
                elif follower.waiting:
                    yield LiveEvents(follower.take())
                elif self._closed:
                    return
                else:
                    follower.wake.clear()
                    await follower.wake.wait()
        finally:
            self._followers.discard(follower)


class _Follower:
    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.needs_picture = True
        self.waiting: list[Event] = []
        self._waiting_bytes = 0

    def offer(self, events: tuple[Event, ...]) -> None:
        if not self.needs_picture:
            self.waiting += events
            self._waiting_bytes += sum(_size_bytes(event) for event in events)
            if self._waiting_bytes > QUEUE_LIMIT_BYTES:
                self.needs_picture = True
                self.waiting = []
        self.wake.set()

    def begin_anew(self) -> None:
        self.needs_picture, self.waiting, self._waiting_bytes = False, [], 0

    def take(self) -> tuple[Event, ...]:
        waiting, self.waiting, self._waiting_bytes = self.waiting, [], 0
        return tuple(waiting)


def _size_bytes(event: Event) -> int:
    data = event.data if isinstance(event, TerminalOutput | TerminalInput | CommandOutput) else b""
    return _FRAMING_BYTES + len(data)
