"""The log and the disk's failures: each system call fails in turn, writes tear, and the log is whole afterwards."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.durability import Durability
from audit.log.errors import LogBroken
from audit.log.keeper import Pending
from tests.audit.ingest.test_crashes import FailingDisk
from tests.audit.log.houses import MEMORY, LyingLedger, check_whole, entry, opened, pool

FILLED = 254
"""So many entries are there before: the next pools fill tile and bundle, and begin the second ones."""

STEPS = (1, 1, 2)


@pytest.fixture
def folders() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="consentry-log-", dir=MEMORY) as name:
        yield Path(name)


@pytest.fixture
def filled(folders: Path) -> Path:
    folder = folders / "filled"
    with opened(folder) as keeper:
        keeper.append(pool(0, FILLED))
    return folder


def append_all(folder: Path, disk: Durability, ledger: LyingLedger | None = None) -> int:
    """How many entries were confirmed before anything failed. Goes on where an earlier crash left off."""
    confirmed = 0
    try:
        with opened(folder, disk, ledger) as keeper:
            first = keeper.size
            for count in STEPS:
                keeper.append(pool(first, count))
                first += count
                confirmed = first
    except (OSError, sqlite3.Error):
        pass
    return confirmed


def check_after_crash(folder: Path, confirmed: int) -> None:
    """Everything confirmed is there, in its place; perhaps one pool more, whole; and the log goes on."""
    with opened(folder) as keeper:
        size = check_whole(keeper)
        assert confirmed <= size
        for place in {0, *range(size - 5, size)} & set(range(size)):
            assert keeper.entry(place) == entry(place)
        assert keeper.append([Pending(b"goes on")]) == [size]
    with opened(folder) as keeper:
        assert keeper.size == size + 1
        assert not keeper._storage.names("staging")


@pytest.mark.parametrize(
    ("is_new", "parity"), [(True, 0), (True, 1), (False, 0)], ids=["new", "new, the other way", "filling a tile"]
)
def test_every_failing_system_call_leaves_the_log_whole(
    folders: Path, filled: Path, *, is_new: bool, parity: int
) -> None:
    """Whichever call fails: every second one before it did its work, the others after it."""

    def lay_out(name: str) -> Path:
        return folders / name if is_new else Path(shutil.copytree(filled, folders / name))

    counting = FailingDisk(0, afterwards=False)
    append_all(lay_out("counting"), counting)
    assert counting.calls > 80
    for fail_at in range(1, counting.calls + 1):
        folder = lay_out(f"fail-{fail_at}")
        check_after_crash(folder, append_all(folder, FailingDisk(fail_at, afterwards=fail_at % 2 == parity)))


@pytest.mark.parametrize("afterwards", [False, True], ids=["not done", "done but reported failed"])
def test_every_failing_swap_leaves_the_log_whole(folders: Path, *, afterwards: bool) -> None:
    """The ledger's commit is the moment at which an entry is in the log, whatever its caller was told."""
    for fail_at in range(1, len(STEPS) + 2):
        folder = folders / f"fail-{fail_at}"
        folder.mkdir()
        ledger = LyingLedger(folder / "ledger.sqlite3", fail_at=fail_at, afterwards=afterwards)
        check_after_crash(folder, append_all(folder, Durability(), ledger))


class DyingDisk(Durability):
    """The process dies at the n-th call; a write is torn at some byte, a short one goes on."""

    class Dead(OSError):
        pass

    def __init__(self, die_at: int, torn_bytes: int) -> None:
        self._left = die_at
        self._torn_bytes = torn_bytes

    def _live(self) -> None:
        self._left -= 1
        if self._left <= 0:
            raise DyingDisk.Dead

    def open(self, path: Path, flags: int) -> int:
        self._live()
        return super().open(path, flags)

    def write(self, handle: int, data: bytes | memoryview, offset: int) -> int:
        try:
            self._live()
        except DyingDisk.Dead:
            super().write(handle, data[: self._torn_bytes], offset)
            raise
        return super().write(handle, data[:100], offset)  # short, again and again

    def sync_data(self, handle: int) -> None:
        self._live()
        super().sync_data(handle)

    def rename(self, source: Path, target: Path) -> None:
        self._live()
        super().rename(source, target)

    def make_folder(self, path: Path) -> None:
        self._live()
        super().make_folder(path)

    def remove(self, path: Path) -> None:
        self._live()
        super().remove(path)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(1, 120), st.integers(0, 90)), min_size=1, max_size=4))
def test_crash_after_crash_leaves_the_log_whole(crashes: list[tuple[int, int]]) -> None:
    """Torn writes, crashes in the recovery from crashes: nothing confirmed is ever lost."""
    with tempfile.TemporaryDirectory(prefix="consentry-log-", dir=MEMORY) as name:
        folder, confirmed = Path(name) / "log", 0
        for die_at, torn_bytes in crashes:
            confirmed = max(confirmed, append_all(folder, DyingDisk(die_at, torn_bytes)))
        check_after_crash(folder, confirmed)


@pytest.mark.parametrize("place", [0, 9, -1])
def test_a_bit_that_flips_on_the_way_to_the_disk_is_never_signed(tmp_path: Path, place: int) -> None:
    """What is signed is what can be read again; the log stays as it was, and goes on after a restart."""

    class Flipping(Durability):
        armed = False

        def write(self, handle: int, data: bytes | memoryview, offset: int) -> int:
            if self.armed:
                flipped = bytearray(data)
                flipped[place] ^= 1
                data = bytes(flipped)
            return super().write(handle, data, offset)

    disk = Flipping()
    with opened(tmp_path, disk) as keeper:
        keeper.append(pool(0, 2))
        disk.armed = True
        with pytest.raises(LogBroken):
            keeper.append(pool(2, 2))
    with opened(tmp_path) as keeper:
        assert check_whole(keeper) == 2
