"""Records that arrived stay, whatever fails: what is on the disk afterwards is what the agent sealed, or less."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.durability import Durability
from audit.ingest.errors import SessionErasedError
from audit.service.sealed_store import SealedStore
from audit.vault.epoch_files import encode_entry, epoch_file_of, joined, read_epochs
from audit.vault.library import find_session
from protocol.errors import ConsentryError
from tests.helpers.recordings import SealedRecording, make_key, make_recording

KEY = make_key("x25519")
PRIMITIVES = ("open", "write", "sync_data", "rename", "make_folder")


@pytest.fixture(scope="module")
def recording() -> SealedRecording:
    return make_recording(keys=[KEY])


class FailingOnce(Durability):
    """The n-th call of one primitive is lost, or done and reported as lost."""

    def __init__(self, primitive: str, at: int, *, done: bool) -> None:
        self.left = at

        def failing(*arguments: object) -> object:
            self.left -= 1
            if self.left == 0:
                if done:
                    real(*arguments)
                raise OSError(5, "lost")
            return real(*arguments)

        real: Callable[..., object] = getattr(super(), primitive)
        setattr(self, primitive, failing)


def sealed_bytes(folder: Path, recording: SealedRecording) -> bytes:
    with find_session(folder / "records", recording.session_id.hex()).open_file() as file:
        return file.read()


def take_all(folder: Path, recording: SealedRecording, durability: Durability) -> None:
    store = SealedStore(folder, durability)
    store.prepare()
    reached = store.open(recording.opening).size_bytes
    stored = store.append(recording.session_id, recording.data[reached:])
    assert (stored.problem, stored.finished) == (None, True)


@pytest.mark.parametrize("done", [False, True], ids=["lost", "done but reported lost"])
@pytest.mark.parametrize("primitive", PRIMITIVES)
def test_each_call_may_fail_once(tmp_path: Path, recording: SealedRecording, primitive: str, done: bool) -> None:
    """A fresh start takes what is missing, and then both files together are the recording, byte for byte."""
    at = failed = 0
    while True:
        at += 1
        folder = tmp_path / str(at)
        folder.mkdir()
        durability = FailingOnce(primitive, at, done=done)
        try:
            take_all(folder, recording, durability)
        except OSError:
            failed += 1
        take_all(folder, recording, Durability())
        assert sealed_bytes(folder, recording) == recording.data
        if durability.left > 0:
            break
    assert failed >= at - 2  # the last round fails nothing; one before it may fail where an error is passed over


def test_a_power_cut_between_the_two_places_loses_nothing(tmp_path: Path, recording: SealedRecording) -> None:
    """What opens a record is there before the record: the other way round, it could not be read again."""
    store = SealedStore(tmp_path)
    store.prepare()
    store.open(recording.opening)
    epochs = epoch_file_of(tmp_path / "records" / recording.session_id.hex())
    epochs.write_bytes(encode_entry(128, recording.records[0][128:-64]) + b"\0\0torn")
    take_all(tmp_path, recording, Durability())
    assert sealed_bytes(tmp_path, recording) == recording.data


def test_records_may_come_in_pieces_and_again(tmp_path: Path, recording: SealedRecording) -> None:
    """A cut record is waited for; one that is here already changes nothing."""
    store = SealedStore(tmp_path)
    store.prepare()
    size = store.open(recording.opening).size_bytes
    for _ in range(100):
        stored = store.append(recording.session_id, recording.data[size : size + 1500])
        assert stored.problem is None
        if stored.size_bytes == size:
            stored = store.append(recording.session_id, recording.data[size : size + 20_000])
        size = stored.size_bytes
        if stored.finished:
            break
    assert store.append(recording.session_id, recording.data).next_seq == len(recording.records)
    assert sealed_bytes(tmp_path, recording) == recording.data


@pytest.mark.parametrize("at", [0, 1, 3])
def test_another_record_than_the_due_one_is_refused(tmp_path: Path, recording: SealedRecording, at: int) -> None:
    """The ones before it stay, and the reason is told."""
    store = SealedStore(tmp_path)
    store.prepare()
    store.open(recording.opening)
    records = recording.records.copy()
    del records[at]
    stored = store.append(recording.session_id, b"".join(records))
    assert stored.next_seq == at
    assert isinstance(stored.problem, ConsentryError)
    assert store.append(recording.session_id, b"no record at all" * 20).problem is not None


def test_an_erase_that_was_cut_short_is_finished_at_the_next_start(
    tmp_path: Path, recording: SealedRecording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mark is there first; nothing is taken for the session any more."""
    take_all(tmp_path, recording, Durability())
    epochs = epoch_file_of(tmp_path / "records" / recording.session_id.hex())
    with monkeypatch.context() as patch:
        patch.setattr(SealedStore, "_destroy", lambda *_: None)
        SealedStore(tmp_path).erase(recording.session_id, 1)
    assert epochs.exists()
    store = SealedStore(tmp_path)
    store.prepare()
    assert not epochs.exists()
    with pytest.raises(SessionErasedError):
        store.open(recording.opening)


@pytest.mark.parametrize("piece", [1, 100, 5000])
def test_the_two_files_are_read_as_one(tmp_path: Path, recording: SealedRecording, piece: int) -> None:
    """From any place, in pieces of any size."""
    take_all(tmp_path, recording, Durability())
    folder = tmp_path / "records" / recording.session_id.hex()
    with joined((folder / "records.csr").open("rb"), read_epochs(epoch_file_of(folder))) as file:
        for begin in range(0, min(len(recording.data), 2500), 77):
            file.seek(begin)
            assert file.read(piece) == recording.data[begin : begin + piece]
        assert file.seek(0, os.SEEK_END) == len(recording.data)
