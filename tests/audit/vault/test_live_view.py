"""A recording that grows is proved, opened and shown as it grows."""

from pathlib import Path

import pytest

from audit.session_files import RECORDS_FILE
from audit.vault.emulator import Emulator
from audit.vault.following import RecordingFollower
from audit.vault.library import Recording, SessionLostError
from audit.vault.live_view import follow_events, watch
from audit.vault.replay import Moment
from protocol.events import Event, SessionClosing
from tests.helpers.recordings import SealedRecording, make_recording
from wording import Wording


@pytest.fixture
def made() -> SealedRecording:
    return make_recording([b"$ ", b"ls\r\n", b"disk full\r\n"])


def _begin(folder: Path, made: SealedRecording, count: int) -> tuple[Path, RecordingFollower]:
    """The recording as far as its first records, and a follower."""
    session = made.write(folder, data=b"".join(made.records[:count]), closed=False, rated=False)
    return session / RECORDS_FILE, RecordingFollower(Recording.read(session), made.keys)


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_half_a_record_is_waited_for(tmp_path: Path, made: SealedRecording) -> None:
    """It is no fault while the other half may still come."""
    path, follower = _begin(tmp_path, made, 2)
    assert [record.stored.seq for record in follower.advance()] == [0, 1]
    half = len(made.records[2]) // 2
    _append(path, made.records[2][:half])
    assert list(follower.advance()) == []
    assert follower.inspection.fault is None
    _append(path, made.records[2][half:] + b"".join(made.records[3:]))
    assert [record.stored.seq for record in follower.advance()] == list(range(2, len(made.records)))
    assert follower.inspection.finished
    follower.close()


def test_a_record_that_was_changed_is_never_opened(tmp_path: Path, made: SealedRecording) -> None:
    """Following ends there, as `verify` would."""
    path, follower = _begin(tmp_path, made, 2)
    broken = bytearray(made.records[2])
    broken[140] ^= 1
    _append(path, bytes(broken) + b"".join(made.records[3:]))
    assert [record.stored.seq for record in follower.advance()] == [0, 1]
    assert follower.inspection.fault is not None
    assert list(follower.advance()) == []
    follower.close()


def test_what_was_seen_before_is_proved_but_not_opened_again(tmp_path: Path, made: SealedRecording) -> None:
    """The keys move on all the same."""
    _, follower = _begin(tmp_path, made, len(made.records))
    assert [record.stored.seq for record in follower.advance(first=4)] == list(range(4, len(made.records)))
    follower.close()


def test_without_its_opening_nothing_is_followed(tmp_path: Path, made: SealedRecording) -> None:
    """There is nothing to prove it with."""
    session = made.write(tmp_path)
    (session / "opening.msgpack").unlink()
    with pytest.raises(SessionLostError):
        RecordingFollower(Recording.read(session), made.keys)


def test_events_come_until_the_recording_ends(tmp_path: Path, made: SealedRecording) -> None:
    """Each wait, one more record has come."""
    path, follower = _begin(tmp_path, made, 1)
    rest = made.records[1:]
    events: list[Event] = list(follow_events(follower, lambda _seconds: _append(path, rest.pop(0))))
    assert isinstance(events[-1], SessionClosing)
    follower.close()


class GrowingConsole:
    """A reader's terminal; whenever it waits, one more record has come. At the end the reader quits."""

    def __init__(self, path: Path, rest: list[bytes]) -> None:
        self.pictures: list[str] = []
        self._path, self._rest = path, rest

    def write(self, text: str) -> None:
        self.pictures.append(text)

    def wait(self, seconds: float | None) -> str | None:
        if seconds is None:
            return "q"
        _append(self._path, self._rest.pop(0))
        return None

    def size(self) -> tuple[int, int]:
        return 100, 10


def test_a_viewer_sees_the_screen_as_it_changes(tmp_path: Path, made: SealedRecording) -> None:
    """And at the end that it is over."""
    path, follower = _begin(tmp_path, made, 2)
    console = GrowingConsole(path, made.records[2:])
    moment = Moment(Emulator(), iter(()), ())
    watch(follower, moment, console, Wording("en"), first=0, channel=0, colours=False)
    first_seen = next(at for at, picture in enumerate(console.pictures) if "disk full" in picture)
    assert 0 < first_seen < len(console.pictures) - 1
    assert "● live" in console.pictures[first_seen]
    assert "■ over" in console.pictures[-1]
    follower.close()
