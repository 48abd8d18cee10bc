"""What an index can find: one entry per line that was shown and per thing that happened.

An entry has a time, a kind and a text. Its text is for finding and for one line of a list; what exactly happened stands
in the recording's events, to which the time leads.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from protocol.events import (
    CUSTOMER,
    ChannelOpened,
    ChatSaid,
    ConnectionForwarded,
    ConsentAnswered,
    ConsentAsked,
    Event,
    FileOperation,
    GrantChanged,
    Manifest,
    ParticipantJoined,
    ParticipantLeft,
    Redacted,
    SessionClosing,
    SessionPaused,
    SessionStopped,
    SshKeyAdmitted,
    TakenOver,
)

TEXT_LIMIT_CHARACTERS = 4096


class Kind(StrEnum):
    """What an entry is; also what a search can be narrowed to."""

    OUTPUT = "output"
    COMMAND = "command"
    FILE = "file"
    CONSENT = "consent"
    SESSION = "session"
    FORWARD = "forward"
    GAP = "gap"
    CHAT = "chat"
    NOTE = "note"
    MARK = "mark"


class Source(StrEnum):
    """How an entry came to be known. Only `recorded` is the agent's word; the others read what a terminal showed."""

    RECORDED = "recorded"
    SHOWN = "shown"
    SHELL_INTEGRATION = "shell-integration"
    PROMPT = "prompt"
    ADDED = "added"


class Entry(Struct, frozen=True, array_like=True):
    """`t_ms` is on the session's clock. `name` is a mark's name, or what else tells added entries apart."""

    t_ms: int
    kind: Kind
    text: str
    source: Source = Source.RECORDED
    channel: int = 0
    name: str = ""


_NUMBERS = {
    Kind.CHAT: re.compile(r"engineer (\d+): "),
    Kind.CONSENT: re.compile(r"asked: .*? \(the place of (\d+)\): "),
    Kind.SESSION: re.compile(r"(?:left|may come in with an SSH program): (\d+)$|taken over: (\d+) from (\d+)$"),
}


def participants_in(entry: Entry) -> tuple[int, ...]:
    """Those whom an entry's text names by their numbers alone: its text was made before anybody asked who that is."""
    form = _NUMBERS.get(entry.kind)
    found = form.match(entry.text) if form else None
    return tuple(int(number) for number in found.groups() if number) if found else ()


def people_fields(entry: Entry, names: Mapping[int, str]) -> dict[str, list[dict[str, str | int]]]:
    """What a reader needs to call them by their names, as far as these are known; nothing for most entries."""
    known = [number for number in participants_in(entry) if names.get(number)]
    people: list[dict[str, str | int]] = [
        {"participant": number, "name": bounded_text(names[number])} for number in known
    ]
    return {"people": people} if people else {}


def bounded_text(text: str) -> str:
    """One line of limited length: entries are kept by lines."""
    return " ".join(text[:TEXT_LIMIT_CHARACTERS].splitlines())


def entry_fields(entry: Entry) -> dict[str, str | int]:
    """As JSON types, for scripts and for the audit service's answers."""
    return {
        "t_ms": entry.t_ms,
        "kind": str(entry.kind),
        "text": entry.text,
        "source": str(entry.source),
        "channel": entry.channel,
        "name": entry.name,
    }


def entry_of_manifest(manifest: Manifest) -> Entry:
    """What the session was about."""
    engineer = manifest.engineer
    text = f"{manifest.reason} {manifest.ticket} {engineer.name} {engineer.staff_number} {customer_of(manifest)}"
    return Entry(0, Kind.SESSION, bounded_text(text))


def customer_of(manifest: Manifest) -> str:
    """Whose session it was, as the customer's machine names itself."""
    return f"{manifest.user_name}@{manifest.host_label}"


def entry_of_event(event: Event) -> Entry | None:
    """None for output, input, and what nobody would look for."""
    described = _describe_access(event) or _describe_work(event)
    if described is None:
        return None
    kind, text = described
    return Entry(event.t_ms, kind, bounded_text(text), channel=getattr(event, "channel", 0))


def _describe_access(event: Event) -> tuple[Kind, str] | None:
    match event:
        case ConsentAsked():
            for_what = f"the place of {event.takes_over}" if event.takes_over else f"{event.minutes} min"
            return Kind.CONSENT, f"asked: {', '.join(event.scopes)} ({for_what}): {event.reason}"
        case ConsentAnswered():
            return Kind.CONSENT, f"{event.answer}: {', '.join(event.scopes)}"
        case GrantChanged():
            return Kind.CONSENT, f"changed by {event.by}: {', '.join(event.scopes)}"
        case ParticipantJoined():
            return Kind.SESSION, f"joined: {event.name} {event.staff_number}"
        case ParticipantLeft():
            return Kind.SESSION, f"left: {event.participant}"
        case TakenOver():
            return Kind.SESSION, f"taken over: {event.participant} from {event.leaver}"
        case SshKeyAdmitted():
            return Kind.SESSION, f"may come in with an SSH program: {event.participant}"
        case SessionPaused():
            return Kind.GAP, f"paused by {event.by}"
        case SessionStopped():
            return Kind.SESSION, f"stopped by {event.name} {event.staff_number}: {event.why}"
        case SessionClosing():
            return Kind.SESSION, f"closing: {event.reason}"
    return None


def _describe_work(event: Event) -> tuple[Kind, str] | None:
    match event:
        case ChannelOpened(use="command" | "terminal-command"):
            return Kind.COMMAND, event.command
        case FileOperation():
            path = f"{event.path} → {event.target}" if event.target else event.path
            return Kind.FILE, f"{event.action} {path} ({event.outcome})"
        case ConnectionForwarded():
            return Kind.FORWARD, f"{event.destination} ({event.outcome})"
        case ChatSaid():
            who = "customer" if event.participant == CUSTOMER else f"engineer {event.participant}"
            return Kind.CHAT, f"{who}: {event.text}"
        case Redacted():
            return Kind.MARK, f"redacted by rule {event.rule}"
    return None
