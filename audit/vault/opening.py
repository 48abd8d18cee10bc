"""From sealed records to events, by the format's description: HPKE, ratchet, bounded inflating.

Only records that `inspection.py` has proved come here. A record that is authentic may still be hostile, for the agent
is the customer's: every length is checked before it is believed, and nothing is inflated beyond its limit.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from audit.vault.inspection import DATA, EPOCH, StoredRecord, read_record
from audit.vault.recipient_key import RecipientKey, UnsealError
from protocol.errors import InputError, IntegrityError
from protocol.events import Event, FinalSummary, decode_events, decode_final

INFLATED_LIMIT_BYTES = 1024 * 1024
WINDOW_LIMIT_BYTES = 8 * 1024 * 1024
"""zstd's window for its fastest levels is far below; a frame that asks for more was not made by an agent."""

_KEM_NUMBERS = {"x-wing": 0x647A, "x25519": 0x0020}
_ENTRY = struct.Struct(">8s H H H H")


class SealedForOthersError(InputError):
    """None of the given keys is among the recipients."""

    sentence = "Record {record} is not sealed to this audit key. It names: {key_ids}."


class RecordingErasedError(InputError):
    """What would open it was destroyed, on purpose."""

    sentence = "The recording of session {session} was erased. Its chain still verifies; nothing can read it."


class SealBrokenError(IntegrityError):
    """Signed by the agent, but it does not open: made wrongly or on purpose."""

    sentence = "Record {record} is signed but does not open: {problem}."


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """One record's content: `events` of a DATA record, `final` of the FINAL record."""

    stored: StoredRecord
    events: tuple[Event, ...] = ()
    final: FinalSummary | None = None


class EpochSecrets(Protocol):
    """Gives the secret of an epoch. A process that parses recordings has them given, and no key."""

    def secret_of(self, record: StoredRecord) -> bytes:
        """The 32 bytes that an EPOCH record seals.

        Raises SealedForOthersError, RecordingErasedError, SealBrokenError or OpenerFailedError.
        """
        ...


class KeyRing:
    """EpochSecrets of whoever has audit keys."""

    def __init__(self, keys: Sequence[RecipientKey]) -> None:
        self._keys = {key.recipient.key_id: key for key in keys}

    def secret_of(self, record: StoredRecord) -> bytes:
        entries, commitment = _parse_epoch(record)
        for key_id, kem, ciphertext in entries:
            key = self._keys.get(key_id)
            if key is None or _KEM_NUMBERS[key.recipient.suite] != kem:
                continue
            place = struct.pack(">QI", record.seq, record.epoch)
            info = b"consentry/epoch/v1\0" + record.session_id + place + record.prev + key_id
            try:
                secret = key.unseal(ciphertext, info)
            except UnsealError:
                raise SealBrokenError(record=record.seq, problem="the epoch's secret was not sealed properly") from None
            if len(secret) != 32 or _expand(secret, b"consentry/commit/v1") != commitment:
                raise SealBrokenError(record=record.seq, problem="recipients were given different secrets")
            return secret
        raise SealedForOthersError(record=record.seq, key_ids=", ".join(entry[0].hex() for entry in entries))


Keys = Sequence[RecipientKey] | EpochSecrets
"""Audit keys, or what they gave."""


def epoch_secrets(keys: Keys) -> EpochSecrets:
    return KeyRing(keys) if isinstance(keys, Sequence) else keys


class RecordOpener:
    """Follows the ratchet: records must be given in order, from an EPOCH record on."""

    def __init__(self, secrets: EpochSecrets) -> None:
        self._secrets = secrets
        self._chain_key = b""

    def open(self, record: StoredRecord) -> OpenedRecord:
        if record.type == EPOCH:
            self._begin_epoch(record)
            return OpenedRecord(record)
        plaintext = self._unseal(record)
        if record.type != DATA:
            return OpenedRecord(record, final=decode_final(plaintext))
        events = tuple(decode_events(plaintext))
        if len(events) != record.event_count:
            raise SealBrokenError(record=record.seq, problem="it holds another number of events than its header says")
        return OpenedRecord(record, events)

    def skip(self, record: StoredRecord) -> None:
        """Moves on without opening."""
        if record.type == EPOCH:
            self._begin_epoch(record)
        else:
            self._next_key(record)

    def _begin_epoch(self, record: StoredRecord) -> None:
        secret = self._secrets.secret_of(record)
        epoch = struct.pack(">I", record.epoch)
        self._chain_key = _expand(secret, b"consentry/ck/v1" + record.session_id + epoch)

    def _unseal(self, record: StoredRecord) -> bytes:
        key = self._next_key(record)
        try:
            padded = AESGCM(key).decrypt(bytes(12), record.body, record.header[:96])
        except InvalidTag:
            raise SealBrokenError(record=record.seq, problem="its key does not fit") from None
        size = struct.unpack_from(">I", padded)[0]
        if size > len(padded) - 4 or any(padded[4 + size :]) or len(padded) - 4 - size >= 512:
            raise SealBrokenError(record=record.seq, problem="its padding is wrong")
        return inflate(padded[4 : 4 + size], record.seq)

    def _next_key(self, record: StoredRecord) -> bytes:
        key = _expand(self._chain_key, b"consentry/key/v1" + struct.pack(">Q", record.seq))
        self._chain_key = _expand(self._chain_key, b"consentry/next/v1")
        return key


def open_records(source: BinaryIO, offsets: Sequence[int], keys: Keys) -> Iterator[OpenedRecord]:
    """The contents of proved records, in order. Raises as `EpochSecrets`, or IntegrityError."""
    opener = RecordOpener(epoch_secrets(keys))
    for offset in offsets:
        record = read_record(source, offset)
        if record is None:
            raise SealBrokenError(record="?", problem="the file became shorter while it was read")
        yield opener.open(record)


def inflate(packed: bytes, record: int) -> bytes:
    """One zstd frame that says how long it is. The limits are checked before a byte of it is inflated."""
    try:
        frame = zstandard.get_frame_parameters(packed)
        if not 0 <= frame.content_size <= INFLATED_LIMIT_BYTES or frame.window_size > WINDOW_LIMIT_BYTES:
            raise SealBrokenError(record=record, problem="it would inflate to more than is allowed")
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=frame.content_size)
    except zstandard.ZstdError:
        raise SealBrokenError(record=record, problem="its content is not compressed as it must be") from None


def _parse_epoch(record: StoredRecord) -> tuple[list[tuple[bytes, int, bytes]], bytes]:
    if record.is_withheld:
        raise RecordingErasedError(session=record.session_id.hex())
    body, position = record.body, 1
    entries = []
    for _ in range(body[0] if body else 0):
        if len(body) < position + _ENTRY.size:
            break
        key_id, kem, kdf, aead, size = _ENTRY.unpack_from(body, position)
        position += _ENTRY.size
        if (kdf, aead) == (1, 2):
            entries.append((key_id, kem, body[position : position + size]))
        position += size
    if not entries or len(body) != position + 32:
        raise SealBrokenError(record=record.seq, problem="its list of recipients cannot be read")
    return entries, body[position:]


def _expand(key: bytes, info: bytes) -> bytes:
    return HKDFExpand(SHA256(), 32, info).derive(key)
