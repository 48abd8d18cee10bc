"""What a terminal would show: pyte, made fast where recordings are long, and hardened where they are hostile.

It only ever gets output that `escapes.py` has let through. Beyond pyte:

    lines lost      a screen hands out each line that it is about to lose, numbered from the first that ever stood
    invisible       pyte drops the rest of a text behind a zero-width character; terminals do not, so neither do we
    bounds          a size is an agent's claim, and saved cursors would pile up: both are limited
    speed           ASCII goes into cells in one step, and the middle of a flood of plain lines does not pass through
                    cells at all: it is cut into the rows that would have scrolled by, which a test compares
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter

import pyte
from pyte import charsets, modes
from pyte.screens import Char
from wcwidth import wcwidth

from audit.vault.escapes import TerminalFilter
from protocol.events import ChannelOpened, CommandOutput, Event, TerminalOutput, TerminalResized

SMALLEST_SIZE = 2
LARGEST_COLUMNS = 500
LARGEST_ROWS = 300
"""A size in a recording is its agent's claim: an emulator of 2³¹ columns would be all our memory."""

_ALTERNATE_SCREEN = re.compile(r"\x1b\[\?(?:47|1047|1049)([hl])")
_PLAIN_LINES = re.compile(r"(?:(?:[^\x00-\x1f\x7f-\x9f]|\t|\x1b\[[0-9;]*m)*\r\n)+")
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_RESET = re.compile(r"\x1b\[0?m")
_FLOOD_SCREENS = 3
"""Fewer screens of plain lines than this are quicker drawn than cut."""
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


class Emulator:
    """What a terminal would show. Feed it raw recorded output; read `screen`."""

    def __init__(self, columns: int = 80, rows: int = 24, on_line: Callable[[int, str], None] | None = None) -> None:
        self.filter = TerminalFilter()
        self.drawn_characters = 0
        """How much went through cells so far: what feeding it again would cost."""
        self._on_line = on_line or _ignore
        columns, rows = bounded_size(columns, rows)
        self.main = Screen(columns, rows, self._on_line)
        self.alternate: Screen | None = None
        self._stream = pyte.Stream(self.main)

    @property
    def screen(self) -> Screen:
        return self.alternate or self.main

    @property
    def is_full_screen(self) -> bool:
        return self.alternate is not None

    def feed(self, data: bytes) -> None:
        text = self.filter.feed(data)
        position = 0
        for switch in _ALTERNATE_SCREEN.finditer(text):
            self._draw(text[position : switch.start()])
            self.switch(to_alternate=switch[1] == "h")
            position = switch.end()
        self._draw(text[position:])

    def resize(self, columns: int, rows: int) -> None:
        columns, rows = bounded_size(columns, rows)
        for screen in (self.main, self.alternate):
            if screen is not None:
                screen.resize(rows, columns)

    def finish(self) -> None:
        """Hands out what still stands there."""
        self.switch(to_alternate=False)
        self.main.lose_all()
        self.main.buffer.clear()

    def text_rows(self) -> list[str]:
        """The screen as text, top to bottom."""
        return [self.screen.line(row) for row in range(self.screen.lines)]

    def switch(self, *, to_alternate: bool) -> None:
        """What the sequences for the alternate screen do; nothing where it already is so."""
        if to_alternate and self.alternate is None:
            for row in range(self.main.cursor.y):  # these stood there before the full-screen program began
                self._on_line(self.main.scrolled_away + row, self.main.line(row))
            self.begin_alternate()
        elif not to_alternate and self.alternate is not None:
            for text in self.text_rows():
                if text:
                    self._on_line(-1, text)
            self.alternate = None
            self._stream = pyte.Stream(self.main)
            self.main.dirty.update(range(self.main.lines))

    def begin_alternate(self) -> None:
        """An empty alternate screen, without a word about the lines of the main one."""
        self.alternate = Screen(self.main.columns, self.main.lines, _ignore)
        self._stream = pyte.Stream(self.alternate)

    def _draw(self, text: str) -> None:
        position = 0
        while (flood := self._find_flood(text, position)) is not None:
            begin, end, rows = flood
            self._feed_stream(text[position:begin])
            if not self.main.can_scroll_by:
                break
            self._feed_stream(_last_styles(text[begin:end]))
            self.main.scroll_by(rows)
            position = end
            begin = end
        else:
            begin = position
        self._feed_stream(text[begin:])

    def _find_flood(self, text: str, position: int) -> tuple[int, int, list[tuple[str, bool]]] | None:
        """The middle of a run of plain lines, as `(begin, end, rows)`: a screenful behind it stays, and one before it
        that takes the cursor to the last row, unless it is there."""
        lines = self.main.lines
        if self.alternate is not None or text.count("\n", position) < _FLOOD_SCREENS * lines:
            return None
        for run in _PLAIN_LINES.finditer(text, position):
            pieces = run.group().splitlines(keepends=True)
            if len(pieces) < _FLOOD_SCREENS * lines:
                continue
            if len(pieces) != run.group().count("\n"):
                return None  # it holds separators of Unicode that are no line ends to a terminal
            head = 0 if run.start() == position and self.main.can_scroll_by else lines
            middle = pieces[head:-lines]
            rows: list[tuple[str, bool]] = []
            for piece in middle:
                cut = _rows_of(_STYLE.sub("", piece[:-2]), self.main.columns)
                if cut is None:
                    return None
                rows += cut
            begin = run.start() + sum(map(len, pieces[:head]))
            return begin, begin + sum(map(len, middle)), rows
        return None

    def _feed_stream(self, text: str) -> None:
        self.drawn_characters += len(text)
        self._stream.feed(text)


