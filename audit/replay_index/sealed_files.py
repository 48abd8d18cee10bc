"""Encrypted files of one session's index: chunks behind one another, and small files that are replaced whole.

    chunk        length u32 ‖ nonce 12 ‖ AES-256-GCM(key, zstd frame, associated data = its place)
    small file   one chunk at place 0

The key is Expand(session's index key, "consentry/index/v1\\0" ‖ file's name): HKDF-Expand with SHA-256. Nonces are
random, because after a crash a place may be written again with something else. The associated data is the chunk's
offset, so no chunk stands for another. Whoever has the files without the key sees how many chunks there are, and how
long.
"""

import os
import secrets
import struct
from pathlib import Path

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from msgspec import Struct

from audit.durability import Durability
from protocol.details import system_reason
from protocol.errors import IntegrityError

CHUNK_LIMIT_BYTES = 64 * 1024 * 1024
"""Of one chunk when it is inflated: no index makes larger ones."""
_LENGTH = struct.Struct(">I")
_PLACE = struct.Struct(">Q")
_NONCE_BYTES = 12
_LABEL = b"consentry/index/v1\0"


class IndexDamagedError(IntegrityError):
    """The index is not what was written. It is made from the records, so it can be made anew."""

    sentence = "The index of session {session} is damaged ({problem}). It can be built anew from the records."


class Place(Struct, frozen=True, array_like=True):
    """Where a chunk lies."""

    offset: int
    size_bytes: int


class ChunkSeal:
    """Makes chunks of one file, and opens them; where they lie is somebody else's business."""

    def __init__(self, key: bytes, name: str) -> None:
        self._cipher = AESGCM(_file_key(key, name))
        self._pack = zstandard.ZstdCompressor(level=1)
        self._unpack = zstandard.ZstdDecompressor()

    def seal(self, data: bytes, offset: int) -> bytes:
        """The chunk that is to lie at this offset."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, self._pack.compress(data), _PLACE.pack(offset))
        return _LENGTH.pack(len(sealed)) + sealed

    def open(self, chunk: bytes, offset: int) -> bytes:
        """Raises ValueError, which says what is wrong with it."""
        if len(chunk) < _LENGTH.size + _NONCE_BYTES or _LENGTH.unpack_from(chunk)[0] != len(chunk) - _LENGTH.size:
            raise ValueError("a chunk has the wrong length")
        nonce, sealed = chunk[_LENGTH.size : _LENGTH.size + _NONCE_BYTES], chunk[_LENGTH.size + _NONCE_BYTES :]
        try:
            packed = self._cipher.decrypt(nonce, sealed, _PLACE.pack(offset))
            return self._unpack.decompress(packed, max_output_size=CHUNK_LIMIT_BYTES)
        except (InvalidTag, zstandard.ZstdError):
            raise ValueError("a chunk does not open") from None


class ChunkFile:
    """Appends and reads chunks. `end` is where the next one goes; what lies behind it was never committed.

    Reading alone opens the file for reading alone: whoever may not write here can read.
    """

    def __init__(self, path: Path, key: bytes, durability: Durability | None = None) -> None:
        self._path = path
        self._seal = ChunkSeal(key, path.name)
        self._durability = durability or Durability()
        self._handle: int | None = None
        self._is_writable = False

    def append(self, data: bytes, offset: int) -> Place:
        """Durable only after `sync`. Raises OSError."""
        chunk = self._seal.seal(data, offset)
        self._durability.write_all(self._open(writable=True), chunk, offset)
        return Place(offset, len(chunk))

    def read(self, place: Place) -> bytes:
        """Raises IndexDamagedError."""
        try:
            data = self._durability.read_all(self._open(), place.size_bytes, place.offset)
        except OSError as error:
            raise self._damaged(system_reason(error)) from None
        if len(data) != place.size_bytes:
            raise self._damaged("a chunk is cut short")
        return self._open_chunk(data, place.offset)

    def sync(self) -> None:
        """Raises OSError."""
        if self._handle is not None:
            self._durability.sync_data(self._handle)

    def truncate(self, size_bytes: int) -> None:
        """Cuts off what was never committed. Raises OSError."""
        self._durability.truncate(self._open(writable=True), size_bytes)

    def exists(self) -> bool:
        return self._path.exists()

    def size_bytes(self) -> int:
        return self._path.stat().st_size if self.exists() else 0

    def read_row(self) -> tuple[list[bytes], int]:
        """All chunks from the first on, up to one that is torn, and where that one begins."""
        if not self.exists():
            return [], 0
        size_bytes = self.size_bytes()
        offset, found = 0, []
        while offset + _LENGTH.size <= size_bytes:
            head = self._durability.read_all(self._open(), _LENGTH.size, offset)
            if len(head) < _LENGTH.size:
                break  # replaced by a shorter one since it was measured
            length = _LENGTH.size + _LENGTH.unpack(head)[0]
            try:
                found.append(self.read(Place(offset, length)))
            except IndexDamagedError:
                break
            offset += length
        return found, offset

    def close(self) -> None:
        if self._handle is not None:
            self._durability.close(self._handle)
            self._handle = None

    def replace(self, data: bytes) -> None:
        """Makes the whole file one chunk, durably: it is the old one or the new one, never less. Raises OSError."""
        self.close()  # what was open is the old one
        self._durability.write_small_file(self._path, self._seal.seal(data, 0))

    def read_whole(self) -> bytes | None:
        """What `replace` wrote, None if there is no file. Raises IndexDamagedError."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._damaged(system_reason(error)) from None
        return self._open_chunk(data, 0)

    def _open_chunk(self, data: bytes, offset: int) -> bytes:
        try:
            return self._seal.open(data, offset)
        except ValueError as problem:
            raise self._damaged(str(problem)) from None

    def _open(self, *, writable: bool = False) -> int:
        if self._handle is not None and (self._is_writable or not writable):
            return self._handle
        self.close()
        self._handle = self._durability.open(self._path, os.O_RDWR | os.O_CREAT if writable else os.O_RDONLY)
        self._is_writable = writable
        return self._handle

    def _damaged(self, problem: str) -> IndexDamagedError:
        return IndexDamagedError(session=self._path.parent.name, problem=problem)


def _file_key(key: bytes, name: str) -> bytes:
    return HKDFExpand(SHA256(), 32, _LABEL + name.encode()).derive(key)
