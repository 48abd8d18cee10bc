"""Hostile output: what a recording must never do to the terminal of the one who watches it."""

import re

import pyte
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audit.vault.emulator import Emulator
from audit.vault.escapes import REPEAT_LIMIT, STRING_LIMIT_CHARACTERS, TerminalFilter, filter_output

HARMLESS = re.compile(
    "[^\x00-\x1f\x7f-\x9f]|[\b\t\n\v\f\r\x0e\x0f]"
    "|\x1b[78DEHM]|\x1b[()][0AB]"
    r"|\x1b\[[0-9;]*[@ABCDEFGHIJKLMPSTXZ`abdefgrmsu]"
    r"|\x1b\[(?:\?(?:5|6|7|25|47|1047|1048|1049)(?:;(?:5|6|7|25|47|1047|1048|1049))*|(?:4|20)(?:;(?:4|20))*)[hl]"
)
PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"\x1b", b"\x1b[", b"\x1b]", b"\x1bP", b"\x1b_", b"\x9b", b"\xc2\x9b", b"\xc2\x9d", b"52;c;", b"?1049", b"h",
         b"l", b";", b":", b"99999999", b"\x07", b"\x1b\\", b"\x18", b"c", b"n", b"t", b"J", b"r", b"m", b"$", b" q",
         b"\xe4\xb8\xad", b"\xe4\xb8", b"\r\n", b"(0", b"b"]
    ),
)  # fmt: skip
STREAMS = st.lists(PIECES, max_size=40).map(b"".join)

ATTACKS = {
    "clipboard": b"\x1b]52;c;cm0gLXJmIC8=\x07",
    "clipboard, ended by ST": b"\x1b]52;c;cm0gLXJmIC8=\x1b\\",
    "clipboard in C1": "\x9d52;c;cm0gLXJmIC8=\x9c".encode(),
    "title": b"\x1b]0;harmless\x07",
    "title report": b"\x1b[21t",
    "resize the window": b"\x1b[8;1;1t",
    "where is the cursor": b"\x1b[6n",
    "private report": b"\x1b[?15n",
    "who are you": b"\x1b[c",
    "who are you, second": b"\x1b[>c",
    "who are you, third": b"\x1b[=c",
    "who are you, old": b"\x1bZ",
    "version": b"\x1b[>0q",
    "answerback": b"\x05",
    "settings": b"\x1bP$qm\x1b\\",
    "termcap": b"\x1bP+q544e\x1b\\",
    "user-defined keys": b"\x1bP0;1|17/72\x1b\\",
    "colours": b"\x1b]11;?\x07",
    "hyperlink": b"\x1b]8;;file:///etc/passwd\x1b\\",
    "picture": b"\x1b]1337;File=inline=1:AAAA\x07",
    "kitty picture": b"\x1b_Gf=24;AAAA\x1b\\",
    "mouse": b"\x1b[?1003;1006h",
    "paste": b"\x1b[?2004h",
    "focus": b"\x1b[?1004h",
    "keyboard": b"\x1b[>1u",
    "application keys": b"\x1b[?1h\x1b=",
    "printer": b"\x1b[5i",
    "media copy": b"\x1b[?4i",
    "lights": b"\x1b[1q",
    "bell": b"\x07",
    "132 columns": b"\x1b[?3h",
    "cursor shape": b"\x1b[5 q",
    "checksum": b"\x1b[1;1;1;1;1;1*y",
    "privacy message": b"\x1b^secret\x1b\\",
    "start of string": b"\x1bXsecret\x1b\\",
    "tmux passthrough": b"\x1bPtmux;\x1b\x1b]52;c;AA==\x07\x1b\\",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_known_attacks_leave_nothing_that_acts(name: str) -> None:
    """Of each attack nothing is left but, at most, harmless text; what follows it is still there."""
    shown = filter_output(b"before" + ATTACKS[name] + b"after")
    assert shown.startswith("before")
    assert shown.endswith("after")
    assert "\x1b" not in shown
    assert "\x07" not in shown


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m"),
        (b"\x1b[38;5;208mo\x1b[m", "\x1b[38;5;208mo\x1b[m"),
        (b"\x1b[38:2::1:2:3mo", "\x1b[38;2;1;2;3mo"),
        (b"\x1b[4:3mo", "\x1b[4mo"),
        (b"\x1b[2J\x1b[H\x1b[10;20Hx\x1b[K", "\x1b[2J\x1b[H\x1b[10;20Hx\x1b[K"),
        (b"\x1b[?1049h\x1b[?25lvim\x1b[?1049l", "\x1b[?1049h\x1b[?25lvim\x1b[?1049l"),
        (b"\x1b(0lqk\x1b(B", "\x1b(0lqk\x1b(B"),
        (b"a\x1b[3Db\x1b7\x1b8", "a\x1b[3Db\x1b7\x1b8"),
        ("中文 😀".encode(), "中文 😀"),
        ("\x9b31mred".encode(), "\x1b[31mred"),
        (b"\x1bc", "\x1b[0m\x1b[2J\x1b[H"),
        (b"\x1b[3\r1mx", "\r\x1b[31mx"),
    ],
)
def test_what_draws_is_kept(data: bytes, shown: str) -> None:
    """Colours, movement, erasing, line drawing and the alternate screen pass, in their plainest spelling."""
    assert filter_output(data) == shown


