"""A witness's word on a checkpoint (c2sp.org/tlog-cosignature, Ed25519): "this is the largest one I have seen, and it
continues all that I have seen before".

    — <witness> base64(key id u32 ‖ time u64 ‖ Ed25519 signature)

    key id  = SHA-256(name ‖ "\\n" ‖ 0x04 ‖ public key)[:4]
    signed  = "cosignature/v1\\ntime <time>\\n" ‖ the checkpoint's text
    time    Unix seconds
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.details import Detail
from protocol.signed_note import NoteError, NoteSignature, is_key_name, split_vkey

_COSIGNATURE = b"\x04"
_PUBLIC_KEY_BYTES = 32
_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
TIME_LIMIT_SECONDS = 2**63 - 1


@dataclass(frozen=True)
class WitnessKey:
    """A witness's name and public key."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name) or len(self.public_key) != _PUBLIC_KEY_BYTES:
            raise NoteError(problem="a key without a proper name or length")

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _COSIGNATURE + self.public_key).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key as text, to be pinned in a profile."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_COSIGNATURE + self.public_key).decode()}"


@dataclass(frozen=True)
class Cosigned:
    """Which witness vouched, and when (Unix seconds)."""

    witness: str
    time_s: int


def parse_witness_vkey(vkey: str) -> WitnessKey:
    """Raises NoteError."""
    name, key_id, public_key = split_vkey(vkey, _COSIGNATURE, "a witness's (cosignature/v1)")
    key = WitnessKey(name, public_key)
    if key.key_id.hex() != key_id:
        raise NoteError(problem="a key whose id does not fit it")
    return key


def cosign(checkpoint_text: str, name: str, private_key: Ed25519PrivateKey, *, time_s: int) -> NoteSignature:
    """A signature line to be put below the checkpoint's others."""
    key = WitnessKey(name, private_key.public_key().public_bytes_raw())
    signature = private_key.sign(_signed_bytes(checkpoint_text, time_s))
    return NoteSignature(name, key.key_id, time_s.to_bytes(_TIME_BYTES, "big") + signature)


def verify_cosignatures(text: str, signatures: Sequence[NoteSignature], keys: Sequence[WitnessKey]) -> list[Cosigned]:
    """Who of these witnesses vouched, each once. Strangers are passed over. Raises NoteError for a false one."""
    known = {(key.name, key.key_id): key for key in keys}
    cosigned: dict[str, Cosigned] = {}
    for line in signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        time_s = int.from_bytes(line.signature[:_TIME_BYTES], "big")
        try:
            if len(line.signature) != _TIME_BYTES + _SIGNATURE_BYTES or not 0 < time_s <= TIME_LIMIT_SECONDS:
                raise InvalidSignature
            public_key = Ed25519PublicKey.from_public_bytes(key.public_key)
            public_key.verify(line.signature[_TIME_BYTES:], _signed_bytes(text, time_s))
        except (InvalidSignature, ValueError):
            raise NoteError(problem=Detail("the signature of {name} is wrong", name=line.name)) from None
        cosigned.setdefault(line.name, Cosigned(line.name, time_s))
    return list(cosigned.values())


def _signed_bytes(checkpoint_text: str, time_s: int) -> bytes:
    return f"cosignature/v1\ntime {time_s}\n{checkpoint_text}".encode()
