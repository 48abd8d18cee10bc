"""How the agent seals a record: one secret per epoch for the auditors, one key per record, each used once.

Each epoch begins with 32 random bytes, sealed with HPKE to every active audit recipient. From them a chain key is
derived; each record takes one key out of it and moves it on by a one-way step, and the old one is dropped:

    secret      32 random bytes
    commitment  Expand(secret, "consentry/commit/v1")                       in the EPOCH body: one secret, one plaintext
    chain key   Expand(secret, "consentry/ck/v1" ‖ session_id ‖ epoch u32)
    record key  Expand(chain key, "consentry/key/v1" ‖ seq u64)             AES-256-GCM, nonce 0: a key seals once
    chain key ← Expand(chain key, "consentry/next/v1")

Expand is HKDF-Expand with SHA-256 (RFC 5869), 32 bytes out. Neither these keys nor the session's signing key ever
touch a disk: an agent that could go on after a lost write might seal two plaintexts under one key. Python cannot
erase memory for certain; dropping the references is what it allows.
"""

import secrets
import struct
from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

import zstandard
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from protocol.errors import InputError, UnavailableError
from protocol.events import Event, FinalSummary, encode_events, encode_final
from protocol.record_chain import EPOCH_LIMIT_MS, EPOCH_LIMIT_RECORDS, chain_hash, genesis_hash, signed_bytes
from protocol.record_epochs import (
    AEAD_AES_256_GCM,
    KDF_HKDF_SHA256,
    KEM_X25519,
    KEM_X_WING,
    RECIPIENT_LIMIT,
    SUITE_OF_KEM,
    EpochEntry,
    encode_epoch_body,
)
from protocol.records import (
    BODY_LIMIT_BYTES,
    PADDING_BYTES,
    SEAL_TAG_BYTES,
    SEALED_HEADER_BYTES,
    UNCOMPRESSED_LIMIT_BYTES,
    RecordHeader,
    RecordSuite,
    RecordType,
)

COMMIT_LABEL = b"consentry/commit/v1"
CHAIN_KEY_LABEL = b"consentry/ck/v1"
RECORD_KEY_LABEL = b"consentry/key/v1"
NEXT_LABEL = b"consentry/next/v1"
EPOCH_LABEL = b"consentry/epoch/v1\0"

COMPRESSION = zstandard.ZstdCompressionParameters.from_level(1, hash_log=12, min_match=7, write_content_size=True)
"""zstd's fastest ordinary level, with a table that fits a core's first cache and repetitions of seven bytes or more:
0.85 of the level's time. Of log lines and listings that leaves not a byte more, of source code 8 percent."""

_MLKEM_PUBLIC_BYTES = 1184
_X25519_PUBLIC_BYTES = 32
_NONCE = bytes(12)


class AuditRecipientError(InputError):
    """An audit recipient that nothing can be sealed to. Never downgraded: no usable key, no session."""

    sentence = (
        "The organisation's audit key {key_id} cannot be used: {problem}. "
        "No session starts without it; tell the organisation's administrator."
    )


class NoAuditRecipientError(InputError):
    """No recipient is valid now."""

    sentence = (
        "None of the organisation's audit keys is valid at this time. Check this machine's clock; "
        "if it is right, tell the organisation's administrator."
    )


class SealTooLargeError(UnavailableError):
    """More events than fit into one record."""

    sentence = "These events are too many for one record ({size_bytes} bytes, {limit_bytes} are allowed)."


class Recipient(Protocol):
    """An audit key as the profile names it (`profile.AuditRecipient`): valid from and to Unix milliseconds."""

    @property
    def key_id(self) -> bytes: ...
    @property
    def suite(self) -> str: ...
    @property
    def public_key(self) -> bytes: ...
    @property
    def not_before_ms(self) -> int: ...
    @property
    def not_after_ms(self) -> int: ...


