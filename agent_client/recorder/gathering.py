"""Heaps events until they are worth a record. Pure: no clock, no thread.

`EventHeap.add` takes an event, `due_at_ms` says when the heap has to be sealed even if nothing comes any more, `take`
hands out everything as batches that each fit one record, in order.
"""

from dataclasses import dataclass

import msgspec

from agent_client.recorder.limits import (
    MAX_BATCH_BYTES,
    MAX_BATCH_EVENTS,
    MAX_EVENT_DATA_BYTES,
    WORTH_CUTTING_BYTES,
    RecorderLimits,
)
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
    """Events in the order in which they were recorded, cut into batches that each fit one record."""

    def __init__(self, limits: RecorderLimits) -> None:
        self._limits = limits
        self._batches: list[Batch] = []
        self._events: list[Event] = []
        self._events_bytes = 0
        self._first_at_ms = 0
        self.event_count = 0
        """All events ever added."""
        self.size_bytes = 0

    @property
    def due_at_ms(self) -> int | None:
        """When the heap is to be taken; None while it is empty; in the past once it is full."""
        if not self._events:
            return None
        if self._batches or self.size_bytes >= self._limits.seal_at_bytes or len(self._events) >= MAX_BATCH_EVENTS:
            return self._first_at_ms
        return self._first_at_ms + self._limits.seal_after_ms

    def add(self, event: Event, now_ms: int) -> None:
        """More data than fits one event, or what is left of one record, becomes several events in a row."""
        if not self._events:
            self._first_at_ms = now_ms
        if not isinstance(event, _WithData):
            self._append(event, event_size_bytes(event))
            return
        data = memoryview(event.data)
        while len(data) > (room_bytes := self._room_for_data(len(data))):
            self._append(msgspec.structs.replace(event, data=bytes(data[:room_bytes])), _FRAMING_BYTES + room_bytes)
            data = data[room_bytes:]
        last = event if len(data) == len(event.data) else msgspec.structs.replace(event, data=bytes(data))
        self._append(last, _FRAMING_BYTES + len(data))

    def take(self) -> list[Batch]:
        """Everything so far, as batches of at most MAX_BATCH_BYTES and MAX_BATCH_EVENTS."""
        self._close_batch()
        batches, self._batches = self._batches, []
        self.size_bytes = 0
        return batches

    def _room_for_data(self, wanted_bytes: int) -> int:
        """In the next event: what is left of its record, or of a whole one where cutting would not be worth it."""
        left_bytes = MAX_BATCH_BYTES - self._events_bytes - _FRAMING_BYTES
        if left_bytes < min(wanted_bytes, WORTH_CUTTING_BYTES):
            return MAX_EVENT_DATA_BYTES
        return min(left_bytes, MAX_EVENT_DATA_BYTES)

    def _append(self, event: Event, size_bytes: int) -> None:
        if self._events_bytes + size_bytes > MAX_BATCH_BYTES or len(self._events) == MAX_BATCH_EVENTS:
            self._close_batch()
        self._events.append(event)
        self._events_bytes += size_bytes
        self.size_bytes += size_bytes
        self.event_count += 1

    def _close_batch(self) -> None:
        if self._events:
            before = self.event_count - len(self._events)
            self._batches.append(Batch(self._events, self._events_bytes, before))
            self._events, self._events_bytes = [], 0


def event_size_bytes(event: Event) -> int:
    """About how many bytes of a record the event takes."""
    if isinstance(event, _WithData):
        return _FRAMING_BYTES + len(event.data)
    return len(msgspec.msgpack.encode(event))
