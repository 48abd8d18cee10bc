"""The room without SSH around it: slow seats, joining, leaving, redaction, and shells that come and go."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent_client.recording import PassThrough
from agent_client.shell import room as room_module
from agent_client.shell.environment import ShellProfile
from agent_client.shell.fd_reader import GATHER_BYTES, READ_BYTES
from agent_client.shell.process_tree import ProgramNotStarted
from agent_client.shell.room import LAG_BYTES, LAG_LIMIT_BYTES, REPLAY_BYTES, Room
from agent_client.shell.tally import ChannelRecord
from agent_client.shell.viewer import Seat
from protocol.events import ChannelClosed, ChannelOpened, TerminalOutput
from protocol.grants import Scope
from tests.agent_client.collecting import ChangeableAccess, CollectedRecording
from tests.helpers.waiting import PATIENCE_SECONDS

FLOOD = b"while :; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; done\n"


class ScreenInHand:
    """A screen whose speed is the test's choice: it sends on only when told to."""

    def __init__(self, room: Room, *, fast: bool) -> None:
        self.room = room
        self.fast = fast
        self.queue = bytearray()
        self.seen = bytearray()
        self.ended: int | None = None
        self.was_cut = False
        self.seat: Seat | None = None

    def place(self, record: ChannelRecord) -> "ScreenInHand":
        self.record = record
        return self

    @property
    def queued_bytes(self) -> int:
        return len(self.queue)

    def show(self, data: bytes) -> None:
        self.queue += data
        if self.fast:
            self.send_on()

    def send_on(self) -> None:
        self.record.output.written(bytes(self.queue))
        self.record.output.settle(0)
        self.seen += self.queue
        self.queue.clear()
        self.room.drained()

    def shell_ended(self, exit_status: int) -> None:
        self.ended = exit_status

    def cut(self) -> None:
        """As for a client whose network is gone: it never answers, so nobody says afterwards that it has left."""
        self.was_cut = True
        self.queue.clear()

    def hold_input(self, held: bool) -> None:
        """Keys come from the test itself."""


@pytest.fixture
def recording() -> CollectedRecording:
    return CollectedRecording()


