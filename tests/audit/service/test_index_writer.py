"""What the worker that makes indexes can bring about on the disk: its session's three files, and no more of them."""

from pathlib import Path

import pytest

from audit.durability import Durability
from audit.replay_index.index_files import CHUNKS_FILE, HEAD_FILE, session_folder
from audit.service import index_writer
from audit.service.index_writer import IndexWriter
from audit.service.worker_process import RecordingHostileError

SESSION = b"\x07" * 16


def writer(folder: Path, durability: Durability | None = None) -> IndexWriter:
    return IndexWriter(folder, SESSION, records_bytes=0, durability=durability)


def test_what_was_never_committed_is_cut_off(tmp_path: Path) -> None:
    """A worker that goes on at the last commit writes over what another one left behind it."""
    first = writer(tmp_path)
    first.append(0, b"committed")
    first.commit(b"head", last=True)
    first.append(9, b"left from a crash")
    first.close()
    second = writer(tmp_path)
    second.append(9, b"goes on")
    second.close()
    folder = session_folder(tmp_path, SESSION)
    assert (folder / CHUNKS_FILE).read_bytes() == b"committedgoes on"
    assert (folder / HEAD_FILE).read_bytes() == b"head"


def test_an_index_that_is_begun_anew_has_no_old_head(tmp_path: Path) -> None:
    """Else a crash would leave a head that names chunks of another life."""
    first = writer(tmp_path)
    first.append(0, b"old")
    first.commit(b"head", last=True)
    first.close()
    second = writer(tmp_path)
    second.append(0, b"new")
    second.close()
    assert not (session_folder(tmp_path, SESSION) / HEAD_FILE).exists()


def test_gaps_and_floods_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written with holes, and nothing without end."""
    one = writer(tmp_path)
    with pytest.raises(RecordingHostileError):
        one.append(2**40, b"far behind the end")
    one.close()
    monkeypatch.setattr(index_writer, "CHUNKS_LEAST_LIMIT_BYTES", 100)
    monkeypatch.setattr(index_writer, "CHUNK_LIMIT_BYTES", 100)
    other = writer(tmp_path)
    other.append(0, bytes(100))
    with pytest.raises(RecordingHostileError):
        other.append(100, b"x")
    other.commit(bytes(100), last=False)
    with pytest.raises(RecordingHostileError):
        other.commit(b"x", last=False)
    other.close()


@pytest.mark.parametrize("done", [False, True])
def test_chunks_last_before_the_head_that_names_them(tmp_path: Path, done: bool) -> None:
    """A sync that fails, or says so after it was done, leaves the old head."""

    class Failing(Durability):
        def sync_data(self, handle: int) -> None:
            if done:
                super().sync_data(handle)
            raise OSError(5, "lost")

    one = writer(tmp_path, Failing())
    one.append(0, b"chunk")
    with pytest.raises(OSError, match="lost"):
        one.commit(b"head", last=True)
    one.close()
    assert not (session_folder(tmp_path, SESSION) / HEAD_FILE).exists()
