"""The customer's machine: the agent's own `SupportSession`, with models of the shared room and of the SSH server.

Real: the link to the broker, codes and pairing, control streams, consent, grants, legs and streams, recorder, closing,
delivery of what was left. Models: asyncssh and the PTY. A stream of kind SSH carries plain bytes here: what an engineer
sends is read and counted, and a program answers through the real output path.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_client.broker_link import BrokerLink
from agent_client.host import Host
from agent_client.live import SessionIdentity
from agent_client.participant import Participant
from agent_client.recorder.deliver import deliver_spools
from agent_client.recorder.redaction import RedactionRules
from agent_client.recording import PassThrough, Recording
from agent_client.session import SessionSettings, SupportSession
from agent_client.shell.output import OutputPath
from agent_client.shell.tally import ChannelRecord
from agent_client.shell.viewer import Seat
from agent_client.ssh.host_keys import HostKeys
from protocol.errors import ConsentryError
from protocol.events import ROOM_CHANNEL, CommandOutput
from protocol.grants import Scope
from protocol.stream_frames import CloseCode
from simulation.customer import Customer
from simulation.nodes import Incarnation
from simulation.shell import Program, WatchedRecording
from simulation.whole import Whole
from tunnel.stream_connection import StreamConnection, StreamEnded
from wording import Wording

SHELL = frozenset({Scope.SHELL})
DELIVER_EVERY_SECONDS = 20.0

_host_keys = HostKeys.generate()
_wording = Wording("en")
_rules = RedactionRules.load()


class ModelRoom:
    """In the place of the shared room: nobody sits in it."""

    def __init__(self, *_: Any) -> None:
        self.output_sha256 = b""

    async def attach_customer(self, *_: Any, **__: Any) -> Seat:
        return Seat(None, 80, 24, None, None)  # type: ignore[arg-type]  # it is never looked at

    def pause(self) -> None:
        """What runs is the SSH model's."""

    def resume(self) -> None:
        """See `pause`."""

    def type(self, seat: Seat, data: bytes) -> None:
        """Nobody reads it."""

    def resize(self, seat: Seat, columns: int, rows: int) -> None:
        """There is no terminal."""

    async def end(self) -> None:
        """There is nothing to kill."""


class ModelSsh:
    """In the place of the SSH server. Each stream is one command of the engineer's."""

    whole: Whole
    """Set by the scenario: the server is made deep inside of the agent."""

    def __init__(self, host_keys: HostKeys, room: ModelRoom, recording: Recording, redactor_factory: Any) -> None:
        del host_keys, room, redactor_factory
        self._recording = recording
        self._commands: list[_Command] = []
        self._paused = False
        self._ended = False
        self._channels = ROOM_CHANNEL

    async def serve(self, stream: StreamConnection, participant: Participant) -> None:
        if self._ended or not participant.allows(Scope.SHELL):
            stream.abort()
            return
        self._channels += 1
        command = _Command(self.whole, self._recording, stream, participant, self._channels)
        self._commands.append(command)
        if self._paused:
            command.pause()
        await command.run()
        self._commands.remove(command)

    def pause(self) -> None:
        self._paused = True
        for command in self._commands:
            command.pause()

    def resume(self) -> None:
        self._paused = False
        for command in self._commands:
            command.resume()

    async def end(self) -> None:
        self._ended = True
        for command in list(self._commands):
            command.kill()


