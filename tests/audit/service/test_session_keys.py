"""Keys of sessions: each on the disk before anything is sealed with it, those of one page of the broker's together."""

import threading
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import audit.durability
from audit.durability import Durability
from audit.service.session_keys import SessionKeys
from audit.storage import MIGRATIONS
from audit.storage.sessions import BrokerSession, SqlSessions
from audit.vault.epoch_files import EPOCHS_FOLDER
from serving.database import Database, bring_up_to_date

PAGE = [bytes([number]) * 16 for number in range(200)]


class Watched(Durability):
    """Counts its syncs, and tells which files were given their names before what is in them was synced."""

    def __init__(self) -> None:
        self.syncs: Counter[str] = Counter()
        self.early: list[Path] = []
        self.is_failing = False
        self._unsynced: set[Path] = set()
        self._open: dict[int, Path] = {}

    def open(self, path: Path, flags: int) -> int:
        handle = super().open(path, flags)
        self._open[handle] = path
        return handle

    def write(self, handle: int, data: bytes | memoryview, offset: int) -> int:
        self._unsynced.add(self._open[handle])
        return super().write(handle, data, offset)

    def sync_data(self, handle: int) -> None:
        self._synced("files", {self._open[handle]})

    def sync_file_system(self, handle: int) -> None:
        assert self._open[handle].is_dir()
        self._synced("file systems", set(self._unsynced))

    def rename(self, source: Path, target: Path) -> None:
        if source in self._unsynced:
            self.early.append(target)
        super().rename(source, target)

    def _synced(self, what: str, paths: set[Path]) -> None:
        if self.is_failing:
            raise OSError(5, "lost")
        self.syncs[what] += 1
        self._unsynced -= paths


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / EPOCHS_FOLDER).mkdir()
    return tmp_path


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    bring_up_to_date(tmp_path / "audit.sqlite", MIGRATIONS)
    opened = Database(tmp_path / "audit.sqlite")
    yield opened
    await opened.aclose()


def files_in(folder: Path) -> set[str]:
    return {path.name for path in (folder / EPOCHS_FOLDER).iterdir()}


@pytest.mark.parametrize(("has_syncfs", "syncs"), [(True, {"file systems": 1, "files": 1}), (False, {"files": 201})])
def test_the_keys_of_a_page_are_synced_together(
    folder: Path, monkeypatch: pytest.MonkeyPatch, has_syncfs: bool, syncs: dict[str, int]
) -> None:
    """Two syncs for two hundred keys; where a system cannot sync a file system, one for each and one for the names."""
    monkeypatch.setattr(audit.durability, "can_sync_file_systems", lambda: has_syncfs)
    disk = Watched()
    said = {session_id: b"what the broker says of " + session_id for session_id in PAGE}
    sealed = SessionKeys(folder, disk).seal_all(said)
    assert (disk.syncs, disk.early) == (syncs, [])
    assert files_in(folder) == {f"{session_id.hex()}.key" for session_id in PAGE}
    fresh = SessionKeys(folder)
    assert {session_id: fresh.open(session_id, one) for session_id, one in sealed.items()} == said


def test_a_single_key_waits_for_nothing_but_itself(folder: Path) -> None:
    """What else is being written to the file system is not waited for."""
    disk = Watched()
    SessionKeys(folder, disk).seal(PAGE[0], b"{}")
    assert (disk.syncs, disk.early) == ({"files": 2}, [])


def test_only_what_is_missing_is_made(folder: Path) -> None:
    """A session that has a key keeps it: what was sealed before opens still."""
    keys, disk = SessionKeys(folder), Watched()
    before = keys.seal(PAGE[0], b"before")
    again = SessionKeys(folder, disk)
    again.seal_all(dict.fromkeys(PAGE[:3], b"{}"))
    assert (disk.syncs, again.open(PAGE[0], before)) == ({"files": 3}, b"before")


@pytest.mark.parametrize("count", [1, 200])
def test_nothing_is_sealed_with_a_key_that_did_not_reach_the_disk(folder: Path, count: int) -> None:
    """Whoever asks hears of it, no key has its name, and the next try makes one that lasts."""
    disk = Watched()
    disk.is_failing = True
    keys, said = SessionKeys(folder, disk), dict.fromkeys(PAGE[:count], b"{}")
    with pytest.raises(OSError, match="lost"):
        keys.seal_all(said)
    assert not [name for name in files_in(folder) if name.endswith(".key")]
    disk.is_failing = False
    sealed = keys.seal_all(said)
    assert {SessionKeys(folder).open(session_id, one) for session_id, one in sealed.items()} == {b"{}"}


def test_two_at_once_make_one_key(folder: Path) -> None:
    """What either has sealed opens afterwards."""
    both = threading.Barrier(2)
    asked = threading.local()

    class Meeting(SessionKeys):
        def _key(self, session_id: bytes) -> AESGCM | None:
            key = super()._key(session_id)
            if not hasattr(asked, "before"):
                asked.before = True
                both.wait()
            return key

    keys = Meeting(folder)
    sealed: list[bytes] = []
    threads = [threading.Thread(target=lambda: sealed.append(keys.seal(PAGE[0], b"{}"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [SessionKeys(folder).open(PAGE[0], one) for one in sealed] == [b"{}", b"{}"]


async def test_a_page_makes_no_key_for_what_was_erased(folder: Path, database: Database) -> None:
    """The broker may name it again; that brings nothing back."""
    keys = SessionKeys(folder)
    sessions = SqlSessions(database, keys)
    told = [BrokerSession(session_id, 1, 2, b"{}") for session_id in PAGE[:20]]
    await sessions.keep_page(told, 1, 1)
    await sessions.was_erased(PAGE[0], 3)
    keys.destroy(PAGE[0])
    await sessions.keep_page(told, 2, 4)
    erased, other = await sessions.find(PAGE[0]), await sessions.find(PAGE[1])
    assert erased is not None
    assert other is not None
    assert (erased.facts, other.facts) == (None, b"{}")
    assert f"{PAGE[0].hex()}.key" not in files_in(folder)
