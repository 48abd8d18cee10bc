"""One small key per session, for what the service itself writes about it: destroyed by the same erase.

What the broker says of a session (names, notes, the customer's words) and what was found in its recording stand in the
database, encrypted. So an erase reaches copies of the database too, wherever they are: what is left in them opens
nothing. The key files lie with what opens the recordings, and are copied and destroyed with it:

    <data folder>/epochs/<session id>.key    32 random bytes
"""

import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
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
    """Seals and opens, for many threads. Nothing is sealed with a key that is not on the disk.

    Keys of new sessions that come together are synced together: a sync costs more than everything else that is done for
    a session of the broker's first pages.
    """

    def __init__(self, data_folder: Path, durability: Durability | None = None) -> None:
        self._folder = data_folder / EPOCHS_FOLDER
        self._durability = durability or Durability()
        self._known: OrderedDict[bytes, AESGCM] = OrderedDict()
        self._memory = threading.Lock()
        self._making = threading.Lock()
        """Two who seal for a new session at once must not make two keys for it."""

    def seal(self, session_id: bytes, data: bytes) -> bytes:
        """Makes the session's key if there is none. Raises OSError."""
        return self.seal_all({session_id: data})[session_id]

    def seal_all(self, said: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
        """What is said of each of these sessions, sealed; makes the keys that are missing. Raises OSError."""
        keys = {session_id: self._key(session_id) for session_id in said}
        missing = [session_id for session_id, key in keys.items() if key is None]
        if missing:
            keys |= self._make(missing)
        sealed = {}
        for session_id, data in said.items():
            key = keys[session_id]
            assert key is not None
            nonce = secrets.token_bytes(NONCE_BYTES)
            sealed[session_id] = nonce + key.encrypt(nonce, data, session_id)
        return sealed

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
        self._forget(session_id)
        for path in (self._path(session_id), aside_of(self._path(session_id))):
            destroy_file(path, self._durability)

    def set_aside(self, session_id: bytes) -> None:
        """Until it is brought back, nothing that was said of the session can be read. Twice is the same."""
        self._forget(session_id)
        move_file(self._path(session_id), aside_of(self._path(session_id)), self._durability)

    def bring_back(self, session_id: bytes) -> None:
        """The reverse. Twice is the same."""
        self._forget(session_id)
        move_file(aside_of(self._path(session_id)), self._path(session_id), self._durability)

    def _make(self, session_ids: Sequence[bytes]) -> dict[bytes, AESGCM]:
        """Durably; those that somebody else has made meanwhile stay as they are."""
        with self._making:
            found = {session_id: self._key(session_id) for session_id in session_ids}
            fresh = {session_id: secrets.token_bytes(KEY_BYTES) for session_id, key in found.items() if key is None}
            files = {self._path(session_id).name: key for session_id, key in fresh.items()}
            self._durability.write_small_files(self._folder, files)
            made = {session_id: self._remember(session_id, key) for session_id, key in fresh.items()}
        return {session_id: key for session_id, key in found.items() if key is not None} | made

    def _key(self, session_id: bytes) -> AESGCM | None:
        with self._memory:
            known = self._known.get(session_id)
            if known is not None:
                self._known.move_to_end(session_id)
                return known
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
        remembered = AESGCM(key)
        with self._memory:
            if len(self._known) >= KEYS_IN_MEMORY:
                self._known.popitem(last=False)
            self._known[session_id] = remembered
        return remembered

    def _forget(self, session_id: bytes) -> None:
        with self._memory:
            self._known.pop(session_id, None)

    def _path(self, session_id: bytes) -> Path:
        return self._folder / f"{session_id.hex()}.key"
