"""The sealed record, byte by byte. Nothing here can open one, and nothing here proves one.

    header 128   magic "CSR1" | type u8 | suite u8 | flags u16 = 0 | session_id 16 | seq u64 | epoch u32 | n_events u32
                 | t_first u64 | t_last u64 | reserved u32 = 0 | body_len u32 | prev 32 | body_sha256 32
    body         EPOCH: n u8, n × (key_id 8, kem u16, kdf u16, aead u16, len u16, HPKE ciphertext), commitment 32
                 DATA, FINAL: AES-256-GCM
    signature 64 Ed25519(session key, "consentry/record/v1\\0" ‖ header)

All numbers are big-endian. `record_epochs.py` has the body of EPOCH records, `record_chain.py` what a row of records
proves, `record_sealing.py` how the agent seals one; `docs/protocol/record.md` tells the whole format.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from protocol.details import Detail
from protocol.errors import IntegrityError

MAGIC = b"CSR1"
HEADER_BYTES = 128
SIGNATURE_BYTES = 64
SEALED_HEADER_BYTES = 96
"""The part of the header that the seal of a DATA or FINAL body covers: all but the hash of that same body."""

RECORD_LIMIT_BYTES = 256 * 1024
"""Largest whole record. Bounds what the broker holds per recorder, and is below its websocket message limit."""

BODY_LIMIT_BYTES = RECORD_LIMIT_BYTES - HEADER_BYTES - SIGNATURE_BYTES
SMALLEST_RECORD_BYTES = HEADER_BYTES + SIGNATURE_BYTES + 1
UNCOMPRESSED_LIMIT_BYTES = 1024 * 1024
"""Most that the events of one record may be after inflating: checked by the reader before it inflates."""

PADDING_BYTES = 512
"""Sealed plaintexts are padded to a multiple of this: lengths of keystrokes are not to be read off the record."""

SEAL_TAG_BYTES = 16
_HEADER = struct.Struct(">4sBBH16sQIIQQII32s32s")


class RecordType(IntEnum):
    """What a record's body is."""

    EPOCH = 1
    """A fresh secret for the records that follow, sealed to each audit recipient."""
    DATA = 2
    """Events."""
    FINAL = 3
    """The summary. Nothing comes after it."""


class RecordSuite(IntEnum):
    """How an epoch's secret is sealed; with several recipients the weakest counts, and its records repeat it."""

    X_WING = 1
    """HPKE with X-Wing (ML-KEM-768 and X25519), HKDF-SHA256, AES-256-GCM."""
    X25519 = 2
    """HPKE (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Not safe against quantum computers."""


class RecordMalformedError(IntegrityError):
    """The bytes are no record: magic, type, sizes or reserved fields."""

    sentence = "Record {seq} is not laid out as a record: {problem}. It was refused."


