"""C2SP signed notes with Ed25519 signatures (c2sp.org/signed-note): text that others' tools can verify.

    <text, UTF-8, ends with a newline>
    <empty line>
    — <key name> <base64 of key id u32 ‖ signature>
    …

    key id = SHA-256(name ‖ "\\n" ‖ 0x01 ‖ public key)[:4]
    vkey   = <name>+<key id in hex>+<base64 of 0x01 ‖ public key>

A key id only tells which key to try: it is too short to be an identity.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from protocol.details import Detail
from protocol.errors import IntegrityError

NOTE_LIMIT_BYTES = 1024 * 1024
SIGNATURE_LIMIT = 100
"""c2sp.org/signed-note lets a verifier bound both; these are the figures of Go's implementation."""

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_PUBLIC_KEY_BYTES = 32
_SIGNATURE_PREFIX = "\u2014 "


class NoteError(IntegrityError):
    """A signed note that is malformed, or not signed by whom it must be signed."""

    sentence = "The signed text cannot be accepted: {problem}."


@dataclass(frozen=True)
class NoteKey:
    """A named public key."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name) or len(self.public_key) != _PUBLIC_KEY_BYTES:
            raise NoteError(problem="a key without a proper name or length")

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:_KEY_ID_BYTES]

    @property
    def vkey(self) -> str:
        """The key as text, to be pinned in a configuration."""
        encoded = base64.b64encode(_ED25519 + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


@dataclass(frozen=True)
class OpenedNote:
    """`signers` are the names of those known keys that signed, at least one."""

    text: str
    signers: tuple[str, ...]


@dataclass(frozen=True)
class NoteSignature:
    """One signature line as it stands there, unverified. What `signature` is depends on the key's type."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> bytes:
        encoded = base64.b64encode(self.key_id + self.signature).decode()
        return f"{_SIGNATURE_PREFIX}{self.name} {encoded}\n".encode()


def is_key_name(name: str) -> bool:
    """Not empty, no white space, no plus sign, nothing unprintable."""
    return bool(name) and name.isprintable() and "+" not in name and not any(c.isspace() for c in name)


def parse_vkey(vkey: str) -> NoteKey:
    """Raises NoteError."""
    name, key_id, public_key = split_vkey(vkey, _ED25519, "Ed25519")
    key = NoteKey(name, public_key)
    if key.key_id.hex() != key_id:
        raise NoteError(problem="a key whose id does not fit it")
    return key


def split_vkey(vkey: str, key_type: bytes, type_name: str) -> tuple[str, str, bytes]:
    """Name, key id in hex and public key of a verifier key of one type. Raises NoteError."""
    parts = vkey.split("+", 2)
    if len(parts) != 3:
        raise NoteError(problem="a key must be <name>+<id>+<key>")
    name, key_id, encoded = parts
    material = decode_base64(encoded)
    if material[:1] != key_type:
        raise NoteError(problem=Detail("a key that is not {type_name}", type_name=type_name))
    return name, key_id, material[1:]


def sign_note(text: str, name: str, private_key: Ed25519PrivateKey) -> bytes:
    """A note with one signature. Raises NoteError if the text cannot be in a note."""
    _check_text(text)
    key = NoteKey(name, private_key.public_key().public_bytes_raw())
    return f"{text}\n".encode() + NoteSignature(name, key.key_id, private_key.sign(text.encode())).line


def add_signature(note: bytes, name: str, private_key: Ed25519PrivateKey) -> bytes:
    """The note with one signature more (a witness's, for instance). Raises NoteError."""
    text, _ = split_note(note)
    key = NoteKey(name, private_key.public_key().public_bytes_raw())
    return note + NoteSignature(name, key.key_id, private_key.sign(text.encode())).line


def open_note(note: bytes, known_keys: Sequence[NoteKey]) -> OpenedNote:
    """The text, if at least one known key signed it and no known key's signature is wrong. Raises NoteError."""
    text, signatures = split_note(note)
    known = {(key.name, key.key_id): key for key in known_keys}
    signers: list[str] = []
    for line in signatures:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public_key).verify(line.signature, text.encode())
        except (InvalidSignature, ValueError):
            raise NoteError(problem=Detail("the signature of {name} is wrong", name=line.name)) from None
        if line.name not in signers:
            signers.append(line.name)
    if not signers:
        raise NoteError(problem="nobody whom we know has signed it")
    return OpenedNote(text, tuple(signers))


def claimed_signers(note: bytes) -> tuple[str, ...]:
    """Names on the signature lines, in order, none of them verified. Raises NoteError."""
    _, signatures = split_note(note)
    return tuple(line.name for line in signatures)


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(c != "\n" and ord(c) < 0x20 for c in text):
        raise NoteError(problem="its text has control characters or no end of line")


def split_note(note: bytes) -> tuple[str, list[NoteSignature]]:
    """Text and signature lines, nothing of it verified. Raises NoteError."""
    if len(note) > NOTE_LIMIT_BYTES:
        raise NoteError(problem="it is too long")
    try:
        decoded = note.decode()
    except UnicodeDecodeError:
        raise NoteError(problem="it is not UTF-8 text") from None
    head, separator, tail = decoded.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise NoteError(problem="it has no signatures")
    text = head + "\n"
    _check_text(text)
    lines = tail[:-1].split("\n")
    if len(lines) > SIGNATURE_LIMIT:
        raise NoteError(problem="it has too many signatures")
    return text, [parse_signature(line) for line in lines]


def parse_signature(line: str) -> NoteSignature:
    """One signature line without its end. Raises NoteError."""
    name, space, encoded = line.removeprefix(_SIGNATURE_PREFIX).partition(" ")
    if not line.startswith(_SIGNATURE_PREFIX) or not space or not is_key_name(name):
        raise NoteError(problem="a signature line is malformed")
    material = decode_base64(encoded)
    if len(material) <= _KEY_ID_BYTES:
        raise NoteError(problem="a signature line is malformed")
    return NoteSignature(name, material[:_KEY_ID_BYTES], material[_KEY_ID_BYTES:])


def decode_base64(text: str) -> bytes:
    """Standard base64 that can be written in one way only. Raises NoteError."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError(problem="its base64 is malformed") from None
    if base64.b64encode(data).decode() != text:
        # RFC 4648 section 3.5: bits that no byte needs must be zero, or one signature could be written in many ways.
        raise NoteError(problem="its base64 is malformed")
    return data
