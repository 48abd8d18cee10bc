"""The chain from bytes alone: is every record this agent's, in its place, and unchanged?

This reads the format by its description (docs/protocol/record.md), not through the code that writes it, and it goes
one step further than ingest must: it says what happened to the first record that fails. How the verdicts are reached:

    flipped    some bytes of a record were changed (or cut out of its middle): it stands where it belongs, but its
               signature does not fit, or its body is not the signed one
    dropped    a valid record stands where an earlier number is due, and that number is nowhere later
    reordered  … and that number is found later
    repeated   a record that was there before stands there again
    truncated  the file ends inside a record; or it ends whole, without FINAL, although the session was closed
    foreign    a whole record of another session, or anything after FINAL
    forked     signed by this agent and numbered right, but it continues another past
    malformed  signed by this agent and in its place, but against the format's own rules
"""

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HEADER = struct.Struct(">4s B B H 16s Q I I Q Q I I 32s 32s")
SIGNATURE_BYTES = 64
FRAME_BYTES = HEADER.size + SIGNATURE_BYTES
RECORD_LIMIT_BYTES = 256 * 1024
EPOCH, DATA, FINAL = 1, 2, 3
EPOCH_LIMIT_RECORDS = 4096
_MAGIC = b"CSR1"
_SESSION_ID_AT = 8


class FaultKind(StrEnum):
    """What happened to the first record that fails; the module's text explains each."""

    FLIPPED = "flipped"
    DROPPED = "dropped"
    REORDERED = "reordered"
    REPEATED = "repeated"
    TRUNCATED = "truncated"
    FOREIGN = "foreign"
    FORKED = "forked"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Fault:
    """`record` counts from 0 and is the number that was due; `offset` is where in the file, in bytes."""

    kind: FaultKind
    record: int
    offset: int


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as it lies in the file. Numbers are what the header says, proved only by `inspect_chain`."""

    header: bytes = field(repr=False)
    body: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    magic: bytes
    type: int
    suite: int
    flags: int
    session_id: bytes
    seq: int
    epoch: int
    event_count: int
    t_first_ms: int
    t_last_ms: int
    reserved: int
    body_bytes: int
    prev: bytes
    body_sha256: bytes

    @property
    def size_bytes(self) -> int:
        return FRAME_BYTES + self.body_bytes

    @property
    def is_withheld(self) -> bool:
        """An EPOCH record without its body: it is kept apart from the rest, or was destroyed by an erase."""
        return self.type == EPOCH and len(self.body) == self.body_bytes and not any(self.body)

    @property
    def is_whole(self) -> bool:
        return len(self.body) == self.body_bytes and len(self.signature) == SIGNATURE_BYTES


def read_record(source: BinaryIO, offset: int) -> StoredRecord | None:
    """What lies at an offset, by the length that its header claims; None if not even a header does."""
    source.seek(offset)
    header = source.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    fields = HEADER.unpack(header)
    size = min(fields[11], RECORD_LIMIT_BYTES) + SIGNATURE_BYTES
    rest = source.read(size)
    body, signature = rest[: size - SIGNATURE_BYTES], rest[size - SIGNATURE_BYTES :]
    return StoredRecord(header, body, signature, *fields)


@dataclass(slots=True)
class Inspection:
    """What was found. `offsets` are the places of the records that are proved, record 0 first, up to the fault."""

    size_bytes: int
    fault: Fault | None = None
    finished: bool = False
    offsets: "array[int]" = field(default_factory=lambda: array("Q"))
    epochs: int = 0
    withheld_epochs: int = 0
    """Epochs that nothing can open: their secrets were destroyed. Their records are still proved by signed hashes."""
    event_count: int = 0
    chain_hash: bytes = b""
    began_ms: int | None = None
    """Unix time of record 0 on the agent's clock."""
    ended_ms: int | None = None
    """Unix time of the FINAL record on the agent's clock."""
    duration_ms: int = 0
    """How far the session's clock got in the records that are here."""


def inspect_chain(source: BinaryIO, session_id: bytes, agent_key: bytes, manifest_commitment: bytes) -> Inspection:
    """Walks the file from its first byte and stops at the first record that fails. Opens nothing."""
    return ChainInspector(source, session_id, agent_key, manifest_commitment).run()


