"""What is found of each event, in the words that the desk's page knows how to translate."""

import json
from pathlib import Path
from typing import get_args

from audit.replay_index.entries import entry_of_event, participants_in, people_fields
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


def test_whom_a_text_names_by_number_is_known_by_name() -> None:
    """Of every entry in which a number stands for somebody, and of no other: what people write is not looked into."""
    written = [entry for event in HAPPENED if (entry := entry_of_event(event)) is not None]
    numbered = {entry.text: participants_in(entry) for entry in written if participants_in(entry)}
    assert numbered == {
        "asked: view (the place of 1): my shift": (1,),
        "left: 2": (2,),
        "taken over: 2 from 1": (2, 1),
        "may come in with an SSH program: 2": (2,),
        "engineer 2: customer: no": (2,),
    }
    said = entry_of_event(ChatSaid(0, 0, "engineer 2: is here"))
    assert said is not None
    assert (participants_in(said), people_fields(said, {2: "Mei Example"})) == ((), {})
    left = entry_of_event(ParticipantLeft(0, 2))
    assert left is not None
    assert people_fields(left, {1: "Jon Example"}) == {}
    assert people_fields(left, {2: "Mei\nExample"}) == {"people": [{"participant": 2, "name": "Mei Example"}]}


def test_every_kind_of_event_is_there_or_silent() -> None:
    """A new event cannot reach a Chinese reader in English unnoticed."""
    assert {type(event) for event in HAPPENED} | SILENT == set(get_args(Event))
