"""When events become a record, and how many."""

from hypothesis import given
from hypothesis import strategies as st

from agent_client.recorder.gathering import EventHeap
from agent_client.recorder.limits import (
    MAX_BATCH_BYTES,
    MAX_BATCH_EVENTS,
    MAX_EVENT_DATA_BYTES,
    WORTH_CUTTING_BYTES,
    RecorderLimits,
    limits_for,
)
from protocol.events import ROOM_CHANNEL, Event, ParticipantLeft, TerminalOutput, encode_events
from protocol.records import BODY_LIMIT_BYTES, UNCOMPRESSED_LIMIT_BYTES


def out(data: bytes) -> Event:
    return TerminalOutput(1, ROOM_CHANNEL, data)


def test_due_by_time_and_by_size() -> None:
    """A second after the first event, or at once with 64 KiB."""
    heap = EventHeap(RecorderLimits())
    assert heap.due_at_ms is None
    heap.add(out(b"x"), 500)
    heap.add(out(b"y"), 900)
    assert heap.due_at_ms == 1_500
    heap.add(out(bytes(64 * 1024)), 1_000)
    assert heap.due_at_ms == 500
    heap.take()
    assert heap.due_at_ms is None


def test_strict_is_quick() -> None:
    """Under `strict` somebody waits for every record: 25 ms, 16 KiB."""
    limits = limits_for("strict")
    assert (limits.seal_after_ms, limits.seal_at_bytes) == (25, 16 * 1024)


@given(st.lists(st.integers(0, 300_000), max_size=12))
def test_batches_keep_everything_in_order(sizes: list[int]) -> None:
    """Whatever sizes come: the same bytes in the same order, each batch within a record even incompressible."""
    heap = EventHeap(RecorderLimits())
    for number, size in enumerate(sizes):
        heap.add(out(bytes([number]) * size), 0)
    batches = heap.take()
    data = b"".join(event.data for batch in batches for event in batch.events if isinstance(event, TerminalOutput))
    assert data == b"".join(bytes([number]) * size for number, size in enumerate(sizes))
    for batch in batches:
        encoded = len(encode_events(batch.events))
        assert encoded <= batch.size_bytes <= MAX_BATCH_BYTES
        assert encoded < min(BODY_LIMIT_BYTES, UNCOMPRESSED_LIMIT_BYTES)
    assert [batch.events_before for batch in batches] == [
        sum(len(earlier.events) for earlier in batches[:index]) for index in range(len(batches))
    ]


def test_many_tiny_events() -> None:
    """Very many events are spread over records by their number."""
    heap = EventHeap(RecorderLimits(seal_at_bytes=10**9))
    for _ in range(MAX_BATCH_EVENTS + 1):
        heap.add(ParticipantLeft(1, 1), 0)
    assert heap.due_at_ms == 0
    assert [len(batch.events) for batch in heap.take()] == [MAX_BATCH_EVENTS, 1]
    assert heap.event_count == MAX_BATCH_EVENTS + 1


def test_a_flood_fills_its_records() -> None:
    """What is read at once is cut where a record is full, and not into equal parts that leave the rest of it empty."""
    heap = EventHeap(RecorderLimits())
    for _ in range(8):
        heap.add(out(bytes(256 * 1024)), 0)
    *full, last = heap.take()
    assert len(full) == 8
    assert all(batch.size_bytes > MAX_BATCH_BYTES - WORTH_CUTTING_BYTES for batch in full)
    assert all(len(event.data) <= MAX_EVENT_DATA_BYTES for event in last.events if isinstance(event, TerminalOutput))


def test_a_line_is_not_cut_to_fill_a_record() -> None:
    """Where little would be gained, an event stays one."""
    heap = EventHeap(RecorderLimits())
    heap.add(out(bytes(MAX_BATCH_BYTES - WORTH_CUTTING_BYTES)), 0)
    heap.add(out(b"line" * 5_000), 0)
    first, second = heap.take()
    assert [len(event.data) for event in second.events if isinstance(event, TerminalOutput)] == [20_000]
    assert first.size_bytes < MAX_BATCH_BYTES
