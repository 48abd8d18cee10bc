"""The emulator's short cuts change nothing, and nothing that is drawn stays hidden from it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.vault.emulator import Emulator

_PIECES = st.sampled_from(
    [
        "plain line\r\n",
        "a line that is longer than the screen is wide\r\n",
        "\x1b[31mred\x1b[0m and \x1b[1;4mbold\r\n",
        "\x1b[mafter a reset\r\n",
        "tab\tbed\r\n",
        "tab\tat\tthe\tedge\r\n",
        "重启服务\r\n",
        "重启服务重启服务重启服务\r\n",
        "e\u0301\r\n",
        "\r\n",
        "trailing blanks   \r\n",
        "no end",
        "\x1b[2;5r",
        "\x1b[r",
        "\x1b[?7l",
        "\x1b[?7h",
        "\x1b[4h",
        "\x1b[4l",
        "\x1b[H",
        "\x1b[2J",
        "\x0e",
        "\x0f",
        "\x1b[3g",
        "\x1b[?1049h",
        "\x1b[?1049l",
        "\u2028 is no line end\r\n",
    ]
)


@settings(max_examples=30)
@given(st.lists(st.tuples(_PIECES, st.integers(1, 40)), max_size=12), st.integers(4, 20), st.integers(3, 6))
def test_a_flood_in_one_piece_leaves_the_same_as_line_by_line(
    runs: list[tuple[str, int]], columns: int, rows: int
) -> None:
    """Cutting the middle of a flood into rows gives the lines, the screen and the style that drawing it gives."""
    whole_lines: list[tuple[int, str]] = []
    single_lines: list[tuple[int, str]] = []
    whole = Emulator(columns, rows, lambda number, text: whole_lines.append((number, text)))
    single = Emulator(columns, rows, lambda number, text: single_lines.append((number, text)))
    pieces = [piece for piece, count in runs for _ in range(count)]
    whole.feed("".join(pieces).encode())
    for piece in pieces:
        single.feed(piece.encode())
    assert whole_lines == single_lines
    assert whole.text_rows() == single.text_rows()
    assert whole.main.wrapping == single.main.wrapping
    assert whole.screen.cursor.attrs == single.screen.cursor.attrs
    assert (whole.screen.cursor.x, whole.screen.cursor.y) == (single.screen.cursor.x, single.screen.cursor.y)


def test_most_of_a_flood_never_passes_through_cells() -> None:
    """A thousand plain lines cost about two screens."""
    emulator = Emulator(80, 24)
    emulator.feed(b"".join(b"line %d\r\n" % number for number in range(1000)))
    assert emulator.text_rows()[-2] == "line 999"
    assert emulator.drawn_characters < 1000


@pytest.mark.parametrize("invisible", ["\u200b", "\u2060", "\ufeff", "\ufe0f", "\u00ad"])
def test_a_character_without_width_hides_nothing_behind_it(invisible: str) -> None:
    """Terminals go on behind it, and so does the emulator."""
    emulator = Emulator()
    emulator.feed(f"rm{invisible} -rf /srv".encode())
    assert emulator.text_rows()[0].replace(invisible, "") == "rm -rf /srv"


def test_saved_cursors_do_not_pile_up() -> None:
    """A recording cannot make the reader's memory grow by saving the cursor again and again."""
    emulator = Emulator()
    emulator.feed(b"\x1b7" * 10_000)
    assert len(emulator.screen.savepoints) == 1
