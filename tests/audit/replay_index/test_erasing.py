"""After an erase, nothing of a session can be read from any file: not the index, no copy of it, nothing left over."""

import shutil
from pathlib import Path

import pytest

from audit.replay_index.entries import Entry, Kind
from audit.replay_index.erasing import erase_index
from audit.replay_index.indexer import SessionIndexer, replace_entries
from audit.replay_index.keys import IndexErasedError, IndexForOthersError, IndexKeyError, IndexKeys
from audit.replay_index.sealed_files import ChunkFile, IndexDamagedError
from audit.replay_index.session_index import SessionIndex
from audit.replay_index.words import parse_query
from audit.search.searching import Searcher
from protocol.events import TerminalOutput
from tests.helpers.indexes import MASTER_KEY, index_keys, index_recording, opened_records, session_of
from tests.helpers.recordings import make_key, make_recording, make_session

SECRET = "口令 correct-horse-battery-staple"
KEPT, ERASED = b"\x11" * 16, b"\x22" * 16


def _index_both(folder: Path) -> None:
    for session_id in (KEPT, ERASED):
        groups = [[TerminalOutput(5000 + 70_000 * at, 0, f"{SECRET} {at}\r\n".encode())] for at in range(5)]
        index = index_recording(folder, session_of(groups, session=make_session(session_id=session_id)))
        replace_entries(index.files, [Entry(1, Kind.NOTE, SECRET)])
        index.close()


def _holds_plaintext(folder: Path) -> list[Path]:
    words = [part.encode() for part in SECRET.split()] + ["口令".encode("utf-16-le"), "口令".encode("utf-16-be")]
    return [path for path in folder.rglob("*") if path.is_file() and any(word in path.read_bytes() for word in words)]


def test_no_file_ever_holds_plaintext(tmp_path: Path) -> None:
    """Neither while it is built, nor when it is done, nor after an erase: every file of the folder, byte by byte."""
    keys = index_keys(tmp_path)
    made = session_of(
        [[TerminalOutput(5000 + 70_000 * at, 0, SECRET.encode())] for at in range(3)],
        session=make_session(session_id=ERASED),
    )
    indexer = SessionIndexer.open(tmp_path, ERASED, keys)
    for record in opened_records(made):
        indexer.feed(record)
        assert _holds_plaintext(tmp_path) == []
    erase_index(tmp_path, ERASED, keys)
    assert _holds_plaintext(tmp_path) == []


def test_after_an_erase_no_file_and_no_copy_of_one_opens(tmp_path: Path) -> None:
    """A copy of the index made before does not help, even with the master key; the other session stays whole."""
    folder, copy = tmp_path / "index", tmp_path / "copy"
    _index_both(folder)
    shutil.copytree(folder / "sessions", copy / "sessions")
    erase_index(folder, ERASED, index_keys(folder))
    names = [path.name for path in folder.rglob("*") if ERASED.hex() in str(path)]
    assert names == [f"{ERASED.hex()}.erased"]
    shutil.copytree(folder / "keys", copy / "keys")
    for place in (folder, copy):
        with pytest.raises(IndexErasedError):
            SessionIndex.open(place, ERASED, IndexKeys(place / "keys", MASTER_KEY))
        page = Searcher(place, IndexKeys(place / "keys", MASTER_KEY)).search(parse_query("correct-horse"))
        assert {hit.facts.session_id for hit in page.hits} == {KEPT}


def test_the_key_is_written_over_before_its_file_goes(tmp_path: Path) -> None:
    """Whoever holds the file open, or finds its name again, finds zeros."""
    keys = index_keys(tmp_path)
    keys.make(ERASED)
    path = tmp_path / "keys" / f"{ERASED.hex()}.key"
    with path.open("rb") as held:
        keys.erase(ERASED)
        assert set(held.read()) == {0}
    assert not path.exists()


def test_an_erased_session_is_never_indexed_again(tmp_path: Path) -> None:
    """Although its records may still lie somewhere; and erasing it twice is no mistake."""
    _index_both(tmp_path)
    keys = index_keys(tmp_path)
    for _ in range(2):
        erase_index(tmp_path, ERASED, keys)
    with pytest.raises(IndexErasedError):
        SessionIndexer.open(tmp_path, ERASED, keys)
    assert keys.is_erased(ERASED)
    assert not keys.is_erased(KEPT)


def test_an_erase_that_was_interrupted_is_finished_by_repeating_it(tmp_path: Path) -> None:
    """The key goes first: what is left then is unreadable already."""
    _index_both(tmp_path)
    keys = index_keys(tmp_path)
    keys.erase(ERASED)
    with pytest.raises(IndexErasedError):
        SessionIndex.open(tmp_path, ERASED, keys)
    erase_index(tmp_path, ERASED, keys)
    assert not (tmp_path / "sessions" / ERASED.hex()).exists()


def test_the_master_key_is_sealed_to_the_audit_keys(tmp_path: Path) -> None:
    """Any of them opens it, another does not, and nothing is made without one."""
    one, two, other = make_key(), make_key("x25519"), make_key()
    made = IndexKeys.open(tmp_path, [one, two]).make(KEPT)
    assert IndexKeys.open(tmp_path, [two]).of(KEPT) == made
    assert IndexKeys.open(tmp_path, [other, one]).of(KEPT) == made
    with pytest.raises(IndexForOthersError):
        IndexKeys.open(tmp_path, [other])
    with pytest.raises(IndexForOthersError):
        IndexKeys.open(tmp_path / "new", [])


def test_a_key_file_stands_for_its_session_only(tmp_path: Path) -> None:
    """Renamed, or changed by a bit, it does not open."""
    keys = index_keys(tmp_path)
    keys.make(KEPT)
    path = tmp_path / "keys" / f"{KEPT.hex()}.key"
    path.rename(tmp_path / "keys" / f"{ERASED.hex()}.key")
    with pytest.raises(IndexKeyError):
        index_keys(tmp_path).of(ERASED)


def test_a_chunk_stands_for_its_place_and_session_only(tmp_path: Path) -> None:
    """One session's files under another's name do not open."""
    made = make_recording(session_id=KEPT)
    index_recording(tmp_path, made).close()
    keys = index_keys(tmp_path)
    keys.make(ERASED)
    shutil.copytree(tmp_path / "sessions" / KEPT.hex(), tmp_path / "sessions" / ERASED.hex())
    indexer = SessionIndexer.open(tmp_path, ERASED, keys)
    assert indexer.next_seq == 0
    with pytest.raises(IndexDamagedError):
        SessionIndex.open(tmp_path, ERASED, keys)


def test_chunks_of_one_file_cannot_change_places(tmp_path: Path) -> None:
    """Although both were made with the same key, and are as long as each other."""
    path = tmp_path / "chunks"
    file = ChunkFile(path, bytes(32))
    one = file.append(b"one", 0)
    two = file.append(b"two", one.size_bytes)
    assert (file.read(one), file.read(two)) == (b"one", b"two")
    assert one.size_bytes == two.size_bytes
    data = path.read_bytes()
    path.write_bytes(data[one.size_bytes :] + data[: one.size_bytes])
    with pytest.raises(IndexDamagedError):
        file.read(one)