class RecordTooLargeError(RecordMalformedError):
    """Longer than any record may be."""

    sentence = "Record {seq} has {size_bytes} bytes; {limit_bytes} are allowed. It was refused."


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """The signed 128 bytes.

    Times: for EPOCH and FINAL both are the Unix time in milliseconds on the agent's clock when the record was made;
    for DATA they are milliseconds on the session's clock (as `t_ms` of events), and every event lies between them.
    """

    type: RecordType
    suite: RecordSuite
    session_id: bytes
    seq: int
    epoch: int
    event_count: int
    t_first_ms: int
    t_last_ms: int
    body_bytes: int
    prev: bytes
    body_sha256: bytes

    @property
    def record_bytes(self) -> int:
        """Size of the whole record."""
        return HEADER_BYTES + self.body_bytes + SIGNATURE_BYTES

    def encode(self) -> bytes:
        return _HEADER.pack(
            MAGIC,
            self.type,
            self.suite,
            0,
            self.session_id,
            self.seq,
            self.epoch,
            self.event_count,
            self.t_first_ms,
            self.t_last_ms,
            0,
            self.body_bytes,
            self.prev,
            self.body_sha256,
        )

    @classmethod
    def parse(cls, data: bytes) -> "RecordHeader":
        """Reads the first 128 bytes of `data`; proves nothing. Raises RecordMalformedError or RecordTooLargeError."""
        if len(data) < HEADER_BYTES:
            raise RecordMalformedError(
                seq="?", problem=Detail("{size_bytes} bytes are fewer than a header", size_bytes=len(data))
            )
        (
            magic,
            kind,
            suite,
            flags,
            session_id,
            seq,
            epoch,
            event_count,
            t_first,
            t_last,
            reserved,
            size,
            prev,
            digest,
        ) = _HEADER.unpack_from(data)
        if magic != MAGIC:
            raise RecordMalformedError(seq="?", problem="it does not begin with the format's mark")
        if kind not in _TYPES:
            raise RecordMalformedError(seq=seq, problem=Detail("type {kind} does not exist", kind=kind))
        if suite not in _SUITES:
            raise RecordMalformedError(seq=seq, problem=Detail("suite {suite} does not exist", suite=suite))
        if flags or reserved:
            raise RecordMalformedError(seq=seq, problem="a reserved field is used")
        if size > BODY_LIMIT_BYTES:
            total = HEADER_BYTES + size + SIGNATURE_BYTES
            raise RecordTooLargeError(seq=seq, size_bytes=total, limit_bytes=RECORD_LIMIT_BYTES)
        header = cls(
            RecordType(kind),
            RecordSuite(suite),
            session_id,
            seq,
            epoch,
            event_count,
            t_first,
            t_last,
            size,
            prev,
            digest,
        )
        header._check_shape()
        return header

    def _check_shape(self) -> None:
        if self.t_first_ms > self.t_last_ms:
            raise RecordMalformedError(seq=self.seq, problem="it ends before it begins")
        if (self.event_count > 0) != (self.type is RecordType.DATA):
            raise RecordMalformedError(seq=self.seq, problem="DATA records hold events, others do not")
        if self.type is RecordType.EPOCH:
            return
        plaintext_bytes = self.body_bytes - SEAL_TAG_BYTES
        if plaintext_bytes < PADDING_BYTES or plaintext_bytes % PADDING_BYTES:
            raise RecordMalformedError(seq=self.seq, problem="its body is not padded as it must be")


_TYPES = frozenset(RecordType)
_SUITES = frozenset(RecordSuite)


@dataclass(frozen=True, slots=True)
class Record:
    """One record taken apart; nothing about it is proved yet. `header_bytes` is what was signed."""

    header: RecordHeader
    header_bytes: bytes
    body: bytes
    signature: bytes


def split_record(data: bytes) -> Record:
    """Takes one whole record apart. Raises RecordMalformedError or RecordTooLargeError; proves nothing."""
    if len(data) > RECORD_LIMIT_BYTES:
        raise RecordTooLargeError(seq="?", size_bytes=len(data), limit_bytes=RECORD_LIMIT_BYTES)
    header = RecordHeader.parse(data)
    if len(data) != header.record_bytes:
        problem = f"it has {len(data)} bytes and its header says {header.record_bytes}"
        raise RecordMalformedError(seq=header.seq, problem=problem)
    body_end = HEADER_BYTES + header.body_bytes
    return Record(header, data[:HEADER_BYTES], data[HEADER_BYTES:body_end], data[body_end:])


def iter_record_spans(data: bytes | memoryview) -> Iterator[tuple[int, int]]:
    """`(start, end)` of each record in a row of whole records, by the lengths in their headers.

    Stops, without an error, where no whole record follows: the caller compares the last end with `len(data)`.
    """
    position = 0
    while len(data) - position >= SMALLEST_RECORD_BYTES:
        try:
            header = RecordHeader.parse(bytes(data[position : position + HEADER_BYTES]))
        except RecordMalformedError:
            return
        end = position + header.record_bytes
        if end > len(data):
            return
        yield position, end
        position = end
