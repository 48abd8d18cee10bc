"""Events → text as it was seen: a terminal emulator reads the output, and gives lines back.

Lines are taken from the screen's cells when they scroll away, are cleared away, or at the end; a full-screen program
leaves the picture that it had when it was left. So a transcript shows what stood there, not what control characters
made of it. Emulation is pyte's; it only ever gets output that `escapes.py` has let through.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyte

from audit.vault.escapes import TerminalFilter
from protocol.events import (
    ROOM_CHANNEL,
    ChannelOpened,
    CommandOutput,
    Event,
    SessionClosing,
    TerminalInput,
    TerminalOutput,
    TerminalResized,
)

SMALLEST_SIZE = 2
LARGEST_COLUMNS = 500
LARGEST_ROWS = 300
"""A size in a recording is its agent's claim: an emulator of 2³¹ columns would be all our memory."""

_ALTERNATE_SCREEN = re.compile(r"\x1b\[\?(?:47|1047|1049)([hl])")


def bounded_size(columns: int, rows: int) -> tuple[int, int]:
    """A size that a terminal can have."""
    return (
        min(max(columns, SMALLEST_SIZE), LARGEST_COLUMNS),
        min(max(rows, SMALLEST_SIZE), LARGEST_ROWS),
    )


class _Screen(pyte.Screen):
    """A screen that hands out the lines it is about to lose. Lines are numbered from the first that ever stood."""

    def __init__(self, columns: int, rows: int, on_lost: Callable[[int, str], None]) -> None:
        self.scrolled_away = 0
        self._on_lost = on_lost
        super().__init__(columns, rows)

    def line(self, row: int) -> str:
        cells = self.buffer.get(row)  # sparse: only what was ever drawn is there
        width = min(max(cells) + 1, self.columns) if cells else 0
        return "".join(cells[column].data for column in range(width)).rstrip() if cells else ""

    def index(self) -> None:
        top, bottom = self.margins or (0, self.lines - 1)
        if self.cursor.y == bottom and top == 0:
            self._lose(0)
        super().index()

    def erase_in_display(self, how: int = 0, *args: object, **options: object) -> None:
        if how in (2, 3):
            self._lose_all()
        super().erase_in_display(how, *args, **options)

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """As terminals do it: lines leave at the top only if the cursor would else be below the bottom."""
        lines, columns = lines or self.lines, columns or self.columns
        leaving = max(self.cursor.y - lines + 1, 0)
        for row in range(leaving):
            self._on_lost(self.scrolled_away, self.line(row))
            self.scrolled_away += 1
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

    def _lose(self, row: int) -> None:
        self._on_lost(self.scrolled_away, self.line(row))
        self.scrolled_away += 1

    def _lose_all(self) -> None:
        rows = [self.line(row) for row in range(self.lines)]
        while rows and not rows[-1]:
            rows.pop()
        for row in rows:
            self._on_lost(self.scrolled_away, row)
            self.scrolled_away += 1


class Emulator:
    """What a terminal would show. Feed it raw recorded output; read `screen`."""

    def __init__(self, columns: int = 80, rows: int = 24, on_line: Callable[[int, str], None] | None = None) -> None:
        self._filter = TerminalFilter()
        self._on_line = on_line or _ignore
        columns, rows = bounded_size(columns, rows)
        self._main = _Screen(columns, rows, self._on_line)
        self._alternate: _Screen | None = None
        self._stream = pyte.Stream(self._main)

    @property
    def screen(self) -> _Screen:
        return self._alternate or self._main

    @property
    def is_full_screen(self) -> bool:
        return self._alternate is not None

    def feed(self, data: bytes) -> None:
        text = self._filter.feed(data)
        position = 0
        for switch in _ALTERNATE_SCREEN.finditer(text):
            self._stream.feed(text[position : switch.start()])
            self._switch(switch[1] == "h")
            position = switch.end()
        self._stream.feed(text[position:])

    def resize(self, columns: int, rows: int) -> None:
        columns, rows = bounded_size(columns, rows)
        for screen in (self._main, self._alternate):
            if screen is not None:
                screen.resize(rows, columns)

    def finish(self) -> None:
        """Hands out what still stands there."""
        self._switch(False)
        self._main._lose_all()
        self._main.buffer.clear()

    def text_rows(self) -> list[str]:
        """The screen as text, top to bottom."""
        return [self.screen.line(row) for row in range(self.screen.lines)]

    def _switch(self, to_alternate: bool) -> None:
        if to_alternate and self._alternate is None:
            for row in range(self._main.cursor.y):  # these stood there before the full-screen program began
                self._on_line(self._main.scrolled_away + row, self._main.line(row))
            self._alternate = _Screen(self._main.columns, self._main.lines, _ignore)
            self._stream = pyte.Stream(self._alternate)
        elif not to_alternate and self._alternate is not None:
            for text in self.text_rows():
                if text:
                    self._on_line(-1, text)
            self._alternate = None
            self._stream = pyte.Stream(self._main)
            self._main.dirty.update(range(self._main.lines))


