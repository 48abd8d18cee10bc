"""What happens is recorded first; the customer sees it, and the end remembers it."""

import asyncio
from hashlib import sha256

import pytest

from agent_client import narration
from agent_client.faces.notices import CommandRun, ConnectionMade, FileTouched, Notice, RoomResized
from agent_client.narration import NarratedRecording
from protocol.attestation import NOTHING_SHOWN
from protocol.events import (
    ChannelClosed,
    ChannelOpened,
    ConnectionForwarded,
    FileAction,
    FileOperation,
    SessionPaused,
    TerminalOutput,
    TerminalResized,
)
from tests.agent_client.collecting import CollectedRecording

STREAM = bytes(range(16))


class Stage:
    def __init__(self) -> None:
        self.recording = CollectedRecording(strict=True)
        self.shown: list[Notice] = []
        self.recorded_when_shown: list[int] = []
        self.narrated = NarratedRecording(self.recording, self._show)

    def _show(self, notice: Notice) -> None:
        self.shown.append(notice)
        self.recorded_when_shown.append(len(self.recording.events))


@pytest.fixture
def stage() -> Stage:
    return Stage()


def a_command(t_ms: int = 5) -> ChannelOpened:
    return ChannelOpened(t_ms, 1, 2, "command", STREAM, "cat receipts.log", 0, 0, 0)


def a_file(action: FileAction, outcome: str = "ok") -> FileOperation:
    return FileOperation(9, 1, 2, action, "/home/mei/receipts.log", "", outcome, 12, b"", ())  # type: ignore[arg-type]


def a_close(output: bytes, *, participant: int = 2) -> ChannelClosed:
    return ChannelClosed(7, 1, participant, STREAM, 0, 0, b"", len(output), sha256(output).digest())


def test_commands_are_recorded_before_they_are_shown(stage: Stage) -> None:
    """What the customer sees is in the recording already."""
    stage.narrated.record(a_command())
    assert stage.shown == [CommandRun(2, "cat receipts.log")]
    assert stage.recorded_when_shown == [1]
    assert stage.narrated.facts.commands == 1


def test_connections_are_told_where_they_lead(stage: Stage) -> None:
    """What goes through them is on no screen, so the customer reads that it is there; tries are only recorded."""
    stage.narrated.record(ConnectionForwarded(5, 1, 2, "10.0.0.7:5432", "ok"))
    stage.narrated.record(ConnectionForwarded(6, 2, 2, "10.0.0.8:5432", "refused"))
    assert stage.shown == [ConnectionMade(2, "10.0.0.7:5432")]
    assert stage.recorded_when_shown == [1]


@pytest.mark.parametrize(("action", "outcome"), [("list", "ok"), ("set-attributes", "ok"), ("read", "refused")])
def test_what_clients_do_all_the_time_is_only_recorded(stage: Stage, action: FileAction, outcome: str) -> None:
    """Lists, attributes and what was refused would flood the customer's screen; the recording has them."""
    stage.narrated.record(a_file(action, outcome))
    assert (stage.shown, len(stage.recording.events)) == ([], 1)


def test_files_are_shown_and_remembered_for_the_summary(stage: Stage) -> None:
    """Each file that was touched, with its size."""
    stage.narrated.record(a_file("write"))
    assert stage.shown == [FileTouched(2, "/home/mei/receipts.log", "write", 12)]
    assert stage.narrated.facts.files == stage.shown


def test_the_rooms_size_is_told_and_a_commands_is_not(stage: Stage) -> None:
    """The customer's screen shows the room alone."""
    stage.narrated.record(TerminalResized(1, 0, 80, 24))
    stage.narrated.record(TerminalResized(1, 3, 132, 50))
    assert stage.shown == [RoomResized(80, 24)]


def test_only_doings_count_as_somebody_being_there(stage: Stage) -> None:
    """A pause keeps no idle session alive; output, input and files do."""
    stage.narrated.record(SessionPaused(3, "customer"))
    assert stage.narrated.last_activity_ms == 0
    stage.narrated.record(TerminalOutput(4, 0, b"x"))
    assert stage.narrated.last_activity_ms == 4


async def test_what_was_sent_is_known_when_the_channel_has_closed(stage: Stage) -> None:
    """An attestation may come a moment before the end of its channel is counted here."""
    stage.narrated.record(a_command())
    asking = asyncio.create_task(stage.narrated.has_sent(2, STREAM, 5, sha256(b"hello").digest()))
    await asyncio.sleep(0)
    stage.narrated.record(a_close(b"somebody else's", participant=3))
    await asyncio.sleep(0)
    assert not asking.done()
    stage.narrated.record(a_close(b"hello"))
    assert await asking
    assert not await stage.narrated.has_sent(2, STREAM, 5, sha256(b"HELLO").digest())


async def test_a_channel_that_never_closes_has_sent_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever for its totals; not even nothing is right before they are counted."""
    monkeypatch.setattr(narration, "CHANNEL_CLOSE_WITHIN_SECONDS", 0.01)
    stage.narrated.record(a_command())
    assert not await stage.narrated.has_sent(2, STREAM, 5, bytes(32))
    assert not await stage.narrated.has_sent(2, STREAM, *NOTHING_SHOWN)


async def test_a_stream_without_a_channel_has_sent_nothing(stage: Stage) -> None:
    """A shell that was refused: whoever says that they saw nothing is right, and nobody else."""
    stage.narrated.record(a_command())
    elsewhere = bytes(16)
    assert await stage.narrated.has_sent(2, elsewhere, *NOTHING_SHOWN)
    assert not await stage.narrated.has_sent(2, elsewhere, 5, sha256(b"hello").digest())
    assert not await stage.narrated.has_sent(2, elsewhere, 0, bytes(32))


async def test_the_recorders_back_pressure_passes_through(stage: Stage) -> None:
    """Whoever produces output asks the narration, and hears what the recorder says."""
    assert (stage.narrated.strict, stage.narrated.has_room) == (True, True)
    stage.recording.set_room(has_room=False)
    waiting = asyncio.create_task(stage.narrated.wait_for_room())
    await asyncio.sleep(0)
    assert not waiting.done()
    stage.recording.set_room(has_room=True)
    await waiting
    stage.narrated.record(a_command())
    durable = asyncio.create_task(stage.narrated.wait_until_durable())
    await asyncio.sleep(0)
    assert not durable.done()
    stage.recording.acknowledge()
    await durable
