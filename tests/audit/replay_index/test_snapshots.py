"""A terminal's state can be kept and gone on from."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.replay_index.snapshots import TerminalState, draw, restore, take
from audit.vault.emulator import Emulator

_OUTPUT = st.lists(
    st.sampled_from(
        [
            "word ",
            "重启",
            "e\u0301",
            "a line that is longer than a small screen is wide",
            "\r\n",
            "\r",
            "\b",
            "\t",
            "\x1b[31;1m",
            "\x1b[38;5;200m",
            "\x1b[48;2;1;2;3m",
            "\x1b[7m",
            "\x1b[0m",
            "\x1b[H",
            "\x1b[3;4H",
            "\x1b[K",
            "\x1b[2J",
            "\x1b[2;4r",
            "\x1b[r",
            "\x1b[?6h",
            "\x1b[?6l",
            "\x1b[?7l",
            "\x1b[?7h",
            "\x1b[4h",
            "\x1b[4l",
            "\x1b(0",
            "\x1b(B",
            "\x0e",
            "\x0f",
            "\x1b7",
            "\x1b8",
            "\x1b[?25l",
            "\x1b[?25h",
            "\x1b[?1049h",
            "\x1b[?1049l",
            "\x1bM",
            "\x1b[2L",
            "\x1b[3P",
            "\x1b[20h",
            "\x1b[3g",
            "\x1b[1",
            ";2m",
        ]
    ),
    max_size=40,
)
_NOT_DRAWN = ("\x1b7", "\x1b8", "\x1b[3g", "\t", "\x1b[1")
"""What a drawing leaves out: the saved cursor, tab stops, half a sequence."""


def _fed(text: str) -> Emulator:
    emulator = Emulator(12, 5)
    emulator.feed(text.encode())
    return emulator


@settings(max_examples=40)
@given(_OUTPUT, _OUTPUT)
def test_a_restored_terminal_goes_on_as_the_first_one(before: list[str], after: list[str]) -> None:
    """Whatever came before and comes after: the kept state is the same, cell by cell."""
    first = _fed("".join(before))
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(take(first)), type=TerminalState)
    second = restore(kept)
    assert take(second) == kept
    for emulator in (first, second):
        emulator.feed("".join(after).encode())
    assert take(first) == take(second)


@settings(max_examples=40)
@given(_OUTPUT, _OUTPUT)
def test_a_drawn_terminal_looks_alike_and_goes_on_alike(before: list[str], after: list[str]) -> None:
    """A player that is fed the drawing shows the same characters, there and after what follows."""
    first = _fed("".join(piece for piece in before if piece not in _NOT_DRAWN))
    second = Emulator(12, 5)
    second.feed(draw(take(first)).encode())
    assert second.text_rows() == first.text_rows()
    for emulator in (first, second):
        emulator.feed("".join(piece for piece in after if piece not in _NOT_DRAWN).encode())
    assert second.text_rows() == first.text_rows()
