"""What a viewer is given draws like the recording, and does nothing else."""

import json
from pathlib import Path

from audit.replay_index.session_index import SessionIndex
from audit.replay_index.viewing import TEXT_LIMIT_CHARACTERS, ViewerLines, moment_lines
from audit.vault.emulator import Emulator, show_event
from protocol.events import (
    ChannelOpened,
    ChatSaid,
    Event,
    ParticipantJoined,
    ParticipantLeft,
    TerminalOutput,
    TerminalResized,
)
from tests.helpers.indexes import index_recording, opened_records, session_of


def _index(folder: Path, *texts: bytes) -> tuple[SessionIndex, list[Event]]:
    made = session_of([[TerminalOutput(5000 + 1000 * at, 0, text)] for at, text in enumerate(texts)])
    return index_recording(folder, made), [event for record in opened_records(made) for event in record.events]


def test_a_picture_and_its_lines_draw_what_the_recording_draws(tmp_path: Path) -> None:
    """Begun at any of its moments, in the middle of an escape sequence and of a character, too."""
    texts = [b"one\r\n", b"\x1b[3", b"1mred\x1b[0m ", "磁盘".encode()[:4], "磁盘".encode()[4:], b"\x1b[?1049hfull"]
    index, events = _index(tmp_path, *texts)
    whole = Emulator()
    for event in events:
        show_event(whole, event, 0)
    for t_ms in range(4500, 12_000, 1000):
        picture, *after = [json.loads(line) for line in moment_lines(index, t_ms, 2**40, 0)]
        drawn = Emulator()
        drawn.resize(picture["terminals"][0]["columns"], picture["terminals"][0]["rows"])
        drawn.feed(picture["terminals"][0]["text"].encode())
        for line in after:
            if line["kind"] == "output":
                drawn.feed(line["text"].encode())
        assert drawn.text_rows() == whole.text_rows(), t_ms
    assert after[-1]["kind"] == "end"


def test_who_came_in_is_named_whenever_one_looks(tmp_path: Path) -> None:
    """By a time line at the end, by a moment from its picture on, and by whoever follows from before they came."""
    second = ParticipantJoined(6000, 2, "Jon Example", "1077", b"", "ssh")
    said = ChatSaid(7000, 2, "now")
    made = session_of([[second], [said], [TerminalOutput(7500, 0, b"$ ")], [ParticipantLeft(8000, 1)]])
    index = index_recording(tmp_path, made)
    assert index.names() == {1: "Mei Example", 2: "Jon Example"}
    told = [json.loads(line) for line in moment_lines(index, 6500, 2**40, 0)]
    assert [line["people"] for line in told if line["kind"] in ("chat", "session") and "people" in line] == [
        [{"participant": 2, "name": "Jon Example"}],
        [{"participant": 1, "name": "Mei Example"}],
    ]
    follower = ViewerLines(0)
    followed = [json.loads(line) for event in (second, said) for line in follower.lines(event)]
    assert followed[-1]["people"] == [{"participant": 2, "name": "Jon Example"}]


def test_lines_for_a_viewer_are_harmless_and_bounded() -> None:
    """No clipboard, no question to the terminal, no line or size without end, nothing of another channel."""
    viewer = ViewerLines(0)
    hostile: list[Event] = [
        TerminalOutput(1, 0, b"\x1b]52;c;aGk=\x07\x1b[6nok"),
        TerminalOutput(2, 0, b"x" * (3 * TEXT_LIMIT_CHARACTERS)),
        TerminalResized(3, 0, 2**31 - 1, 2**31 - 1),
        TerminalOutput(4, 7, b"another channel"),
        ChannelOpened(5, 0, 1, "command", bytes(16), "y" * 100_000, 0, 0, 0),
    ]
    written = [line for event in hostile for line in viewer.lines(event)]
    assert json.loads(written[0])["text"] == "ok"
    assert all(len(line) < 12 * TEXT_LIMIT_CHARACTERS + 200 for line in written)
    assert {json.loads(line)["kind"] for line in written} == {"output", "size", "command"}
    size = next(json.loads(line) for line in written if '"size"' in line)
    assert size["columns"] < 10_000 > size["rows"]
    assert "another" not in "".join(written)