def _ignore(_number: int, _text: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript, and when its first character stood there (milliseconds on the session's clock)."""

    t_ms: int
    channel: int
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """An event that is not output, between the lines."""

    event: Event


class _Channel:
    """The lines of one channel's output."""

    def __init__(self, channel: int, columns: int, rows: int) -> None:
        self.channel = channel
        self.emulator = Emulator(columns, rows, self._add)
        self.ready: list[Line] = []
        self._born_ms: dict[int, int] = {}
        self._now_ms = 0
        self._taken = 0
        """Lines below this number have been handed out; if they change after that, the transcript keeps the first."""

    def feed(self, t_ms: int, data: bytes) -> None:
        self._now_ms = t_ms
        self.emulator.feed(data)
        screen = self.emulator.screen
        if not self.emulator.is_full_screen:
            for row in screen.dirty:
                if screen.line(row):
                    self._born_ms.setdefault(screen.scrolled_away + row, t_ms)
        screen.dirty.clear()

    def settle(self) -> None:
        """Takes the lines above the cursor as they are: something else happens now, and they came before it."""
        screen = self.emulator.screen
        if self.emulator.is_full_screen:
            return
        for row in range(screen.cursor.y):
            self._add(screen.scrolled_away + row, screen.line(row))

    def take(self) -> list[Line]:
        ready, self.ready = self.ready, []
        return ready

    def _add(self, number: int, text: str) -> None:
        if 0 <= number < self._taken:
            return
        self._taken = max(self._taken, number + 1)
        self.ready.append(Line(self._born_ms.pop(number, self._now_ms), self.channel, text))


def read_transcript(events: Iterable[Event]) -> Iterator[Line | Told]:
    """Lines as they were lost from the screen or stood at the end, and the other events between them, in order."""
    channels: dict[int, _Channel] = {}
    for event in events:
        if isinstance(event, ChannelOpened) and event.use != "sftp" and event.channel not in channels:
            # Output of a command without a terminal has no width: lines are as long as they are.
            columns, rows = (event.columns, event.rows) if event.columns else (LARGEST_COLUMNS, 24)
            channels[event.channel] = _Channel(event.channel, columns, rows)
        if isinstance(event, TerminalResized):
            if event.channel in channels:
                channels[event.channel].emulator.resize(event.columns, event.rows)
        elif isinstance(event, TerminalOutput | CommandOutput):
            channel = channels.setdefault(event.channel, _Channel(event.channel, 80, 24))
            plain = isinstance(event, CommandOutput)
            channel.feed(event.t_ms, event.data.replace(b"\n", b"\r\n") if plain else event.data)
            yield from channel.take()
        elif not isinstance(event, TerminalInput):
            for channel in channels.values():
                if isinstance(event, SessionClosing):
                    channel.emulator.finish()
                else:
                    channel.settle()
                yield from channel.take()
            yield Told(event)
    for channel in channels.values():
        channel.emulator.finish()
        yield from channel.take()


def find_text(events: Iterable[Event], wanted: str, channel: int = ROOM_CHANNEL) -> Iterator[int]:
    """When a text comes to stand in a line of the screen: milliseconds on the session's clock, each time anew.

    Letters match whether large or small. A text that is broken over two lines is not found.
    """
    needle = wanted.casefold()
    emulator = Emulator()
    held: dict[int, str] = {}
    for event in events:
        if isinstance(event, TerminalResized) and event.channel == channel:
            emulator.resize(event.columns, event.rows)
        if isinstance(event, ChannelOpened) and event.channel == channel and event.columns:
            emulator.resize(event.columns, event.rows)
        if not isinstance(event, TerminalOutput | CommandOutput) or event.channel != channel:
            continue
        emulator.feed(event.data)
        screen = emulator.screen
        found = False
        for row in sorted(screen.dirty):
            if row >= screen.lines:
                continue
            number, text = screen.scrolled_away + row, screen.line(row).casefold()
            found = found or text.count(needle) > held.get(number, "").count(needle)
            held[number] = text
        screen.dirty.clear()
        for number in [number for number in held if number < screen.scrolled_away]:
            del held[number]
        if found:
            yield event.t_ms
