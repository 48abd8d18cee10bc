"""The audit key: made once, kept in a file that only its owner can read, never shown to the broker.

The file is JSON. `recipient` is the public half, as the organisation's profile names it; `private_key` is X-Wing's
ML-KEM-768 seed (64 bytes) ‖ X25519 key (32), or X25519's 32 alone, in base64. Under a passphrase it is instead sealed
with AES-256-GCM by a key from scrypt (RFC 7914); the key id is bound to it as associated data.

A key may also live elsewhere, in a smart card, an HSM or a cloud's key service: then the file names a program
(`opener`) that is asked for every epoch, and this process never holds the key: external_key.py.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Meta, Struct

from audit.vault.external_key import ExternalKey
from audit.vault.recipient_key import RecipientKey, UnsealError
from protocol.decoding import UNREADABLE
from protocol.details import Detail, system_reason
from protocol.errors import InputError
from protocol.profile import AuditRecipient, ProfileError, decode_recipient

LIFETIME_MS = 5 * 366 * 24 * 60 * 60 * 1000
"""How long a new key may be sealed to: past its end no session starts, so rotation must not come as a surprise."""

SCRYPT_COST = 2**17
"""128 MiB and about half a second per guess: what a login does not bear, a key file does."""
_SCRYPT_COST_LIMIT = 2**20
_KEY_FILE_LIMIT_BYTES = 64 * 1024
_KEMS = {"x-wing": KEM.MLKEM768_X25519, "x25519": KEM.X25519}
_PRIVATE_BYTES = {"x-wing": 96, "x25519": 32}
_MLKEM_SEED_BYTES = 64


class AuditKeyError(InputError):
    """The key file cannot be used."""

    sentence = "The audit key {path} cannot be used: {problem}."


class AuditKeyExistsError(InputError):
    """Never overwritten: recordings are sealed to it."""

    sentence = "There is already an audit key at {path}. Recordings may be sealed to it, so it is not replaced."


class AuditKeyTooOpenError(InputError):
    """Others on this machine can read the key."""

    sentence = "The audit key {path} can be read by other users. Restrict it with: chmod 600 {path}"


class PassphraseError(InputError):
    """The passphrase does not open the file."""

    sentence = "This passphrase does not open the audit key {path}."


@dataclass(frozen=True)
class AuditKey:
    """A RecipientKey in memory. `recipient` is its public half."""

    recipient: AuditRecipient
    private_key: X25519PrivateKey | MLKEM768X25519PrivateKey = field(repr=False)

    def unseal(self, ciphertext: bytes, info: bytes) -> bytes:
        suite = Suite(_KEMS[self.recipient.suite], KDF.HKDF_SHA256, AEAD.AES_256_GCM)
        try:
            return suite.decrypt(ciphertext, self.private_key, info=info)
        except (InvalidTag, ValueError):
            raise UnsealError(key_id=self.recipient.key_id.hex()) from None


class _SealedKey(Struct, frozen=True, forbid_unknown_fields=True):
    salt: Annotated[bytes, Meta(min_length=16, max_length=64)]
    cost: Annotated[int, Meta(ge=2**14, le=_SCRYPT_COST_LIMIT)]
    nonce: Annotated[bytes, Meta(min_length=12, max_length=12)]
    ciphertext: Annotated[bytes, Meta(max_length=256)]


class _KeyFile(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    format: Literal["consentry-audit-key-1"]
    recipient: AuditRecipient
    private_key: Annotated[bytes, Meta(max_length=256)] | None = None
    sealed: _SealedKey | None = None
    opener: Annotated[tuple[str, ...], Meta(min_length=1, max_length=64)] | None = None


def make_audit_key(
    path: Path,
    *,
    suite: Literal["x-wing", "x25519"] = "x-wing",
    passphrase: str | None = None,
    now_ms: int | None = None,
    scrypt_cost: int = SCRYPT_COST,
) -> AuditRecipient:
    """A fresh key in a new file of mode 0600, and its public half for the organisation's profile.

    `now_ms` is Unix time, by default the clock's. Raises AuditKeyExistsError, or AuditKeyError if the folder cannot
    be written or this build of the cryptography library lacks ML-KEM (then there is `suite="x25519"`, knowingly).
    """
    private = secrets.token_bytes(_PRIVATE_BYTES[suite])
    try:
        public = _public_bytes(suite, private)
    except UnsupportedAlgorithm:
        raise AuditKeyError(path=path, problem="the cryptography library here lacks ML-KEM") from None
    begin_ms = int(time.time() * 1000) if now_ms is None else now_ms
    recipient = AuditRecipient(
        key_id=key_id_of(suite, public),
        suite=suite,
        public_key=public,
        not_before_ms=begin_ms,
        not_after_ms=begin_ms + LIFETIME_MS,
    )
    if passphrase is None:
        content = _KeyFile("consentry-audit-key-1", recipient, private_key=private)
    else:
        content = _KeyFile(
            "consentry-audit-key-1", recipient, sealed=_seal(private, passphrase, recipient, scrypt_cost)
        )
    _write_new(path, msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    return recipient


def write_external_key(path: Path, recipient: AuditRecipient, opener: Sequence[str]) -> None:
    """A key file for a key that lives elsewhere. Raises AuditKeyExistsError, AuditKeyError."""
    content = _KeyFile("consentry-audit-key-1", recipient, opener=tuple(opener))
    _write_new(path, msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")


def recipient_of(path: Path) -> AuditRecipient:
    """The public half alone: needs no passphrase. Raises AuditKeyError, AuditKeyTooOpenError."""
    return _read(path).recipient


def load_key(path: Path, ask_passphrase: Callable[[], str] | None = None) -> RecipientKey:
    """Reads a key file of any kind. Raises as `load_audit_key`."""
    content = _read(path)
    if content.opener is not None:
        return ExternalKey(content.recipient, content.opener)
    return load_audit_key(path, ask_passphrase)


def load_audit_key(path: Path, ask_passphrase: Callable[[], str] | None = None) -> AuditKey:
    """Reads a key file that holds its key; `ask_passphrase` is called only if it is sealed.

    Raises AuditKeyError, AuditKeyTooOpenError, PassphraseError.
    """
    content = _read(path)
    recipient = content.recipient
    if content.private_key is not None:
        private = content.private_key
    elif content.sealed is not None and ask_passphrase is not None:
        private = _unseal(content.sealed, ask_passphrase(), recipient, path)
    else:
        raise AuditKeyError(path=path, problem="it needs a passphrase, and none was given")
    try:
        if len(private) != _PRIVATE_BYTES[recipient.suite]:
            raise AuditKeyError(path=path, problem="the private key has the wrong length")
        if _public_bytes(recipient.suite, private) != recipient.public_key:
            raise AuditKeyError(path=path, problem="its two halves do not belong together")
        return AuditKey(recipient, _private_key(recipient.suite, private))
    except UnsupportedAlgorithm:
        raise AuditKeyError(path=path, problem="the cryptography library here lacks ML-KEM") from None


def key_id_of(suite: str, public_key: bytes) -> bytes:
    """Eight bytes that name a key in profiles and records."""
    return sha256(b"consentry/audit-key/v1\0" + suite.encode() + b"\0" + public_key).digest()[:8]


def _private_key(suite: str, private: bytes) -> X25519PrivateKey | MLKEM768X25519PrivateKey:
    if suite == "x25519":
        return X25519PrivateKey.from_private_bytes(private)
    return MLKEM768X25519PrivateKey(*_x_wing_halves(private))


def _x_wing_halves(private: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    return (
        MLKEM768PrivateKey.from_seed_bytes(private[:_MLKEM_SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(private[_MLKEM_SEED_BYTES:]),
    )


def _public_bytes(suite: str, private: bytes) -> bytes:
    if suite == "x25519":
        return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    mlkem, x25519 = _x_wing_halves(private)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def _passphrase_key(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase.encode())


def _seal(private: bytes, passphrase: str, recipient: AuditRecipient, cost: int) -> _SealedKey:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    key = _passphrase_key(passphrase, salt, cost)
    return _SealedKey(salt, cost, nonce, AESGCM(key).encrypt(nonce, private, recipient.key_id))


def _unseal(sealed: _SealedKey, passphrase: str, recipient: AuditRecipient, path: Path) -> bytes:
    key = _passphrase_key(passphrase, sealed.salt, sealed.cost)
    try:
        return AESGCM(key).decrypt(sealed.nonce, sealed.ciphertext, recipient.key_id)
    except InvalidTag:
        raise PassphraseError(path=path) from None


def _write_new(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise AuditKeyExistsError(path=path) from None
    except OSError as error:
        raise AuditKeyError(path=path, problem=system_reason(error)) from None
    with open(handle, "wb") as file:  # noqa: PTH123  # a descriptor, not a path: its mode is right from the start
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> _KeyFile:
    try:
        with path.open("rb") as file:
            mode, data = os.fstat(file.fileno()).st_mode, file.read(_KEY_FILE_LIMIT_BYTES)
    except OSError as error:
        raise AuditKeyError(path=path, problem=system_reason(error)) from None
    try:
        found = msgspec.json.decode(data, type=_KeyFile)
    except UNREADABLE as error:
        raise AuditKeyError(path=path, problem=_what_else(data, error)) from None
    if os.name == "posix" and mode & 0o077:  # what is no key may be read by everybody
        raise AuditKeyTooOpenError(path=path)
    return found


def _what_else(data: bytes, error: Exception) -> str:
    """Most often, what `make-key` printed is given for the file that it wrote."""
    with contextlib.suppress(ProfileError):
        decode_recipient(data)
        return Detail("it is the public half, which opens nothing; give the file that `consentry audit make-key` wrote")
    return Detail("it is no audit key file ({error})", error=error)
