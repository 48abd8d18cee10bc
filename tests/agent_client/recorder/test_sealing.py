"""Events into records: each once, in order, and under flood as few records as the format allows."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_client.recorder.gathering import EventHeap
from agent_client.recorder.limits import MAX_BATCH_EVENTS, RecorderLimits
from agent_client.recorder.sealing import SealingLine
from agent_client.recorder.spool import Spool, SpoolHead, spool_folder
from agent_client.recorder.window import SealedRecord
from agent_client.recording import OUTPUT_AT_ONCE_BYTES
from protocol.events import CommandOutput, Event, ParticipantLeft
from protocol.profile import AuditRecipient, Profile
from protocol.record_sealing import RecordSealer
from protocol.records import RECORD_LIMIT_BYTES, RecordHeader, RecordType

LIMITS = RecorderLimits()
PIECE_BYTES = 64 * 1024


class RememberingSealer(RecordSealer):
    """Knows the events of every record that it sealed."""

    def __init__(self, recipient: AuditRecipient) -> None:
        super().__init__(bytes(16), Ed25519PrivateKey.generate(), [recipient], bytes(32))
        self.sealed: list[Event] = []

    def seal_events(self, events: Sequence[Event], t_first: int, t_last: int) -> bytes:
        record = super().seal_events(events, t_first, t_last)
        self.sealed += events
        return record


class Line:
    """A sealing line with a real spool, and the heap before it."""

    def __init__(self, folder: Path) -> None:
        key = X25519PrivateKey.generate().public_key().public_bytes_raw()
        recipient = AuditRecipient(bytes(8), "x25519", key, 0, 2**52)
        profile = Profile(
            version=1,
            organisation="Example",
            broker_origin="https://broker.example",
            engineer_ca_key=bytes(32),
            audit_recipients=(recipient,),
        )
        head = SpoolHead(1, profile, os.urandom(16), bytes(32), bytes(32), bytes(32), 0)
        self.sealer = RememberingSealer(recipient)
        self.spool = Spool.create(spool_folder(folder), head)
        self.heap = EventHeap(LIMITS)
        self.line = SealingLine(self.sealer, self.spool, LIMITS, unix_ms=lambda: 1_000, monotonic_ms=lambda: 0)
        self.line.open()

    def seal(self, pieces: Sequence[bytes]) -> list[SealedRecord]:
        """The DATA records of one round."""
        for piece in pieces:
            self.heap.add(CommandOutput(1, 1, 1, piece), 0)
        records = self.line.seal(self.heap.take(), 0)
        assert all(len(record.data) <= RECORD_LIMIT_BYTES for record in records)
        return [record for record in records if RecordHeader.parse(record.data).type is RecordType.DATA]


@contextmanager
def sealing_line() -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        line = Line(Path(folder))
        yield line
        line.spool.close()


def log_text(byte_count: int) -> bytes:
    """Shrinks to a third, as what people look at does."""
    return os.urandom(byte_count // 6).hex().encode() * 3


@settings(max_examples=10)
@given(st.lists(st.lists(st.tuples(st.integers(0, 300_000), st.sampled_from(["zeros", "random", "text"])), max_size=9)))
def test_every_event_is_sealed_once_and_in_order(rounds: list[list[tuple[int, str]]]) -> None:
    """However what comes changes between what shrinks and what does not: a wrong guess costs a try, and no event."""
    make = {"zeros": bytes, "random": os.urandom, "text": log_text}
    with sealing_line() as line:
        given_bytes = b""
        for one in rounds:
            pieces = [make[kind](size) for size, kind in one]
            given_bytes += b"".join(pieces)
            records = line.seal(pieces)
            if records:
                assert records[-1].events_until == line.heap.event_count == len(line.sealer.sealed)
        assert b"".join(event.data for event in line.sealer.sealed if isinstance(event, CommandOutput)) == given_bytes
        assert line.sealer.event_count == len(line.sealer.sealed)


def test_what_shrinks_is_put_into_fewer_records() -> None:
    """A megabyte of log lines: four batches, and once it is known how they shrink, one record."""
    with sealing_line() as line:
        pieces = [log_text(PIECE_BYTES) for _ in range(14)]
        line.seal(pieces[:1])
        assert len(line.seal(pieces)) == 1


def test_what_does_not_shrink_is_not() -> None:
    """Random bytes: a record for each batch."""
    with sealing_line() as line:
        pieces = [os.urandom(PIECE_BYTES) for _ in range(14)]
        line.seal(pieces[:1])
        assert len(line.seal(pieces)) == 4


def test_what_is_read_at_once_fills_a_record() -> None:
    """Random bytes of a program without a terminal: each read is one event, and with what came before it one record."""
    with sealing_line() as line:
        line.heap.add(ParticipantLeft(1, 1), 0)
        records = line.seal([os.urandom(OUTPUT_AT_ONCE_BYTES) for _ in range(3)])
        assert [RecordHeader.parse(record.data).event_count for record in records] == [2, 1, 1]
        assert all(len(record.data) > 0.98 * RECORD_LIMIT_BYTES for record in records)


def test_a_wrong_guess_is_not_made_twice() -> None:
    """Random bytes right behind zeros do not fit together: they are sealed batch by batch."""
    with sealing_line() as line:
        line.seal([bytes(PIECE_BYTES)] * 12)
        assert len(line.seal([os.urandom(PIECE_BYTES) for _ in range(14)])) == 4


def test_tiny_events_are_not_put_together_without_end() -> None:
    """A record holds no more events than a batch may."""
    with sealing_line() as line:
        line.seal([b"x"] * MAX_BATCH_EVENTS)
        records = line.seal([b"x"] * (2 * MAX_BATCH_EVENTS + 2))
        counts = [RecordHeader.parse(record.data).event_count for record in records]
        assert max(counts) <= MAX_BATCH_EVENTS
        assert sum(counts) == 2 * MAX_BATCH_EVENTS + 2
