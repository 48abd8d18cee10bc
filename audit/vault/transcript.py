"""Events → text as it was seen: a terminal emulator reads the output, and gives lines back.

Lines are taken from the screen's cells when they scroll away, are cleared away, or at the end; a full-screen program
leaves the picture that it had when it was left. So a transcript shows what stood there, not what control characters
made of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from audit.vault.emulator import Emulator
from audit.vault.screen import LARGEST_COLUMNS
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
