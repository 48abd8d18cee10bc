"""Exports: what other programs read, complete and in their format."""

import base64
import json
from typing import Any

import pytest

from audit.vault.export import export_asciicast, export_jsonl, export_text
from protocol.events import (
    ChannelOpened,
    Event,
    FileOperation,
    ManifestRecorded,
    TerminalInput,
    TerminalOutput,
    TerminalResized,
)
from tests.audit.vault.reading import all_events
from tests.helpers.recordings import START_MS, make_recording
from wording import Wording

ENGLISH = Wording("en")
OPEN = ChannelOpened(100, 0, 1, "room", b"", "", 80, 24, 0)


def cast(events: list[Event], **options: Any) -> tuple[dict[str, Any], list[list[Any]]]:
    """Header and event lines, read back by the rules of asciicast v3."""
    lines = list(export_asciicast(events, None, ENGLISH, **options))
    header, *rest = [json.loads(line) for line in lines]
    assert header["version"] == 3
    assert all("\n" not in line and line.isascii() for line in lines)
    for interval, code, data in rest:
        assert interval >= 0
        assert code in ("o", "i", "r", "m", "x")
        assert isinstance(data, str)
    return header, rest


def test_the_header_says_who_when_and_how_large() -> None:
    """Players show it; the times are the agent's."""
    recording = make_recording()
    header = json.loads(next(export_asciicast(all_events(recording), recording.manifest, ENGLISH)))
    assert header == {
        "version": 3,
        "term": {"cols": 80, "rows": 24},
        "timestamp": START_MS // 1000,
        "title": "Mei Example (E-17): receipts never arrive",
    }


def test_intervals_add_up_to_the_recorded_times() -> None:
    """v3 counts from event to event; no rounding drifts, and an event that is told late does not go back."""
    events: list[Event] = [OPEN, *(TerminalOutput(100 + 333 * n, 0, b"x") for n in range(100))]
    events.append(TerminalOutput(50, 0, b"late"))
    _, lines = cast(events)
    assert round(sum(interval for interval, _, _ in lines) * 1000) == 100 + 333 * 99


def test_everything_has_its_code() -> None:
    """Output, input, size, and a marker for all that is not terminal."""
    events: list[Event] = [
        OPEN,
        TerminalInput(110, 0, 1, b"ls\r"),
        TerminalOutput(120, 0, b"ls\r\n"),
        TerminalResized(130, 0, 100, 30),
        FileOperation(140, 2, 1, "read", "/etc/hosts", "", "ok", 3, b"", ()),
        TerminalOutput(150, 7, b"another channel"),
    ]
    _, lines = cast(events)
    assert [[code, data] for _, code, data in lines] == [
        ["r", "80x24"],
        ["m", "engineer 1 opened the shared terminal."],
        ["i", "ls\r"],
        ["o", "ls\r\n"],
        ["r", "100x30"],
        ["m", "engineer 1: read /etc/hosts, 3 bytes (ok)"],
    ]


def test_characters_cut_between_events_are_whole() -> None:
    """A character whose bytes came in two pieces is one character; a broken one is U+FFFD."""
    wide = "中".encode()
    _, lines = cast([OPEN, TerminalOutput(1, 0, wide[:2]), TerminalOutput(2, 0, wide[2:] + b"\xff" + wide[:1])])
    assert "".join(data for _, code, data in lines if code == "o") == "中\ufffd\ufffd"


@pytest.mark.parametrize(("raw", "shown"), [(False, "ab"), (True, "a\x1b]52;c;AA==\x07b")])
def test_escapes_that_act_are_left_out_unless_asked_for(raw: bool, shown: str) -> None:
    """A player writes what is in the file to the reader's terminal; so by default only what draws is in it."""
    _, lines = cast([OPEN, TerminalOutput(1, 0, b"a\x1b]52;c;AA==\x07b")], raw=raw)
    assert [data for _, code, data in lines if code == "o"] == [shown]


def test_a_command_is_a_cast_of_its_own() -> None:
    """Another channel, with its exit status, and lines that a terminal shows below each other."""
    events = all_events(make_recording())
    _, lines = cast(events, channel=1)
    assert [[code, data] for _, code, data in lines if code in "ox"] == [["o", "till-3\r\n"], ["x", "0"]]


def test_a_recording_without_terminal_is_still_a_cast() -> None:
    """Only markers, and a size that players accept."""
    header, lines = cast([FileOperation(140, 2, 1, "list", "/", "", "ok", 0, b"", ())])
    assert header["term"] == {"cols": 80, "rows": 24}
    assert [code for _, code, _ in lines] == ["m"]


def test_sizes_are_such_as_a_player_can_have() -> None:
    """A recording may claim any size."""
    header, lines = cast([ChannelOpened(0, 0, 1, "room", b"", "", 2**31, -5, 0), TerminalResized(1, 0, 0, 2**40)])
    assert header["term"] == {"cols": 500, "rows": 2}
    assert lines[-1][2] == "2x300"


def test_text_has_lines_and_events_in_order() -> None:
    """For people and for `less`: times, lines, and what else happened; nothing in it acts on a terminal."""
    recording = make_recording([b"$ id\r\n", b"\x1b]52;c;AA==\x07uid=0\r\n"])
    text = list(export_text(all_events(recording), ENGLISH))
    assert text[3].strip() == "00:04.0 ──  Mei Example (E-17) came in with ssh."
    assert [line.strip() for line in text[5:7]] == ["00:05.0     $ id", "00:05.5     uid=0"]
    assert all(line.isprintable() for line in text)


def test_jsonl_has_every_event_with_every_field() -> None:
    """For programs: bytes as base64, terminal data also as text, the manifest readable."""
    recording = make_recording([b"hello \xff"])
    events = all_events(recording)
    found = [json.loads(line) for line in export_jsonl(events)]
    assert len(found) == len(events)
    output = next(event for event in found if event["kind"] == "out")
    assert base64.b64decode(output["data"]) == b"hello \xff"
    assert output["text"] == "hello \ufffd"
    assert isinstance(events[0], ManifestRecorded)
    assert found[0]["manifest"]["reason"] == "receipts never arrive"
    for line, event in zip(found, events, strict=True):
        assert line.keys() >= {"kind", *event.__struct_fields__}
