"""What opens a recording, kept apart from it: one small file of EPOCH bodies per session.

    <data folder>/records/<session id>/records.csr    EPOCH bodies are zeros; headers and signatures are there
    <data folder>/epochs/<session id>.epochs          (offset u64 ‖ length u32 ‖ body)… of records.csr, big-endian

Put together they are the file as the agent sealed it. Without the second one, the chain still verifies by the signed
hashes, and nothing opens: deleting it is the erase. So copies of the two go to different places, and a copy of the
records alone is worth nothing to a thief, with the audit key or without it.
"""

import io
import struct
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from audit.vault.inspection import RECORD_LIMIT_BYTES

EPOCHS_FOLDER = "epochs"
ASIDE_FOLDER = "aside"
"""Below it: what opens recordings that nobody is to open before somebody decides: audit/service/after_restore.py."""

_ENTRY = struct.Struct(">QI")


def epoch_file_of(session_folder: Path) -> Path:
    """Beside the records folder in which the session's folder lies."""
    return session_folder.parent.parent / EPOCHS_FOLDER / f"{session_folder.name}.epochs"


def encode_entry(offset: int, body: bytes) -> bytes:
    return _ENTRY.pack(offset, len(body)) + body


def read_epochs(path: Path) -> dict[int, bytes]:
    """Body by its offset in records.csr. One that was written twice counts once; a torn last one does not count."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    return dict(_entries(data))


def _entries(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + _ENTRY.size <= len(data):
        offset, size = _ENTRY.unpack_from(data, position)
        position += _ENTRY.size
        if size > RECORD_LIMIT_BYTES or position + size > len(data):
            return
        yield offset, data[position : position + size]
        position += size


def joined(records: BinaryIO, epochs: dict[int, bytes]) -> BinaryIO:
    """The file as it was sealed. Closing it closes `records`."""
    return io.BufferedReader(_Joined(records, epochs)) if epochs else records


class _Joined(io.RawIOBase):
    def __init__(self, records: BinaryIO, epochs: dict[int, bytes]) -> None:
        self._records = records
        self._offsets = sorted(epochs)
        self._bodies = epochs

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._records.seek(offset, whence)

    def tell(self) -> int:
        return self._records.tell()

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # BufferedReader gives one
        begin = self._records.tell()
        data = bytearray(self._records.read(len(buffer)))
        first = max(bisect_right(self._offsets, begin) - 1, 0)
        for offset in self._offsets[first:]:
            if offset >= begin + len(data):
                break
            body = self._bodies[offset]
            left, right = max(offset, begin), min(offset + len(body), begin + len(data))
            if left < right:
                data[left - begin : right - begin] = body[left - offset : right - offset]
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._records.close()
        super().close()
