"""A session for a viewer that draws: first a picture of each terminal, then line by line what happened. JSON Lines.

    {"kind": "picture", "t_ms", "terminals": [{"channel", "columns", "rows", "text"}], "people": [{"participant", …}],
     "marks": [{"rule", "t_ms", "detail"}]}
                                 replaces everything that a viewer knew of these terminals; of a running session with
                                 the marks that rules have made of it so far
    {"kind": "output", "t_ms", "channel", "text"}        for the terminal
    {"kind": "input", "t_ms", "channel", "participant", "text"}
    {"kind": "size", "t_ms", "channel", "columns", "rows"}
    {"kind": "more" | "end", "t_ms"}    the last line of a moment: there is more from here on, or there is not
    {"kind": "command" | "file" | "consent" | "session" | "forward" | "gap" | "chat" | "mark", "t_ms", "channel",
     "text"}                     an entry, as search and time line have it; a rule's mark has the rule as "name". Where
                                 its text has nothing but a participant's number, "people" has the name as well

Times are milliseconds on the session's clock. `text` for a terminal went through `escapes.py`: it draws, and does
nothing else. Lines are bounded, whatever an agent sealed.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from audit.replay_index.entries import bounded_text, entry_of_event, people_fields
from audit.replay_index.index_files import ChannelState, Keyframe
from audit.replay_index.session_index import SessionIndex
from audit.replay_index.snapshots import TerminalState, draw, take
from audit.vault.emulator import terminal_bytes
from audit.vault.escapes import TerminalFilter
from audit.vault.screen import bounded_size
from protocol.events import (
    ROOM_CHANNEL,
    ChannelOpened,
    CommandOutput,
    Event,
    ParticipantJoined,
    TerminalInput,
    TerminalOutput,
    TerminalResized,
)

TEXT_LIMIT_CHARACTERS = 16 * 1024
"""Of one line for a terminal; more becomes several lines. A character is at most twelve bytes of JSON."""
TERMINAL_LIMIT = 256
PEOPLE_LIMIT = 256


def moment_lines(index: SessionIndex, t_ms: int, until_ms: int, channel: int) -> Iterator[str]:
    """One channel as it stood at a time, and what happens in it up to another: two ranges of the index, and what the
    way between the two times takes."""
    moment = index.at(t_ms, channel)
    joined = tuple(event for event in moment.heard if isinstance(event, ParticipantJoined))
    viewer = ViewerLines(channel)
    yield viewer.picture(Keyframe(t_ms, (ChannelState(channel, take(moment.emulator)),), joined))
    for event in moment.events:
        if event.t_ms > until_ms:
            yield _line({"kind": "more", "t_ms": until_ms})
            return
        yield from viewer.lines(event)
    yield _line({"kind": "end", "t_ms": index.duration_ms})


class ViewerLines:
    """Writes the lines of one session, or of one channel of it, from a picture on."""

    def __init__(self, channel: int | None = None) -> None:
        self._channel = channel
        self._output: dict[int, TerminalFilter] = {}
        self._input: dict[int, TerminalFilter] = {}
        self._names: dict[int, str] = {}

    def picture(self, keyframe: Keyframe, marks: Sequence[Mapping[str, object]] = ()) -> str:
        """What stands there; the lines that follow go on from it."""
        self._output = {}
        terminals = []
        for state in keyframe.channels:
            if self._shows(state.channel):
                self._output[state.channel] = TerminalFilter()
                self._output[state.channel].restore(state.terminal.filter)
                terminals.append({"channel": state.channel} | _terminal_fields(state.terminal))
        self._names = {event.participant: event.name for event in keyframe.joined}
        people = [_person_fields(event) for event in keyframe.joined]
        what = {"kind": "picture", "t_ms": keyframe.t_ms}
        return _line({**what, "terminals": terminals, "people": people, "marks": list(marks)})

    def lines(self, event: Event) -> Iterator[str]:
        """None, or some, for one event."""
        channel = getattr(event, "channel", None)
        if channel is not None and not self._shows(channel):
            return
        match event:
            case TerminalOutput() | CommandOutput():
                text = _filter_of(self._output, event.channel).feed(terminal_bytes(event))
                yield from _texts("output", event.t_ms, text, {"channel": event.channel})
            case TerminalInput():
                text = _filter_of(self._input, event.channel).feed(event.data)
                whose = {"channel": event.channel, "participant": event.participant}
                yield from _texts("input", event.t_ms, text, whose)
            case TerminalResized():
                yield _size_line(event)
            case ChannelOpened() if event.columns:
                yield _size_line(event)
            case ParticipantJoined() if len(self._names) < PEOPLE_LIMIT:
                self._names[event.participant] = event.name
        entry = entry_of_event(event)
        if entry is not None:
            fields = {"kind": str(entry.kind), "t_ms": entry.t_ms, "channel": entry.channel, "text": entry.text}
            yield _line(fields | people_fields(entry, self._names))

    def _shows(self, channel: int) -> bool:
        return self._channel is None or channel == self._channel


def mark_line(t_ms: int, rule: str, detail: str) -> str:
    """What a rule has just noticed."""
    return _line({"kind": "mark", "t_ms": t_ms, "channel": ROOM_CHANNEL, "text": detail, "name": rule})


def _filter_of(filters: dict[int, TerminalFilter], channel: int) -> TerminalFilter:
    if channel not in filters and len(filters) >= TERMINAL_LIMIT:
        return TerminalFilter()
    return filters.setdefault(channel, TerminalFilter())


def _texts(kind: str, t_ms: int, text: str, more: Mapping[str, object]) -> Iterator[str]:
    for begin in range(0, len(text), TEXT_LIMIT_CHARACTERS):
        yield _line({"kind": kind, "t_ms": t_ms, **more, "text": text[begin : begin + TEXT_LIMIT_CHARACTERS]})


def _size_line(event: TerminalResized | ChannelOpened) -> str:
    columns, rows = bounded_size(event.columns, event.rows)
    return _line({"kind": "size", "t_ms": event.t_ms, "channel": event.channel, "columns": columns, "rows": rows})


def _terminal_fields(state: TerminalState) -> dict[str, Any]:
    screen = state.alternate or state.main
    return {"columns": screen.columns, "rows": screen.lines, "text": draw(state)}


def _person_fields(event: ParticipantJoined) -> dict[str, Any]:
    return {
        "participant": event.participant,
        "name": bounded_text(event.name),
        "staff_number": bounded_text(event.staff_number),
    }


def _line(fields: Mapping[str, object]) -> str:
    # ASCII only: control and bidirectional characters in it stay escaped wherever it is shown.
    return json.dumps(fields)
