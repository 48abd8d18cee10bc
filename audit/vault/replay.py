"""A recording on a time line, for a person at a terminal.

The player is a machine that is given a console: it writes pictures, waits for a key or for time to pass, and never
reads a clock, so a test owns both. How to get to a moment is its source's business: without an index, the recording is
read again from its beginning, which keeps memory flat whatever its length; with one, from the keyframe before.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from audit.vault.emulator import Emulator, show_event
from audit.vault.narrator import Narrator, clock_text
from audit.vault.painting import paint
from protocol.events import (
    ROOM_CHANNEL,
    CommandOutput,
    Event,
    ParticipantJoined,
    TerminalInput,
    TerminalOutput,
    TerminalResized,
)
from wording import Wording

SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0, 16.0)
JUMP_MS = 5000
PICTURE_SECONDS = 1 / 30
"""Pictures are drawn no closer than this: a flood of output is skipped over, not queued."""
LEAD_MS = 2000
"""How long before a search's find the replay begins, so that the reader sees it come."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One channel's terminal at a time, and the events after it.

    `heard` is what a narrator must have been told to go on: who came in, and what happened last.
    """

    emulator: Emulator
    events: Iterator[Event]
    heard: tuple[Event, ...]


class Approach:
    """Goes through events up to a time."""

    def __init__(self, emulator: Emulator, channel: int, joined: Iterable[ParticipantJoined] = ()) -> None:
        self._emulator = emulator
        self._channel = channel
        self._joined = {event.participant: event for event in joined}
        self._last: tuple[Event, ...] = ()

    def go(self, events: Iterator[Event], t_ms: int) -> Moment:
        """Everything up to `t_ms` is shown, everything from the first event after it is left."""
        for event in events:
            if event.t_ms > t_ms:
                return Moment(self._emulator, chain([event], events), self._heard())
            show_event(self._emulator, event, self._channel)
            if isinstance(event, ParticipantJoined):
                self._joined[event.participant] = event
            elif not isinstance(event, TerminalOutput | CommandOutput | TerminalInput | TerminalResized):
                self._last = (event,)
        return Moment(self._emulator, events, self._heard())

    def _heard(self) -> tuple[Event, ...]:
        return (*self._joined.values(), *self._last)


class Source(Protocol):
    """A recording that can be begun anywhere."""

    def at(self, t_ms: int, channel: int) -> Moment:
        """The channel's terminal with everything before and at `t_ms`, and all events that follow."""


class WholeReading:
    """A recording without an index. `read_events` gives its events from the first one, each time anew."""

    def __init__(self, read_events: Callable[[], Iterator[Event]]) -> None:
        self._read_events = read_events

    def at(self, t_ms: int, channel: int) -> Moment:
        return Approach(Emulator(), channel).go(self._read_events(), t_ms)


class Console(Protocol):
    """A terminal for one reader."""

    def write(self, text: str) -> None:
        """Shows it at once."""

    def wait(self, seconds: float | None) -> str | None:
        """The name of the next key, or None after so long. None waits for a key for ever. A terminal of another size
        than before is told like a key."""

    def size(self) -> tuple[int, int]:
        """Columns and rows."""


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """`idle_limit_ms` shortens pauses to that; None keeps them. `finds_ms` are the moments that a search found."""

    channel: int = ROOM_CHANNEL
    speed: float = 1.0
    idle_limit_ms: int | None = 2000
    start_ms: int = 0
    finds_ms: tuple[int, ...] = ()
    colours: bool = True


class Player:
    """Plays until the reader quits."""

    def __init__(
        self,
        source: Source,
        duration_ms: int,
        options: ReplayOptions,
        console: Console,
        wording: Wording,
    ) -> None:
        self._source = source
        self._duration_ms = duration_ms
        self._options = options
        self._console = console
        self._wording = wording
        self._speed = options.speed
        self._paused = False
        self._quit = False
        self._unpainted_seconds = PICTURE_SECONDS
        self._narrator = Narrator(wording)
        self._events: Iterator[Event]
        self._next: Event | None
        self._position_ms: int
        self._begin_at(-1)

    def run(self) -> None:
        """Returns when the reader quits. At the end it stays on the last picture."""
        finds = self._options.finds_ms
        self._jump(max(finds[0] - LEAD_MS, 0) if finds else self._options.start_ms)
        while not self._quit:
            if self._paused or self._next is None:
                self._paint()
                self._press(self._console.wait(None))
                continue
            pause_ms = max(self._next.t_ms - self._position_ms, 0)
            if self._options.idle_limit_ms is not None:
                pause_ms = min(pause_ms, self._options.idle_limit_ms)
            seconds = pause_ms / 1000 / self._speed
            self._unpainted_seconds += seconds
            if self._unpainted_seconds >= PICTURE_SECONDS:
                self._paint()
            key = self._console.wait(seconds)
            if key is not None:
                self._press(key)
                self._unpainted_seconds = PICTURE_SECONDS
            else:
                self._advance()

    def _advance(self) -> None:
        event, self._next = self._next, next(self._events, None)
        if event is None:
            return
        self._position_ms = max(self._position_ms, event.t_ms)
        self._hear(event)
        show_event(self._emulator, event, self._options.channel)

    def _jump(self, t_ms: int) -> None:
        """To a moment: what happened before it is there, what comes after is not."""
        if t_ms < self._position_ms or t_ms - self._position_ms > JUMP_MS:
            self._begin_at(t_ms)
        while self._next is not None and self._next.t_ms <= t_ms:
            self._advance()
        self._position_ms = min(max(t_ms, self._position_ms), max(self._duration_ms, self._position_ms))
        self._unpainted_seconds = PICTURE_SECONDS

    def _begin_at(self, t_ms: int) -> None:
        moment = self._source.at(t_ms, self._options.channel)
        self._emulator, self._events = moment.emulator, moment.events
        self._next = next(self._events, None)
        self._position_ms = max(t_ms, 0)
        self._told = ""
        for event in moment.heard:
            self._hear(event)

    def _hear(self, event: Event) -> None:
        sentence = self._narrator.tell(event)
        if sentence is not None:
            self._told = sentence

    def _press(self, key: str | None) -> None:
        match key:
            case "q" | "ctrl-c" | "eof":
                self._quit = True
            case " ":
                self._paused = not self._paused
            case "+" | "up":
                self._speed = next((speed for speed in SPEEDS if speed > self._speed), SPEEDS[-1])
            case "-" | "down":
                self._speed = next((speed for speed in reversed(SPEEDS) if speed < self._speed), SPEEDS[0])
            case "right":
                self._jump(self._position_ms + JUMP_MS)
            case "left":
                self._jump(max(self._position_ms - JUMP_MS, 0))
            case "0" | "home":
                self._jump(0)
            case "n":
                self._jump_to_find(self._position_ms + LEAD_MS)
            case _:
                pass

    def _jump_to_find(self, after_ms: int) -> None:
        for found_ms in self._options.finds_ms:
            if found_ms > after_ms:
                self._jump(max(found_ms - LEAD_MS, 0))
                return

    def _paint(self) -> None:
        columns, rows = self._console.size()
        self._console.write(paint(self._emulator, columns, rows, self._status(), colours=self._options.colours))
        self._unpainted_seconds = 0.0

    def _status(self) -> str:
        mark = "■" if self._next is None else "‖" if self._paused else "▶"
        place = f"{mark} {clock_text(self._position_ms)} / {clock_text(self._duration_ms)}  ×{self._speed:g}"
        return f" {place}  {self._wording.say('audit-replay-keys')}  {self._told}"
