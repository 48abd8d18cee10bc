"""A recording that is open: what it holds was proved, and may have been changed on the disk since."""

import secrets
from pathlib import Path

import pytest

from audit.session_files import RECORDS_FILE
from audit.vault.library import Recording
from audit.vault.opening import OpenedRecord
from audit.vault.reading import RecordingChanged, open_recording
from protocol.events import ROOM_CHANNEL, TerminalOutput
from tests.helpers.recordings import closing_events, make_session, opening_events, seal_session

PIECE_BYTES = 30_000
"""More than what a file keeps in memory for its reader."""


@pytest.mark.parametrize("part", ["header", "body"])
def test_records_that_are_changed_after_they_were_proved_are_told_as_changed(tmp_path: Path, part: str) -> None:
    """Nobody says that their agent made them so; what came before the change is read."""
    session = make_session()
    outputs = [TerminalOutput(10_000 + number, ROOM_CHANNEL, secrets.token_bytes(PIECE_BYTES)) for number in range(3)]
    room = b"".join(output.data for output in outputs)
    groups = [opening_events(session), *([output] for output in outputs), closing_events(session, room, 90_000)]
    recording = seal_session(session, groups)
    folder = recording.write(tmp_path)
    last = len(recording.data) - len(recording.records[-1])
    with open_recording(Recording.read(folder), recording.keys) as opened:
        assert opened.is_whole
        with (folder / RECORDS_FILE).open("r+b") as file:
            file.seek(last + (70 if part == "header" else 200))
            file.write(b"changed")
        read: list[OpenedRecord] = []
        with pytest.raises(RecordingChanged):
            read.extend(opened.records())
    assert len(read) == len(recording.records) - 1
