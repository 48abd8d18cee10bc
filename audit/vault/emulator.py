"""What a terminal would show: pyte, made fast where recordings are long, and hardened where they are hostile.

It only ever gets output that `escapes.py` has let through. A size is an agent's claim, and bounded; two screens
(`screen.py`) are switched between as programs ask for it, and a flood of plain lines (`flood.py`) is only scrolled by.
"""

import re
from collections.abc import Callable

import pyte

from audit.vault.escapes import TerminalFilter
from audit.vault.flood import Flood, find_flood, last_styles
from audit.vault.screen import Screen, bounded_size
from protocol.events import ChannelOpened, CommandOutput, Event, TerminalOutput, TerminalResized

_ALTERNATE_SCREEN = re.compile(r"\x1b\[\?(?:47|1047|1049)([hl])")


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
        while (flood := self._next_flood(text, position)) is not None:
            self._feed_stream(text[position : flood.begin])
            position = flood.begin
            if not self.main.can_scroll_by:
                break
            self._feed_stream(last_styles(text[flood.begin : flood.end]))
            self.main.scroll_by(flood.rows)
            position = flood.end
        self._feed_stream(text[position:])

    def _next_flood(self, text: str, position: int) -> Flood | None:
        return find_flood(text, position, self.main) if self.alternate is None else None

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


def _ignore(_number: int, _text: str) -> None:
    return
