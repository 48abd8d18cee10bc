"""Ingest and the disk's failures: each system call fails in turn, the power goes at any time, and no promise breaks."""

import asyncio
import errno
import os
import random
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from audit.durability import Durability
from audit.ingest import DiskFullError, Position, RecordStore, StoreFailedError
from audit.ingest.journal import JOURNAL_FILE
from audit.session_files import OPENING_FILE, RECORDS_FILE, session_folder
from protocol.ratings import sign_rating
from protocol.records import HEADER_BYTES, SIGNATURE_BYTES
from tests.audit.ingest.conftest import OpenStore
from tests.helpers.recordings import START_MS, SealedRecording, make_recording

RECORDING = make_recording([b"one", b"two"])
OPTIONS: dict[str, int | float] = {"free_limit_bytes": 0, "free_limit_share": 0.0}
T = TypeVar("T")


class QuickDisk(Durability):
    """Does not wait for the medium: the page cache outlives every crash that happens here."""

    def sync_data(self, handle: int) -> None:
        del handle


class FailingDisk(QuickDisk):
    """Fails the n-th system call: before it did anything, or after it did it (the error lied)."""

    def __init__(self, fail_at: int, *, afterwards: bool) -> None:
        self.calls = 0
        self._fail_at = fail_at
        self._afterwards = afterwards

    def _count(self, call: Callable[[], T]) -> T:
        self.calls += 1
        if self.calls != self._fail_at:
            return call()
        if self._afterwards:
            call()
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def open(self, path: Path, flags: int) -> int:
        return self._count(lambda: super(FailingDisk, self).open(path, flags))

    def write(self, handle: int, data: bytes | memoryview, offset: int) -> int:
        return self._count(lambda: super(FailingDisk, self).write(handle, data, offset))

    def read(self, handle: int, size_bytes: int, offset: int) -> bytes:
        return self._count(lambda: super(FailingDisk, self).read(handle, size_bytes, offset))

    def sync_data(self, handle: int) -> None:
        return self._count(lambda: super(FailingDisk, self).sync_data(handle))

    def truncate(self, handle: int, size_bytes: int) -> None:
        return self._count(lambda: super(FailingDisk, self).truncate(handle, size_bytes))

    def rename(self, source: Path, target: Path) -> None:
        return self._count(lambda: super(FailingDisk, self).rename(source, target))

    def make_folder(self, path: Path) -> None:
        return self._count(lambda: super(FailingDisk, self).make_folder(path))

    def free_and_total_bytes(self, path: Path) -> tuple[int, int]:
        return self._count(lambda: super(FailingDisk, self).free_and_total_bytes(path))


async def record_a_session(folder: Path, disk: Durability) -> int:
    """Opens, records, rates and closes; returns how many records were acknowledged before anything failed."""
    store = RecordStore(folder, durability=disk, **OPTIONS)  # type: ignore[arg-type]  # the two limits
    acked = 0
    try:
        await store.start()
        acked = (await store.open_session(RECORDING.opening)).next_seq
        for record in RECORDING.records:
            acked = (await store.submit(RECORDING.session_id, record)).next_seq
        rating = sign_rating(
            RECORDING.signing_key, RECORDING.session_id, stars=5, solved=True, comment="", rated_at_ms=START_MS
        )
        await store.keep_rating(RECORDING.session_id, rating, START_MS)
        await store.close_session(RECORDING.session_id, "engineer-ended", START_MS)
    except StoreFailedError:
        pass
    finally:
        await store.aclose()
    return acked


def count_calls(folder: Path) -> int:
    disk = FailingDisk(0, afterwards=False)
    asyncio.run(record_a_session(folder, disk))
    return disk.calls


@pytest.mark.parametrize("afterwards", [False, True], ids=["not done", "done but reported failed"])
def test_every_failing_system_call_keeps_every_promise(tmp_path: Path, afterwards: bool) -> None:
    """Whichever call fails, whether or not it did its work: what was acknowledged is there after the restart, and the
    session can be recorded to its end."""
    calls = count_calls(tmp_path / "counting")
    assert calls > 30
    for fail_at in range(1, calls + 1):
        folder = tmp_path / f"fail-{fail_at}"
        acked = asyncio.run(record_a_session(folder, FailingDisk(fail_at, afterwards=afterwards)))
        path = session_folder(folder, RECORDING.session_id) / RECORDS_FILE
        assert (path.read_bytes() if path.exists() else b"").startswith(b"".join(RECORDING.records[:acked]))
        assert asyncio.run(record_a_session(folder, QuickDisk())) == len(RECORDING.records)
        assert path.read_bytes() == RECORDING.data


