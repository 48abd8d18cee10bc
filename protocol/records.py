"""The sealed record: layout, chain and signature. Nothing here can open one.

A recording is a row of records. Each is signed by the agent's session key and names the hash of the one before, so
whoever holds the row, the agent's public key and the manifest commitment can tell that nothing was changed, dropped,
moved or added: without being able to read a word.

    header 128   magic "CSR1" | type u8 | suite u8 | flags u16 = 0 | session_id 16 | seq u64 | epoch u32 | n_events u32
                 | t_first u64 | t_last u64 | reserved u32 = 0 | body_len u32 | prev 32 | body_sha256 32
    body         EPOCH: n u8, n × (key_id 8, kem u16, kdf u16, aead u16, len u16, HPKE ciphertext), commitment 32
                 DATA, FINAL: AES-256-GCM
    signature 64 Ed25519(session key, "consentry/record/v1\\0" ‖ header)

    prev of record 0     SHA-256("consentry/genesis/v1\\0" ‖ session_id ‖ agent_key ‖ manifest_commitment)
    prev of record i+1   SHA-256("consentry/chain/v1\\0" ‖ header of record i)

All numbers are big-endian. The body is bound through its hash in the header, so the chain can be walked by headers
alone. `docs/protocol/record.md` tells the whole format, the sealing included (that half is `record_sealing.py`).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

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
RECIPIENT_LIMIT = 4
"""Audit keys that one epoch can be sealed to: active and next, each with an escrow."""

EPOCH_LIMIT_RECORDS = 4096
EPOCH_LIMIT_MS = 60 * 60 * 1000
"""A chain key seals at most so many records, for at most so long: a lost key opens no more than that."""

GENESIS_LABEL = b"consentry/genesis/v1\0"
CHAIN_LABEL = b"consentry/chain/v1\0"
RECORD_LABEL = b"consentry/record/v1\0"

_HEADER = struct.Struct(">4sBBH16sQIIQQII32s32s")
_ENTRY_HEAD = struct.Struct(">8sHHHH")


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


class RecordBodyChangedError(IntegrityError):
    """The body is not the one whose hash was signed."""

    sentence = "The body of record {seq} was changed after it was sealed."


class RecordSignatureError(IntegrityError):
    """Not signed by this session's agent."""

    sentence = "Record {seq} is not signed by the agent of this session."


class RecordForeignError(IntegrityError):
    """Names another session."""

    sentence = "Record {seq} belongs to another session."


class RecordMissingError(IntegrityError):
    """Records between the last one and this one are not here."""

    sentence = "Record {expected} is missing: record {seq} came in its place."


class RecordRepeatedError(IntegrityError):
    """A number that was already used."""

    sentence = "Record {seq} was already there; record {expected} should have come."


class RecordChainError(IntegrityError):
    """The right number, but it continues another past."""

    sentence = "Record {seq} does not continue the record before it."


class RecordEpochError(IntegrityError):
    """Order of record types or epoch numbers is wrong."""

    sentence = "Record {seq} is out of place: {problem}."


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
class EpochEntry:
    """One recipient's share of an EPOCH body; `kem`, `kdf`, `aead` are HPKE's registered numbers."""

    key_id: bytes
    kem: int
    kdf: int
    aead: int
    ciphertext: bytes

    def encode(self) -> bytes:
        return _ENTRY_HEAD.pack(self.key_id, self.kem, self.kdf, self.aead, len(self.ciphertext)) + self.ciphertext


KEM_X_WING = 0x647A
KEM_X25519 = 0x0020
KDF_HKDF_SHA256 = 0x0001
AEAD_AES_256_GCM = 0x0002
SUITE_OF_KEM = {KEM_X_WING: RecordSuite.X_WING, KEM_X25519: RecordSuite.X25519}
EPOCH_CIPHERTEXT_BYTES = {KEM_X_WING: 1120 + 32 + SEAL_TAG_BYTES, KEM_X25519: 32 + 32 + SEAL_TAG_BYTES}
"""HPKE's encapsulation, the 32-byte secret, the tag."""
COMMITMENT_BYTES = 32


def encode_epoch_body(entries: tuple[EpochEntry, ...], commitment: bytes) -> bytes:
    return bytes([len(entries)]) + b"".join(entry.encode() for entry in entries) + commitment


def parse_epoch_body(body: bytes, seq: int) -> tuple[tuple[EpochEntry, ...], bytes]:
    """The entries and the key commitment. Raises RecordMalformedError for anything but the one valid reading."""

    def malformed(problem: str) -> RecordMalformedError:
        return RecordMalformedError(seq=seq, problem=problem)

    if not body or not 1 <= body[0] <= RECIPIENT_LIMIT:
        raise malformed(f"an epoch has 1 to {RECIPIENT_LIMIT} recipients")
    entries = []
    position = 1
    for _ in range(body[0]):
        if len(body) < position + _ENTRY_HEAD.size:
            raise malformed("the epoch's list of recipients is cut short")
        key_id, kem, kdf, aead, size = _ENTRY_HEAD.unpack_from(body, position)
        position += _ENTRY_HEAD.size
        if EPOCH_CIPHERTEXT_BYTES.get(kem) != size or kdf != KDF_HKDF_SHA256 or aead != AEAD_AES_256_GCM:
            raise malformed("an epoch's recipient uses a suite that does not exist")
        entries.append(EpochEntry(key_id, kem, kdf, aead, body[position : position + size]))
        position += size
    commitment = body[position:]
    if len(commitment) != COMMITMENT_BYTES:
        raise malformed("the epoch's body has the wrong length")
    if len({entry.key_id for entry in entries}) != len(entries):
        raise malformed("an epoch names one recipient twice")
    return tuple(entries), commitment


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


