"""Writes one session's index for the process that makes it, which can write nothing itself.

It hands over bytes that are encrypted already, and nobody here looks into them. Which files they go to is decided here,
and how much they may be: a worker that a recording has taken over can spoil the indexes that it makes, and neither
anything else nor the disk. Blocking.
"""

import os
from pathlib import Path

from audit.durability import Durability
from audit.replay_index.index_files import CHUNKS_FILE, HEAD_FILE, session_folder
from audit.replay_index.sealed_files import CHUNK_LIMIT_BYTES
from audit.service.worker_process import AGAINST_THE_RULES, RecordingHostileError

CHUNKS_LEAST_LIMIT_BYTES = 64 * 1024 * 1024
CHUNKS_PER_RECORDS = 8
"""An index is about half as long as its records: what is eight times as long is no index."""


class IndexWriter:
    """For one step of one session. Raises OSError, and RecordingHostileError for what no index needs."""

    def __init__(
        self, index_folder: Path, session_id: bytes, *, records_bytes: int, durability: Durability | None = None
    ) -> None:
        self._folder = session_folder(index_folder, session_id)
        self._limit_bytes = max(CHUNKS_LEAST_LIMIT_BYTES, CHUNKS_PER_RECORDS * records_bytes)
        self._durability = durability or Durability()
        self._chunks: int | None = None
        self._end = 0
        self._head = bytearray()

    def append(self, offset: int, data: bytes) -> None:
        """Behind the last bytes; the first of a step may lie before what was never committed, which is cut off."""
        handle = self._open(offset)
        if offset != self._end or offset + len(data) > self._limit_bytes:
            raise RecordingHostileError(problem=AGAINST_THE_RULES)
        self._durability.write_all(handle, data, offset)
        self._end = offset + len(data)

    def commit(self, piece: bytes, *, last: bool) -> None:
        """A piece of the head. With the last one chunks are made durable, then the head that names them."""
        self._head += piece
        if len(self._head) > CHUNK_LIMIT_BYTES:
            raise RecordingHostileError(problem=AGAINST_THE_RULES)
        if not last:
            return
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._chunks is not None:
            self._durability.sync_data(self._chunks)
        self._durability.write_small_file(self._folder / HEAD_FILE, bytes(self._head))
        self._head.clear()

    def close(self) -> None:
        if self._chunks is not None:
            self._durability.close(self._chunks)
            self._chunks = None

    def _open(self, offset: int) -> int:
        if self._chunks is not None:
            return self._chunks
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if offset == 0 and (self._folder / HEAD_FILE).exists():
            # Begun anew: the old head must not outlive the chunks that it names.
            self._durability.remove(self._folder / HEAD_FILE)
            self._durability.sync_folder(self._folder)
        self._chunks = self._durability.open(self._folder / CHUNKS_FILE, os.O_RDWR | os.O_CREAT)
        size_bytes = os.fstat(self._chunks).st_size
        if offset < size_bytes:
            self._durability.truncate(self._chunks, offset)
        self._end = min(offset, size_bytes)
        return self._chunks