def show_event(emulator: Emulator, event: Event, channel: int) -> None:
    """Feeds one channel's emulator with whatever an event says about it."""
    match event:
        case TerminalOutput(channel=number) if number == channel:
            emulator.feed(event.data)
        case CommandOutput(channel=number) if number == channel:
            emulator.feed(terminal_bytes(event))
        case TerminalResized(channel=number) if number == channel:
            emulator.resize(event.columns, event.rows)
        case ChannelOpened(channel=number, columns=columns) if number == channel and columns:
            emulator.resize(columns, event.rows)


def terminal_bytes(event: TerminalOutput | CommandOutput) -> bytes:
    """Output as a terminal takes it: without one, nobody has put a carriage return before each line feed."""
    return event.data.replace(b"\n", b"\r\n") if isinstance(event, CommandOutput) else event.data


def _rows_of(line: str, columns: int) -> list[tuple[str, bool]] | None:
    """A plain line as the rows that it takes, each with whether it goes on; None if that is left to the emulator."""
    if "\t" in line:
        line = line.expandtabs(8)
        if len(line) >= columns:
            return None
    if line.isascii():
        last = max(len(line) - 1, 0) // columns * columns
        return [(line[at : at + columns].rstrip(), at < last) for at in range(0, last + 1, columns)]
    return None if len(line) * 2 > columns or not all(map(_is_spacing, line)) else [(line.rstrip(), False)]


def _last_styles(text: str) -> str:
    """The colour changes in a text that still count at its end."""
    styles = _STYLE.findall(text)
    for at in range(len(styles) - 1, -1, -1):
        if _RESET.fullmatch(styles[at]):
            return "".join(styles[at:])
    return "".join(styles)


@lru_cache(maxsize=4096)
def _is_drawn(character: str) -> bool:
    """Whether pyte knows what to do with it: it gives up on characters without a width that combine with nothing."""
    return wcwidth(character) > 0 or unicodedata.combining(character) > 0


@lru_cache(maxsize=4096)
def _is_spacing(character: str) -> bool:
    return wcwidth(character) > 0


def _ignore(_number: int, _text: str) -> None:
    return
