"""A log in a folder, opened and closed as often as a test likes, on a disk that may fail."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from audit.durability import Durability
from audit.log.keeper import EntryKey, LogKeeper, Pending
from audit.log.ledger import SqliteLedger
from audit.log.storage import FolderStorage
from protocol.checkpoint import open_checkpoint
from protocol.log_proof import verify_log_proof
from tests.helpers.logs import ALONE, LOG, LOG_KEY, ORIGIN


class LyingLedger(SqliteLedger):
    """Fails one swap, before it happened or after (then the error lied)."""

    def __init__(self, path: Path, *, fail_at: int = 0, afterwards: bool = False) -> None:
        super().__init__(path)
        self.swaps = 0
        self._fail_at = fail_at
        self._afterwards = afterwards

    def swap(self, old: bytes | None, new: bytes, made: Mapping[EntryKey, int]) -> None:
        self.swaps += 1
        if self.swaps != self._fail_at:
            super().swap(old, new, made)
            return
        if self._afterwards:
            super().swap(old, new, made)
        raise sqlite3.OperationalError("disk I/O error")


def keeper_in(folder: Path, disk: Durability | None = None, ledger: SqliteLedger | None = None) -> LogKeeper:
    folder.mkdir(exist_ok=True, parents=True)
    storage = FolderStorage(folder / "files", disk)
    return LogKeeper(storage, ledger or SqliteLedger(folder / "ledger.sqlite3"), ORIGIN, LOG)


@contextmanager
def opened(folder: Path, disk: Durability | None = None, ledger: SqliteLedger | None = None) -> Iterator[LogKeeper]:
    keeper = keeper_in(folder, disk, ledger)
    try:
        keeper.start()
        yield keeper
    finally:
        keeper.close()


MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where hundreds of logs are made: the failing disk decides what a sync is worth, not the real one."""


def entry(number: int) -> bytes:
    return f"entry {number}".encode()


def pool(first: int, count: int) -> list[Pending]:
    """Every second entry has a key."""
    return [
        Pending(entry(number), EntryKey(1, entry(number)) if number % 2 else None)
        for number in range(first, first + count)
    ]


def check_whole(keeper: LogKeeper) -> int:
    """Its checkpoint is its own, and proves entries at both ends and where tiles meet. How many there are.

    That all entries are what was signed, the start has derived.
    """
    size = open_checkpoint(keeper.note, LOG_KEY).size
    assert size == keeper.size
    for place in {0, 1, 254, 255, 256, size - 2, size - 1} & set(range(size)):
        data = keeper.entry(place)
        verify_log_proof(keeper.prove(place, keeper.note), data, ALONE)
    return size
