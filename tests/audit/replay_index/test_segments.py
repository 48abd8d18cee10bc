"""Segments are what asciinema-player's loader accepts, and show what the recording shows."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.replay_index.segments import SegmentedRecording
from audit.vault.emulator import Emulator
from protocol.events import Event, TerminalOutput, TerminalResized
from tests.helpers.indexes import index_recording, session_of
from wording import Wording


def check_as_the_player_does(index: dict[str, Any], segments: list[dict[str, Any]]) -> None:
    """The rules of asciinema-player's loader (src/driver/recording/segmented.js)."""
    assert index["version"] == 1
    assert index["term"]["cols"] > 0
    assert index["term"]["rows"] > 0
    starts = [segment["start"] for segment in index["segments"]]
    assert starts[0] == 0
    assert all(earlier < later for earlier, later in zip(starts, [*starts[1:], index["duration"]], strict=True))
    markers = [marker[0] for marker in index["markers"]]
    assert markers == sorted(markers)
    assert all(time <= index["duration"] for time in markers)
    for number, segment in enumerate(segments):
        assert isinstance(segment["snapshot"]["init"], str)
        times = [event[0] for event in segment["events"]]
        assert times == sorted(times)
        last = number + 1 == len(segments)
        assert all(time <= index["duration"] if last else time < starts[number + 1] for time in times)
        assert number == 0 or times[0] == starts[number]
    assert segments[-1]["events"][-1][0] == index["duration"]


_PIECES = st.sampled_from(
    [b"$ ls\r\n", b"\x1b[31mred\x1b[0m\r\n", "重启\r\n".encode(), b"\x1b[2J\x1b[H", b"\x1b[?1049h", b"\x1b[?1049l"]
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 90_000), _PIECES), min_size=1, max_size=12), st.integers(20, 90))
def test_a_player_accepts_them_and_each_begins_as_the_last_one_ended(
    tmp_path: Path, drawn: list[tuple[int, bytes]], columns: int
) -> None:
    """Whatever the session was like; a segment's drawing is the screen that playing up to it gives."""
    t_ms, groups = 5000, list[list[Event]]()
    for pause_ms, data in drawn:
        t_ms += pause_ms
        groups.append([TerminalOutput(t_ms, 0, data)])
    groups.append([TerminalResized(t_ms, 0, columns, 20), TerminalOutput(t_ms, 0, b"end\r\n")])
    session_id = len(drawn).to_bytes(8, "big") + t_ms.to_bytes(8, "big")
    made = session_of(groups)
    index = index_recording(tmp_path / session_id.hex() / str(columns), made)
    recording = SegmentedRecording(index)
    contents = json.loads(json.dumps(recording.index_file(Wording("en")).content))
    segments = [json.loads(json.dumps(recording.segment_file(n).content)) for n in range(recording.segment_count)]
    check_as_the_player_does(contents, segments)
    assert [segment["url"] for segment in contents["segments"]] == [
        recording.segment_file(n).name for n in range(recording.segment_count)
    ]
    played = Emulator(contents["term"]["cols"], contents["term"]["rows"])
    for segment in segments:
        begun = Emulator(segment["snapshot"]["cols"], segment["snapshot"]["rows"])
        begun.feed(segment["snapshot"]["init"].encode())
        assert begun.text_rows() == played.text_rows()
        for _, code, data in segment["events"]:
            if code == "o":
                played.feed(data.encode())
            elif code == "r":
                played.resize(*map(int, data.split("x")))
    index.close()
