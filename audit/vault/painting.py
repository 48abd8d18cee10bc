"""Draws an emulator's cells on a reader's terminal: text and colours of our own making, never recorded bytes."""

import unicodedata

from audit.vault.emulator import Emulator

_NAMES = {"black": 0, "red": 1, "green": 2, "brown": 3, "blue": 4, "magenta": 5, "cyan": 6, "white": 7}
_HEX_DIGITS = frozenset("0123456789abcdef")


def paint(emulator: Emulator, columns: int, rows: int, status: str, *, colours: bool = True) -> str:
    """One whole picture of `columns` × `rows`, the last row being the status line.

    If the recorded screen is larger, the part around its cursor is shown.
    """
    screen = emulator.screen
    height = max(rows - 1, 1)
    first_row = min(max(screen.cursor.y - height + 1, 0), max(screen.lines - height, 0))
    first_column = max(screen.cursor.x - columns + 1, 0) if screen.columns > columns else 0
    out = ["\x1b[?25l"]
    for row in range(height):
        out.append(f"\x1b[{row + 1};1H\x1b[0m")
        if first_row + row < screen.lines:
            out.append(_paint_row(emulator, first_row + row, first_column, columns, colours))
        out.append("\x1b[0m\x1b[K")
    out.append(f"\x1b[{rows};1H\x1b[0m\x1b[7m{fit(status, columns)}\x1b[0m")
    return "".join(out)


def fit(text: str, columns: int) -> str:
    """Exactly so many columns of text, cut or filled up. East Asian wide characters take two."""
    width, out = 0, []
    for character in text:
        step = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width + step > columns:
            break
        width += step
        out.append(character)
    return "".join(out) + " " * (columns - width)


def _paint_row(emulator: Emulator, row: int, first_column: int, columns: int, colours: bool) -> str:
    screen = emulator.screen
    cells = screen.buffer[row]
    out, last_style = [], "\x1b[0m"
    for column in range(first_column, min(first_column + columns, screen.columns)):
        cell = cells[column]
        is_cursor = (row, column) == (screen.cursor.y, screen.cursor.x) and not screen.cursor.hidden
        style = style_sequence(cell, is_cursor=is_cursor, colours=colours)
        if style != last_style:
            out.append(style)
            last_style = style
        out.append("".join(c if c.isprintable() else "\ufffd" for c in cell.data) if cell.data else "")
    return "".join(out)


def style_sequence(cell: object, *, is_cursor: bool = False, colours: bool = True) -> str:
    """What sets the style of one of pyte's cells, whatever style was set before."""
    codes = ["0"]
    for name, code in (("bold", "1"), ("italics", "3"), ("underscore", "4"), ("strikethrough", "9")):
        if getattr(cell, name):
            codes.append(code)
    if getattr(cell, "reverse") is not is_cursor:  # noqa: B009  # pyte's cells have no types
        codes.append("7")
    if colours:
        codes += _colour(str(getattr(cell, "fg")), 30) + _colour(str(getattr(cell, "bg")), 40)  # noqa: B009
    return f"\x1b[{';'.join(codes)}m"


def _colour(name: str, base: int) -> list[str]:
    """pyte names the sixteen colours and writes all others as rrggbb."""
    plain = name.removeprefix("bright")
    if plain in _NAMES:
        return [str(base + _NAMES[plain] + (60 if plain != name else 0))]
    if len(name) == 6 and _HEX_DIGITS.issuperset(name):
        return [str(base + 8), "2", *(str(int(name[at : at + 2], 16)) for at in (0, 2, 4))]
    return []
