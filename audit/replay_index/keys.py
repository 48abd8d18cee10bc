"""The keys of the indexes, and the erase: one random key per session, wrapped, in a file of its own.

    <keys folder>/master.msgpack           the master key, sealed with HPKE to each audit key that may open it
    <keys folder>/<session id>.key         nonce 12 ‖ AES-256-GCM(master key, session's key, id as associated data)
    <keys folder>/<session id>.erased      empty: this session's index is never made again

All that an index holds is encrypted under its session's key, so deleting that one small file erases it, from copies of
the index too. Keep copies of this folder apart from copies of the index, and for a shorter time. The file is written
over before it is removed; what a file system or a flash drive keeps of old blocks is beyond a program, and opens
nothing without the master key.
"""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Meta, Struct

from audit.durability import Durability
from audit.vault.recipient_key import RecipientKey, UnsealError
from protocol.decoding import UNREADABLE
from protocol.details import system_reason
from protocol.errors import InputError, IntegrityError
from protocol.record_sealing import SealingKey

KEY_BYTES = 32
MASTER_FILE = "master.msgpack"
_NONCE_BYTES = 12
_WRAPPED_BYTES = _NONCE_BYTES + KEY_BYTES + 16
_MASTER_LIMIT_BYTES = 64 * 1024
_MASTER_LABEL = b"consentry/index-master/v1\0"
_WRAP_LABEL = b"consentry/index-key/v1\0"


class IndexKeyError(IntegrityError):
    """A key file of the index cannot be used."""

    sentence = "The index key {name} cannot be used: {problem}. Remove the index folder to build the index anew."


class IndexForOthersError(InputError):
    """None of the given audit keys opens the index."""

    sentence = "The index in {folder} was made with another audit key. Give that key, or another folder with --index."


class IndexErasedError(InputError):
    """The session's key is gone, on purpose."""

    sentence = "The recording of session {session} was erased."


class _SealedMaster(Struct, frozen=True, forbid_unknown_fields=True):
    key_id: Annotated[bytes, Meta(min_length=8, max_length=8)]
    ciphertext: Annotated[bytes, Meta(max_length=4096)]