class SealingKey:
    """One recipient's key, read and probed: what fails here would otherwise fail when the customer has said yes."""

    def __init__(self, recipient: Recipient) -> None:
        self.recipient = recipient
        self.kem = {"x-wing": KEM_X_WING, "x25519": KEM_X25519}.get(recipient.suite, 0)
        if not self.kem or len(recipient.key_id) != 8:
            raise self._unusable(f"the suite {recipient.suite!r} does not exist")
        try:
            self._public_key = _read_public_key(self.kem, recipient.public_key)
            self._suite = Suite(
                KEM.MLKEM768_X25519 if self.kem == KEM_X_WING else KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM
            )
            self._suite.encrypt(bytes(32), self._public_key, info=b"probe")
        except UnsupportedAlgorithm:
            raise self._unusable("this build of the cryptography library lacks ML-KEM") from None
        except ValueError:
            raise self._unusable("it is not a valid public key") from None

    def _unusable(self, problem: str) -> AuditRecipientError:
        return AuditRecipientError(key_id=self.recipient.key_id.hex(), problem=problem)

    def is_valid(self, now_ms: int) -> bool:
        return self.recipient.not_before_ms <= now_ms <= self.recipient.not_after_ms

    def seal(self, secret: bytes, info: bytes) -> EpochEntry:
        ciphertext = self._suite.encrypt(secret, self._public_key, info=info + self.recipient.key_id)
        return EpochEntry(self.recipient.key_id, self.kem, KDF_HKDF_SHA256, AEAD_AES_256_GCM, ciphertext)


def _read_public_key(kem: int, data: bytes) -> X25519PublicKey | MLKEM768X25519PublicKey:
    """X-Wing keys are ML-KEM-768's 1,184 bytes ‖ X25519's 32 (draft-connolly-cfrg-xwing-kem). Raises ValueError."""
    if kem == KEM_X25519:
        return X25519PublicKey.from_public_bytes(data)
    if len(data) != _MLKEM_PUBLIC_BYTES + _X25519_PUBLIC_BYTES:
        raise ValueError("wrong length")
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(data[:_MLKEM_PUBLIC_BYTES]),
        X25519PublicKey.from_public_bytes(data[_MLKEM_PUBLIC_BYTES:]),
    )


def expand(key: bytes, info: bytes) -> bytes:
    """HKDF-Expand (RFC 5869) with SHA-256 to 32 bytes; the labels above keep the purposes apart."""
    return HKDFExpand(SHA256(), 32, info).derive(key)


