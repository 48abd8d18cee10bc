"""The keyless half: takes sealed records, proves that they continue their chain, and acknowledges what is on disk.

    store.py          RecordStore, what the broker talks to: an asyncio face on one thread
    keeper.py         RecordKeeper, what that thread does: every file, opened, appended to, synced
    journal.py        one sync for what many sessions hand in at once
    session_file.py   one session's records file: append, recover, forks
    authenticity.py   whether each session's agent made them, on all cores
    recent_hashes.py  the last records' hashes, in memory that does not grow
    errors.py         the ways in which a record or a session is refused

An acknowledgement means that the bytes survived `fdatasync`. Nothing is ever acknowledged from memory, and the first
sync that fails ends the store: after it, what the page cache shows may not be what the disk holds.
"""

from audit.ingest.errors import (
    DiskFullError,
    ForkDetectedError,
    OtherOpeningError,
    RecorderTooFastError,
    SessionErasedError,
    SessionFrozenError,
    SessionNotOpenError,
    StoreBusyError,
    StoreFailedError,
)
from audit.ingest.store import Position, RecordStore
from audit.session_files import SessionOpening

__all__ = [
    "DiskFullError",
    "ForkDetectedError",
    "OtherOpeningError",
    "Position",
    "RecordStore",
    "RecorderTooFastError",
    "SessionErasedError",
    "SessionFrozenError",
    "SessionNotOpenError",
    "SessionOpening",
    "StoreBusyError",
    "StoreFailedError",
]
