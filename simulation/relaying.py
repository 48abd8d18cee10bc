"""Scenario `relaying`: streams over legs through the relay, under heavy loads and many cuts. No pairing, no recording.

Real: the agent's link to the broker and its legs, the relay with its door and pump, the engineer's dialling, the stream
machine and its connection at both ends. A model: the pairing (its key is given out here) and what runs inside.
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_client.broker_link import BrokerLink
from broker.relay.tickets import LegTickets
from protocol.errors import ConsentryError
from protocol.messages.agent import BrokerToAgent, DialLegs, EndRequested, SessionOpened
from protocol.stream_frames import CloseCode, StreamKind
from simulation.house import House
from simulation.nodes import Incarnation
from simulation.organisation import DAY_MS
from simulation.streams import StreamWatch
from tunnel.agent_legs import AgentLegs
from tunnel.engineer_stream import open_stream
from tunnel.paired_session import PairedSession
from tunnel.stream_connection import StreamConnection, StreamEnded
from tunnel.tasks import TaskGroupOwner

PAIRING_ID = bytes(range(16))


class RelayingScenario:
    """One agent, two engineers who know its keys, and as many streams as there is time for."""

    machines: ClassVar[tuple[str, ...]] = ("agent", "broker", "engineer-1", "engineer-2")
    fault_seconds: ClassVar[tuple[float, float]] = (0.1, 30.0)

    def __init__(self, house: House) -> None:
        self._house = house
        self._watch = StreamWatch(house.observer)
        self._session: tuple[bytes, bytes] | None = None
        """Id and stream key of the session that is open."""
        self._busy: dict[str, Incarnation | None] = {}
        house.nodes["agent"].program = self._agent
        for name in ("engineer-1", "engineer-2"):
            house.nodes[name].program = self._engineer(name)

    @staticmethod
    def replacements(connect: Callable[..., Any]) -> Iterable[tuple[str, str, Any]]:
        """Nothing but what every scenario replaces."""
        del connect
        return ()

    def is_over(self) -> bool:
        """Every stream that an engineer has opened has ended."""
        house = self._house
        return house.faults.stopped and all(
            self._busy.get(name) is not house.nodes[name].incarnation for name in ("engineer-1", "engineer-2")
        )

    def check(self) -> None:
        """Everything was checked on the way."""

    # ── the agent ───────────────────────────────────────────────────────────────────────────────────────────────

    async def _agent(self, incarnation: Incarnation) -> None:
        del incarnation
        while True:
            try:
                await self._share()
            except ConsentryError as error:
                self._house.loop.note(f"sharing failed: {type(error).__name__}")
            self._session = None
            await asyncio.sleep(self._house.loop.dice.random())

    async def _share(self) -> None:
        house = self._house
        agent_key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        link = BrokerLink(house.profile, agent_key=agent_key, language="en")
        opened = await link.open()
        stream_key = secrets.token_bytes(32)
        tasks = TaskGroupOwner()

        def take_stream(stream: StreamConnection) -> None:
            tasks.start(self._talk(stream, "agent", "engineer"), name="stream")

        legs = AgentLegs(
            house.profile,
            opened.leg_ticket,
            stream_key_for=lambda pairing_id: stream_key if pairing_id == PAIRING_ID else None,
            on_stream=take_stream,
        )
        listener = _Listener(legs, link)
        self._announce(opened, stream_key)
        both = [tasks.start(legs.run(), name="legs"), tasks.start(link.run(listener), name="link")]
        ending = tasks.start(listener.ended.wait(), name="end")
        try:
            await asyncio.wait([*both, ending], return_when=asyncio.FIRST_COMPLETED)
        finally:
            await legs.close()
            await tasks.aclose()
            await link.close()

    def _announce(self, opened: SessionOpened, stream_key: bytes) -> None:
        self._house.loop.note(f"session {opened.session_id.hex()[:8]} opened")
        self._session = (opened.session_id, stream_key)

    # ── the engineers ───────────────────────────────────────────────────────────────────────────────────────────

    def _engineer(self, name: str) -> Callable[[Incarnation], Any]:
        async def program(incarnation: Incarnation) -> None:
            dice = self._house.loop.dice
            while not self._house.faults.stopped:
                if self._session is not None:
                    self._busy[name] = incarnation
                    commands = [self._command(self._paired_session(*self._session)) for _ in range(dice.randint(1, 4))]
                    await asyncio.gather(*commands)
                    self._busy[name] = None
                await asyncio.sleep(dice.uniform(0.0, 2.0))

        return program

    def _paired_session(self, session_id: bytes, stream_key: bytes) -> PairedSession:
        house = self._house
        tickets = LegTickets(house.organisation.relay_ticket_key)
        expires_at_ms = house.nodes["broker"].unix_ns() // 10**6 + 9 * DAY_MS
        return PairedSession(
            broker_origin=house.profile.broker_origin,
            broker_certificate_pem="",
            session_id=session_id,
            leg_ticket=tickets.issue(session_id, "engineer", b"1", expires_at_ms),
            pairing_id=PAIRING_ID,
            stream_key=stream_key,
            control_key=bytes(32),
            transcript_hash=bytes(32),
            ssh_host_keys=(),
            resume_window_seconds=house.profile.resume_window_seconds,
        )

    async def _command(self, session: PairedSession) -> None:
        tasks = TaskGroupOwner()
        try:
            stream = await open_stream(session, StreamKind.SSH, tasks=tasks)
            await self._talk(stream, "engineer", "agent")
        except (ConsentryError, StreamEnded) as error:
            self._house.loop.note(f"no stream: {type(error).__name__}")
        finally:
            await tasks.aclose()

    # ── both ends ───────────────────────────────────────────────────────────────────────────────────────────────

    async def _talk(self, stream: StreamConnection, me: str, other: str) -> None:
        """Writes and reads at once, until the agent's end has written all and closes."""
        writing = asyncio.create_task(self._write(stream, me), name=f"{me} writes")
        try:
            while data := await self._read(stream):
                self._watch.read(stream.stream_id, other, data)
            if me == "engineer":  # who has closed a stream does not hear the rest of it
                self._watch.ended(stream.stream_id, other, CloseCode.DONE)
        except StreamEnded as error:
            self._watch.ended(stream.stream_id, other, error.code)
        finally:
            writing.cancel()
            stream.close()

    async def _read(self, stream: StreamConnection) -> bytes:
        """Some readers are slow: the leg is then not read from, and through the relay the other end has to wait."""
        dice = self._house.loop.dice
        if dice.random() < 0.02:
            await asyncio.sleep(dice.random() * 5)
        return await stream.read()

    async def _write(self, stream: StreamConnection, me: str) -> None:
        dice = self._house.loop.dice
        try:
            for _ in range(dice.randint(1, 60)):
                await stream.drain()
                data = dice.randbytes(64) * int(2 ** dice.uniform(0, 13))
                self._watch.wrote(stream.stream_id, me, data)
                stream.write(data)
                await asyncio.sleep(dice.random() * 0.3)
        except StreamEnded:
            return
        if me == "agent":
            stream.close()  # what the engineer still sends is not wanted any more


class _Listener:
    """What the agent's session does with the broker's messages, as far as legs need it."""

    def __init__(self, legs: AgentLegs, link: BrokerLink) -> None:
        self._legs = legs
        self._link = link
        self.ended = asyncio.Event()

    def broker_says(self, message: BrokerToAgent) -> None:
        if isinstance(message, DialLegs):
            self._legs.dial(message.count)
        elif isinstance(message, EndRequested):
            self.ended.set()

    def link_attached(self, *, clock_offset_ms: int) -> None:
        del clock_offset_ms
        self._legs.ticket = self._link.leg_ticket

    def link_waiting(self, *, since_ms: int) -> None:
        """The legs find out by themselves."""
