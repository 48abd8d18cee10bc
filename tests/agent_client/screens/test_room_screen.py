"""The shared terminal's cells: what programs send is drawn, and never reaches further."""

import os
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_client.screens.room_screen import MARKS_PER_LETTER, RoomScreen

OUR_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def screen_of(data: bytes, columns: int = 20, rows: int = 4) -> RoomScreen:
    screen = RoomScreen(columns, rows)
    screen.feed(data)
    return screen


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"hello\r\nworld", ["hello", "world"]),
        ("谢谢 é e\u0301".encode(), ["谢谢 é é"]),
        (b"a\x01b\x02c", ["abc"]),
        (b"a\xe2\x80\x8db\xe2\x80\xaec", ["abc"]),
        (b"a\xc2\xa0b", ["a b"]),
        (b"\x1b]0;title\x07x", ["x"]),
        (b"\x1b]0;title\x1b\\x", ["x"]),
        (b"\x1bP1$r0m\x1b\\x", ["x"]),
        (b"\x1b[>4;2mx\x1b[>c", ["x"]),
        (b"\x1b[2 qx\x1b[!p", ["x"]),
        (b"\xc2\x9b31mx", ["31mx"]),
        (b"-\x1b[4bx", ["-----x"]),
        (b"1\r\n2\r\n3\r\n4\x1b[2Sx", ["3", "4", "", " x"]),
        (b"main\x1b[?1049hfull\x1b[?1049l", ["main"]),
        (b"\x1b[?3hwide", ["wide"]),
        (b"\x1b[9999;9999Hx", ["", "", "", " " * 19 + "x"]),
        (b"\x1b[99999999999999999999Cx", [" " * 19 + "x"]),
        (b"\x1b[?5;1;2;3;4;5n\x1b[1;2;3;4;5;6;7Ax", ["x"]),
    ],
)
def test_drawn(data: bytes, expected: list[str]) -> None:
    """Text lands in its cells; strings for a terminal, controls and hidden characters do not."""
    assert screen_of(data).text() == expected + [""] * (4 - len(expected))


FRAGMENTS = [
    b"\x1b[", b"\x1b]", b"\x1bP", b"?1049h", b"?1049l", b"\x1b[?3h", b"9999", b";", b"H", b"r", b"m", b"\x1b(0",
    b"\x1b#8", "谢".encode(), "\u0301".encode(), b"\x1b[2;1r", b"\x1bM", b"\x1b[S", b"\x1b[T",
]  # fmt: skip


@given(st.lists(st.one_of(st.binary(max_size=30), st.sampled_from(FRAGMENTS)), max_size=40))
def test_nothing_raises_and_nothing_escapes(pieces: list[bytes]) -> None:
    """Whatever programs send: no exception, our size, and only colours and printable text come out."""
    screen = RoomScreen(20, 4)
    for piece in pieces:
        screen.feed(piece)
    painted = screen.painted(colour=True)
    assert len(painted) == 4
    assert screen.size == (20, 4)
    for line in painted:
        assert OUR_ESCAPES.sub("", line).isprintable()
    cursor = screen.cursor
    assert cursor is None or (0 <= cursor[0] < 20 and 0 <= cursor[1] < 4)


@given(st.binary(max_size=80), st.integers(0, 80))
def test_cuts_do_not_matter(data: bytes, cut: int) -> None:
    """A sequence cut in two by a read is still one."""
    halves = RoomScreen(20, 4)
    halves.feed(data[:cut])
    halves.feed(data[cut:])
    assert halves.text() == screen_of(data).text()


def test_colours() -> None:
    """Basic, bright, 256 and true colours, and none of them where none are wanted."""
    data = b"\x1b[31ma\x1b[92mb\x1b[38;5;208mc\x1b[48:2::1:2:3md\x1b[0;7me"
    painted = screen_of(data).painted(colour=True)[0]
    assert "\x1b[0;31ma" in painted
    assert "\x1b[0;92mb" in painted
    assert "\x1b[0;38;2;255;135;0mc" in painted
    assert "\x1b[0;7me" in painted
    plain = screen_of(data).painted(colour=False)[0]
    assert OUR_ESCAPES.findall(plain) == ["\x1b[0;7m", "\x1b[0m"]


def test_marks_do_not_pile_up() -> None:
    """A letter carries a few marks, whatever is sent: neither memory nor time runs away."""
    started = time.thread_time()
    screen = screen_of(b"x" + "\u0301".encode() * 100_000)
    assert time.thread_time() - started < 5
    assert len(screen.text()[0]) <= 1 + MARKS_PER_LETTER


def test_endless_string_is_dropped() -> None:
    """A title without end swallows a bounded part of what follows, and no memory."""
    screen = RoomScreen(20, 4)
    for _ in range(50):
        screen.feed(b"\x1b]0;" + b"x" * 1000)
    screen.feed(b"\x07\r\n\x1b[2J\x1b[Hthere")
    assert "there" in "".join(screen.text())


def test_resize_keeps_the_cursor_inside() -> None:
    """A smaller terminal has its cursor, and its cells, inside."""
    screen = screen_of(b"\x1b[4;20H")
    screen.resize(10, 2)
    assert screen.cursor == (9, 1)
    screen.feed(b"ok" * 40)
    assert screen.size == (10, 2)


def test_skip_ends_a_sequence() -> None:
    """After output was left out, the next bytes are text and not the rest of a sequence."""
    screen = screen_of(b"\x1b[3")
    screen.skip()
    screen.feed(b"1mplain")
    assert "1mplain" in screen.text()[0]


def test_modes_for_typing() -> None:
    """What programs want typed keys to look like is known."""
    screen = screen_of(b"\x1b[?1h\x1b[?2004h")
    assert screen.wants_application_keys
    assert screen.wants_bracketed_paste
    screen.feed(b"\x1b[?1l\x1b[?2004l")
    assert not screen.wants_application_keys
    assert not screen.wants_bracketed_paste


def test_random_bytes_in_bulk() -> None:
    """A binary file on the screen is survived."""
    screen = RoomScreen(80, 24)
    for _ in range(20):
        screen.feed(os.urandom(1_000))
    assert screen.size == (80, 24)
