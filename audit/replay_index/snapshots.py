"""A terminal's state, to be kept and to be gone on from: for ourselves as cells, for players as a drawing.

`take` and `restore` are exact: a restored emulator shows what the first one showed, and goes on showing what that one
would. `draw` writes the same state as escape sequences, for asciinema's segments: another terminal that is fed these
looks alike and goes on alike, but for tab stops and the saved cursor, which drawing cannot set without a trace.
"""

from collections.abc import Iterator

from msgspec import Struct
from pyte import charsets, modes
from pyte.screens import Char, Cursor, Margins, Savepoint
from wcwidth import wcwidth

from audit.vault.emulator import Emulator
from audit.vault.escapes import FilterState
from audit.vault.painting import style_sequence
from audit.vault.screen import Screen

Style = tuple[str, str, bool, bool, bool, bool, bool, bool]
"""Foreground, background, bold, italics, underscore, strikethrough, reverse, blink."""

_CHARSETS = {id(table): name for name, table in charsets.MAPS.items()}


class Run(Struct, frozen=True, array_like=True):
    """Cells of one style from a column on. `style` counts in the screen's list; the second cell of a wide one is ""."""

    column: int
    style: int
    cells: tuple[str, ...]


class CursorState(Struct, frozen=True, array_like=True):
    """Where the cursor is, and in which style it writes."""

    x: int
    y: int
    style: Style
    hidden: bool


class SavedCursor(Struct, frozen=True, array_like=True):
    """What DECSC kept of it."""

    cursor: CursorState
    g0: str
    g1: str
    charset: int
    origin: bool
    wrap: bool


class ScreenState(Struct, frozen=True, array_like=True):
    """One screen. `rows` holds those in which something was drawn, by their number from the top."""

    columns: int
    lines: int
    styles: tuple[Style, ...]
    rows: tuple[tuple[int, tuple[Run, ...]], ...]
    cursor: CursorState
    modes: tuple[int, ...]
    margins: tuple[int, int] | None
    g0: str
    g1: str
    charset: int
    tab_stops: tuple[int, ...]
    saved: tuple[SavedCursor, ...]
    scrolled_away: int
    wrapping: tuple[int, ...]


class TerminalState(Struct, frozen=True, array_like=True):
    """A whole terminal: both screens, and where the filter before it stands."""

    filter: FilterState
    main: ScreenState
    alternate: ScreenState | None


def take(emulator: Emulator) -> TerminalState:
    alternate = _take_screen(emulator.alternate) if emulator.alternate else None
    return TerminalState(emulator.filter.state, _take_screen(emulator.main), alternate)


def restore(state: TerminalState, emulator: Emulator | None = None) -> Emulator:
    """Into a new emulator, or into one that nothing was fed to."""
    emulator = emulator or Emulator()
    _restore_screen(state.main, emulator.main)
    if state.alternate is not None:
        emulator.begin_alternate()
        _restore_screen(state.alternate, emulator.screen)
    emulator.filter.restore(state.filter)
    return emulator


def draw(state: TerminalState) -> str:
    """Escape sequences that make a fresh terminal of the same size look like this one."""
    drawn = _draw_screen(state.main)
    if state.alternate is not None:
        drawn += "\x1b[?1049h\x1b[r\x1b[0m\x1b[2J" + _draw_screen(state.alternate)
    return drawn


# ── cells ──


def _take_screen(screen: Screen) -> ScreenState:
    styles: dict[Style, int] = {}
    rows = tuple((row, tuple(_runs(screen, row, styles))) for row in range(screen.lines) if screen.buffer.get(row))
    margins = (screen.margins.top, screen.margins.bottom) if screen.margins else None
    return ScreenState(
        columns=screen.columns,
        lines=screen.lines,
        styles=tuple(styles),
        rows=rows,
        cursor=_take_cursor(screen.cursor),
        modes=tuple(sorted(screen.mode)),
        margins=margins,
        g0=_CHARSETS.get(id(screen.g0_charset), "B"),
        g1=_CHARSETS.get(id(screen.g1_charset), "0"),
        charset=screen.charset,
        tab_stops=tuple(sorted(screen.tabstops)),
        saved=tuple(
            SavedCursor(
                _take_cursor(saved.cursor),
                _CHARSETS.get(id(saved.g0_charset), "B"),
                _CHARSETS.get(id(saved.g1_charset), "0"),
                saved.charset,
                saved.origin,
                saved.wrap,
            )
            for saved in screen.savepoints
        ),
        scrolled_away=screen.scrolled_away,
        wrapping=tuple(sorted(screen.wrapping)),
    )


