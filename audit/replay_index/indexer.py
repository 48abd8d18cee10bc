"""Builds a session's index while its records arrive.

Records are fed opened and in order; a record that was fed before is passed over, so whoever feeds may always begin a
little early. After a restart the indexer goes on from its last commit and says by `next_seq` which record it waits for.
What it makes depends on the records alone, not on when it was stopped: only the borders of intervals and blocks do.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import msgspec

from audit.durability import Durability
from audit.replay_index.channel_watch import ChannelWatch
from audit.replay_index.entries import Entry, Kind, customer_of, entry_of_event, entry_of_manifest
from audit.replay_index.index_files import (
    FORMAT,
    BlockPlace,
    ChannelState,
    Head,
    IndexFiles,
    Interval,
    Keyframe,
    SessionFacts,
)
from audit.replay_index.keys import IndexKeys
from audit.replay_index.sealed_files import Place
from audit.replay_index.text_blocks import BLOCK_CHARACTERS, pack_block
from audit.vault.opening import OpenedRecord
from protocol.errors import IntegrityError
from protocol.events import (
    ChannelOpened,
    CommandOutput,
    Event,
    InputHidden,
    ManifestRecorded,
    ParticipantJoined,
    TerminalInput,
    TerminalOutput,
    TerminalResized,
    decode_manifest,
    encode_events,
)

INTERVAL_MS = 60_000
INTERVAL_DRAWN_CHARACTERS = 24 * 1024
"""What an emulator draws in some tens of milliseconds, even of a full-screen program."""
INTERVAL_BYTES = 512 * 1024
COMMIT_MS = 60_000
COMMIT_BYTES = 8 * 1024 * 1024
CHANNEL_LIMIT = 256
"""Terminals that are watched at once; an agent that opens more without closing any is not an honest one."""

_FRAMING_BYTES = 24


class RecordGapError(IntegrityError):
    """A record was fed before the one that is due."""

    sentence = "The index of session {session} waits for record {due}, and was given record {record}."


class IndexOutput(Protocol):
    """Where an index is written: files, or somebody who writes them. May raise OSError."""

    def append(self, data: bytes, offset: int) -> Place:
        """A chunk behind the last one; it need last only once a head that names it is committed."""

    def commit(self, head: Head) -> None:
        """All chunks so far, then the head."""

    def close(self) -> None: ...


class SessionIndexer:
    """One session's index, being built. Not for two at once. Methods raise OSError if the disk refuses."""

    def __init__(self, files: IndexOutput, head: Head) -> None:
        self._files = files
        self._facts = head.facts
        self.next_seq = head.next_seq
        self._records_bytes = head.records_bytes
        self.finished = head.finished
        self._end = head.end
        self.duration_ms = head.duration_ms
        self._intervals = list(head.intervals)
        self._timeline = list(head.timeline)
        self._blocks = list(head.blocks)
        self._pending = list(head.pending)
        self._pending_characters = sum(len(entry.text) for entry in self._pending)
        terminals = {state.channel: state.terminal for state in head.keyframe.channels} if head.keyframe else {}
        self._watches = {
            watch.channel: ChannelWatch(watch.channel, terminals[watch.channel], watch) for watch in head.watches
        }
        self._keyframe = head.keyframe or Keyframe(0, ())
        self._joined = {event.participant: event for event in self._keyframe.joined}
        self._committed_ms = self.duration_ms
        self._uncommitted_bytes = 0
        self._begin_interval()

    @classmethod
    def open(
        cls, index_folder: Path, session_id: bytes, keys: IndexKeys, durability: Durability | None = None
    ) -> "SessionIndexer":
        """Begins the session's index, or goes on with it; one that is damaged is begun anew.

        Raises IndexErasedError, IndexKeyError, OSError.
        """
        files = IndexFiles(index_folder, session_id, keys.make(session_id), durability)
        files.make_folder()
        head = files.committed_head()
        files.chunks.truncate(head.end)
        return cls(files, head)

    @property
    def facts(self) -> SessionFacts:
        return self._facts

    def feed(self, record: OpenedRecord) -> None:
        """The next record; one from before is passed over. Raises RecordGapError, or IntegrityError for its content."""
        seq = record.stored.seq
        if seq < self.next_seq or self.finished:
            return
        if seq > self.next_seq:
            raise RecordGapError(session=self._facts.session_id.hex(), due=self.next_seq, record=seq)
        for event in record.events:
            self._take(event)
        self.next_seq = seq + 1
        self._records_bytes += record.stored.size_bytes
        if record.final is not None:
            self._finish()
        elif self._is_interval_due():
            self._end_interval()
            if self.duration_ms - self._committed_ms >= COMMIT_MS or self._uncommitted_bytes >= COMMIT_BYTES:
                self._commit()

    def flush(self) -> None:
        """Commits all that was fed, for readers and against a crash."""
        if self.finished:
            return
        self._end_interval()
        self._commit()

    def picture(self) -> Keyframe:
        """Every terminal as it stands now."""
        channels = tuple(ChannelState(watch.channel, watch.take_terminal()) for watch in self._watches.values())
        return Keyframe(self.duration_ms, channels, tuple(self._joined.values()))

    def close(self) -> None:
        """Lets go of the files; what was not committed will be fed again."""
        self._files.close()

    # ── events ──

    def _take(self, event: Event) -> None:
        self.duration_ms = max(self.duration_ms, event.t_ms)
        self._events.append(event)
        self._interval_bytes += _FRAMING_BYTES
        for watch in self._watches.values():
            watch.time_passes(event.t_ms)
        match event:
            case TerminalOutput() | CommandOutput():
                self._interval_bytes += len(event.data)
                if (terminal := self._watch(event.channel)) is not None:
                    terminal.feed(event)
            case TerminalInput() | InputHidden() if event.channel in self._watches:
                self._watches[event.channel].typing()
            case TerminalResized() | ChannelOpened():
                self._fit(event)
            case ManifestRecorded():
                self._take_manifest(event)
            case ParticipantJoined():
                self._take_participant(event)
            case _:
                pass
        self._collect()
        entry = entry_of_event(event)
        if entry is not None:
            self._add(entry)

    def _watch(self, channel: int) -> ChannelWatch | None:
        watch = self._watches.get(channel)
        if watch is None and len(self._watches) < CHANNEL_LIMIT:
            watch = self._watches[channel] = ChannelWatch(channel)
        return watch

    def _fit(self, event: TerminalResized | ChannelOpened) -> None:
        opens_terminal = isinstance(event, ChannelOpened) and event.use != "sftp" and event.use != "forward"
        watch = self._watch(event.channel) if opens_terminal else self._watches.get(event.channel)
        if watch is not None:
            watch.fit(event)

    def _take_manifest(self, event: ManifestRecorded) -> None:
        if self._facts.started_at_ms:
            return  # the first one is what was committed to; `verify` tells of others
        try:
            manifest = decode_manifest(event.manifest)
        except IntegrityError:
            return  # `verify` tells of that; the rest of the recording is still to be found
        engineer = manifest.engineer
        self._facts = msgspec.structs.replace(
            self._facts,
            started_at_ms=max(manifest.started_at_ms, 1),
            customer=customer_of(manifest),
            organisation=manifest.organisation,
            reason=manifest.reason,
            ticket=manifest.ticket,
        )
        self._add_engineer(engineer.name, engineer.staff_number)
        self._add(entry_of_manifest(manifest))

    def _take_participant(self, event: ParticipantJoined) -> None:
        if len(self._joined) < CHANNEL_LIMIT:
            self._joined[event.participant] = event
        self._add_engineer(event.name, event.staff_number)

    def _add_engineer(self, name: str, staff_number: str) -> None:
        if (name, staff_number) not in self._facts.engineers:
            engineers = (*self._facts.engineers, (name, staff_number))[:CHANNEL_LIMIT]
            self._facts = msgspec.structs.replace(self._facts, engineers=engineers)

    def _collect(self) -> None:
        for watch in self._watches.values():
            for entry in watch.take():
                self._add(entry)

    def _add(self, entry: Entry) -> None:
        self._pending.append(entry)
        self._pending_characters += len(entry.text) + 1
        if entry.kind is not Kind.OUTPUT:
            self._timeline_entries.append(entry)
        if self._pending_characters >= BLOCK_CHARACTERS:
            self._write_block()

    # ── intervals, blocks, commits ──

    def _begin_interval(self) -> None:
        self._events: list[Event] = []
        self._timeline_entries: list[Entry] = []
        self._interval_bytes = 0
        self._drawn_before = self._drawn_characters()

    def _drawn_characters(self) -> int:
        return sum(watch.emulator.drawn_characters for watch in self._watches.values())

    def _is_interval_due(self) -> bool:
        return bool(self._events) and (
            self.duration_ms - self._keyframe.t_ms >= INTERVAL_MS
            or self._interval_bytes >= INTERVAL_BYTES
            or self._drawn_characters() - self._drawn_before >= INTERVAL_DRAWN_CHARACTERS
        )

    def _end_interval(self) -> None:
        if self._events:
            keyframe = self._append(msgspec.msgpack.encode(self._keyframe))
            events = self._append(encode_events(self._events))
            self._intervals.append(Interval(self._keyframe.t_ms, keyframe, events))
        if self._timeline_entries:
            self._timeline.append(self._append(msgspec.msgpack.encode(self._timeline_entries)))
        self._keyframe = self.picture()
        self._begin_interval()

    def _write_block(self) -> None:
        if not self._pending:
            return
        block, filter_ = pack_block(self._pending)
        self._blocks.append(BlockPlace(self._append(filter_), self._append(block)))
        self._pending, self._pending_characters = [], 0

    def _append(self, data: bytes) -> Place:
        place = self._files.append(data, self._end)
        self._end += place.size_bytes
        self._uncommitted_bytes += place.size_bytes
        return place

    def _finish(self) -> None:
        for watch in self._watches.values():
            watch.finish()
        self._collect()
        self._end_interval()
        self._write_block()
        self.finished = True
        self._watches.clear()
        self._commit()

    def _commit(self) -> None:
        head = Head(
            format=FORMAT,
            facts=self._facts,
            next_seq=self.next_seq,
            records_bytes=self._records_bytes,
            finished=self.finished,
            end=self._end,
            duration_ms=self.duration_ms,
            intervals=tuple(self._intervals),
            timeline=tuple(self._timeline),
            blocks=tuple(self._blocks),
            pending=tuple(self._pending),
            keyframe=None if self.finished else self._keyframe,
            watches=tuple(watch.state for watch in self._watches.values()),
        )
        self._files.commit(head)
        self._committed_ms, self._uncommitted_bytes = self.duration_ms, 0


def replace_entries(files: IndexFiles, entries: Iterable[Entry]) -> None:
    """All that others know about a session (marks, notes, chat), in the place of what they knew before.

    The same entry twice is kept once. Raises OSError.
    """
    files.make_folder()
    chunks, _ = files.additions.read_row()
    known = [entry for data in chunks for entry in msgspec.msgpack.decode(data, type=list[Entry])]
    wanted = list(dict.fromkeys(entries))
    if wanted != known:
        files.additions.replace(msgspec.msgpack.encode(wanted))
