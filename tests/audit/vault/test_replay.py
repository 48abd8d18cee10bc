"""Replay: the player is driven by keys and time that the test owns; what it shows is read back from the screen."""

from collections.abc import Iterator

import pyte
import pytest

from audit.vault.painting import fit
from audit.vault.replay import Player, ReplayOptions, WholeReading
from protocol.events import ChannelOpened, Event, ParticipantJoined, TerminalOutput, TerminalResized
from wording import Wording

OPEN = ChannelOpened(0, 0, 1, "room", b"", "", 40, 5, 0)
EVENTS: list[Event] = [
    OPEN,
    ParticipantJoined(100, 1, "Mei", "E-17", b"", "ssh"),
    TerminalOutput(1000, 0, b"one\r\n"),
    TerminalOutput(2000, 0, b"two\r\n"),
    TerminalOutput(60_000, 0, b"three\r\n"),
]


class ScriptedReader:
    """A terminal whose reader presses keys after so many waits; it remembers how long the player wanted to wait."""

    def __init__(self, keys: dict[int, str] | None = None, *, columns: int = 60, rows: int = 6) -> None:
        self.waits: list[float | None] = []
        self.pictures: list[list[str]] = []
        self.raw: list[str] = []
        self._keys = keys or {}
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)

    def write(self, text: str) -> None:
        self.raw.append(text)
        self._stream.feed(text)
        self.pictures.append([line.rstrip() for line in self._screen.display])

    def wait(self, seconds: float | None) -> str | None:
        self.waits.append(seconds)
        key = self._keys.get(len(self.waits))
        if seconds is None and key is None:
            return "q"
        return key

    def size(self) -> tuple[int, int]:
        return self._screen.columns, self._screen.lines


def play(reader: ScriptedReader, events: list[Event] = EVENTS, **options: object) -> ScriptedReader:
    def read() -> Iterator[Event]:
        return iter(events)

    Player(WholeReading(read), 60_000, ReplayOptions(**options), reader, Wording("en")).run()  # type: ignore[arg-type]  # its fields
    return reader


def test_it_plays_at_the_recorded_pace() -> None:
    """Between two events passes the time that passed; the end stays on the last picture until the reader quits."""
    reader = play(ScriptedReader(), idle_limit_ms=None)
    assert [wait for wait in reader.waits if wait] == [0.1, 0.9, 1.0, 58.0]
    assert reader.waits[-1] is None
    assert reader.pictures[-1][:3] == ["one", "two", "three"]


def test_a_terminal_of_another_size_is_drawn_anew() -> None:
    """While it plays and while it stands still, and no time of the recording is lost by that."""
    reader = play(ScriptedReader({1: "resized", 4: " ", 5: "resized"}), idle_limit_ms=None)
    assert [wait for wait in reader.waits[:4] if wait] == [0.1, 0.1, 0.9, 1.0]
    assert len(reader.pictures) >= 5
    assert reader.pictures[-1] == reader.pictures[-2]


def test_pauses_are_shortened_and_speed_divides_them() -> None:
    """Nobody watches somebody think for a minute."""
    assert [w for w in play(ScriptedReader(), idle_limit_ms=2000).waits if w] == [0.1, 0.9, 1.0, 2.0]
    assert [w for w in play(ScriptedReader(), idle_limit_ms=2000, speed=2.0).waits if w] == [0.05, 0.45, 0.5, 1.0]


def test_it_starts_at_a_time() -> None:
    """What happened before stands there; what comes after does not."""
    reader = play(ScriptedReader({1: "q"}), start_ms=2500)
    assert reader.pictures[0][:3] == ["one", "two", ""]
    assert "00:02.5 / 01:00.0" in reader.pictures[0][-1]


def test_space_pauses_and_goes_on() -> None:
    """While paused it waits for a key for ever."""
    reader = play(ScriptedReader({2: " ", 3: " "}))
    assert reader.waits[2] is None
    assert any("‖" in picture[-1] for picture in reader.pictures)
    assert reader.pictures[-1][:3] == ["one", "two", "three"]


def test_arrows_jump_both_ways() -> None:
    """Back reads again from the beginning, forward plays without waiting."""
    reader = play(ScriptedReader({1: "right", 2: "left", 3: "q"}), start_ms=0)
    assert reader.pictures[1][:2] == ["one", "two"]
    assert reader.pictures[2][:2] == ["", ""]


def test_speed_keys_step_through_the_speeds() -> None:
    """Faster, slower, and no further than the ends."""
    reader = play(ScriptedReader({1: "+", 2: "+", 3: "-", 4: "q"}))
    marks = [picture[-1].split("×")[1].split()[0] for picture in reader.pictures]
    assert marks[0] == "1"
    assert reader.waits[3] == pytest.approx(0.1 / 1.5)


def test_a_search_begins_before_its_find_and_n_goes_on() -> None:
    """The reader sees the find come, and the next one with one key."""
    reader = play(ScriptedReader({1: "n", 2: "q"}), finds_ms=(2000, 60_000))
    assert "00:00.0" in reader.pictures[0][-1]
    assert "00:58.0" in reader.pictures[1][-1]


def test_the_status_line_says_what_happens() -> None:
    """Time, speed, keys and the last event that is not output."""
    reader = play(ScriptedReader(columns=140))
    assert "Mei (E-17) came in with ssh." in reader.pictures[-1][-1]
    assert "q quit" in reader.pictures[-1][-1]


def test_a_flood_is_skipped_over_not_queued() -> None:
    """Ten thousand events in a second do not mean ten thousand pictures."""
    flood: list[Event] = [OPEN, *(TerminalOutput(n // 10, 0, b"x\r\n") for n in range(10_000))]
    assert len(play(ScriptedReader(), flood).pictures) < 60


def test_a_larger_screen_is_shown_around_its_cursor() -> None:
    """On a small terminal the reader sees where the work was."""
    tall: list[Event] = [OPEN, TerminalResized(1, 0, 200, 50), TerminalOutput(2, 0, b"\x1b[50;190Hhere")]
    reader = play(ScriptedReader(columns=30, rows=5), tall)
    assert any("here" in line for line in reader.pictures[-1])


def test_nothing_recorded_reaches_the_terminal_as_it_is() -> None:
    """Every escape that is written is one of ours: positions, colours, clearing, the cursor."""
    hostile: list[Event] = [OPEN, TerminalOutput(1, 0, b"\x1b]52;c;AA==\x07\x1b[6n\x1b[?1003h\x1b[1;31mx\x9b\x07")]
    written = "".join(play(ScriptedReader(), hostile).raw)
    assert "]52" not in written
    assert "[6n" not in written
    assert "1003" not in written
    assert "\x07" not in written


def test_no_color_leaves_the_text() -> None:
    """Colours can be switched off; what stands there stays."""
    events: list[Event] = [OPEN, TerminalOutput(1, 0, b"\x1b[31mred")]
    assert "\x1b[0;31m" in "".join(play(ScriptedReader(), events).raw)
    assert ";31m" not in "".join(play(ScriptedReader(), events, colours=False).raw)


@pytest.mark.parametrize(("text", "columns", "fitted"), [("abc", 5, "abc  "), ("abc", 2, "ab"), ("中文", 3, "中 ")])
def test_status_text_fills_its_columns_exactly(text: str, columns: int, fitted: str) -> None:
    """Wide characters count double and are never halved."""
    assert fit(text, columns) == fitted
