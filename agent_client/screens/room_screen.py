"""The shared terminal as cells: what programs put out is interpreted here and never reaches the customer's terminal.

Emulation is pyte's, with three layers of our own around it:

    EscapeFilter   takes away what pyte would misread (device strings, titles, private sequences), whole or in pieces
    _Cells         pyte's screen, forgiving: hostile parameters change nothing, a letter carries at most three marks,
                   no sequence resizes the screen; the alternate screen of editors is kept apart
    RoomScreen     bytes in, rows of escapes of our own making out
"""

import codecs
import copy
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pyte
from rich.cells import cell_len

_STRING = r"[\]PX^_][^\x1b\x07\x9c\x18\x1a]*(?:\x07|\x1b\\|[\x18\x1a]|(?=\x1b[^\\]))"
_DROPPED = re.compile(
    rf"\x1b{_STRING}"  # titles, colours, clipboard, device control: strings for a terminal, not for a screen
    r"|\x1b\[[<=>][0-?]*[ -/]*[@-~]"  # private marks that pyte reads as if they were not there
    r"|\x1b\[[0-?]*[ -/]+[@-~]"  # cursor shapes, soft resets
    r"|[\x80-\x9f]"  # C1 controls: nobody sends them in UTF-8 in good faith
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x1b\x07\x18\x1a]*\x1b?|[ -/]*)?\Z")
_SUB_PARAMETERS = re.compile(r"\x1b\[[0-9;:]*:[0-9;:]*m")

CARRY_LIMIT_CHARACTERS = 4096
"""Longest beginning of a sequence that is kept for its end; a longer one is thrown away."""

MARKS_PER_LETTER = 3
"""Combining marks on one cell; more are not writing but an attack on the screen."""

_ALTERNATE_SCREEN = frozenset({47, 1047, 1049})
_COLUMN_MODE = 3
_APPLICATION_CURSOR = 1 << 5
_BRACKETED_PASTE = 2004 << 5


class EscapeFilter:
    """Text in, the same text without sequences that are not for a screen; keeps what a read cut in two."""

    def __init__(self) -> None:
        self._carry = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> str:
        text = self._carry + self._decoder.decode(data)
        self._carry = ""
        text = _DROPPED.sub("", text)
        if "\x1b" in text:
            text = _SUB_PARAMETERS.sub(lambda match: match.group().replace("::", ":").replace(":", ";"), text)
            last = text.rfind("\x1b")
            # A string may hold one ESC of its terminator, so its beginning may be the last but one.
            for start in (text.rfind("\x1b", 0, last), last):
                if start >= 0 and _UNFINISHED.match(text, start):
                    if len(text) - start <= CARRY_LIMIT_CHARACTERS:
                        self._carry = text[start:]
                    text = text[:start]
                    break
        return text

    def reset(self) -> None:
        """Bytes are missing from here on: no half sequence is finished by what follows."""
        self._carry = ""
        self._decoder.reset()


class _Cells(pyte.Screen):
    """pyte's screen, where nothing that a program sends can raise, resize or pile up."""

    def __init__(self, columns: int, rows: int) -> None:
        self._main: tuple[Any, int, int] | None = None
        self._last_drawn = " "
        super().__init__(columns, rows)

    def draw(self, data: str) -> None:
        if not (data.isascii() and data.isprintable()):
            data = _drawable(data)
        if data:
            self._last_drawn = data[-1]
            super().draw(data)

    def repeat_last(self, count: int = 1) -> None:
        """REP: ncurses draws rules with it."""
        self.draw(self._last_drawn * min(count or 1, self.columns * self.lines))

    def scroll_up(self, count: int = 1) -> None:
        self._at_margin(top=True, act=lambda: self.delete_lines(count or 1))

    def scroll_down(self, count: int = 1) -> None:
        self._at_margin(top=True, act=lambda: self.insert_lines(count or 1))

    def _at_margin(self, *, top: bool, act: Callable[[], None]) -> None:
        x, y = self.cursor.x, self.cursor.y
        self.cursor.y = self.margins.top if self.margins and top else 0
        act()
        self.cursor.x, self.cursor.y = x, y

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        if kwargs.get("private"):
            if _ALTERNATE_SCREEN & set(modes) and self._main is None:
                self._main = ({y: copy.copy(line) for y, line in self.buffer.items()}, self.cursor.x, self.cursor.y)
                self.erase_in_display(2)
            modes = tuple(mode for mode in modes if mode != _COLUMN_MODE)
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        if kwargs.get("private"):
            if _ALTERNATE_SCREEN & set(modes) and self._main is not None:
                lines, x, y = self._main
                self._main = None
                self.buffer.clear()
                self.buffer.update({at: line for at, line in lines.items() if at < self.lines})
                self.cursor.x, self.cursor.y = min(x, self.columns - 1), min(y, self.lines - 1)
            modes = tuple(mode for mode in modes if mode != _COLUMN_MODE)
        super().reset_mode(*modes, **kwargs)


