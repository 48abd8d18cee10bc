"""A terminal's screen: pyte's, which hands out each line that it is about to lose, and draws ASCII in one step.

Lines are numbered from the first that ever stood. Beyond pyte: text behind a zero-width character stays, as terminals
have it, and saved cursors do not pile up.
"""

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter

import pyte
from pyte import charsets, modes
from pyte.screens import Char
from wcwidth import wcwidth

SMALLEST_SIZE = 2
LARGEST_COLUMNS = 500
LARGEST_ROWS = 300
"""A size in a recording is its agent's claim: an emulator of 2³¹ columns would be all our memory."""

_STYLES_CACHED = 256
_text_of = itemgetter(0)


def bounded_size(columns: int, rows: int) -> tuple[int, int]:
    """A size that a terminal can have."""
    return (
        min(max(columns, SMALLEST_SIZE), LARGEST_COLUMNS),
        min(max(rows, SMALLEST_SIZE), LARGEST_ROWS),
    )


class Screen(pyte.Screen):
    """A screen that hands out the lines it is about to lose. Lines are numbered from the first that ever stood."""

    def __init__(self, columns: int, rows: int, on_lost: Callable[[int, str], None]) -> None:
        self.scrolled_away = 0
        self.wrapping: set[int] = set()
        """Numbers of lines that reached the margin and go on in the next one, unless they were changed since."""
        self._on_lost = on_lost
        self._is_drawing = False
        self._cells: dict[Char, dict[str, Char]] = {}
        super().__init__(columns, rows)

    def line(self, row: int) -> str:
        cells = self.buffer.get(row)  # sparse: only what was ever drawn is there
        if not cells:
            return ""
        columns = range(min(max(cells) + 1, self.columns))
        return "".join(map(_text_of, map(cells.__getitem__, columns))).rstrip()

    def draw(self, data: str) -> None:
        if not data.isascii():
            self._draw_slowly("".join(character for character in data if _is_drawn(character)))
        elif self._is_simple:
            self._draw_ascii(data)
        else:
            self._draw_slowly(data)

    def linefeed(self) -> None:
        if self._is_drawing:  # nothing else makes pyte feed a line while it draws
            self.wrapping.add(self.scrolled_away + self.cursor.y)
        super().linefeed()

    def goes_on(self, row: int) -> bool:
        """Whether the line of a row wraps into the next row."""
        cells = self.buffer.get(row)
        return self.scrolled_away + row in self.wrapping and cells is not None and self.columns - 1 in cells

    def index(self) -> None:
        top, bottom = self.margins or (0, self.lines - 1)
        if self.cursor.y == bottom and top == 0:
            self._lose(0)
        super().index()

    def erase_in_display(self, how: int = 0, *args: object, **options: object) -> None:
        if how in (2, 3):
            self.lose_all()
        super().erase_in_display(how, *args, **options)

    def save_cursor(self) -> None:
        super().save_cursor()
        del self.savepoints[:-1]  # terminals keep one; pyte would keep as many as it is told to

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """As terminals do it: lines leave at the top only if the cursor would else be below the bottom."""
        lines, columns = lines or self.lines, columns or self.columns
        leaving = max(self.cursor.y - lines + 1, 0)
        for row in range(leaving):
            self._lose(row)
        kept = {row - leaving: cells for row, cells in self.buffer.items() if leaving <= row < lines + leaving}
        self.buffer.clear()
        self.buffer.update(kept)
        for cells in self.buffer.values():
            for column in [column for column in cells if column >= columns]:
                del cells[column]
        self.lines, self.columns = lines, columns
        self.set_margins()
        self.cursor.y = min(self.cursor.y - leaving, lines - 1)
        self.cursor.x = min(self.cursor.x, columns - 1)
        self.dirty.clear()
        self.dirty.update(range(lines))

    def lose_all(self) -> None:
        """Hands out everything that stands there, down to the last row with something in it."""
        rows = [self.line(row) for row in range(self.lines)]
        while rows and not rows[-1]:
            rows.pop()
        for row in rows:
            self._lose_text(row)

    def scroll_by(self, rows: list[tuple[str, bool]]) -> None:
        """Rows that only pass, each with whether it goes on in the next. What stands above the last row leaves first.

        The screen is empty afterwards, the cursor at its top: at least a screenful must be drawn next, which then
        stands as if all of it had been drawn. Called with the cursor at the beginning of the last row.
        """
        for row in range(self.lines - 1):
            self._lose(row)
        for text, wraps in rows:
            if wraps:
                self.wrapping.add(self.scrolled_away)
            self._lose_text(text)
        self.buffer.clear()
        self.cursor.y = 0

    @property
    def can_scroll_by(self) -> bool:
        """Whether plain lines that are drawn now do nothing but scroll the whole screen."""
        return (
            self._is_simple
            and self.margins is None
            and modes.DECAWM in self.mode
            and (self.cursor.x, self.cursor.y) == (0, self.lines - 1)
            and self.tabstops == set(range(8, self.columns, 8))
        )

    @property
    def _is_simple(self) -> bool:
        return modes.IRM not in self.mode and not self.charset and self.g0_charset is charsets.LAT1_MAP

    def _draw_ascii(self, data: str) -> None:
        cursor = self.cursor
        cells = self._cells.get(cursor.attrs)
        if cells is None:
            if len(self._cells) >= _STYLES_CACHED:
                self._cells.clear()
            cells = self._cells[cursor.attrs] = _StyledCells(cursor.attrs)
        position = 0
        while position < len(data):
            if cursor.x == self.columns:
                if modes.DECAWM not in self.mode:
                    super().draw(data[position:])
                    return
                self.dirty.add(cursor.y)
                self.wrapping.add(self.scrolled_away + cursor.y)
                self.carriage_return()
                self.linefeed()
            taken = min(len(data) - position, self.columns - cursor.x)
            piece = data[position : position + taken]
            columns = range(cursor.x, cursor.x + taken)
            self.buffer[cursor.y].update(zip(columns, map(cells.__getitem__, piece), strict=True))
            cursor.x += taken
            position += taken
        self.dirty.add(cursor.y)

    def _draw_slowly(self, data: str) -> None:
        self._is_drawing = True
        try:
            super().draw(data)
        finally:
            self._is_drawing = False

    def _lose(self, row: int) -> None:
        self._lose_text(self.line(row))

    def _lose_text(self, text: str) -> None:
        self._on_lost(self.scrolled_away, text)
        self.wrapping.discard(self.scrolled_away)
        self.scrolled_away += 1


class _StyledCells(dict[str, Char]):
    """The cells of one style, by their character."""

    def __init__(self, style: Char) -> None:
        self._style = style

    def __missing__(self, character: str) -> Char:
        cell = self[character] = self._style._replace(data=character)
        return cell


@lru_cache(maxsize=4096)
def _is_drawn(character: str) -> bool:
    """Whether pyte knows what to do with it: it gives up on characters without a width that combine with nothing."""
    return wcwidth(character) > 0 or unicodedata.combining(character) > 0