def test_text_that_turns_other_text_round_is_shown_as_unreadable() -> None:
    """Bidirectional overrides could make a reader see another command than was run."""
    assert filter_output("rm \u202efig.txt\u202c".encode()) == "rm \ufffdfig.txt\ufffd"


def test_invalid_utf8_is_replaced() -> None:
    """A terminal of bytes becomes one of characters, also where a character is cut at the end."""
    assert filter_output(b"a\xff\xfeb\xe4\xb8") == "a\ufffd\ufffdb\ufffd"


def test_an_endless_string_cannot_hide_what_follows() -> None:
    """An OSC that never ends swallows a while, then output is output again."""
    shown = filter_output(b"\x1b]0;" + b"x" * STRING_LIMIT_CHARACTERS + b"visible")
    assert shown.endswith("visible")


def test_repeats_are_bounded() -> None:
    """One short sequence cannot ask for a billion characters."""
    assert filter_output(b"x\x1b[999999999b") == f"x\x1b[{REPEAT_LIMIT}b"


@given(STREAMS)
@settings(max_examples=400)
@example(b"\x1b]52;c;\x1b[6n\x07")
@example(b"\x1b\xc2\x9b6n")
@example(b"\x1b[\x1b[6n")
@example(b"\x1b[?1049;6h")
def test_everything_that_passes_is_on_the_list(data: bytes) -> None:
    """Whatever comes in, what goes out is a row of harmless pieces."""
    assert HARMLESS.sub("", filter_output(data)) == ""


@given(st.lists(PIECES, max_size=30))
@settings(max_examples=200)
def test_it_does_not_matter_where_the_output_is_cut(pieces: list[bytes]) -> None:
    """Output comes in pieces cut anywhere; the filter sees the same."""
    terminal_filter = TerminalFilter()
    in_pieces = "".join(terminal_filter.feed(piece) for piece in pieces) + terminal_filter.flush()
    assert in_pieces == filter_output(b"".join(pieces))


@given(STREAMS)
@settings(max_examples=200)
def test_filtering_twice_is_filtering_once(data: bytes) -> None:
    """What is harmless stays as it is."""
    once = filter_output(data)
    assert filter_output(once.encode("utf-8", "surrogatepass")) == once


@given(STREAMS, st.integers(-5, 2**31), st.integers(-5, 2**31))
@settings(max_examples=150)
def test_no_output_breaks_the_emulator(data: bytes, columns: int, rows: int) -> None:
    """Any output, at any claimed size: the emulator answers with a screen of bounded size."""
    emulator = Emulator(columns, rows)
    emulator.feed(data)
    emulator.resize(rows, columns)
    emulator.feed(data)
    emulator.finish()
    assert len(emulator.text_rows()) <= 300
    assert isinstance(emulator.screen, pyte.Screen)
