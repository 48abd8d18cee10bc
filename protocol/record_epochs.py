"""The body of an EPOCH record: a fresh secret, sealed to each audit recipient. Laid out in `records.py`, opened nowhere
here."""

import struct
from dataclasses import dataclass

from protocol.records import SEAL_TAG_BYTES, RecordMalformedError, RecordSuite

RECIPIENT_LIMIT = 4
"""Audit keys that one epoch can be sealed to: active and next, each with an escrow."""

_ENTRY_HEAD = struct.Struct(">8sHHHH")
KEM_X_WING = 0x647A
KEM_X25519 = 0x0020
KDF_HKDF_SHA256 = 0x0001
AEAD_AES_256_GCM = 0x0002
SUITE_OF_KEM = {KEM_X_WING: RecordSuite.X_WING, KEM_X25519: RecordSuite.X25519}
EPOCH_CIPHERTEXT_BYTES = {KEM_X_WING: 1120 + 32 + SEAL_TAG_BYTES, KEM_X25519: 32 + 32 + SEAL_TAG_BYTES}
"""HPKE's encapsulation, the 32-byte secret, the tag."""

COMMITMENT_BYTES = 32


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
