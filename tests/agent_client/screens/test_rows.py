"""Rows are cut to the cells they have, in any script."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from agent_client.screens.rows import BLANK, Span, clock_text, fitted, paint, row, shown, size_text, wrapped

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@given(st.text(max_size=60), st.integers(1, 40))
def test_paint_never_overflows(text: str, width: int) -> None:
    """However wide its letters, a row takes no more cells than there are, and holds no control."""
    painted = paint(row(Span(shown(text), "bold"), Span(shown(text), "bar")), width, colour=True)
    bare = ESCAPE.sub("", painted)
    assert cell_len(bare) <= width
    assert all(letter.isprintable() or unicodedata.category(letter) == "Zs" for letter in bare)


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "Zs"]), max_size=80), st.integers(2, 30))
def test_wrapped_lines_fit(text: str, width: int) -> None:
    """Wrapping breaks at spaces, and inside a word only where it must."""
    assert all(cell_len(line) <= width for line in wrapped(text, width))


def test_a_low_window_loses_blank_rows_and_then_the_middle() -> None:
    """What is last stays, whole."""
    first, second, third, last = (row(word) for word in ("first", "second", "third", "last"))
    rows = [first, BLANK, second, third, BLANK, last]
    assert fitted(rows, 6, last=2) == rows
    assert fitted(rows, 5, last=2) == [first, second, third, BLANK, last]
    assert fitted(rows, 3, last=2) == [first, second, last]
    assert fitted(rows, 2, last=0) == [first, second]


def test_no_colour_keeps_weight() -> None:
    """NO_COLOR takes colours away, not emphasis."""
    assert paint(row(Span("x", "warning")), 9, colour=False) == "\x1b[1mx\x1b[0m"
    assert "33" in paint(row(Span("x", "warning")), 9, colour=True)


@pytest.mark.parametrize(("ms", "text"), [(581_000, "9:41"), (0, "0:00"), (-5, "0:00"), (3_723_000, "1:02:03")])
def test_clock(ms: int, text: str) -> None:
    """Minutes and seconds; hours only where there are any."""
    assert clock_text(ms) == text


@pytest.mark.parametrize(
    ("count", "text"), [(812, "812 B"), (1_200, "1.2 kB"), (4_200_000, "4.2 MB"), (3_000_000_000_000, "3000.0 GB")]
)
def test_size(count: int, text: str) -> None:
    """Short sizes with their unit."""
    assert size_text(count) == text
