"""Render a terminal cast, or two side by side, as one SVG that needs nothing from any other host.

    python tools/render_cast.py LEFT.cast [RIGHT.cast] --at MOMENT --title TEXT [--title TEXT] --out PICTURE.svg

A cast is asciicast version 3 (https://docs.asciinema.org/manual/asciicast/v3/), as `tools/take_picture.py` records and
`consentry audit export --format asciicast` writes. MOMENT is the label of a marker (the last one with that label), a
number of seconds, or `end`. Each cast is played into pyte up to its own moment; what stands on the screen then is drawn
by Rich's SVG export. Rich's own template names fonts on a web host; this one names fonts that readers have.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any

import pyte
from rich.cells import cell_len
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ASCIICAST_VERSION = 3

END = "end"

GAP_PX = 24
"""Between two screens, in Rich's own pixels (a character is 20 high)."""

MONOSPACE = (
    "ui-monospace, SFMono-Regular, 'SF Mono', Menlo, 'Cascadia Mono', Consolas, 'DejaVu Sans Mono', "
    "'Liberation Mono', monospace"
)
SANS = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"

THEME = TerminalTheme(
    background=(22, 24, 33),
    foreground=(214, 218, 230),
    normal=[
        (38, 42, 56),
        (240, 113, 120),
        (149, 214, 139),
        (250, 201, 110),
        (122, 162, 247),
        (200, 146, 234),
        (115, 210, 222),
        (198, 204, 219),
    ],
    bright=[
        (92, 99, 120),
        (255, 139, 146),
        (173, 231, 163),
        (255, 218, 140),
        (150, 185, 255),
        (218, 172, 246),
        (145, 228, 238),
        (245, 247, 252),
    ],
)
"""Contrast with the background is at least 4.5 for every colour that text is written in (WCAG 2.2, 1.4.3)."""

SCREEN = """\
<svg class="rich-terminal" x="{{offset}}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
<style>
.{unique_id}-matrix {{ font-family: {monospace}; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-family: {sans}; font-size: 18px; font-weight: 600; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>"""

_NAMED_COLOURS = {"brown": "yellow", "brightbrown": "bright_yellow"}
_TEXT_LENGTH = re.compile(r'(<text [^>]*textLength=")([\d.]+)("[^>]*>)([^<]*)</text>')
_HEX_COLOUR = re.compile(r"[0-9a-f]{6}")


class CastError(Exception):
    """The cast, or the moment that was asked for, cannot be used; the text says why."""


@dataclass(frozen=True)
class Cast:
    """`events` are `(seconds since the start, code, data)`; o is output, r a new size, m a marker."""

    columns: int
    rows: int
    events: tuple[tuple[float, str, str], ...]

    def moment(self, name: str) -> float:
        """Seconds since the start. Raises CastError."""
        if name == END:
            return self.events[-1][0] if self.events else 0.0
        marked = [seconds for seconds, code, data in self.events if (code, data) == ("m", name)]
        if marked:
            return marked[-1]
        try:
            return float(name)
        except ValueError:
            raise CastError(f"there is no marker {name!r} in this cast, and it is no number of seconds") from None


def read_cast(text: str) -> Cast:
    """Raises CastError."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    try:
        header, events = json.loads(lines[0]), [json.loads(line) for line in lines[1:]]
        if header["version"] != ASCIICAST_VERSION:
            raise CastError(f"this is version {header['version']} of asciicast; version {ASCIICAST_VERSION} is needed")
        columns, rows = int(header["term"]["cols"]), int(header["term"]["rows"])
        return Cast(columns, rows, tuple(_with_times(events)))
    except (IndexError, KeyError, TypeError, ValueError):
        raise CastError("this is not an asciicast") from None


def _with_times(events: Sequence[Any]) -> Iterator[tuple[float, str, str]]:
    """Version 3 states the time since the line before."""
    seconds = 0.0
    for interval, code, data in events:
        seconds += float(interval)
        yield seconds, str(code), str(data)


def screen_at(cast: Cast, seconds: float) -> pyte.Screen:
    """What stood on the screen at that moment, its own events included."""
    screen = pyte.Screen(cast.columns, cast.rows)
    stream = pyte.Stream(screen)
    for at_seconds, code, data in cast.events:
        if at_seconds > seconds:
            break
        if code == "o":
            stream.feed(data)
        elif code == "r":
            columns, _, rows = data.partition("x")
            screen.resize(int(rows), int(columns))
    return screen


def screen_text(screen: pyte.Screen, rows: int) -> Text:
    """The cells row by row, the cursor reversed if it shows. Neighbours of one style stand together."""
    text = Text(no_wrap=True)
    for y in range(rows):
        cells = [screen.buffer[y][x] for x in range(screen.columns)]
        marks = [not screen.cursor.hidden and (y, x) == (screen.cursor.y, screen.cursor.x) for x in range(len(cells))]
        for style, run in groupby(zip(cells, marks, strict=True), key=lambda each: _style(each[0], is_cursor=each[1])):
            # The right half of a wide character is a cell without data.
            text.append("".join(cell.data for cell, _ in run), style)
        text.append("\n")
    return text


def _style(cell: Any, *, is_cursor: bool) -> Style:
    """A reversed cell is written with its colours exchanged: Rich's export draws no background of a default colour."""
    colour, background = _colour(cell.fg), _colour(cell.bg)
    if cell.reverse is not is_cursor:
        colour, background = (
            background or Color.from_triplet(THEME.background_color),
            colour or Color.from_triplet(THEME.foreground_color),
        )
    return Style(
        color=colour, bgcolor=background, bold=cell.bold or None, italic=cell.italics or None,
        underline=cell.underscore or None, strike=cell.strikethrough or None,
    )  # fmt: skip