class ChainInspector:
    """Walks one file. `advance` may be called again when the file has grown."""

    def __init__(self, source: BinaryIO, session_id: bytes, agent_key: bytes, commitment: bytes) -> None:
        self._source = source
        self._session_id = session_id
        self._agent_key = Ed25519PublicKey.from_public_bytes(agent_key)
        self._prev = sha256(b"consentry/genesis/v1\0" + session_id + agent_key + commitment).digest()
        self._epoch = -1
        self._epoch_records = 0
        self._suite = 0
        self._offset = 0
        self.found = Inspection(size_bytes=source.seek(0, 2), chain_hash=self._prev)

    def run(self) -> Inspection:
        """Everything that is there."""
        for _ in self.advance():
            pass
        return self.found

    def advance(self) -> Iterator[StoredRecord]:
        """Proves what was added since the last time, record by record. Stops at a fault, for good.

        A file that is being written may end inside a record: that is a fault like any other here, so leave out what
        is not whole yet by `has_next`.
        """
        found = self.found
        found.size_bytes = self._source.seek(0, 2)
        while self._offset < found.size_bytes and found.fault is None:
            record = read_record(self._source, self._offset)
            kind = self._judge(record, self._offset)
            if record is None or kind is not None:
                found.fault = Fault(kind or FaultKind.TRUNCATED, len(found.offsets), self._offset)
                return
            self._add(record, self._offset)
            self._offset += record.size_bytes
            found.chain_hash = self._prev
            yield record

    def has_next(self) -> bool:
        """Whether a whole record lies behind the last proved one, by the length that its header claims."""
        record = read_record(self._source, self._offset)
        return record is not None and record.is_whole

    def _add(self, record: StoredRecord, offset: int) -> None:
        found = self.found
        if record.type == EPOCH:
            self._epoch, self._suite, self._epoch_records = record.epoch, record.suite, 0
            found.epochs += 1
            found.withheld_epochs += record.is_withheld
            if found.began_ms is None:
                found.began_ms = record.t_first_ms
        elif record.type == DATA:
            found.duration_ms = max(found.duration_ms, record.t_last_ms)
        else:
            found.finished, found.ended_ms = True, record.t_last_ms
        self._epoch_records += 1
        found.offsets.append(offset)
        found.event_count += record.event_count
        self._prev = sha256(b"consentry/chain/v1\0" + record.header).digest()

    # ── is it right? ──

    def _judge(self, record: StoredRecord | None, offset: int) -> FaultKind | None:
        """None for the record that is due here."""
        if record is not None and self._is_authentic(record):
            return self._judge_place(record)
        if self.found.finished:
            return FaultKind.FOREIGN
        if record is None:
            return FaultKind.TRUNCATED
        return self._diagnose(record, offset)

    def _is_authentic(self, record: StoredRecord) -> bool:
        return (
            record.is_whole
            and record.size_bytes <= RECORD_LIMIT_BYTES
            and (record.is_withheld or sha256(record.body).digest() == record.body_sha256)
            and self._is_signed(record.header, record.signature)
        )

    def _is_signed(self, header: bytes, signature: bytes) -> bool:
        try:
            self._agent_key.verify(signature, b"consentry/record/v1\0" + header)
        except InvalidSignature:
            return False
        return True

    def _judge_place(self, record: StoredRecord) -> FaultKind | None:
        """A record that this agent signed: is it the one that is due, and made by the rules?"""
        due = len(self.found.offsets)
        if record.session_id != self._session_id:
            return FaultKind.FOREIGN
        if record.seq < due:
            earlier = read_record(self._source, self.found.offsets[record.seq])
            return FaultKind.REPEATED if earlier is not None and earlier.header == record.header else FaultKind.FORKED
        if self.found.finished:
            return FaultKind.FOREIGN
        if record.seq > due:
            return FaultKind.REORDERED if self._is_later(due) else FaultKind.DROPPED
        if record.prev != self._prev:
            return FaultKind.FORKED
        return None if self._keeps_the_rules(record) else FaultKind.MALFORMED

    def _keeps_the_rules(self, record: StoredRecord) -> bool:
        if record.magic != _MAGIC or record.flags or record.reserved or record.t_first_ms > record.t_last_ms:
            return False
        if (record.event_count > 0) != (record.type == DATA):
            return False
        if record.type == EPOCH:
            return record.epoch == self._epoch + 1 and record.suite in (1, 2)
        in_epoch = record.epoch == self._epoch and record.suite == self._suite
        padded = record.body_bytes > 16 and (record.body_bytes - 16) % 512 == 0
        fits = record.type == FINAL or (record.type == DATA and self._epoch_records < EPOCH_LIMIT_RECORDS)
        return in_epoch and padded and fits

    def _is_later(self, seq: int) -> bool:
        """Whether a record with this number stands somewhere behind the last proved one, by the lengths in the file."""
        offset = self._end_of_proved()
        while (record := read_record(self._source, offset)) is not None and record.magic == _MAGIC:
            if record.seq == seq and record.session_id == self._session_id and self._is_authentic(record):
                return True
            offset += record.size_bytes
        return False

    def _end_of_proved(self) -> int:
        if not self.found.offsets:
            return 0
        last = read_record(self._source, self.found.offsets[-1])
        assert last is not None
        return self.found.offsets[-1] + last.size_bytes

    # ── what happened to it? ──

    def _diagnose(self, record: StoredRecord, offset: int) -> FaultKind:
        """A record that is not this agent's as it stands."""
        if self._is_foreign(record):
            return FaultKind.FOREIGN
        rest_bytes = self.found.size_bytes - offset
        if record.size_bytes <= rest_bytes or self._find_next(offset) is not None:
            return FaultKind.FLIPPED
        # It claims more than there is, and nothing follows: cut off, unless its header was changed.
        if record.magic != _MAGIC or record.prev != self._prev or self._is_all_there(record, offset, rest_bytes):
            return FaultKind.FLIPPED
        return FaultKind.TRUNCATED

    def _is_foreign(self, record: StoredRecord) -> bool:
        """Neither of this session nor behind the last record, but a sound record of somebody's."""
        return (
            record.magic == _MAGIC
            and record.session_id != self._session_id
            and record.prev != self._prev
            and (not record.is_whole or sha256(record.body).digest() == record.body_sha256)
        )

    def _find_next(self, offset: int) -> int | None:
        """Where the next record of this session begins, if one is found within a record's reach."""
        self._source.seek(offset + 1)
        window = self._source.read(RECORD_LIMIT_BYTES + HEADER.size)
        begin = 0
        while (at := window.find(_MAGIC, begin)) >= 0:
            if window[at + _SESSION_ID_AT : at + _SESSION_ID_AT + 16] == self._session_id:
                return offset + 1 + at
            begin = at + 1
        return None

    def _is_all_there(self, record: StoredRecord, offset: int, rest_bytes: int) -> bool:
        """Whether the rest of the file is the very body that the header names by its hash, and a signature."""
        if not FRAME_BYTES < rest_bytes <= RECORD_LIMIT_BYTES:
            return False
        self._source.seek(offset + HEADER.size)
        return sha256(self._source.read(rest_bytes - FRAME_BYTES)).digest() == record.body_sha256
