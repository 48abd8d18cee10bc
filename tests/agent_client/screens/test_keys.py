"""Keys, pastes and a terminal's answers, told apart in whatever pieces they come."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_client.screens.keys import PASTE_BEGIN, PASTE_END, KeyReader


def kinds(data: bytes) -> list[str]:
    return [key.kind for key in KeyReader().feed(data)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"aB1", ["text", "text", "text"]),
        ("é谢".encode(), ["text", "text"]),
        (b"\r\n", ["enter", "enter"]),
        (b"\x7f\x08", ["backspace", "backspace"]),
        (b"\x03\x1d", ["control", "control"]),
        (b"\x1b[A\x1b[B\x1bOC\x1bOD", ["up", "down", "right", "left"]),
        (b"\x1b[1;5C\x1b[3~\x1bOP", ["other", "other", "other"]),
        (b"\x1bx", ["other"]),
    ],
)
def test_keys(data: bytes, expected: list[str]) -> None:
    """What a keyboard sends."""
    assert kinds(data) == expected


@pytest.mark.parametrize(
    "answer",
    [
        b"\x1b[24;80R",
        b"\x1b[?62;22c",
        b"\x1b[0n",
        b"\x1b[8;24;80t",
        b"\x1b]11;rgb:aaaa/aaaa/aaaa\x07",
        b"\x1b]52;c;YWFh\x1b\\",
        b"\x1bP1$r0ma\x1b\\",
        b"\x1b_Gi=31;OKa\x1b\\",
        b"\x1b[?2004;1$y",
    ],
)
def test_answers_are_no_keys(answer: bytes) -> None:
    """Not a single key comes out of an answer, in one piece or in many; what follows is a key again."""
    assert kinds(answer + b"z") == ["text"]
    reader = KeyReader()
    keys = [key for byte in answer + b"z" for key in reader.feed(bytes([byte]))]
    assert [key.text for key in keys] == ["z"]


def test_escape_needs_a_moment() -> None:
    """A lone Escape byte is a key only when nothing follows."""
    reader = KeyReader()
    assert reader.feed(b"\x1b") == []
    assert reader.is_undecided
    assert [key.kind for key in reader.settle()] == ["escape"]
    assert reader.settle() == []


def test_broken_string_lets_nothing_through() -> None:
    """A string that a control character breaks off is dropped as a whole; the control character counts."""
    assert kinds(b"\x1bPaaaa\x03") == ["control"]
    assert kinds(b"\x1b[12\x03") == ["control"]


def test_endless_string_is_dropped() -> None:
    """No answer can take the keyboard away for good."""
    reader = KeyReader()
    reader.feed(b"\x1b]" + b"a" * 5_000)
    assert [key.text for key in reader.feed(b"z")] == ["z"]


def test_paste_is_one_key() -> None:
    """A paste is told as a whole, escapes and line ends in it included."""
    (paste,) = KeyReader().feed(PASTE_BEGIN + b"a\r\x1b[Aallow" + PASTE_END)
    assert (paste.kind, paste.raw) == ("paste", b"a\r\x1b[Aallow")


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=6))
def test_pieces_do_not_matter(data: bytes, cuts: list[int]) -> None:
    """The same bytes give the same keys, however they were read."""
    whole, pieces = KeyReader(), KeyReader()
    expected = whole.feed(data)
    bounds = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    got = [key for begin, end in itertools.pairwise(bounds) for key in pieces.feed(data[begin:end])]
    assert got == expected
