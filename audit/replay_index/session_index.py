"""A session's index, read: any moment of it from two ranges of the file, its commands, its time line.

index.at(t_ms)          the terminal as it stood then, and the events that follow: one keyframe, one interval
index.timeline()        what was typed, done, allowed, missing: everything but lines of output
index.search(query)     see audit/search/
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from audit.replay_index.entries import Entry, Kind
from audit.replay_index.index_files import Head, IndexFiles, Interval, Keyframe, SessionFacts
from audit.replay_index.keys import SessionKeySource
from audit.replay_index.sealed_files import IndexDamagedError, Place
from audit.replay_index.snapshots import TerminalState, restore
from audit.replay_index.text_blocks import Filter, search_block, unpack_block
from audit.replay_index.words import Query, normal_form
from audit.vault.emulator import Emulator
from audit.vault.replay import Approach, Moment
from protocol.decoding import UNREADABLE
from protocol.errors import IntegrityError, UnavailableError
from protocol.events import ROOM_CHANNEL, Event, ParticipantJoined, decode_events


class NotIndexedError(UnavailableError):
    """There is no index of the session yet."""

    sentence = "Session {session} has no index yet. It is made as its records arrive."


@dataclass(frozen=True, slots=True)
class Opening:
    """One interval, opened: every terminal at its beginning, and what happened in it."""

    interval: Interval
    terminals: dict[int, TerminalState]
    joined: tuple[ParticipantJoined, ...]
    events: list[Event]


class SessionIndex:
    """What was committed when it was opened; open it again to see more. Methods raise IndexDamagedError."""

    def __init__(self, files: IndexFiles, head: Head) -> None:
        self.files = files
        self._head = head
        self._has_additions = files.additions.exists()

    @classmethod
    def open(cls, index_folder: Path, session_id: bytes, keys: SessionKeySource) -> "SessionIndex":
        """Raises NotIndexedError, IndexErasedError, IndexKeyError, IndexDamagedError."""
        key = keys.of(session_id)
        files = IndexFiles(index_folder, session_id, key) if key is not None else None
        head = files.read_head() if files is not None else None
        if files is None or head is None:
            raise NotIndexedError(session=session_id.hex())
        return cls(files, head)

    @property
    def facts(self) -> SessionFacts:
        return self._head.facts

    @property
    def duration_ms(self) -> int:
        return self._head.duration_ms

    @property
    def finished(self) -> bool:
        return self._head.finished

    @property
    def next_seq(self) -> int:
        return self._head.next_seq

    @property
    def records_bytes(self) -> int:
        return self._head.records_bytes

    @property
    def interval_count(self) -> int:
        return len(self._head.intervals)

    def interval_begins(self) -> list[int]:
        """When each interval begins, in milliseconds on the session's clock."""
        return [interval.begins_ms for interval in self._head.intervals]

    def close(self) -> None:
        self.files.close()

    # ── replay ──

    def at(self, t_ms: int, channel: int = ROOM_CHANNEL) -> Moment:
        """One channel's terminal as it stood at a time, and all events after that."""
        number = self._interval_at(t_ms)
        if number < 0:
            return Moment(Emulator(), iter(()), ())
        opening = self.open_interval(number)
        state = opening.terminals.get(channel)
        emulator = restore(state) if state is not None else Emulator()
        events = chain(opening.events, self._events_from(number + 1))
        return Approach(emulator, channel, opening.joined).go(events, t_ms)

    def events(self) -> Iterator[Event]:
        """All of them, from the first."""
        return self._events_from(0)

    def open_interval(self, number: int) -> Opening:
        """By its number from 0."""
        interval = self._head.intervals[number]
        keyframe: Keyframe = self._decode(interval.keyframe, Keyframe)
        terminals = {state.channel: state.terminal for state in keyframe.channels}
        return Opening(interval, terminals, keyframe.joined, self._read_events(interval.events))

    def _events_from(self, number: int) -> Iterator[Event]:
        for interval in self._head.intervals[number:]:
            yield from self._read_events(interval.events)

    def _interval_at(self, t_ms: int) -> int:
        """The last one that begins by then; of several that begin together, the last."""
        low, high = 0, len(self._head.intervals)
        while low < high:
            middle = (low + high) // 2
            if self._head.intervals[middle].begins_ms <= t_ms:
                low = middle + 1
            else:
                high = middle
        return max(low - 1, 0) if self._head.intervals else -1

    # ── entries ──

    def timeline(self) -> list[Entry]:
        """In the order of time: all entries but output, those that were added later included."""
        found = [entry for place in self._head.timeline for entry in self._decode(place, list[Entry])]
        return sorted([*found, *self.additions()], key=lambda entry: entry.t_ms)

    def names(self) -> dict[int, str]:
        """Of everybody who came in, by the participant's number."""
        if not self._head.intervals:
            return {}
        last = self.open_interval(self.interval_count - 1)
        joined = (*last.joined, *(event for event in last.events if isinstance(event, ParticipantJoined)))
        return {event.participant: event.name for event in joined}

    def commands(self) -> list[Entry]:
        return [entry for entry in self.timeline() if entry.kind is Kind.COMMAND]

    def additions(self) -> list[Entry]:
        """What others added."""
        chunks, _ = self.files.additions.read_row()
        return [entry for data in chunks for entry in msgspec.msgpack.decode(data, type=list[Entry])]

    def find_text(self, wanted: str, channel: int = ROOM_CHANNEL) -> list[int]:
        """When a channel showed a line that holds this text, letters large or small: milliseconds, in order.

        Reads the lines that were shown, not what drew them; parts of words are found, too.
        """
        needle = normal_form(wanted)
        blocks = (unpack_block(self._read_block(place.block)) for place in self._head.blocks)
        entries = chain(chain.from_iterable(blocks), self._head.pending)
        return sorted(
            entry.t_ms
            for entry in entries
            if entry.kind is Kind.OUTPUT and entry.channel == channel and needle in normal_form(entry.text)
        )

    def filters(self) -> list[Filter]:
        """One per block."""
        return [Filter(self.files.chunks.read(place.filter)) for place in self._head.blocks]

    def search_block(self, number: int, query: Query) -> list[Entry]:
        """The matching entries of a block."""
        try:
            return list(search_block(self._read_block(self._head.blocks[number].block), query))
        except UNREADABLE as error:
            raise self._damaged(error) from None

    @property
    def has_rest(self) -> bool:
        """Whether there are entries that no block holds."""
        return bool(self._head.pending) or self._has_additions

    def search_rest(self, query: Query) -> list[Entry]:
        """The matching entries that no block holds: the newest lines of a running session, and what was added."""
        return [entry for entry in (*self._head.pending, *self.additions()) if query.matches(normal_form(entry.text))]

    # ── reading ──

    def _read_block(self, place: Place) -> bytes:
        return self.files.chunks.read(place)

    def _read_events(self, place: Place) -> list[Event]:
        try:
            return decode_events(self.files.chunks.read(place))
        except IntegrityError as error:
            raise self._damaged(error) from None

    def _decode(self, place: Place, kind: type) -> Any:
        try:
            return msgspec.msgpack.decode(self.files.chunks.read(place), type=kind)
        except UNREADABLE as error:
            raise self._damaged(error) from None

    def _damaged(self, error: Exception) -> IndexDamagedError:
        return IndexDamagedError(session=self._head.facts.session_id.hex(), problem=error)