class RecordSealer:
    """Seals and signs one session's records, in order. Not thread-safe: one thread, one at a time.

    Raises AuditRecipientError at once if any recipient cannot be sealed to: never fewer or weaker keys than the
    organisation signed. The first record must come from `seal_epoch`.
    """

    def __init__(
        self,
        session_id: bytes,
        agent_signing_key: Ed25519PrivateKey,
        recipients: Sequence[Recipient],
        manifest_commitment: bytes,
    ) -> None:
        if not 1 <= len(recipients) <= RECIPIENT_LIMIT:
            raise NoAuditRecipientError
        self._session_id = session_id
        self._signing_key = agent_signing_key
        self._recipients = [SealingKey(recipient) for recipient in recipients]
        self._compressor = zstandard.ZstdCompressor(compression_params=COMPRESSION)
        agent_key = agent_signing_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.next_seq = 0
        """Number of the next record; the FINAL record's `record_count` is this + 1."""
        self.event_count = 0
        """Events sealed so far: the FINAL record's `event_count`."""
        self.chain_hash = genesis_hash(session_id, agent_key, manifest_commitment)
        """`prev` of the next record."""
        self.finished = False
        self._epoch = -1
        self._suite = RecordSuite.X_WING
        self._chain_key = b""
        self._epoch_records = 0
        self._epoch_began_ms = 0

    def needs_new_epoch(self, now_ms: int) -> bool:
        """Before record 0, after 60 minutes or 4,096 records, and when the clock went back. `now_ms` is Unix time."""
        if self._epoch < 0 or self._epoch_records >= EPOCH_LIMIT_RECORDS:
            return True
        return not 0 <= now_ms - self._epoch_began_ms < EPOCH_LIMIT_MS

    def seal_epoch(self, now_ms: int) -> bytes:
        """An EPOCH record: record 0, and again whenever `needs_new_epoch`, or after the machine slept.

        `now_ms` is Unix time. Sealed to every recipient that is valid then; raises NoAuditRecipientError if none is.
        """
        active = [recipient for recipient in self._recipients if recipient.is_valid(now_ms)]
        if not active:
            raise NoAuditRecipientError
        epoch = self._epoch + 1
        secret = secrets.token_bytes(32)
        info = EPOCH_LABEL + self._session_id + struct.pack(">QI", self.next_seq, epoch) + self.chain_hash
        entries = tuple(recipient.seal(secret, info) for recipient in active)
        suite = max(SUITE_OF_KEM[entry.kem] for entry in entries)
        body = encode_epoch_body(entries, expand(secret, COMMIT_LABEL))
        self._epoch, self._suite = epoch, suite
        self._epoch_began_ms, self._epoch_records = now_ms, 0
        self._chain_key = expand(secret, CHAIN_KEY_LABEL + self._session_id + struct.pack(">I", epoch))
        return self._sign(self._header(RecordType.EPOCH, 0, now_ms, now_ms, len(body)), body)

    def seal_events(self, events: Sequence[Event], t_first: int, t_last: int) -> bytes:
        """A DATA record of at least one event.

        `t_first` and `t_last` bound, in milliseconds on the session's clock, the time that the record accounts for;
        they are widened if an event lies outside. Raises SealTooLargeError, changing nothing: give fewer events.
        """
        if not events:
            raise ValueError("a DATA record holds at least one event")
        plaintext = encode_events(list(events))
        times = [event.t_ms for event in events]
        record = self._seal(RecordType.DATA, plaintext, len(events), min(t_first, *times), max(t_last, *times))
        self.event_count += len(events)
        return record

    def seal_final(self, summary: FinalSummary) -> bytes:
        """The last record. Its totals must be this sealer's own: anything else would be a recording that fails."""
        if (summary.record_count, summary.event_count) != (self.next_seq + 1, self.event_count):
            raise ValueError("the summary counts other records or events than were sealed")
        record = self._seal(RecordType.FINAL, encode_final(summary), 0, summary.ended_at_ms, summary.ended_at_ms)
        self.finished = True
        self._chain_key = b""
        return record

    def _seal(self, kind: RecordType, plaintext: bytes, event_count: int, t_first_ms: int, t_last_ms: int) -> bytes:
        if self._epoch < 0 or self.finished:
            raise ValueError("a recording begins with an epoch and ends with FINAL")
        if kind is RecordType.DATA and self._epoch_records >= EPOCH_LIMIT_RECORDS:
            raise ValueError("the epoch is full: a new one comes first")
        if len(plaintext) > UNCOMPRESSED_LIMIT_BYTES:
            raise SealTooLargeError(size_bytes=len(plaintext), limit_bytes=UNCOMPRESSED_LIMIT_BYTES)
        packed = self._compressor.compress(plaintext)
        length = struct.pack(">I", len(packed))
        padded = b"".join((length, packed, bytes(-(len(length) + len(packed)) % PADDING_BYTES)))
        body_bytes = len(padded) + SEAL_TAG_BYTES
        if body_bytes > BODY_LIMIT_BYTES:
            raise SealTooLargeError(size_bytes=body_bytes, limit_bytes=BODY_LIMIT_BYTES)
        header = self._header(kind, event_count, t_first_ms, t_last_ms, body_bytes)
        key = expand(self._chain_key, RECORD_KEY_LABEL + struct.pack(">Q", self.next_seq))
        self._chain_key = expand(self._chain_key, NEXT_LABEL)
        body = AESGCM(key).encrypt(_NONCE, padded, header.encode()[:SEALED_HEADER_BYTES])
        return self._sign(header, body)

    def _header(
        self, kind: RecordType, event_count: int, t_first_ms: int, t_last_ms: int, body_bytes: int
    ) -> RecordHeader:
        return RecordHeader(
            kind,
            self._suite,
            self._session_id,
            self.next_seq,
            self._epoch,
            event_count,
            t_first_ms,
            t_last_ms,
            body_bytes,
            self.chain_hash,
            bytes(32),
        )

    def _sign(self, header: RecordHeader, body: bytes) -> bytes:
        header_bytes = header.encode()[:SEALED_HEADER_BYTES] + sha256(body).digest()
        signature = self._signing_key.sign(signed_bytes(header_bytes))
        self.next_seq += 1
        self._epoch_records += 1
        self.chain_hash = chain_hash(header_bytes)
        return b"".join((header_bytes, body, signature))