class _Forgiving:
    """Stands between stream and screen: a sequence with parameters that its handler does not take is no sequence."""

    def __init__(self, cells: _Cells) -> None:
        for event in _Stream.events:
            setattr(self, event, self._forgiving(getattr(cells, event)))

    @staticmethod
    def _forgiving(handler: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any, **keywords: Any) -> None:
            try:
                handler(*arguments, **keywords)
            except (TypeError, ValueError, IndexError, KeyError, AttributeError, UnboundLocalError):
                return  # the last one is pyte's answer to an erase of a kind that does not exist (CSI 5 J)

        return call


class _Stream(pyte.Stream):
    csi = {**pyte.Stream.csi, "S": "scroll_up", "T": "scroll_down", "b": "repeat_last"}  # noqa: RUF012  # as pyte declares it
    events = pyte.Stream.events | {"scroll_up", "scroll_down", "repeat_last"}


class RoomScreen:
    """One shared terminal of `columns` × `rows`."""

    def __init__(self, columns: int, rows: int) -> None:
        self._filter = EscapeFilter()
        self._cells = _Cells(columns, rows)
        self._stream = _Stream(_Forgiving(self._cells))  # type: ignore[arg-type]  # has every event, which is all that it is asked

    @property
    def size(self) -> tuple[int, int]:
        return self._cells.columns, self._cells.lines

    @property
    def cursor(self) -> tuple[int, int] | None:
        """Column and row from 0; None while programs hide it."""
        cursor = self._cells.cursor
        return None if cursor.hidden else (min(cursor.x, self._cells.columns - 1), cursor.y)

    @property
    def wants_application_keys(self) -> bool:
        return _APPLICATION_CURSOR in self._cells.mode

    @property
    def wants_bracketed_paste(self) -> bool:
        return _BRACKETED_PASTE in self._cells.mode

    def feed(self, data: bytes) -> None:
        self._stream.feed(self._filter.feed(data))

    def skip(self) -> None:
        """Output was left out here."""
        self._filter.reset()
        self._stream.feed("\x18")

    def resize(self, columns: int, rows: int) -> None:
        self._cells.resize(rows, columns)
        cursor = self._cells.cursor
        cursor.x, cursor.y = min(cursor.x, columns - 1), min(cursor.y, rows - 1)

    def text(self) -> list[str]:
        """The rows as plain text."""
        return [line.rstrip() for line in self._cells.display]

    def painted(self, *, colour: bool) -> list[str]:
        """Each row as escapes of our own making: colours and weights from a fixed list, text without controls."""
        columns, rows = self.size
        return [_painted(self._cells.buffer[y], columns, colour=colour) for y in range(rows)]


_COLOUR_CODES = {
    name: code
    for code, name in enumerate(("black", "red", "green", "brown", "blue", "magenta", "cyan", "white"))
}  # fmt: skip


def _painted(line: Any, columns: int, *, colour: bool) -> str:
    parts: list[str] = []
    style = ""
    width = 0
    for x in range(columns):
        cell = line[x]
        if not cell.data:
            continue
        wanted = _style(cell, colour=colour)
        if wanted != style:
            parts.append(f"\x1b[0{wanted}m")
            style = wanted
        width += cell_len(cell.data)
        if width > columns:
            break
        parts.append(cell.data)
    if style:
        parts.append("\x1b[0m")
    return "".join(parts).rstrip(" ")


def _style(cell: Any, *, colour: bool) -> str:
    code = ""
    if cell.bold:
        code += ";1"
    if cell.italics:
        code += ";3"
    if cell.underscore:
        code += ";4"
    if cell.reverse:
        code += ";7"
    if cell.strikethrough:
        code += ";9"
    if colour:
        code += _colour(cell.fg, 30) + _colour(cell.bg, 40)
    return code


def _colour(name: str, base: int) -> str:
    if name == "default":
        return ""
    bright = name.startswith("bright")
    plain = name.removeprefix("bright").replace("yellow", "brown")
    if plain in _COLOUR_CODES:
        return f";{base + 60 * bright + _COLOUR_CODES[plain]}"
    if len(name) == 6 and all(digit in "0123456789abcdef" for digit in name):
        red, green, blue = (int(name[at : at + 2], 16) for at in (0, 2, 4))
        return f";{base + 8};2;{red};{green};{blue}"
    return ""


def _drawable(text: str) -> str:
    """Only what takes up a cell, or marks the letter before it, and no more than a few marks in a row."""
    kept: list[str] = []
    marks = 0
    for character in text:
        if unicodedata.combining(character):
            marks += 1
            if marks <= MARKS_PER_LETTER:
                kept.append(character)
            continue
        marks = 0
        if character.isprintable() and cell_len(character) > 0:
            kept.append(character)
        elif unicodedata.category(character) == "Zs":
            kept.append(" ")
    return "".join(kept)