class _Command:
    """Reads what the engineer sends, and puts out what a program says, until either is over."""

    def __init__(
        self, whole: Whole, recording: Recording, stream: StreamConnection, participant: Participant, channel: int
    ) -> None:
        dice = whole.house.loop.dice
        self._whole = whole
        self._stream = stream
        self._participant = participant
        self._session_id = whole.session_of_pairing(stream.pairing_id)
        self._record = ChannelRecord(
            recording,
            channel=channel,
            participant=participant.participant,
            stream_id=stream.stream_id,
            use="command",
            command="model",
        )
        self._program = Program(dice, pieces=dice.randint(0, 40), longest_pause_seconds=dice.choice((0.01, 0.5, 8.0)))
        watched = WatchedRecording(recording, self._session_id, whole.house.observer)
        self._path = OutputPath(
            watched,
            PassThrough(channel),
            to_event=lambda data: CommandOutput(t_ms=recording.elapsed_ms(), channel=channel, stream=1, data=data),
            show=self._show,
        )
        self._path.reader = self._program.reader
        self._let_go = False

    def pause(self) -> None:
        self._program.pause()

    def resume(self) -> None:
        self._program.resume()

    def kill(self) -> None:
        self._let_go = True
        self._path.close()
        self._stream.abort()

    async def run(self) -> None:
        forget = self._participant.on_change(self._access_changed)
        listening = asyncio.create_task(self._listen(), name="command input")
        running = asyncio.create_task(self._put_out(), name="command output")
        try:
            either: list[asyncio.Future[Any]] = [running, self._stream.closed]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            forget()
            listening.cancel()
            running.cancel()
            self._path.close()
            self._record.close(0)
            self._let_go = True
            self._stream.close()

    async def _listen(self) -> None:
        stream_id = self._stream.stream_id
        try:
            while data := await self._stream.read():
                self._whole.streams.read(stream_id, "engineer", data)
                self._record.took_input(data)
            if not self._let_go:  # who has closed a stream does not hear the rest of it
                self._whole.streams.ended(stream_id, "engineer", CloseCode.DONE)
        except StreamEnded as error:
            self._whole.streams.ended(stream_id, "engineer", error.code)

    async def _put_out(self) -> None:
        await self._program.run(self._path.feed)
        await self._path.finish()

    def _show(self, data: bytes) -> None:
        if self._stream.is_closing():
            return
        self._whole.house.observer.output_shown(self._session_id, len(data))
        self._whole.ledger.check(self._session_id, self._participant.participant, SHELL, "output was shown")
        self._record.output.written(data)
        self._record.output.settle(0)
        self._whole.streams.wrote(self._stream.stream_id, "agent", data)
        self._stream.write(data)

    def _access_changed(self) -> None:
        if not self._participant.allows(Scope.SHELL):
            self.kill()


class Agent:
    """`program` is what the customer starts, again after every crash and every end."""

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._busy: Incarnation | None = None
        whole.house.nodes["agent"].program = self.program

    @property
    def is_idle(self) -> bool:
        """Nothing is shared, and nothing waits for delivery."""
        incarnation = self._whole.house.nodes["agent"].incarnation
        return incarnation is not None and self._busy is not incarnation and not self._whole.house.spools("agent")

    async def program(self, incarnation: Incarnation) -> None:
        house = self._whole.house
        asyncio.get_running_loop().create_task(self._keep_delivering(), name="deliver spools")
        while self._whole.wants_session():
            self._busy = incarnation
            try:
                await self._share()
            except ConsentryError as error:
                house.loop.note(f"sharing failed: {type(error).__name__}")
            self._busy = None
            await asyncio.sleep(1.0)
        house.loop.note("the customer needs no more help")

    async def _keep_delivering(self) -> None:
        house = self._whole.house
        while True:
            for delivery in await deliver_spools(house.disks["agent"].root):
                house.loop.note(f"spool of {delivery.session_id.hex()[:8]}: {delivery.outcome}")
                if delivery.outcome == "refused":
                    house.observer.fail("an honest spool was refused")
            await asyncio.sleep(DELIVER_EVERY_SECONDS)

    async def _share(self) -> None:
        house = self._whole.house
        signing_key = Ed25519PrivateKey.generate()
        link = BrokerLink(house.profile, agent_key=signing_key.public_key().public_bytes_raw(), language="en")
        opened = await link.open()
        session_id = opened.session_id
        house.loop.note(f"session {session_id.hex()[:8]} opened")
        house.observer.recording(session_id).strict = house.profile.output_policy == "strict"
        root = house.disks["agent"].root
        identity = SessionIdentity(
            profile=house.profile,
            root_key=self._whole.root_public_key,
            opened=opened,
            signing_key=signing_key,
            host_keys=_host_keys,
            host=Host(label="till-3", user_name="shop", is_root=False, home=root),
            profile_note=house.organisation.profile_note,
        )
        customer = Customer(
            session_id,
            house.loop,
            self._whole.ledger,
            self._whole.chat.reader(session_id, "the customer"),
            tell_code=self._telephone(session_id),
            calm=lambda: house.faults.stopped,
        )
        session = SupportSession(identity, link, SessionSettings(root, (root,), _rules), customer, _wording)
        self._whole.sharing(session_id, session)
        closed = await session.run()
        house.loop.note(f"session {session_id.hex()[:8]} ended: {closed.reason}")

    def _telephone(self, session_id: bytes) -> Callable[[str], None]:
        return lambda code: self._whole.codes.append((session_id, code))