def _runs(screen: Screen, row: int, styles: dict[Style, int]) -> Iterator[Run]:
    cells = screen.buffer[row]
    begin = expected = -1
    style: Style | None = None
    texts: list[str] = []
    for column in sorted(cells):
        cell = cells[column]
        if column != expected or _style_of(cell) != style:
            if style is not None:
                yield Run(begin, styles.setdefault(style, len(styles)), tuple(texts))
            begin, style, texts = column, _style_of(cell), []
        texts.append(cell.data)
        expected = column + 1
    if style is not None:
        yield Run(begin, styles.setdefault(style, len(styles)), tuple(texts))


def _style_of(cell: Char) -> Style:
    _, fg, bg, bold, italics, underscore, strikethrough, reverse, blink = cell
    return fg, bg, bold, italics, underscore, strikethrough, reverse, blink


def _restore_screen(state: ScreenState, screen: Screen) -> None:
    screen.resize(state.lines, state.columns)
    for row, runs in state.rows:
        line = screen.buffer[row]
        for run in runs:
            style = state.styles[run.style]
            for at, text in enumerate(run.cells):
                line[run.column + at] = Char(text, *style)
    screen.cursor = _restore_cursor(state.cursor)
    screen.mode = set(state.modes)
    screen.margins = Margins(*state.margins) if state.margins else None
    screen.g0_charset, screen.g1_charset = charsets.MAPS[state.g0], charsets.MAPS[state.g1]
    screen.charset = state.charset
    screen.tabstops = set(state.tab_stops)
    screen.savepoints = [
        Savepoint(
            _restore_cursor(saved.cursor),
            charsets.MAPS[saved.g0],
            charsets.MAPS[saved.g1],
            saved.charset,
            saved.origin,
            saved.wrap,
        )
        for saved in state.saved
    ]
    screen.scrolled_away = state.scrolled_away
    screen.wrapping = set(state.wrapping)
    screen.dirty.clear()
    screen.dirty.update(range(screen.lines))


def _take_cursor(cursor: Cursor) -> CursorState:
    return CursorState(cursor.x, cursor.y, _style_of(cursor.attrs), cursor.hidden)


def _restore_cursor(state: CursorState) -> Cursor:
    cursor = Cursor(state.x, state.y, Char(" ", *state.style))
    cursor.hidden = state.hidden
    return cursor


# ── drawing ──

_WIDE = "\u3000"
"""Takes two cells."""


def _draw_screen(state: ScreenState) -> str:
    out = ["\x1b[0m"]
    for row, runs in state.rows:
        for run in runs:
            # The emulator keeps what an insertion pushed out at the right; a terminal would wrap it into the next row.
            cells = run.cells[: max(0, state.columns - run.column)]
            out.append(style_sequence(Char(" ", *state.styles[run.style])))
            out.extend(_draw_cells(cells, row, run.column))
    if state.margins is not None:
        out.append(f"\x1b[{state.margins[0] + 1};{state.margins[1] + 1}r")
    out.append(_draw_cursor(state))
    if modes.DECAWM not in state.modes:
        out.append("\x1b[?7l")
    if modes.IRM in state.modes:
        out.append("\x1b[4h")
    if modes.LNM in state.modes:
        out.append("\x1b[20h")
    out.append(f"\x1b({state.g0}\x1b){state.g1}" + ("\x0e" if state.charset else "\x0f"))
    if state.cursor.hidden:
        out.append("\x1b[?25l")
    return "".join(out)


def _draw_cells(cells: tuple[str, ...], row: int, column: int) -> Iterator[str]:
    """Text, placed anew wherever one half of a wide character was overwritten by something else."""
    follows = False
    for at, text in enumerate(cells):
        place = f"\x1b[{row + 1};{column + at + 1}H"
        is_second_half = at > 0 and wcwidth(cells[at - 1][:1]) == 2
        if not text:
            if not is_second_half and at > 0:
                before = f"\x1b[{row + 1};{column + at}H"
                yield f"{before}{_WIDE}{before}{cells[at - 1]}"  # only a wide character leaves an empty cell behind it
            follows = is_second_half and follows
            continue
        yield text if follows and not is_second_half else place + text
        follows = True


def _draw_cursor(state: ScreenState) -> str:
    """Its place and its style. A cursor that waits behind the last column is there only when that was drawn."""
    cursor, out = state.cursor, ""
    row = cursor.y + 1
    if modes.DECOM in state.modes:
        out = "\x1b[?6h"
        row -= state.margins[0] if state.margins else 0
    if cursor.x < state.columns:
        out += f"\x1b[{row};{cursor.x + 1}H"
    else:
        runs = dict(state.rows).get(cursor.y, ())
        last = next((run for run in runs if run.column < state.columns <= run.column + len(run.cells)), None)
        cells = last.cells[: state.columns - last.column] if last else ()
        text = (cells[-1] or "".join(cells[-2:])) if cells else " "
        width = 2 if cells and not cells[-1] else 1
        style = style_sequence(Char(" ", *state.styles[last.style])) if last else ""
        out += f"\x1b[{row};{state.columns - width + 1}H{style}{text}"
    return out + style_sequence(Char(" ", *cursor.style))
