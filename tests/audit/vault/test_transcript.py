"""Transcripts: what stood on the screen, not what control characters made of it."""

from audit.vault.emulator import Emulator
from audit.vault.transcript import Line, Told, find_text, read_transcript
from protocol.events import ChannelOpened, CommandOutput, Event, SessionClosing, TerminalOutput, TerminalResized

OPEN = ChannelOpened(0, 0, 1, "room", b"", "", 20, 4, 0)


def lines(*events: Event) -> list[str]:
    return [item.text for item in read_transcript(events) if isinstance(item, Line)]


def out(t_ms: int, data: bytes | str) -> TerminalOutput:
    return TerminalOutput(t_ms, 0, data.encode() if isinstance(data, str) else data)


def test_lines_come_as_they_stood() -> None:
    """Corrections on the line are done, colours are gone, wide characters are whole."""
    assert lines(OPEN, out(1, "lx\b \bs -l\r\n\x1b[31m中文.txt\x1b[0m\r\n")) == ["ls -l", "中文.txt"]


def test_lines_that_scroll_away_are_not_lost() -> None:
    """A screen of four rows keeps all of ten lines."""
    text = "".join(f"line {number}\r\n" for number in range(10))
    assert lines(OPEN, out(1, text)) == [f"line {number}" for number in range(10)]


def test_a_cleared_screen_is_not_lost() -> None:
    """`clear` takes lines from the engineer's eyes, not from the reader's."""
    assert lines(OPEN, out(1, "secret work\r\n$ clear\r\n\x1b[H\x1b[2J\x1b[3J$ ")) == ["secret work", "$ clear", "$"]


def test_a_full_screen_program_leaves_its_last_picture() -> None:
    """What an editor showed when it was left stands between what came before and after."""
    shown = lines(OPEN, out(1, "$ vi\r\n"), out(2, "\x1b[?1049h\x1b[2J\x1b[Hedited\x1b[?1049l"), out(3, "$ done"))
    assert shown == ["$ vi", "edited", "$ done"]


def test_shrinking_the_screen_loses_no_line() -> None:
    """Lines that a smaller terminal pushes out are kept."""
    assert lines(OPEN, out(1, "a\r\nb\r\nc\r\nd"), TerminalResized(2, 0, 20, 2), out(3, "!")) == ["a", "b", "c", "d!"]


def test_each_line_knows_when_it_began() -> None:
    """A line's time is that of its first character, not of its leaving the screen."""
    found = [item for item in read_transcript([OPEN, out(100, "a"), out(200, "b\r\nc\r\n")]) if isinstance(item, Line)]
    assert [(line.t_ms, line.text) for line in found] == [(100, "ab"), (200, "c")]


def test_other_events_stand_between_the_lines() -> None:
    """What stood above the cursor when something else happened comes before it."""
    closing = SessionClosing(3, "engineer-ended")
    items = list(read_transcript([OPEN, out(1, "before\r\n"), OPEN, out(2, "after"), closing]))
    assert items == [Told(OPEN), Line(1, 0, "before"), Told(OPEN), Line(2, 0, "after"), Told(closing)]


def test_commands_without_a_terminal_need_no_carriage_return() -> None:
    """A plain newline begins a new line; errors stand where they came."""
    opened = ChannelOpened(0, 3, 1, "command", b"", "ls", 0, 0, 0)
    events: list[Event] = [opened, CommandOutput(1, 3, 1, b"one\ntwo\n"), CommandOutput(2, 3, 2, b"error\n")]
    assert lines(*events) == ["one", "two", "error"]


def test_a_search_finds_each_moment() -> None:
    """When the text comes to stand there, again when it comes again; not when the line merely scrolls."""
    events: list[Event] = [OPEN, out(10, "perm"), out(20, "ission denied\r\n"), out(30, "x\r\n" * 9)]
    events.append(out(40, "PERMISSION DENIED"))
    assert list(find_text(events, "permission denied")) == [20, 40]
    assert list(find_text(events, "nothing")) == []


def test_origin_and_margins_are_followed() -> None:
    """Scrolling inside a region keeps what stands outside of it."""
    emulator = Emulator(20, 4)
    emulator.feed(b"top\x1b[2;3r\x1b[2;1Ha\r\nb\r\nc")
    assert emulator.text_rows() == ["top", "b", "c", ""]
