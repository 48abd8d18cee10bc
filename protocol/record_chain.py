"""What a row of records proves, to whoever cannot read a word of it.

A recording is a row of records. Each is signed by the agent's session key and names the hash of the one before, so
whoever holds the row, the agent's public key and the manifest commitment can tell that nothing was changed, dropped,
moved or added: without being able to read a word.

    prev of record 0     SHA-256("consentry/genesis/v1\\0" ‖ session_id ‖ agent_key ‖ manifest_commitment)
    prev of record i+1   SHA-256("consentry/chain/v1\\0" ‖ header of record i)

The body is bound through its hash in the header, so the chain can be walked by headers alone.
"""

from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from protocol.details import Detail
from protocol.errors import IntegrityError
from protocol.record_epochs import SUITE_OF_KEM, parse_epoch_body
from protocol.records import Record, RecordHeader, RecordSuite, RecordType, split_record

GENESIS_LABEL = b"consentry/genesis/v1\0"
CHAIN_LABEL = b"consentry/chain/v1\0"
RECORD_LABEL = b"consentry/record/v1\0"
EPOCH_LIMIT_RECORDS = 4096
EPOCH_LIMIT_MS = 60 * 60 * 1000
"""A chain key seals at most so many records, for at most so long: a lost key opens no more than that."""


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