class _MasterFile(Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal["consentry-index-master-1"]
    sealed: Annotated[tuple[_SealedMaster, ...], Meta(max_length=16)]


class GivenIndexKey:
    """SessionKeySource of a process that was given one session's key, and no other."""

    def __init__(self, session_id: bytes, key: bytes) -> None:
        self._session_id = session_id
        self._key = key

    def of(self, session_id: bytes) -> bytes | None:
        return self._key if session_id == self._session_id else None


class SessionKeySource(Protocol):
    """Whoever can say the index key of a session."""

    def of(self, session_id: bytes) -> bytes | None:
        """None if no index was begun. Raises IndexErasedError, IndexKeyError."""


class IndexKeys:
    """Gives the index key of each session. Keys that were read stay in memory until they are erased."""

    def __init__(self, folder: Path, master_key: bytes) -> None:
        self._folder = folder
        self.master_key = master_key
        """Opens every key that is here: for a process of our own that reads all indexes, and nobody else."""
        self._master = AESGCM(master_key)
        self._durability = Durability()
        self._known: dict[bytes, bytes] = {}

    @classmethod
    def open(cls, folder: Path, keys: Sequence[RecipientKey]) -> "IndexKeys":
        """With the audit keys that the recordings are opened with; the first time, makes the master key for them.

        Raises IndexForOthersError, IndexKeyError.
        """
        path = folder / MASTER_FILE
        try:
            data = path.open("rb").read(_MASTER_LIMIT_BYTES)
        except FileNotFoundError:
            return cls(folder, _make_master(path, keys))
        except OSError as error:
            raise IndexKeyError(name=MASTER_FILE, problem=system_reason(error)) from None
        try:
            sealed = {one.key_id: one for one in msgspec.msgpack.decode(data, type=_MasterFile).sealed}
        except UNREADABLE as error:
            raise IndexKeyError(name=MASTER_FILE, problem=error) from None
        for key in keys:
            found = sealed.get(key.recipient.key_id)
            if found is not None:
                return cls(folder, _open_master(found, key))
        raise IndexForOthersError(folder=folder)

    def seal_for(self, keys: Sequence[RecipientKey]) -> None:
        """The master key opens with these, too: an audit key that was added, or has replaced another one.

        Raises IndexKeyError.
        """
        path = self._folder / MASTER_FILE
        try:
            sealed = msgspec.msgpack.decode(path.read_bytes(), type=_MasterFile).sealed
        except (OSError, *UNREADABLE) as error:
            raise IndexKeyError(name=MASTER_FILE, problem=error) from None
        present = {one.key_id for one in sealed}
        new = [key for key in keys if key.recipient.key_id not in present]
        if new:
            content = _MasterFile("consentry-index-master-1", (*sealed, *_sealed_to(new, self.master_key)))
            self._durability.write_small_file(path, msgspec.msgpack.encode(content))

    def of(self, session_id: bytes) -> bytes | None:
        """The session's key, None if no index was begun. Raises IndexErasedError, IndexKeyError."""
        key = self._known.get(session_id)
        if key is not None:
            return key
        try:
            wrapped = self._path(session_id).read_bytes()
        except FileNotFoundError:
            if self.is_erased(session_id):
                raise IndexErasedError(session=session_id.hex()) from None
            return None
        try:
            nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:_WRAPPED_BYTES]
            key = self._master.decrypt(nonce, sealed, _WRAP_LABEL + session_id)
        except (InvalidTag, ValueError):
            raise IndexKeyError(name=session_id.hex(), problem="it does not open") from None
        self._known[session_id] = key
        return key

    def make(self, session_id: bytes) -> bytes:
        """The session's key; if there is none yet, a new one, durably kept. Raises as `of`."""
        key = self.of(session_id)
        if key is None:
            key, nonce = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(_NONCE_BYTES)
            wrapped = nonce + self._master.encrypt(nonce, key, _WRAP_LABEL + session_id)
            self._durability.write_small_file(self._path(session_id), wrapped)
            self._known[session_id] = key
        return key

    def erase(self, session_id: bytes) -> None:
        """Afterwards nothing opens what was encrypted under it. May be repeated. Raises OSError if the disk refuses."""
        self._known.pop(session_id, None)
        self._durability.write_small_file(self._folder / f"{session_id.hex()}.erased", b"")
        path = self._path(session_id)
        try:
            handle = self._durability.open(path, os.O_WRONLY)
        except FileNotFoundError:
            return
        try:
            self._durability.write_all(handle, bytes(_WRAPPED_BYTES), 0)
            self._durability.sync_data(handle)
        finally:
            self._durability.close(handle)
        self._durability.remove(path)
        self._durability.sync_folder(self._folder)

    def forget(self, session_id: bytes) -> None:
        """Lets go of what is in memory: another process erased it."""
        self._known.pop(session_id, None)

    def discard(self, session_id: bytes) -> None:
        """For an index that is to be begun anew under another key. Raises OSError."""
        self._known.pop(session_id, None)
        self._path(session_id).unlink(missing_ok=True)

    def is_erased(self, session_id: bytes) -> bool:
        return (self._folder / f"{session_id.hex()}.erased").exists()

    def _path(self, session_id: bytes) -> Path:
        return self._folder / f"{session_id.hex()}.key"


def _make_master(path: Path, keys: Sequence[RecipientKey]) -> bytes:
    if not keys:
        raise IndexForOthersError(folder=path.parent)
    master = secrets.token_bytes(KEY_BYTES)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = _MasterFile("consentry-index-master-1", _sealed_to(keys, master))
    Durability().write_small_file(path, msgspec.msgpack.encode(content))
    return master


def _sealed_to(keys: Sequence[RecipientKey], master: bytes) -> tuple[_SealedMaster, ...]:
    return tuple(
        _SealedMaster(key.recipient.key_id, SealingKey(key.recipient).seal(master, _MASTER_LABEL).ciphertext)
        for key in keys
    )


def _open_master(sealed: _SealedMaster, key: RecipientKey) -> bytes:
    try:
        master = key.unseal(sealed.ciphertext, _MASTER_LABEL + key.recipient.key_id)
    except UnsealError:
        raise IndexKeyError(name=MASTER_FILE, problem="it does not open") from None
    if len(master) != KEY_BYTES:
        raise IndexKeyError(name=MASTER_FILE, problem="it has the wrong length")
    return master