@pytest.mark.parametrize("afterwards", [False, True], ids=["not done", "done but reported failed"])
def test_every_failing_system_call_of_recovery_keeps_every_promise(tmp_path: Path, afterwards: bool) -> None:
    """A disk that fails while a torn tail is being cut off: the next start cuts it, and no valid record is lost."""
    torn = RECORDING.data[:-100]

    def lay_out(folder: Path) -> Path:
        return RECORDING.write(folder, data=torn, closed=False, rated=False)

    lay_out(tmp_path / "counting")
    calls = count_calls(tmp_path / "counting")
    for fail_at in range(1, calls + 1):
        folder = tmp_path / f"fail-{fail_at}"
        session = lay_out(folder)
        asyncio.run(record_a_session(folder, FailingDisk(fail_at, afterwards=afterwards)))
        assert asyncio.run(record_a_session(folder, QuickDisk())) == len(RECORDING.records)
        assert (session / RECORDS_FILE).read_bytes() == RECORDING.data


async def test_short_writes_and_reads_are_gone_on_with(open_store: OpenStore, tmp_path: Path) -> None:
    """A system call may take less than it was given; nothing is lost, and nothing is taken for torn."""

    class Short(Durability):
        def write(self, handle: int, data: bytes | memoryview, offset: int) -> int:
            return super().write(handle, data[:7], offset)

        def read(self, handle: int, size_bytes: int, offset: int) -> bytes:
            return super().read(handle, min(size_bytes, 13), offset)

    first = await open_store(durability=Short())
    await first.open_session(RECORDING.opening)
    for record in RECORDING.records:
        await first.submit(RECORDING.session_id, record)
    await first.aclose()
    second = await open_store(durability=Short())
    assert (await second.open_session(RECORDING.opening)).next_seq == len(RECORDING.records)
    assert [path.name for path in session_folder(tmp_path / "records", RECORDING.session_id).glob("tail-*")] == []


async def test_a_torn_tail_is_cut_and_kept(open_store: OpenStore, tmp_path: Path) -> None:
    """Wherever the last record was torn, recovery keeps the whole ones, and the torn bytes beside them."""
    last = RECORDING.records[2]
    before = b"".join(RECORDING.records[:2])
    for kept in (1, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 1, len(last) - SIGNATURE_BYTES, len(last) - 1):
        folder = RECORDING.write(tmp_path / "records", data=before + last[:kept], closed=False, rated=False)
        store = await open_store()
        assert (await store.open_session(RECORDING.opening)).next_seq == 2
        assert (folder / RECORDS_FILE).read_bytes() == before
        assert (folder / f"tail-{len(before)}.csr").read_bytes() == last[:kept]
        await store.submit(RECORDING.session_id, last)
        await store.aclose()


async def test_a_damaged_middle_is_cut_but_nothing_is_thrown_away(open_store: OpenStore, tmp_path: Path) -> None:
    """If the disk itself changed an old record, all that followed is set aside, for somebody to look at."""
    data = bytearray(RECORDING.data)
    data[len(RECORDING.records[0]) + HEADER_BYTES] ^= 1
    folder = RECORDING.write(tmp_path / "records", data=bytes(data), closed=False, rated=False)
    store = await open_store()
    assert (await store.open_session(RECORDING.opening)).next_seq == 1
    cut = len(RECORDING.records[0])
    assert (folder / RECORDS_FILE).read_bytes() + (folder / f"tail-{cut}.csr").read_bytes() == bytes(data)


async def test_what_was_never_opened_does_not_look_lost(open_store: OpenStore, tmp_path: Path) -> None:
    """A crash inside of `open_session` leaves a folder without an opening: the next start removes it, unless it holds
    something that a crash does not leave."""
    unopened, strange = tmp_path / "records" / ("22" * 16), tmp_path / "records" / ("33" * 16)
    for folder, records in ((unopened, b""), (strange, b"somebody's bytes")):
        folder.mkdir(parents=True)
        (folder / RECORDS_FILE).write_bytes(records)
        (folder / "opening.msgpack.new").write_bytes(b"torn")
    await open_store()
    assert not unopened.exists()
    assert (strange / RECORDS_FILE).read_bytes() == b"somebody's bytes"


