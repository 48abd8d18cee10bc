"""The journal: one file, and so one sync, for what many sessions hand in at the same time.

    <records folder>/journal.csr     sealed records of any sessions, back to back, as in records.csr; from the start of
                                     the file, up to the first bytes that are no record

A group that touches many files would need as many syncs before it may be acknowledged. It is written to those files
all the same, but synced here. What remains if the power goes:

    1. records are verified and written to their files     as for any append: torn, whole or missing, unacknowledged
    2. the group is written to the journal, and synced     from here on it may be acknowledged: whatever becomes of the
                                                           files, the next start finds it here
    3. … until the journal is full: the files are synced   everything is there twice
    4. the journal begins again at its start               what is left of older groups is in the files already; the
                                                           next start finds that out and takes nothing from them

The file grows to its limit once and is then written over: a sync that changes no length is the cheapest there is.
Nothing in it is believed for being there. Whoever restores from it asks each record whether it is the next one of its
session's chain, so that stale ones, torn ones and ones that were never acknowledged do no harm.
"""

import os
from collections import defaultdict
from pathlib import Path

from audit.durability import Durability
from protocol.errors import IntegrityError
from protocol.records import HEADER_BYTES, RecordHeader

JOURNAL_FILE = "journal.csr"

JOURNAL_LIMIT_BYTES = 16 * 1024 * 1024
"""Ten thousand records of somebody's typing. Read whole when a broker starts that did not stop in order."""

_END = bytes(HEADER_BYTES)
"""No record begins like this."""


class Journal:
    """Owned by the store's thread. Every method may raise OSError."""

    def __init__(self, folder: Path, durability: Durability) -> None:
        self._path = folder / JOURNAL_FILE
        self._durability = durability
        self._handle: int | None = None
        self._length_bytes = 0

    def open(self) -> dict[bytes, list[bytes]]:
        """What a crash may have left in it: by session id, in the order of their arrival."""
        self._handle = self._durability.open(self._path, os.O_RDWR | os.O_CREAT)
        self._durability.sync_folder(self._path.parent)
        self._durability.forget_cached(self._handle)
        found: dict[bytes, list[bytes]] = defaultdict(list)
        offset = 0
        while True:
            head = self._durability.read_all(self._handle, HEADER_BYTES, offset)
            try:
                header = RecordHeader.parse(head)
            except IntegrityError:
                break
            body = self._durability.read_all(self._handle, header.record_bytes - HEADER_BYTES, offset + HEADER_BYTES)
            found[header.session_id].append(head + body)
            offset += header.record_bytes
        self._length_bytes = offset
        return found

    def has_room(self, size_bytes: int) -> bool:
        return self._length_bytes + size_bytes + len(_END) <= JOURNAL_LIMIT_BYTES

    def append(self, records: bytes) -> None:
        """Durable when this returns. An error leaves the journal as it was."""
        assert self._handle is not None
        self._durability.write_all(self._handle, records + _END, self._length_bytes)
        self._durability.sync_data(self._handle)
        self._length_bytes += len(records)

    def begin_again(self) -> None:
        """To be called when all that it holds is durable elsewhere. Whether this itself lasts does not matter."""
        if self._length_bytes:
            assert self._handle is not None
            self._durability.write_all(self._handle, _END, 0)
            self._length_bytes = 0

    def wipe(self) -> None:
        """As `begin_again`; and nothing of what it held can be read from the file. Durable when this returns."""
        assert self._handle is not None
        self._durability.truncate(self._handle, 0)
        self._durability.sync_data(self._handle)
        self._length_bytes = 0

    def close(self) -> None:
        if self._handle is not None:
            handle, self._handle = self._handle, None
            self._durability.close(handle)
