"""What the events of a recording add up to: who, what, how many bytes, which hashes.

One walk collects the facts. A second one hashes the outputs, because how much of the shared room an engineer really
got is only known when their channel has closed: `output_offset` says where it began, `output_bytes` how long it was.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from audit.vault.opening import OpenedRecord
from protocol.errors import IntegrityError
from protocol.events import (
    ROOM_CHANNEL,
    ChannelClosed,
    ChannelOpened,
    ClockCompared,
    CommandOutput,
    ConnectionForwarded,
    ConsentAnswered,
    Event,
    FileOperation,
    FinalSummary,
    InputHidden,
    Manifest,
    ManifestRecorded,
    OutputAttested,
    ParticipantJoined,
    Redacted,
    TerminalOutput,
    decode_manifest,
)

OUTPUT_USES = frozenset({"room", "command", "terminal-command"})
"""Channels whose output is text that the recording holds; SFTP and forwarded connections are told by other events."""


@dataclass(slots=True)
class Facts:
    """Collected by `gather_facts`. Times are milliseconds on the session's clock."""

    manifest: Manifest | None = None
    salt: bytes = b""
    manifest_bytes: bytes = b""
    manifest_is_first: bool = False
    manifest_count: int = 0
    participants: dict[int, ParticipantJoined] = field(default_factory=dict)
    allowed: set[int] = field(default_factory=set)
    without_consent: list[ChannelOpened] = field(default_factory=list)
    opened: list[ChannelOpened] = field(default_factory=list)
    closed: list[ChannelClosed] = field(default_factory=list)
    files: list[FileOperation] = field(default_factory=list)
    forwards: list[ConnectionForwarded] = field(default_factory=list)
    attested: list[OutputAttested] = field(default_factory=list)
    redacted: Counter[str] = field(default_factory=Counter)
    hidden_input_bytes: int = 0
    room_bytes: int = 0
    room_sha256: bytes = b""
    output_bytes: Counter[int] = field(default_factory=Counter)
    event_count: int = 0
    clock_difference_ms: int = 0
    outside_of_record: int = 0
    """Events whose time is not within the time that their record's header accounts for."""
    final: FinalSummary | None = None


def gather_facts(records: Iterable[OpenedRecord]) -> Facts:
    """Raises what opening raises, and IntegrityError for a manifest that cannot be read."""
    facts = Facts()
    room = sha256()
    for record in records:
        if record.final is not None:
            facts.final = record.final
        for event in record.events:
            if not record.stored.t_first_ms <= event.t_ms <= record.stored.t_last_ms:
                facts.outside_of_record += 1
            if isinstance(event, TerminalOutput) and event.channel == ROOM_CHANNEL:
                room.update(event.data)
            _note(facts, event)
            facts.event_count += 1
    facts.room_sha256 = room.digest()
    facts.room_bytes = facts.output_bytes[ROOM_CHANNEL]
    return facts


def _note(facts: Facts, event: Event) -> None:
    match event:
        case TerminalOutput() | CommandOutput():
            facts.output_bytes[event.channel] += len(event.data)
        case ManifestRecorded():
            _note_manifest(facts, event)
        case ParticipantJoined():
            facts.participants.setdefault(event.participant, event)
        case ConsentAnswered():
            if event.answer == "allowed":
                facts.allowed.add(event.participant)
        case ChannelOpened():
            facts.opened.append(event)
            if event.participant not in facts.allowed:
                facts.without_consent.append(event)
        case ChannelClosed():
            facts.closed.append(event)
        case FileOperation():
            facts.files.append(event)
        case ConnectionForwarded():
            facts.forwards.append(event)
        case OutputAttested():
            facts.attested.append(event)
        case Redacted():
            facts.redacted[event.rule] += event.byte_count
        case InputHidden():
            facts.hidden_input_bytes += event.byte_count
        case ClockCompared():
            difference = abs(event.agent_unix_ms - event.broker_unix_ms)
            facts.clock_difference_ms = max(facts.clock_difference_ms, difference)
        case _:
            pass


def _note_manifest(facts: Facts, event: ManifestRecorded) -> None:
    facts.manifest_count += 1
    if facts.manifest is not None:
        return
    facts.manifest_is_first = facts.event_count == 0
    facts.salt, facts.manifest_bytes = event.salt, event.manifest
    try:
        facts.manifest = decode_manifest(event.manifest)
    except IntegrityError:
        facts.manifest = None


@dataclass(frozen=True, slots=True)
class Span:
    """A part of one channel's output: bytes `[start, start + length)`."""

    channel: int
    start: int
    length: int


def hash_spans(records: Iterable[OpenedRecord], spans: Iterable[Span]) -> dict[Span, bytes]:
    """SHA-256 of each span that the recording holds as a whole; spans that reach beyond the output are left out."""
    waiting = {span: sha256() for span in spans}
    by_channel: dict[int, list[Span]] = {}
    for span in waiting:
        by_channel.setdefault(span.channel, []).append(span)
    positions: Counter[int] = Counter()
    for record in records:
        for event in record.events:
            if not isinstance(event, TerminalOutput | CommandOutput):
                continue
            begin = positions[event.channel]
            positions[event.channel] = begin + len(event.data)
            for span in by_channel.get(event.channel, ()):
                first, last = max(span.start - begin, 0), span.start + span.length - begin
                if first < len(event.data) and last > 0:
                    waiting[span].update(event.data[first:last])
    return {
        span: digest.digest()
        for span, digest in waiting.items()
        if span.start >= 0 and span.start + span.length <= positions[span.channel]
    }