class PowerCutDisk(QuickDisk):
    """A disk whose power goes at its n-th sync of records: what was written since the one before was never synced."""

    def __init__(self, cut_at: int) -> None:
        self.synced_bytes: dict[str, int] = {}
        self._syncs_left = cut_at

    def sync_data(self, handle: int) -> None:
        path = str(Path(f"/proc/self/fd/{handle}").readlink())
        if path.endswith(RECORDS_FILE):
            self._syncs_left -= 1
            if self._syncs_left <= 0:
                raise OSError(errno.EIO, "the power is gone")
        super().sync_data(handle)
        self.synced_bytes[path] = os.fstat(handle).st_size

    def cut(self, path: Path, dice: random.Random) -> int:
        """Leaves some first part of the unsynced bytes, of which some may be zeros or garbage. Returns how many."""
        data = path.read_bytes()
        synced = min(self.synced_bytes.get(str(path), 0), len(data))  # recovery may have cut it since
        left = bytearray(data[synced : dice.randint(synced, len(data))])
        for _ in range(dice.randint(0, 2) if left else 0):
            at = dice.randrange(len(left))
            piece = min(512, len(left) - at)
            left[at : at + piece] = bytes(piece) if dice.random() < 0.5 else dice.randbytes(piece)
        path.write_bytes(data[:synced] + bytes(left))
        return len(data) - synced