def genesis_hash(session_id: bytes, agent_key: bytes, manifest_commitment: bytes) -> bytes:
    """What record 0 names as the one before it: it ties the chain to the session, its key and its manifest."""
    return sha256(GENESIS_LABEL + session_id + agent_key + manifest_commitment).digest()


def chain_hash(header: RecordHeader | bytes) -> bytes:
    """What the next record's `prev` must be."""
    return sha256(CHAIN_LABEL + (header if isinstance(header, bytes) else header.encode())).digest()


def signed_bytes(header_bytes: bytes) -> bytes:
    return RECORD_LABEL + header_bytes


def verify_signature(record: Record, agent_key: Ed25519PublicKey) -> None:
    """Raises RecordBodyChangedError or RecordSignatureError."""
    if sha256(record.body).digest() != record.header.body_sha256:
        raise RecordBodyChangedError(seq=record.header.seq)
    try:
        agent_key.verify(record.signature, signed_bytes(record.header_bytes))
    except InvalidSignature:
        raise RecordSignatureError(seq=record.header.seq) from None


class ChainVerifier:
    """Accepts the records of one session in order, and nothing else. An error changes nothing.

    Keyless: it sees that a record was made by this session's agent and continues the one before, never what it says.
    `agent_key` is the 32-byte Ed25519 public key.
    """

    def __init__(self, session_id: bytes, agent_key: bytes, manifest_commitment: bytes) -> None:
        self._session_id = session_id
        self._agent_key = Ed25519PublicKey.from_public_bytes(agent_key)
        self.next_seq = 0
        """Number that the next record must have."""
        self.chain_hash = genesis_hash(session_id, agent_key, manifest_commitment)
        """Hash that the next record must name as `prev`."""
        self.finished = False
        """A FINAL record was accepted; nothing may follow."""
        self._epoch = -1
        self._epoch_records = 0
        self._suite = RecordSuite.X_WING

    def accept(self, record: bytes) -> RecordHeader:
        """Checks everything that can be checked without a key to open. Raises one of the errors of this module."""
        return self.accept_authentic(self.authenticate(record))

    def accept_authentic(self, parts: Record) -> RecordHeader:
        """The half of `accept` that depends on the records before: for what `authenticate` has given."""
        header = parts.header
        if header.seq > self.next_seq:
            raise RecordMissingError(seq=header.seq, expected=self.next_seq)
        if header.seq < self.next_seq:
            raise RecordRepeatedError(seq=header.seq, expected=self.next_seq)
        if header.prev != self.chain_hash:
            raise RecordChainError(seq=header.seq)
        self._check_place(parts)
        if header.type is RecordType.EPOCH:
            self._epoch = header.epoch
            self._epoch_records = 0
            self._suite = header.suite
        self._epoch_records += 1
        self.finished = header.type is RecordType.FINAL
        self.next_seq = header.seq + 1
        self.chain_hash = chain_hash(parts.header_bytes)
        return header

    def authenticate(self, record: bytes) -> Record:
        """Takes a record apart and proves that this session's agent made it, wherever in the row it belongs.

        Nearly all of the time that verifying takes, and any thread's: it depends on nothing that changes.
        """
        parts = split_record(record)
        verify_signature(parts, self._agent_key)
        if parts.header.session_id != self._session_id:
            raise RecordForeignError(seq=parts.header.seq)
        return parts

    def _check_place(self, record: Record) -> None:
        header = record.header
        if self.finished:
            raise RecordEpochError(seq=header.seq, problem="the recording was already closed")
        if header.type is RecordType.EPOCH:
            if header.epoch != self._epoch + 1:
                raise RecordEpochError(seq=header.seq, problem="epochs are counted from 0 without a gap")
            entries, _ = parse_epoch_body(record.body, header.seq)
            if header.suite != max(SUITE_OF_KEM[entry.kem] for entry in entries):
                raise RecordEpochError(seq=header.seq, problem="the header names another suite than the body uses")
            return
        if self._epoch < 0:
            raise RecordEpochError(seq=header.seq, problem="a recording begins with an epoch")
        if header.epoch != self._epoch or header.suite != self._suite:
            raise RecordEpochError(seq=header.seq, problem="it does not belong to the current epoch")
        if header.type is RecordType.DATA and self._epoch_records >= EPOCH_LIMIT_RECORDS:
            raise RecordEpochError(
                seq=header.seq, problem=Detail("an epoch has at most {limit} records", limit=EPOCH_LIMIT_RECORDS)
            )