@pytest.fixture
async def room(recording: CollectedRecording, tmp_path: Path) -> AsyncIterator[Room]:
    profile = ShellProfile("/bin/sh", tmp_path, {"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    room = Room(recording, PassThrough, profile)
    yield room
    await room.end()


async def enter(room: Room, participant: int, *scopes: Scope, fast: bool = True) -> ScreenInHand:
    screen = ScreenInHand(room, fast=fast)
    access = ChangeableAccess(*(scopes or (Scope.SHELL,)), participant=participant)
    screen.seat = await room.attach(screen.place, access, bytes(16), columns=80, rows=24, terminal="xterm")
    return screen


async def test_one_slow_engineer_slows_the_shell(room: Room, recording: CollectedRecording) -> None:
    """Alone in the room: the shell waits at the bound, and goes on when the client has caught up."""
    slow = await enter(room, 1, fast=False)
    assert slow.seat is not None
    room.type(slow.seat, FLOOD)
    await recording.until(lambda: recording.room_bytes() > LAG_BYTES)
    await asyncio.sleep(0.05)
    stopped_at = recording.room_bytes()
    await asyncio.sleep(0.05)
    assert recording.room_bytes() == stopped_at < LAG_BYTES * 2
    slow.send_on()
    await recording.until(lambda: recording.room_bytes() > stopped_at)


async def test_a_slow_engineer_does_not_stall_the_others_for_long(
    room: Room, recording: CollectedRecording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside one who keeps up, the one who does not is waited for at the limit, then cut; the room goes on."""
    monkeypatch.setattr(room_module, "LAG_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(room_module, "LAG_LIMIT_BYTES", LAG_BYTES * 2)
    fast, slow = await enter(room, 1), await enter(room, 2, fast=False)
    assert fast.seat is not None
    room.type(fast.seat, FLOOD)
    await recording.first(ChannelClosed, lambda event: event.participant == 2)
    assert slow.was_cut
    assert not fast.was_cut
    at = recording.room_bytes()
    assert at < LAG_LIMIT_BYTES
    await recording.until(lambda: recording.room_bytes() > at)


async def test_a_newcomer_sees_the_last_of_the_past(room: Room, recording: CollectedRecording) -> None:
    """At most a little more than the replay bound, ending where the room is, at the offset that is recorded."""
    first = await enter(room, 1)
    assert first.seat is not None
    room.type(first.seat, b"head -c 300000 /dev/zero | tr '\\0' x; echo; echo done-$((1+1))\n")
    await recording.until(lambda: b"done-2" in recording.room_output())
    second = await enter(room, 2)
    opened = recording.of(ChannelOpened)[1]
    past = recording.room_output()[opened.output_offset :]
    assert second.seen == past
    assert REPLAY_BYTES <= len(past) <= REPLAY_BYTES + GATHER_BYTES + READ_BYTES


async def test_leaving_records_what_was_seen(room: Room, recording: CollectedRecording) -> None:
    """The shell goes on without them; the hash is that of the bytes up to there."""
    one = await enter(room, 1)
    assert one.seat is not None
    room.type(one.seat, b"echo a-$((1+1))\n")
    await recording.until(lambda: b"a-2" in recording.room_output())
    room.leave(one.seat)
    closed = recording.of(ChannelClosed)[0]
    assert closed.output_sha256 == hashlib.sha256(one.seen).digest()
    assert room.running


async def test_the_next_to_come_gets_a_new_shell(room: Room, recording: CollectedRecording) -> None:
    """After `exit` all seats are told; a new shell starts with no past to show, in the same output."""
    one = await enter(room, 1)
    assert one.seat is not None
    room.type(one.seat, b"exit 4\n")
    while one.ended is None:
        await recording.poll()
    assert one.ended == 4
    room.leave(one.seat, 4)
    before = recording.room_bytes()
    await enter(room, 2)
    assert recording.of(ChannelOpened)[1].output_offset == before
    await recording.until(lambda: recording.room_bytes() > before)


async def test_the_customer_types_and_sees(room: Room, recording: CollectedRecording) -> None:
    """The customer's seat has the same bytes, and their keys are recorded as participant 0."""
    seen = bytearray()
    customer = await room.attach_customer(seen.extend, columns=80, rows=24, terminal="")
    assert not room.running
    await enter(room, 1, Scope.VIEW)
    room.type(customer, b"echo c-$((1+1))\n")
    await recording.until(lambda: b"c-2" in recording.room_output())
    assert seen == recording.room_output()


async def test_nobody_enters_a_room_that_has_ended(room: Room) -> None:
    """No shell is started any more."""
    await room.end()
    with pytest.raises(ProgramNotStarted):
        await enter(room, 1)


class HoldingBack:
    """A redactor that waits for the end of a line, and replaces a secret in it."""

    def __init__(self, channel: int) -> None:
        del channel
        self._held = b""

    @property
    def held_bytes(self) -> int:
        return len(self._held)

    def feed(self, data: bytes) -> bytes:
        self._held += data
        whole, newline, self._held = self._held.rpartition(b"\n")
        return (whole + newline).replace(b"s3cret", b"*")

    def flush(self) -> bytes:
        rest, self._held = self._held, b""
        return rest.replace(b"s3cret", b"*")


async def test_a_secret_is_neither_seen_nor_recorded(recording: CollectedRecording, tmp_path: Path) -> None:
    """Redaction comes before everything; what it holds back arrives after its short wait even if nothing follows."""
    profile = ShellProfile("/bin/sh", tmp_path, {"PATH": os.environ["PATH"]})
    room = Room(recording, HoldingBack, profile)
    one = await enter(room, 1)
    assert one.seat is not None
    room.type(one.seat, b"stty -echo; echo s3; printf 's3%s' cret; printf ' tail'; sleep 100\n")
    async with asyncio.timeout(PATIENCE_SECONDS):
        await recording.first(TerminalOutput, lambda event: event.data.endswith(b" tail"))
    assert b"* tail" in recording.room_output()
    assert one.seen == recording.room_output()
    await room.end()