def _colour(name: str) -> Color | None:
    """pyte names the sixteen colours and writes all others as rrggbb."""
    if name == "default":
        return None
    if _HEX_COLOUR.fullmatch(name):
        return Color.parse(f"#{name}")
    return Color.parse(_NAMED_COLOURS.get(name, name.replace("bright", "bright_")))


def render(panels: Sequence[tuple[str, pyte.Screen]], description: str) -> str:
    """One SVG of titled screens side by side. `description` is for those who cannot see it."""
    rows = max(_rows_in_use(screen) for _, screen in panels)
    parts: list[str] = []
    width, height = 0, 0
    for number, (title, screen) in enumerate(panels):
        svg, panel_width, panel_height = _panel(title, screen, rows, f"screen{number}")
        width += GAP_PX if number else 0
        parts.append(svg.replace("{offset}", str(width)))
        width += panel_width
        height = max(height, panel_height)
    picture = "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" width="{width}">',
            f"<title>{escape(description)}</title>",
            *parts,
            "</svg>",
        ]
    )
    return "\n".join(line.strip() for line in picture.splitlines() if line.strip()) + "\n"


def _rows_in_use(screen: pyte.Screen) -> int:
    """Without the empty rows at the bottom."""
    written = [y for y, line in enumerate(screen.display) if line.strip()]
    return max([*written, 0 if screen.cursor.hidden else screen.cursor.y], default=0) + 1


def _panel(title: str, screen: pyte.Screen, rows: int, unique_id: str) -> tuple[str, int, int]:
    console = Console(
        record=True, width=screen.columns, file=StringIO(), force_terminal=True, color_system="truecolor",
        legacy_windows=False, no_color=False,
    )  # fmt: skip
    console.print(screen_text(screen, min(rows, screen.lines)), soft_wrap=True)
    template = SCREEN.replace("{monospace}", MONOSPACE).replace("{sans}", SANS)
    svg = console.export_svg(title=title, theme=THEME, code_format=template, unique_id=unique_id)
    svg = _TEXT_LENGTH.sub(_measured, svg)
    size = re.search(r'width="(\d+)" height="([\d.]+)"', svg)
    assert size is not None, "the template states both"
    return svg, int(size[1]), round(float(size[2]))


def _measured(element: re.Match[str]) -> str:
    """Rich counts characters where it has to count cells: wide ones would be squeezed into half their room.

    Blanks at the end of a run draw nothing: backgrounds are rectangles of their own.
    """
    before, length, between, content = element.groups()
    characters = unescape(content)
    cell_px = float(length) / max(len(characters), 1)
    seen = characters.rstrip()
    if not seen:
        return ""
    shown = escape(seen, quote=False).replace("\xa0", "&#160;")
    return f"{before}{cell_px * cell_len(seen):g}{between}{shown}</text>"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Render one or two terminal casts as an SVG.")
    parser.add_argument("casts", nargs="+", type=Path, metavar="CAST")
    parser.add_argument("--at", action="append", metavar="MOMENT", help="marker, seconds or end; once for each cast")
    parser.add_argument("--title", action="append", metavar="TEXT", help="above each screen, in order")
    parser.add_argument("--description", default="A terminal session", help="for those who cannot see the picture")
    parser.add_argument("--out", required=True, type=Path, metavar="SVG")
    wanted = parser.parse_args(arguments)
    moments = (wanted.at or [END]) * len(wanted.casts)
    titles = [*(wanted.title or []), *[""] * len(wanted.casts)]
    panels = []
    for path, moment, title in zip(wanted.casts, moments, titles, strict=False):
        try:
            cast = read_cast(path.read_text(encoding="utf-8"))
            panels.append((title, screen_at(cast, cast.moment(moment))))
        except (CastError, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    wanted.out.write_text(render(panels, wanted.description), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
