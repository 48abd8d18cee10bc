"""Finds, in a terminal's output, the middle of a flood of plain lines: rows that only scroll by.

They need not pass through cells: cut here into the rows that would have scrolled by, they cost a fraction. A test
compares what the two ways show.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from wcwidth import wcwidth

from audit.vault.screen import Screen

Row = tuple[str, bool]
"""Text of a row, and whether it goes on in the next one."""

_PLAIN_LINES = re.compile(r"(?:(?:[^\x00-\x1f\x7f-\x9f]|\t|\x1b\[[0-9;]*m)*\r\n)+")
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_RESET = re.compile(r"\x1b\[0?m")
_FLOOD_SCREENS = 3
"""Fewer screens of plain lines than this are quicker drawn than cut."""


class Flood(NamedTuple):
    """The middle of a run of plain lines, from `begin` to `end` of the text, as the rows that it takes."""

    begin: int
    end: int
    rows: list[Row]


def find_flood(text: str, position: int, screen: Screen) -> Flood | None:
    """The next one from `position` on. A screenful behind it stays, and one before it that takes the cursor to the last
    row, unless it is there."""
    if text.count("\n", position) < _FLOOD_SCREENS * screen.lines:
        return None
    for run in _PLAIN_LINES.finditer(text, position):
        pieces = run.group().splitlines(keepends=True)
        if len(pieces) < _FLOOD_SCREENS * screen.lines:
            continue
        if len(pieces) != run.group().count("\n"):
            return None  # it holds separators of Unicode that are no line ends to a terminal
        head = 0 if run.start() == position and screen.can_scroll_by else screen.lines
        middle = pieces[head : -screen.lines]
        rows: list[Row] = []
        for piece in middle:
            cut = _rows_of(_STYLE.sub("", piece[:-2]), screen.columns)
            if cut is None:
                return None
            rows += cut
        begin = run.start() + sum(map(len, pieces[:head]))
        return Flood(begin, begin + sum(map(len, middle)), rows)
    return None


def _rows_of(line: str, columns: int) -> list[Row] | None:
    """A plain line as the rows that it takes, each with whether it goes on; None if that is left to the emulator."""
    if "\t" in line:
        line = line.expandtabs(8)
        if len(line) >= columns:
            return None
    if line.isascii():
        last = max(len(line) - 1, 0) // columns * columns
        return [(line[at : at + columns].rstrip(), at < last) for at in range(0, last + 1, columns)]
    return None if len(line) * 2 > columns or not all(map(_is_spacing, line)) else [(line.rstrip(), False)]


def last_styles(text: str) -> str:
    """The colour changes in a text that still count at its end."""
    styles = _STYLE.findall(text)
    for at in range(len(styles) - 1, -1, -1):
        if _RESET.fullmatch(styles[at]):
            return "".join(styles[at:])
    return "".join(styles)


@lru_cache(maxsize=4096)
def _is_spacing(character: str) -> bool:
    return wcwidth(character) > 0
