"""The list: complete, partial, arriving or lost, by what lies in the folder."""

import os
from pathlib import Path

import pytest

from audit.session_files import CLOSING_FILE, OPENING_FILE, RECORDS_FILE
from audit.vault.library import (
    SILENT_AFTER_MS,
    AmbiguousSessionError,
    Listing,
    Recording,
    RecordingState,
    RecordsFolderError,
    SessionLostError,
    UnknownSessionError,
    find_session,
    list_sessions,
)
from tests.helpers.recordings import SealedRecording, make_key, make_recording

RECORDING = make_recording()
FIVE = b"".join(RECORDING.records[:5])


def only(records: Path, recording: SealedRecording = RECORDING, *, silent_ms: int = 0) -> Listing:
    path = records / recording.session_id.hex() / RECORDS_FILE
    changed_ms = int(path.stat().st_mtime * 1000) if path.exists() else 0
    (listing,) = list_sessions(records, recording.keys, changed_ms + silent_ms)
    return listing


@pytest.mark.parametrize(
    ("data", "closed", "silent_ms", "state"),
    [
        (RECORDING.data, True, 0, RecordingState.COMPLETE),
        (RECORDING.data, False, 0, RecordingState.COMPLETE),
        (FIVE, False, 0, RecordingState.ARRIVING),
        (FIVE + b"CSR1", False, 0, RecordingState.ARRIVING),
        (b"", False, 0, RecordingState.ARRIVING),
        (FIVE, True, 0, RecordingState.PARTIAL),
        (FIVE, False, SILENT_AFTER_MS + 1, RecordingState.PARTIAL),
        (RECORDING.data + b"x", True, 0, RecordingState.PARTIAL),
        (b"", True, 0, RecordingState.LOST),
        (b"", False, SILENT_AFTER_MS + 1, RecordingState.LOST),
    ],
)
def test_the_state_follows_from_what_is_there(
    tmp_path: Path, data: bytes, closed: bool, silent_ms: int, state: RecordingState
) -> None:
    """FINAL makes it complete; else it arrives until somebody closed it or a day was silent."""
    RECORDING.write(tmp_path, data=data, closed=closed)
    assert only(tmp_path, silent_ms=silent_ms).state is state


def test_a_forked_recording_is_never_complete(tmp_path: Path) -> None:
    """Its agent signed two pasts; one of them is not here."""
    folder = RECORDING.write(tmp_path)
    (folder / "fork-2.csr").write_bytes(b"")
    assert only(tmp_path).state is RecordingState.PARTIAL


@pytest.mark.parametrize("missing", [OPENING_FILE, RECORDS_FILE])
def test_without_its_beginning_a_recording_is_lost(tmp_path: Path, missing: str) -> None:
    """What the chain begins with, or the chain itself, is gone: the list shows it, reading refuses."""
    folder = RECORDING.write(tmp_path)
    (folder / missing).unlink()
    assert only(tmp_path).state is RecordingState.LOST
    recording = Recording.read(folder)
    with pytest.raises(SessionLostError):
        recording.inspect(recording.open_file())


def test_small_files_that_cannot_be_read_are_shown_as_lost(tmp_path: Path) -> None:
    """Rubbish in a small file does not stop the list."""
    folder = RECORDING.write(tmp_path)
    (folder / OPENING_FILE).write_bytes(os.urandom(100_000))
    (folder / CLOSING_FILE).write_bytes(b"\xc1")
    assert only(tmp_path).state is RecordingState.LOST


def test_with_a_key_the_list_says_who(tmp_path: Path) -> None:
    """Only the holder of the key learns names from the list."""
    RECORDING.write(tmp_path)
    manifest = only(tmp_path).manifest
    assert manifest is not None
    assert manifest.engineer.name == "Mei Example"
    (without,) = list_sessions(tmp_path, [], 0)
    (with_another,) = list_sessions(tmp_path, [make_key()], 0)
    assert (without.manifest, without.sealed) == (None, "no-key")
    assert (with_another.manifest, with_another.sealed) == (None, "other-key")


def test_sessions_are_found_by_the_beginning_of_their_number(tmp_path: Path) -> None:
    """As much of it as tells them apart, in either case."""
    make_recording([b"x"], session_id=bytes.fromhex("ab" * 15 + "01")).write(tmp_path)
    make_recording([b"x"], session_id=bytes.fromhex("ab" * 15 + "02")).write(tmp_path)
    (tmp_path / "not a session").mkdir()
    assert find_session(tmp_path, "AB" * 15 + "02").session_id[-1] == 2
    with pytest.raises(AmbiguousSessionError):
        find_session(tmp_path, "ab")
    for text in ("ff", "", "../", "not a session"):
        with pytest.raises(UnknownSessionError):
            find_session(tmp_path, text)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A wrong --records is one sentence."""
    with pytest.raises(RecordsFolderError):
        list(list_sessions(tmp_path / "nowhere", [], 0))
