"""RecordStore: what it acknowledges is on disk, what does not fit is refused, and a contradiction is kept."""

import asyncio
import errno
import os
import threading
from pathlib import Path

import msgspec
import pytest

from audit.durability import Durability
from audit.ingest import (
    DiskFullError,
    ForkDetectedError,
    OtherOpeningError,
    Position,
    RecorderTooFastError,
    RecordStore,
    SessionErasedError,
    SessionFrozenError,
    SessionNotOpenError,
    SessionOpening,
    StoreBusyError,
    StoreFailedError,
)
from audit.ingest.store import PENDING_LIMIT_BYTES
from audit.session_files import (
    CLOSING_FILE,
    ERASED_FILE,
    OPENING_FILE,
    RATING_FILE,
    RECORDS_FILE,
    SessionClosing,
    SessionErasure,
    SessionRating,
    read_small_file,
    session_folder,
)
from protocol.ratings import sign_rating
from protocol.record_chain import RecordMissingError, RecordSignatureError, chain_hash, genesis_hash
from protocol.records import HEADER_BYTES
from tests.audit.ingest.conftest import OpenStore
from tests.helpers.recordings import START_MS, SealedRecording, make_recording
from tests.helpers.waiting import PATIENCE_SECONDS

RECORDING = make_recording()


def records_path(tmp_path: Path, recording: SealedRecording = RECORDING) -> Path:
    return session_folder(tmp_path / "records", recording.session_id) / RECORDS_FILE


async def test_an_acknowledged_record_is_in_the_file(open_store: OpenStore, tmp_path: Path) -> None:
    """Records are kept back to back, exactly as they came, and each answer names the place behind its record."""
    store = await open_store()
    begin = await store.open_session(RECORDING.opening)
    assert begin == Position(0, genesis_hash(RECORDING.session_id, RECORDING.agent_key, RECORDING.commitment))
    positions = await asyncio.gather(*[store.submit(RECORDING.session_id, record) for record in RECORDING.records])
    assert records_path(tmp_path).read_bytes() == RECORDING.data
    assert [position.next_seq for position in positions] == list(range(1, len(RECORDING.records) + 1))
    assert positions[-1].chain_hash == chain_hash(RECORDING.records[-1][:HEADER_BYTES])


async def test_a_restart_goes_on_where_it_was(open_store: OpenStore, tmp_path: Path) -> None:
    """After a restart the store knows every record and takes the next one."""
    first = await open_store()
    await first.open_session(RECORDING.opening)
    for record in RECORDING.records[:4]:
        await first.submit(RECORDING.session_id, record)
    await first.aclose()
    second = await open_store()
    position = await second.open_session(RECORDING.opening)
    assert position.next_seq == 4
    await second.submit(RECORDING.session_id, RECORDING.records[4])
    assert records_path(tmp_path).read_bytes() == b"".join(RECORDING.records[:5])


async def test_opening_again_changes_nothing(open_store: OpenStore) -> None:
    """A recorder that lost its connection opens the session once more and hears where it was."""
    store = await open_store()
    await store.open_session(RECORDING.opening)
    position = await store.submit(RECORDING.session_id, RECORDING.records[0])
    assert await store.open_session(RECORDING.opening) == position


async def test_another_manifest_is_refused(open_store: OpenStore) -> None:
    """What a session's chain begins with cannot be exchanged."""
    store = await open_store()
    await store.open_session(RECORDING.opening)
    other = SessionOpening(RECORDING.session_id, RECORDING.agent_key, bytes(32), START_MS)
    with pytest.raises(OtherOpeningError):
        await store.open_session(other)


async def test_records_of_an_unknown_session_are_refused(open_store: OpenStore) -> None:
    """Nothing is kept that nobody opened."""
    store = await open_store()
    with pytest.raises(SessionNotOpenError):
        await store.submit(RECORDING.session_id, RECORDING.records[0])


async def test_a_refused_record_leaves_the_session_as_it_was(open_store: OpenStore, tmp_path: Path) -> None:
    """Out of order, forged or torn: refused by name, and the right record still fits."""
    store = await open_store()
    await store.open_session(RECORDING.opening)
    await store.submit(RECORDING.session_id, RECORDING.records[0])
    with pytest.raises(RecordMissingError):
        await store.submit(RECORDING.session_id, RECORDING.records[2])
    forged = RECORDING.records[1][:-1] + bytes([RECORDING.records[1][-1] ^ 1])
    with pytest.raises(RecordSignatureError):
        await store.submit(RECORDING.session_id, forged)
    await store.submit(RECORDING.session_id, RECORDING.records[1])
    assert records_path(tmp_path).read_bytes() == b"".join(RECORDING.records[:2])