def test_a_power_cut_takes_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Cut at any sync, with any part of what was not synced gone, torn or zeroed: what was acknowledged is there."""
    recording = make_recording([bytes([65 + number]) * 40 for number in range(12)])
    unsynced_bytes = 0

    async def record_until_cut(folder: Path, disk: Durability, dice: random.Random) -> int:
        store = RecordStore(folder, durability=disk, **OPTIONS)  # type: ignore[arg-type]  # the two limits
        acked, waiting = 0, []
        try:
            await store.start()
            acked = (await store.open_session(recording.opening)).next_seq
            for record in recording.records[acked:]:
                waiting.append(store.submit(recording.session_id, record))
                if dice.random() < 0.5:  # sometimes alone, sometimes in a group
                    acked = (await waiting[-1]).next_seq
            acked = (await waiting[-1]).next_seq if waiting else acked
        except StoreFailedError:
            results = await asyncio.gather(*waiting, return_exceptions=True)
            acked = max([acked, *(result.next_seq for result in results if isinstance(result, Position))])
        finally:
            await store.aclose()
        return acked

    for seed in range(60):
        dice = random.Random(seed)
        folder = tmp_path / f"cut-{seed}"
        path = session_folder(folder, recording.session_id) / RECORDS_FILE
        acked = 0
        for _ in range(3):
            disk = PowerCutDisk(dice.randint(2, 8))
            acked = max(acked, asyncio.run(record_until_cut(folder, disk, dice)))
            unsynced_bytes += disk.cut(path, dice)
            assert path.read_bytes().startswith(b"".join(recording.records[:acked])), f"seed {seed}"
        assert asyncio.run(record_until_cut(folder, QuickDisk(), dice)) == len(recording.records)
        assert path.read_bytes() == recording.data
    assert unsynced_bytes > 10_000  # the cuts did take something


SESSIONS = [
    make_recording([bytes([65 + number]) * 40 for number in range(2)], session_id=bytes([n]) * 16) for n in range(1, 4)
]


async def record_all_at_once(folder: Path, disk: Durability) -> dict[bytes, int]:
    """All sessions hand in their next record at the same time; returns how many of each were acknowledged."""
    store = RecordStore(folder, durability=disk, journal_from_files=2, **OPTIONS)  # type: ignore[arg-type]
    acked = dict.fromkeys([one.session_id for one in SESSIONS], 0)
    try:
        await store.start()
        for one in SESSIONS:
            acked[one.session_id] = (await store.open_session(one.opening)).next_seq

        async def upload(one: SealedRecording) -> None:
            for record in one.records[acked[one.session_id] :]:
                acked[one.session_id] = (await store.submit(one.session_id, record)).next_seq

        results = await asyncio.gather(*map(upload, SESSIONS), return_exceptions=True)
        failures = [result for result in results if result is not None]
        assert all(isinstance(failure, StoreFailedError) for failure in failures), failures
    except StoreFailedError:
        pass
    finally:
        await store.aclose()
    return acked


def whole_after_restart(folder: Path, acked: dict[bytes, int]) -> bool:
    """What was acknowledged is there, nothing else is, and all sessions can be recorded to their ends."""
    begin = asyncio.run(positions_after_restart(folder))
    assert all(begin[session_id] >= count for session_id, count in acked.items())
    ends = {one.session_id: len(one.records) for one in SESSIONS}
    assert asyncio.run(record_all_at_once(folder, QuickDisk())) == ends
    return all((session_folder(folder, one.session_id) / RECORDS_FILE).read_bytes() == one.data for one in SESSIONS)


async def positions_after_restart(folder: Path) -> dict[bytes, int]:
    store = RecordStore(folder, durability=QuickDisk(), **OPTIONS)  # type: ignore[arg-type]  # the two limits
    await store.start()
    begin = {one.session_id: (await store.open_session(one.opening)).next_seq for one in SESSIONS}
    await store.aclose()
    return begin


@pytest.mark.parametrize("afterwards", [False, True], ids=["not done", "done but reported failed"])
def test_every_failing_system_call_keeps_every_promise_of_the_journal(tmp_path: Path, afterwards: bool) -> None:
    """The same for many sessions at once, which are synced in the journal."""
    counting = FailingDisk(0, afterwards=False)
    asyncio.run(record_all_at_once(tmp_path / "counting", counting))
    for fail_at in range(1, counting.calls + 1):
        folder = tmp_path / f"fail-{fail_at}"
        acked = asyncio.run(record_all_at_once(folder, FailingDisk(fail_at, afterwards=afterwards)))
        assert whole_after_restart(folder, acked)


class TearingDisk(QuickDisk):
    """A disk whose power goes at its n-th sync of records or journal, and takes any sectors that were not synced."""

    SECTOR_BYTES = 512

    def __init__(self, cut_at: int) -> None:
        self.synced: dict[Path, bytes] = {}
        self._syncs_left = cut_at

    def sync_data(self, handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if path.suffix == ".csr":
            self._syncs_left -= 1
            if self._syncs_left <= 0:
                raise OSError(errno.EIO, "the power is gone")
            super().sync_data(handle)
            self.synced[path] = path.read_bytes()
        else:
            super().sync_data(handle)

    def cut(self, folder: Path, dice: random.Random) -> int:
        """Returns how many sectors were lost."""
        lost = 0
        for path in sorted(folder.rglob("*.csr")):
            seen, synced = path.read_bytes(), self.synced.get(path, b"")
            left = bytearray()
            for at in range(0, len(seen), self.SECTOR_BYTES):
                piece, old = seen[at : at + self.SECTOR_BYTES], synced[at : at + self.SECTOR_BYTES]
                if piece != old and dice.random() < 0.5:
                    piece = old + bytes(len(piece) - len(old)) if len(old) < len(piece) else old
                    lost += 1
                left += piece
            path.write_bytes(left)
        return lost


def test_a_power_cut_takes_nothing_that_the_journal_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut at any sync, also those of a journal that was full and began again: acknowledged records come back out of it,
    whatever has become of the sessions' own files."""
    monkeypatch.setattr("audit.ingest.journal.JOURNAL_LIMIT_BYTES", 3 * sum(len(one.records[1]) for one in SESSIONS))
    lost = 0
    for seed in range(60):
        dice = random.Random(seed)
        folder = tmp_path / f"cut-{seed}"
        disk = TearingDisk(dice.randint(1, 14))
        acked = asyncio.run(record_all_at_once(folder, disk))
        lost += disk.cut(folder, dice)
        assert whole_after_restart(folder, acked), f"seed {seed}"
    assert lost > 100  # the cuts did take something


