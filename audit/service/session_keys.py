"""One small key per session, for what the service itself writes about it: destroyed by the same erase.

What the broker says of a session (names, notes, the customer's words) and what was found in its recording stand in the
database, encrypted. So an erase reaches copies of the database too, wherever they are: what is left in them opens
nothing. The key files lie with what opens the recordings, and are copied and destroyed with it:

    <data folder>/epochs/<session id>.key    32 random bytes
"""

import os
import secrets
from collections import OrderedDict
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from audit.durability import Durability
from audit.service.sealed_store import aside_of, destroy_file, move_file
from audit.vault.epoch_files import EPOCHS_FOLDER

KEY_BYTES = 32
NONCE_BYTES = 12
KEYS_IN_MEMORY = 4096


class SessionKeys:
    """Seals and opens. Small files, read and written at once: a new session costs one sync."""

    def __init__(self, data_folder: Path, durability: Durability | None = None) -> None:
        self._folder = data_folder / EPOCHS_FOLDER
        self._durability = durability or Durability()
        self._known: OrderedDict[bytes, AESGCM] = OrderedDict()

    def seal(self, session_id: bytes, data: bytes) -> bytes:
        """Makes the session's key if there is none. Raises OSError."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        key = self._key(session_id)
        if key is None:
            path = self._path(session_id)
            fresh = secrets.token_bytes(KEY_BYTES)
            self._durability.write_small_file(path, fresh)
            key = self._remember(session_id, fresh)
        return nonce + key.encrypt(nonce, data, session_id)

    def open(self, session_id: bytes, sealed: bytes) -> bytes | None:
        """None for what was erased, or was not sealed with this session's key."""
        key = self._key(session_id)
        if key is None:
            return None
        try:
            return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], session_id)
        except InvalidTag:
            return None

    def destroy(self, session_id: bytes) -> None:
        """For good. A second time is the same."""
        self._known.pop(session_id, None)
        for path in (self._path(session_id), aside_of(self._path(session_id))):
            destroy_file(path, self._durability)

    def set_aside(self, session_id: bytes) -> None:
        """Until it is brought back, nothing that was said of the session can be read. Twice is the same."""
        self._known.pop(session_id, None)
        move_file(self._path(session_id), aside_of(self._path(session_id)), self._durability)

    def bring_back(self, session_id: bytes) -> None:
        """The reverse. Twice is the same."""
        self._known.pop(session_id, None)
        move_file(aside_of(self._path(session_id)), self._path(session_id), self._durability)

    def _key(self, session_id: bytes) -> AESGCM | None:
        if session_id in self._known:
            self._known.move_to_end(session_id)
            return self._known[session_id]
        try:
            handle = os.open(self._path(session_id), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            key = os.read(handle, KEY_BYTES + 1)
        finally:
            os.close(handle)
        return self._remember(session_id, key) if len(key) == KEY_BYTES else None

    def _remember(self, session_id: bytes, key: bytes) -> AESGCM:
        if len(self._known) >= KEYS_IN_MEMORY:
            self._known.popitem(last=False)
        self._known[session_id] = AESGCM(key)
        return self._known[session_id]

    def _path(self, session_id: bytes) -> Path:
        return self._folder / f"{session_id.hex()}.key"