async def test_the_same_record_is_confirmed_again(open_store: OpenStore, tmp_path: Path) -> None:
    """A recorder that did not hear the answer sends again; it is confirmed once more, and kept once."""
    store = await open_store()
    await store.open_session(RECORDING.opening)
    for record in RECORDING.records[:3]:
        await store.submit(RECORDING.session_id, record)
    assert (await store.submit(RECORDING.session_id, RECORDING.records[0])).next_seq == 3
    assert records_path(tmp_path).read_bytes() == b"".join(RECORDING.records[:3])


async def test_an_old_record_is_confirmed_from_the_file(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when its hash is no longer in memory."""
    monkeypatch.setattr("audit.ingest.session_file.RECENT_RECORDS", 1)
    store = await open_store()
    await store.open_session(RECORDING.opening)
    for record in RECORDING.records[:4]:
        await store.submit(RECORDING.session_id, record)
    assert (await store.submit(RECORDING.session_id, RECORDING.records[1])).next_seq == 4


async def test_a_contradiction_freezes_the_session_and_both_are_kept(open_store: OpenStore, tmp_path: Path) -> None:
    """Two signed records with one number: neither is lost, and nothing more is taken, also after a restart."""
    store = await open_store()
    await store.open_session(RECORDING.opening)
    sealer = RECORDING.sealer()
    other = sealer.seal_epoch(START_MS)  # the same agent begins again: the same number, another record
    await store.submit(RECORDING.session_id, RECORDING.records[0])
    with pytest.raises(ForkDetectedError):
        await store.submit(RECORDING.session_id, other)
    with pytest.raises(SessionFrozenError):
        await store.submit(RECORDING.session_id, RECORDING.records[1])
    folder = session_folder(tmp_path / "records", RECORDING.session_id)
    assert (folder / "fork-0.csr").read_bytes() == other
    assert (folder / RECORDS_FILE).read_bytes() == RECORDING.records[0]
    await store.aclose()
    again = await open_store()
    with pytest.raises(SessionFrozenError):
        await again.open_session(RECORDING.opening)


async def test_two_stores_cannot_share_a_folder(open_store: OpenStore) -> None:
    """A second broker on the same records is refused at its start."""
    await open_store()
    with pytest.raises(StoreBusyError):
        await open_store()


async def test_little_room_refuses_new_sessions_only(open_store: OpenStore) -> None:
    """Below the reserve no session begins; those that run use the reserve."""

    class NearlyFull(Durability):
        free_bytes = 100

        def free_and_total_bytes(self, path: Path) -> tuple[int, int]:
            return self.free_bytes, 1000

    disk = NearlyFull()
    store = await open_store(durability=disk, free_limit_bytes=50, free_limit_share=0.05)
    await store.open_session(RECORDING.opening)
    disk.free_bytes = 49
    await store.submit(RECORDING.session_id, RECORDING.records[0])
    assert (await store.open_session(RECORDING.opening)).next_seq == 1
    other = make_recording(session_id=b"\x22" * 16)
    with pytest.raises(DiskFullError):
        await store.open_session(other.opening)


async def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(open_store: OpenStore, tmp_path: Path) -> None:
    """A record for which there is no room is refused as if it had not come, even if half of it was written."""

    class Full(Durability):
        full = False

        def write(self, handle: int, data: bytes | memoryview, offset: int) -> int:
            if self.full:
                os.pwrite(handle, data[: len(data) // 2], offset)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(handle, data, offset)

    disk = Full()
    store = await open_store(durability=disk)
    await store.open_session(RECORDING.opening)
    await store.submit(RECORDING.session_id, RECORDING.records[0])
    disk.full = True
    with pytest.raises(DiskFullError):
        await store.submit(RECORDING.session_id, RECORDING.records[1])
    assert records_path(tmp_path).read_bytes() == RECORDING.records[0]
    disk.full = False
    await store.submit(RECORDING.session_id, RECORDING.records[1])
    assert records_path(tmp_path).read_bytes() == b"".join(RECORDING.records[:2])


async def test_the_first_failed_sync_ends_the_store(open_store: OpenStore) -> None:
    """After a sync error nothing is believed: every waiting record fails, the broker is told once, nothing is taken."""

    class NoSync(Durability):
        broken = False

        def sync_data(self, handle: int) -> None:
            if self.broken:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            super().sync_data(handle)

    disk = NoSync()
    told: list[Exception] = []
    store = await open_store(durability=disk, on_fatal=told.append)
    await store.open_session(RECORDING.opening)
    disk.broken = True
    waiting = [store.submit(RECORDING.session_id, record) for record in RECORDING.records]
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(result) for result in results} == {StoreFailedError}
    disk.broken = False
    with pytest.raises(StoreFailedError):
        await store.submit(RECORDING.session_id, RECORDING.records[0])
    with pytest.raises(StoreFailedError):
        await store.open_session(RECORDING.opening)
    assert [getattr(error, "errno", None) for error in told] == [errno.EIO]


async def test_records_that_wait_together_are_synced_together(open_store: OpenStore) -> None:
    """While the disk is busy the next group gathers: many records, few syncs."""
    all_wait = threading.Event()
    all_wait.set()

    class Counting(Durability):
        syncs = 0

        def sync_data(self, handle: int) -> None:
            self.syncs += 1
            all_wait.wait(PATIENCE_SECONDS)
            super().sync_data(handle)

    recording = make_recording([b"x"] * 200)
    disk = Counting()
    store = await open_store(durability=disk)
    await store.open_session(recording.opening)
    before = disk.syncs
    all_wait.clear()
    waiting = [store.submit(recording.session_id, record) for record in recording.records]
    all_wait.set()
    await asyncio.gather(*waiting)
    assert disk.syncs - before < len(recording.records) / 2


async def test_many_sessions_share_few_handles(open_store: OpenStore, tmp_path: Path) -> None:
    """The number of open files is bounded, whatever the number of sessions."""

    class Watching(Durability):
        now_open = 0
        most_open = 0

        def open(self, path: Path, flags: int) -> int:
            self.now_open += 1
            self.most_open = max(self.most_open, self.now_open)
            return super().open(path, flags)

        def close(self, handle: int) -> None:
            self.now_open -= 1
            super().close(handle)

    disk = Watching()
    store = await open_store(durability=disk, open_files_limit=3)
    recordings = [make_recording([b"x"], session_id=bytes([number]) * 16) for number in range(1, 11)]
    for recording in recordings:
        await store.open_session(recording.opening)
    rounds = zip(*[recording.records for recording in recordings], strict=True)
    for records in rounds:
        pairs = zip(recordings, records, strict=True)
        await asyncio.gather(*[store.submit(recording.session_id, record) for recording, record in pairs])
    assert all(records_path(tmp_path, recording).read_bytes() == recording.data for recording in recordings)
    assert disk.most_open <= 3 + 2  # the lock, and one small file at a time


async def test_a_recorder_that_does_not_wait_is_refused(open_store: OpenStore) -> None:
    """What is held unconfirmed for one session is bounded."""
    store = await open_store()
    await store.open_session(RECORDING.opening)
    size = 200 * 1024
    waiting = [store.submit(RECORDING.session_id, bytes(size)) for _ in range(PENDING_LIMIT_BYTES // size + 1)]
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[-1], RecorderTooFastError)
    await store.submit(RECORDING.session_id, RECORDING.records[0])


async def test_closing_and_rating_are_kept(open_store: OpenStore, tmp_path: Path) -> None:
    """Why a session ended and what the customer said stand beside its records; the first reason stays."""
    store = await open_store()
    await store.open_session(RECORDING.opening)
    await store.submit(RECORDING.session_id, RECORDING.records[0])
    await store.close_session(RECORDING.session_id, "abandoned", START_MS)
    await store.close_session(RECORDING.session_id, "expired", START_MS + 1)
    rating = sign_rating(
        RECORDING.signing_key, RECORDING.session_id, stars=4, solved=None, comment="", rated_at_ms=START_MS
    )
    await store.keep_rating(RECORDING.session_id, rating, START_MS + 2)
    folder = session_folder(tmp_path / "records", RECORDING.session_id)
    assert read_small_file(folder / CLOSING_FILE, SessionClosing) == SessionClosing("abandoned", START_MS, 1)
    assert read_small_file(folder / RATING_FILE, SessionRating) == SessionRating(rating, START_MS + 2)
    with pytest.raises(SessionNotOpenError):
        await store.keep_rating(b"\x99" * 16, rating, START_MS)


async def test_a_late_spool_completes_a_closed_session(open_store: OpenStore, tmp_path: Path) -> None:
    """An agent that died delivers at its next start what it had sealed; the recording is whole after all."""
    store = await open_store()
    await store.open_session(RECORDING.opening)
    await store.submit(RECORDING.session_id, RECORDING.records[0])
    await store.close_session(RECORDING.session_id, "abandoned", START_MS)
    assert (await store.open_session(RECORDING.opening)).next_seq == 1
    for record in RECORDING.records[1:]:
        await store.submit(RECORDING.session_id, record)
    assert records_path(tmp_path).read_bytes() == RECORDING.data


async def test_records_on_their_way_when_a_session_closes_are_taken(open_store: OpenStore, tmp_path: Path) -> None:
    """The broker hears of the end on one connection while the last records come on another."""
    store = await open_store()
    await store.open_session(RECORDING.opening)
    await store.submit(RECORDING.session_id, RECORDING.records[0])
    await store.close_session(RECORDING.session_id, "engineer-ended", START_MS)
    for record in RECORDING.records[1:]:
        await store.submit(RECORDING.session_id, record)
    assert records_path(tmp_path).read_bytes() == RECORDING.data


async def test_one_damaged_opening_does_not_stop_the_others(open_store: OpenStore, tmp_path: Path) -> None:
    """The store starts although one session's folder cannot be read; that session is refused, others are not."""
    other = make_recording(session_id=b"\x22" * 16)
    folder = other.write(tmp_path / "records", closed=False, rated=False)
    (folder / OPENING_FILE).write_bytes(b"\xc1 not msgpack")
    store = await open_store()
    assert (await store.open_session(RECORDING.opening)).next_seq == 0


async def test_a_closed_store_refuses(open_store: OpenStore) -> None:
    """Nothing waits for ever on a store that has gone."""
    store: RecordStore = await open_store()
    await store.aclose()
    with pytest.raises(StoreFailedError):
        await store.submit(RECORDING.session_id, RECORDING.records[0])
    with pytest.raises(StoreFailedError):
        await store.open_session(RECORDING.opening)


async def test_a_caller_that_gives_up_changes_nothing(open_store: OpenStore, tmp_path: Path) -> None:
    """A cancelled wait does not lose the record, nor the store."""
    store = await open_store()
    await store.open_session(RECORDING.opening)
    store.submit(RECORDING.session_id, RECORDING.records[0]).cancel()
    await store.submit(RECORDING.session_id, RECORDING.records[1])
    assert records_path(tmp_path).read_bytes() == b"".join(RECORDING.records[:2])


@pytest.mark.parametrize("journal_from_files", [1, 5])
async def test_an_erased_recording_is_gone_and_takes_nothing_more(
    open_store: OpenStore, tmp_path: Path, journal_from_files: int
) -> None:
    """Nothing of it is left but what its chain began with, its end, and the mark; also in the journal, and after a
    restart."""
    store = await open_store(journal_from_files=journal_from_files)
    await store.open_session(RECORDING.opening)
    for record in RECORDING.records:
        await store.submit(RECORDING.session_id, record)
    await store.close_session(RECORDING.session_id, "customer-ended", START_MS)
    for _ in range(2):
        await store.erase_session(RECORDING.session_id, START_MS)
    folder = records_path(tmp_path).parent
    assert sorted(path.name for path in folder.iterdir()) == [CLOSING_FILE, ERASED_FILE, OPENING_FILE]
    assert RECORDING.session_id not in (folder.parent / "journal.csr").read_bytes()
    rating = sign_rating(
        RECORDING.signing_key, RECORDING.session_id, stars=5, solved=True, comment="late", rated_at_ms=START_MS
    )
    for _ in range(2):
        with pytest.raises(SessionErasedError):
            await store.open_session(RECORDING.opening)
        with pytest.raises(SessionErasedError):
            await store.submit(RECORDING.session_id, RECORDING.records[0])
        with pytest.raises(SessionErasedError):
            await store.keep_rating(RECORDING.session_id, rating, START_MS)
        await store.aclose()
        store = await open_store()
    with pytest.raises(SessionNotOpenError):
        await store.erase_session(b"\x55" * 16, START_MS)


async def test_an_erase_that_a_crash_cut_short_is_finished_at_the_start(open_store: OpenStore, tmp_path: Path) -> None:
    """The mark is on the disk first, and what it leaves nothing of is swept away."""
    store = await open_store()
    await store.open_session(RECORDING.opening)
    await store.submit(RECORDING.session_id, RECORDING.records[0])
    await store.aclose()
    mark = msgspec.msgpack.encode(SessionErasure(START_MS))
    (records_path(tmp_path).parent / ERASED_FILE).write_bytes(mark)
    await open_store()
    assert sorted(path.name for path in records_path(tmp_path).parent.iterdir()) == [ERASED_FILE, OPENING_FILE]
