"""asciinema-player's segmented recording, from the index: one small file per interval, so that a player seeks quickly.

    index.json       {version: 1, term: {cols, rows}, duration, markers: [[t, label]], segments: [{start, url}]}
    segment-N.json   {snapshot: {cols, rows, init}, events: [[t, code, data]]}

As the player's loader checks it (github.com/asciinema/asciinema-player, src/driver/recording/segmented.js): times are
absolute seconds; starts increase strictly, the first is 0, all lie before the duration; each segment but the first has
an event at its start; events end before the next start; the last event is at the duration. Output goes through
`escapes.py`, as in every export; `init` is a drawing of our own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from audit.replay_index.session_index import SessionIndex
from audit.replay_index.snapshots import draw
from audit.vault.emulator import terminal_bytes
from audit.vault.escapes import TerminalFilter
from audit.vault.narrator import Narrator
from audit.vault.screen import bounded_size
from protocol.events import (
    ROOM_CHANNEL,
    ChannelOpened,
    CommandOutput,
    Event,
    TerminalOutput,
    TerminalResized,
)
from wording import Wording, safe_text

INDEX_NAME = "index.json"
_DEFAULT_SIZE = (80, 24)


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """A file of the recording; `content` is JSON."""

    name: str
    content: dict[str, Any]


class SegmentedRecording:
    """One channel of an indexed session. Segments can be had one by one, in any order."""

    def __init__(self, index: SessionIndex, channel: int = ROOM_CHANNEL) -> None:
        self._index = index
        self._channel = channel
        self._duration_ms = max(index.duration_ms, 1)
        self._starts = list(_starts(index, self._duration_ms))

    @property
    def segment_count(self) -> int:
        return len(self._starts)

    def index_file(self, wording: Wording) -> SegmentFile:
        """The table of contents, with a marker for everything that is not output."""
        columns, rows = self._first_size()
        narrator = Narrator(wording)
        markers: list[list[object]] = []
        last_ms = 0
        for event in self._index.events():
            sentence = narrator.tell(event)
            if sentence is not None:
                last_ms = min(max(last_ms, event.t_ms), self._duration_ms)
                markers.append([_seconds(last_ms), safe_text(sentence)])
        content = {
            "version": 1,
            "term": {"cols": columns, "rows": rows},
            "duration": _seconds(self._duration_ms),
            "markers": markers,
            "segments": [
                {"start": _seconds(start_ms), "url": _name(number)} for number, (_, start_ms) in enumerate(self._starts)
            ],
        }
        return SegmentFile(INDEX_NAME, content)

    def segment_file(self, number: int) -> SegmentFile:
        """One segment, by its number from 0. Reads only its intervals."""
        first, start_ms = self._starts[number]
        is_last = number + 1 == len(self._starts)
        until, end_ms = (self._index.interval_count, self._duration_ms) if is_last else self._starts[number + 1]
        opening = self._index.open_interval(first)
        state = opening.terminals.get(self._channel)
        if state is not None:
            screen = state.alternate or state.main
            snapshot = {"cols": screen.columns, "rows": screen.lines, "init": draw(state)}
        else:
            columns, rows = self._first_size() if number == 0 else _DEFAULT_SIZE
            snapshot = {"cols": columns, "rows": rows, "init": ""}
        output = TerminalFilter()
        if state is not None:
            output.restore(state.filter)
        latest_ms = end_ms if is_last else end_ms - 1
        events: list[list[object]] = [[_seconds(start_ms), "o", ""]]
        last_ms = start_ms
        for at in range(first, until):
            for event in opening.events if at == first else self._index.open_interval(at).events:
                last_ms = min(max(last_ms, event.t_ms), latest_ms)
                events += [[_seconds(last_ms), code, data] for code, data in self._codes(event, output)]
        if is_last and last_ms < self._duration_ms:
            events.append([_seconds(self._duration_ms), "o", ""])
        elif is_last:
            events.append([_seconds(self._duration_ms), "o", output.flush()])
        return SegmentFile(_name(number), {"snapshot": snapshot, "events": events})

    def files(self, wording: Wording) -> Iterator[SegmentFile]:
        """The segments, then the index: whoever finds it finds all that it names."""
        for number in range(self.segment_count):
            yield self.segment_file(number)
        yield self.index_file(wording)

    def _codes(self, event: Event, output: TerminalFilter) -> Iterator[tuple[str, str]]:
        match event:
            case TerminalOutput(channel=self._channel) | CommandOutput(channel=self._channel):
                text = output.feed(terminal_bytes(event))
                if text:
                    yield "o", text
            case TerminalResized(channel=self._channel):
                yield "r", "{}x{}".format(*bounded_size(event.columns, event.rows))
            case ChannelOpened(channel=self._channel, columns=columns) if columns:
                yield "r", "{}x{}".format(*bounded_size(columns, event.rows))

    def _first_size(self) -> tuple[int, int]:
        for event in self._index.events():
            if isinstance(event, ChannelOpened) and event.channel == self._channel and event.columns:
                return bounded_size(event.columns, event.rows)
            if isinstance(event, TerminalOutput):
                break
        return _DEFAULT_SIZE


def _starts(index: SessionIndex, duration_ms: int) -> Iterator[tuple[int, int]]:
    """First interval and beginning of each segment: intervals that begin at one instant share a segment."""
    last_ms = -1
    for number, begins_ms in enumerate([0, *index.interval_begins()[1:]]):
        if last_ms < begins_ms < duration_ms:
            yield number, begins_ms
            last_ms = begins_ms


def _seconds(t_ms: int) -> float:
    return t_ms / 1000


def _name(number: int) -> str:
    return f"segment-{number:05}.json"
