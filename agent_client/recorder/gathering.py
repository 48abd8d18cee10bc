"""Heaps events until they are worth a record. Pure: no clock, no thread.

`EventHeap.add` takes an event, `due_at_ms` says when the heap has to be sealed even if nothing comes any more, `take`
hands out everything as batches that each fit one record, in order.
"""

from dataclasses import dataclass

import msgspec

from agent_client.recorder.limits import MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_EVENT_DATA_BYTES, RecorderLimits
from protocol.events import CommandOutput, Event, TerminalInput, TerminalOutput

_WithData = (TerminalOutput, CommandOutput, TerminalInput)
"""Events that may carry more than fits: they become several in a row."""

_FRAMING_BYTES = 64
"""About what msgpack and the fixed fields add to an event's bytes and texts."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The events of one record. `events_before` counts those of all earlier batches."""

    events: list[Event]
    size_bytes: int
    events_before: int

    @property
    def events_until(self) -> int:
        return self.events_before + len(self.events)


class EventHeap:
    def __init__(self, limits: RecorderLimits) -> None:
        self._limits = limits
        self._events: list[tuple[Event, int]] = []
        self._first_at_ms = 0
        self._taken = 0
        self.size_bytes = 0

    @property
    def event_count(self) -> int:
        """All events ever added."""
        return self._taken + len(self._events)

    @property
    def due_at_ms(self) -> int | None:
        """When the heap is to be taken; None while it is empty; in the past once it is full."""
        if not self._events:
            return None
        if self.size_bytes >= self._limits.seal_at_bytes or len(self._events) >= MAX_BATCH_EVENTS:
            return self._first_at_ms
        return self._first_at_ms + self._limits.seal_after_ms

    def add(self, event: Event, now_ms: int) -> None:
        if not self._events:
            self._first_at_ms = now_ms
        if isinstance(event, _WithData) and len(event.data) > MAX_EVENT_DATA_BYTES:
            for start in range(0, len(event.data), MAX_EVENT_DATA_BYTES):
                piece = event.data[start : start + MAX_EVENT_DATA_BYTES]
                self._put(msgspec.structs.replace(event, data=piece))
        else:
            self._put(event)

    def _put(self, event: Event) -> None:
        size = event_size_bytes(event)
        self._events.append((event, size))
        self.size_bytes += size

    def take(self) -> list[Batch]:
        """Everything so far, as batches of at most MAX_BATCH_BYTES and MAX_BATCH_EVENTS."""
        batches: list[Batch] = []
        events: list[Event] = []
        size = 0
        for event, event_bytes in self._events:
            if events and (size + event_bytes > MAX_BATCH_BYTES or len(events) == MAX_BATCH_EVENTS):
                batches.append(Batch(events, size, self._taken))
                self._taken += len(events)
                events, size = [], 0
            events.append(event)
            size += event_bytes
        if events:
            batches.append(Batch(events, size, self._taken))
            self._taken += len(events)
        self._events = []
        self.size_bytes = 0
        return batches


def event_size_bytes(event: Event) -> int:
    """About how many bytes of a record the event takes."""
    if isinstance(event, _WithData):
        return _FRAMING_BYTES + len(event.data)
    return len(msgspec.msgpack.encode(event))
