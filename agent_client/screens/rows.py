"""Rows of styled text, cut to a width in cells and turned into terminal escapes.

Texts pass `safe_text` on their way into a span made by `say`-d words or by an engineer: nothing here can move a cursor.
"""

from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len, chop_cells

from wording import safe_text
from wording.line_breaks import broken

Style = Literal["plain", "bold", "dim", "title", "warning", "good", "key", "bar"]

_COLOURED: dict[Style, str] = {
    "plain": "",
    "bold": "1",
    "dim": "2",
    "title": "1;36",
    "warning": "1;33",
    "good": "32",
    "key": "1;7",
    "bar": "7",
}
_UNCOLOURED: dict[Style, str] = {**_COLOURED, "title": "1", "warning": "1", "good": ""}
"""NO_COLOR (no-color.org) asks for no colour; weight and reverse are none."""


@dataclass(frozen=True, slots=True)
class Span:
    """Text in one style."""

    text: str
    style: Style = "plain"


Row = tuple[Span, ...]
BLANK: Row = ()


def row(*spans: Span | str) -> Row:
    return tuple(Span(span) if isinstance(span, str) else span for span in spans)


def row_cells(line: Row) -> int:
    """How many columns it takes."""
    return sum(cell_len(span.text) for span in line)


def shown(text: str, limit_cells: int = 200) -> str:
    """Somebody else's text on one line: escaped, and cut with an ellipsis where it is long."""
    safe = safe_text(text)
    if cell_len(safe) <= limit_cells:
        return safe
    return next(iter(chop_cells(safe, max(limit_cells - 1, 1))), "") + "…"


def wrapped(text: str, width: int) -> list[str]:
    """`text` over several lines of at most `width` cells, broken where its script allows it."""
    return [line.rstrip(" ") for paragraph in text.splitlines() or [""] for line in broken(paragraph, width)]


def flowed(parts: list[Row], width: int) -> list[Row]:
    """The parts one behind the other, on as many lines as that takes; none of them is broken."""
    lines: list[Row] = []
    left = 0
    for part in parts:
        cells = row_cells(part)
        if not lines or cells > left:
            lines.append(row("  "))
            left = width - 2
        lines[-1] = (*lines[-1], *part)
        left -= cells
    return lines


def fitted(rows: list[Row], height: int, *, last: int) -> list[Row]:
    """At most `height` rows. Blank ones go first, then what stands right before the `last` ones, which stay."""
    head, tail = rows[: len(rows) - last], rows[len(rows) - last :]
    for part in (head, tail):
        for number in reversed(range(len(part))):
            if len(head) + len(tail) > height and part[number] == BLANK:
                del part[number]
    return [*head[: max(height - len(tail), 0)], *tail][:height]


def paint(line: Row, width: int, *, colour: bool) -> str:
    """One line of the screen: escapes and exactly `width` cells or fewer; ends with attributes off.

    A line that ends in a bar fills the width with it.
    """
    codes = _COLOURED if colour else _UNCOLOURED
    left = width
    parts: list[str] = []
    for span in line:
        text = span.text
        if cell_len(text) > left:
            text = next(iter(chop_cells(text, left)), "") if left > 1 else ""
        if not text:
            continue
        left -= cell_len(text)
        code = codes[span.style]
        parts.append(f"\x1b[{code}m{text}\x1b[0m" if code else text)
    if line and line[-1].style == "bar" and left > 0:
        parts.append(f"\x1b[{codes['bar']}m{' ' * left}\x1b[0m")
    return "".join(parts)


def clock_text(milliseconds: int) -> str:
    """`9:41`, or `1:02:03`."""
    seconds = max(milliseconds, 0) // 1000
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def size_text(byte_count: int) -> str:
    """`812 B`, `4.2 MB`: short enough for a status line."""
    if byte_count < 1000:
        return f"{byte_count} B"
    if byte_count < 1_000_000:
        return f"{byte_count / 1e3:.1f} kB"
    return f"{byte_count / 1e6:.1f} MB" if byte_count < 1_000_000_000 else f"{byte_count / 1e9:.1f} GB"
