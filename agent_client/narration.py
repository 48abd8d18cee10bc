"""Stands before the recorder: what happens is told to the customer too, and remembered for the end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from agent_client.faces.notices import CommandRun, ConnectionMade, FileTouched, Notice, RoomResized
from agent_client.recording import Recording
from protocol.attestation import NOTHING_SHOWN
from protocol.events import (
    ROOM_CHANNEL,
    ChannelClosed,
    ChannelOpened,
    ChatSaid,
    CommandOutput,
    ConnectionForwarded,
    Event,
    FileOperation,
    InputHidden,
    TakenOver,
    TerminalInput,
    TerminalOutput,
    TerminalResized,
)

# What counts as somebody being there: the idle limit looks at these.
_ACTIVITY = (TerminalOutput, TerminalInput, InputHidden, CommandOutput, FileOperation, ChannelOpened, ChatSaid)

_TYPING = (TerminalOutput, TerminalInput, InputHidden, CommandOutput)
"""What comes with every key, and is told by nobody but the terminal."""

CHANNEL_CLOSE_WITHIN_SECONDS = 4.0
"""An attestation may overtake the end of its own channel by this much, on a busy machine: whoever says no too soon has
an engineer warned of a false recording. Less than the console waits for the answer, which is 5 s."""

_SILENT_ACTIONS = frozenset({"list", "set-attributes"})
"""A client lists and touches all the time; the recording has it, the customer's screen need not."""


@dataclass
class SessionFacts:
    """What the summary and the receipt will say."""

    commands: int = 0
    files: list[FileTouched] = field(default_factory=list)
    take_overs: list[TakenOver] = field(default_factory=list)
    closed_channels: list[ChannelClosed] = field(default_factory=list)


class NarratedRecording:
    """Fulfils `Recording` by handing everything over; shows commands, connections and files as they happen."""

    def __init__(self, recording: Recording, show: Callable[[Notice], None]) -> None:
        self._recording = recording
        self._show = show
        self._channel_closed = asyncio.Event()
        self._streams: set[tuple[int, bytes]] = set()
        """By participant, those on which a channel was opened."""
        self.facts = SessionFacts()
        self.last_activity_ms = 0

    @property
    def strict(self) -> bool:
        return self._recording.strict

    @property
    def has_room(self) -> bool:
        return self._recording.has_room

    def elapsed_ms(self) -> int:
        return self._recording.elapsed_ms()

    def record(self, event: Event) -> None:
        self._recording.record(event)
        if isinstance(event, _ACTIVITY):
            self.last_activity_ms = event.t_ms
        if not isinstance(event, _TYPING):
            self._narrate(event)

    def _narrate(self, event: Event) -> None:
        if isinstance(event, ChannelOpened):
            self._streams.add((event.participant, event.stream_id))
        match event:
            case ChannelOpened(use="command" | "terminal-command"):
                self.facts.commands += 1
                self._show(CommandRun(event.participant, event.command))
            case ConnectionForwarded(outcome="ok"):
                self._show(ConnectionMade(event.participant, event.destination))
            case ChannelClosed():
                self.facts.closed_channels.append(event)
                self._channel_closed.set()
            case TerminalResized() if event.channel == ROOM_CHANNEL:
                self._show(RoomResized(event.columns, event.rows))
            case TakenOver():
                self.facts.take_overs.append(event)
            case FileOperation(outcome="ok") if event.action not in _SILENT_ACTIONS:
                touched = FileTouched(event.participant, event.path, event.action, event.byte_count)
                self.facts.files.append(touched)
                self._show(touched)
            case _:
                pass

    async def has_sent(self, participant: int, stream_id: bytes, output_bytes: int, output_sha256: bytes) -> bool:
        """Is this what the participant got from a channel of that stream? Nothing, if a shell was refused there.

        Waits a moment for the channel to close here too: its totals are counted when its last byte has left.
        """
        deadline = asyncio.get_running_loop().time() + CHANNEL_CLOSE_WITHIN_SECONDS
        while not (sent := self._sent(participant, stream_id)):
            if (participant, stream_id) not in self._streams:
                return (output_bytes, output_sha256) == NOTHING_SHOWN
            self._channel_closed.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._channel_closed.wait()
            except TimeoutError:
                return False
        return (output_bytes, output_sha256) in sent

    def _sent(self, participant: int, stream_id: bytes) -> set[tuple[int, bytes]]:
        return {
            (closed.output_bytes, closed.output_sha256)
            for closed in self.facts.closed_channels
            if (closed.participant, closed.stream_id) == (participant, stream_id)
        }

    async def wait_for_room(self) -> None:
        await self._recording.wait_for_room()

    async def wait_until_durable(self) -> None:
        await self._recording.wait_until_durable()
