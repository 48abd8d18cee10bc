"""What is found of each event, in the words that the desk's page knows how to translate."""

import json
from pathlib import Path
from typing import get_args

from audit.replay_index.entries import entry_of_event
from protocol import events
from protocol.events import (
    ChannelOpened,
    ChatSaid,
    ConnectionForwarded,
    ConsentAnswered,
    ConsentAsked,
    Event,
    FileOperation,
    GrantChanged,
    ParticipantJoined,
    ParticipantLeft,
    Redacted,
    SessionClosing,
    SessionPaused,
    SessionStopped,
    SshKeyAdmitted,
    TakenOver,
)
from protocol.grants import Scope

VECTORS = Path(__file__).parents[2] / "vectors" / "happenings.json"
VIEW = (Scope.VIEW,)

HAPPENED: tuple[Event, ...] = (
    ConsentAsked(0, 1, (Scope.VIEW, Scope.FILES_READ), 30, "receipts: (1) never", ""),
    ConsentAsked(0, 2, VIEW, 30, "my shift", "", takes_over=1),
    ConsentAnswered(0, 1, "allowed", VIEW, 1),
    ConsentAnswered(0, 1, "denied", VIEW, 0),
    ConsentAnswered(0, 1, "timeout", VIEW, 0),
    GrantChanged(0, 1, VIEW, 1, "customer"),
    GrantChanged(0, 1, (), 1, "time"),
    ParticipantJoined(0, 1, "Mei Example", "E-17", b"", "ssh"),
    ParticipantLeft(0, 2),
    TakenOver(0, 2, 1),
    SshKeyAdmitted(0, 2, b""),
    SessionStopped(0, "Mei Example", "E-17", "the caller: unknown"),
    SessionClosing(0, "customer-ended"),
    SessionPaused(0, "recorder"),
    ChannelOpened(0, 1, 1, "command", b"", "uptime", 0, 0, 0),
    FileOperation(0, 1, 1, "read", "/tmp/a (ok)", "", "refused", 0, b"", ()),
    FileOperation(0, 1, 1, "rename", "/a", "/b", "ok", 0, b"", ()),
    ConnectionForwarded(0, 1, 1, "db:5432", "failed"),
    ChatSaid(0, 0, "hello"),
    ChatSaid(0, 2, "customer: no"),
    Redacted(0, 1, "bearer", 3),
)
SILENT = {
    events.ManifestRecorded,
    events.ChannelClosed,
    events.TerminalOutput,
    events.TerminalInput,
    events.InputHidden,
    events.TerminalResized,
    events.CommandOutput,
    events.SessionResumed,
    events.ClockCompared,
    events.OutputAttested,
}
"""Of these there is nothing to find, or it is found otherwise."""


def test_what_happened_is_written_as_the_desk_reads_it() -> None:
    """The same file says what the page makes of each in Chinese (web/tests/desk/spoken.test.ts)."""
    written = [entry for event in HAPPENED if (entry := entry_of_event(event)) is not None]
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    assert [(entry.kind, entry.text) for entry in written] == [(one["kind"], one["text"]) for one in vectors]


def test_every_kind_of_event_is_there_or_silent() -> None:
    """A new event cannot reach a Chinese reader in English unnoticed."""
    assert {type(event) for event in HAPPENED} | SILENT == set(get_args(Event))
