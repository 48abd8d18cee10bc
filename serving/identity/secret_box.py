"""Secrets that the database must hold and a thief of the database must not read: sealed under a key file beside it.

ChaCha20-Poly1305 (RFC 8439) under a random nonce, bound to whose secret it is: a row copied to another user opens
nothing. What was kept in the open by an earlier version is still read, and sealed at the next start.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from protocol.errors import UnavailableError
from serving.private_files import KeyFileUnusable, read_file, write_private_file

KEY_BYTES = 32
_NONCE_BYTES = 12
_MARK = "sealed:"


class SecretUnreadable(UnavailableError):
    sentence = "The secret of {user_name} cannot be opened with {path}. Bring back the key file that belongs to it."


class SecretBox:
    def __init__(self, key: bytes, path: Path) -> None:
        """`path` is where the key came from, for what is said when it does not fit."""
        self._aead = ChaCha20Poly1305(_derived(key, b"seal"))
        self._digest_key = _derived(key, b"digest")
        self._path = path

    def seal(self, secret: str, user_name: str) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _MARK + base64.b64encode(nonce + self._aead.encrypt(nonce, secret.encode(), user_name.encode())).decode()

    def open(self, text: str, user_name: str) -> str:
        """Raises SecretUnreadable."""
        if not self.is_sealed(text):
            return text
        try:
            data = base64.b64decode(text.removeprefix(_MARK), validate=True)
            return self._aead.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], user_name.encode()).decode()
        except (binascii.Error, InvalidTag, ValueError):
            raise SecretUnreadable(user_name=user_name, path=self._path) from None

    def digest(self, secret: str, user_name: str) -> bytes:
        """32 bytes by which a short secret is recognised, and cannot be found by trying without the key."""
        return hmac.digest(self._digest_key, f"{user_name}\0{secret}".encode(), "sha256")

    @staticmethod
    def is_sealed(text: str) -> bool:
        return text.startswith(_MARK)


def load_secret_box(path: Path) -> SecretBox:
    """The box of a key file, which is made where there is none. Raises KeyFileUnusable, DataFolderUnusable."""
    if not path.exists():
        write_private_file(path, secrets.token_hex(KEY_BYTES).encode())
    try:
        key = bytes.fromhex(read_file(path).decode("ascii", "replace").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyFileUnusable(path=path, problem="it is cut off or altered")
    return SecretBox(key, path)


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hashlib.blake2b(purpose, key=key, digest_size=KEY_BYTES).digest()