async def test_a_stale_journal_changes_nothing(open_store: OpenStore, tmp_path: Path) -> None:
    """What is left of older groups, of sessions that were closed or removed since too, is in the files already."""
    path = tmp_path / "records" / JOURNAL_FILE
    first = await open_store(journal_from_files=2)
    for one in SESSIONS:
        await first.open_session(one.opening)
    for records in zip(*(one.records[:3] for one in SESSIONS), strict=True):
        await asyncio.gather(*(first.submit(one.session_id, r) for one, r in zip(SESSIONS, records, strict=True)))
    stale = path.read_bytes()
    for one in SESSIONS[:2]:
        await first.submit(one.session_id, one.records[3])
        await first.close_session(one.session_id, "engineer-ended", START_MS)
    await first.aclose()
    assert path.read_bytes() != stale  # it begins with nothing once the files are synced
    shutil.rmtree(session_folder(tmp_path / "records", SESSIONS[1].session_id))
    before = {folder: (folder / RECORDS_FILE).read_bytes() for folder in (tmp_path / "records").glob("0*")}
    path.write_bytes(stale)
    second = await open_store()
    assert await second.sessions_not_closed() == [one.session_id for one in SESSIONS[2:]]
    assert {folder: (folder / RECORDS_FILE).read_bytes() for folder in before} == before
    assert sorted((tmp_path / "records").glob("0*")) == sorted(before)
    assert list((tmp_path / "records").rglob("tail-*")) == []


async def test_a_disk_without_room_for_the_journal_takes_nothing(open_store: OpenStore, tmp_path: Path) -> None:
    """The whole group is refused as if it had not come, and taken when there is room again."""

    class Full(Durability):
        armed = True

        def write(self, handle: int, data: bytes | memoryview, offset: int) -> int:
            if self.armed and Path(f"/proc/self/fd/{handle}").readlink().name == JOURNAL_FILE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(handle, data, offset)

    disk = Full()
    store = await open_store(durability=disk, journal_from_files=2)
    for one in SESSIONS:
        await store.open_session(one.opening)
    refused = await asyncio.gather(
        *(store.submit(one.session_id, one.records[0]) for one in SESSIONS), return_exceptions=True
    )
    assert {type(result) for result in refused} == {DiskFullError}
    assert {path.read_bytes() for path in (tmp_path / "records").rglob(RECORDS_FILE)} == {b""}
    disk.armed = False
    for record_of_all in zip(*(one.records for one in SESSIONS), strict=True):
        await asyncio.gather(*(store.submit(one.session_id, r) for one, r in zip(SESSIONS, record_of_all, strict=True)))
    await store.aclose()
    for one in SESSIONS:
        assert (session_folder(tmp_path / "records", one.session_id) / RECORDS_FILE).read_bytes() == one.data


async def test_an_unreadable_opening_keeps_what_the_journal_has(open_store: OpenStore, tmp_path: Path) -> None:
    """A session whose opening was damaged gets its acknowledged records beside what is left of it."""
    first = await open_store(journal_from_files=1)
    await first.open_session(RECORDING.opening)
    await first.submit(RECORDING.session_id, RECORDING.records[0])
    journal = (tmp_path / "records" / JOURNAL_FILE).read_bytes()
    await first.aclose()
    (tmp_path / "records" / JOURNAL_FILE).write_bytes(journal)
    folder = session_folder(tmp_path / "records", RECORDING.session_id)
    (folder / OPENING_FILE).write_bytes(b"damaged")
    await open_store()
    assert (folder / "tail-journal.csr").read_bytes() == RECORDING.records[0]


async def test_a_mistake_in_the_thread_leaves_nobody_waiting(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even an error that nobody foresaw ends every wait, now and later, and tells the broker."""

    class Broken(Durability):
        armed = False

        def write(self, handle: int, data: bytes | memoryview, offset: int) -> int:
            if self.armed:
                raise ZeroDivisionError
            return super().write(handle, data, offset)

    raised: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: raised.append(args.exc_type))
    disk = Broken()
    told: list[Exception] = []
    store = await open_store(durability=disk, on_fatal=told.append)
    await store.open_session(RECORDING.opening)
    disk.armed = True
    waiting = [store.submit(RECORDING.session_id, record) for record in RECORDING.records]
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(result) for result in results} == {StoreFailedError}
    with pytest.raises(StoreFailedError):
        await store.open_session(RECORDING.opening)
    assert len(told) == 1
    await store.aclose()
    assert raised == [ZeroDivisionError]
