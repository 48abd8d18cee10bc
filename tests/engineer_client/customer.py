"""A small honest customer for the engineer's client to meet: a code, a yes, and an SSH server that counts.

Everything between is real: broker, relay, pairing, streams. What a customer's agent does besides (rooms, recording,
screens) is tested with the agent.
"""

import asyncio
import base64
import contextlib
import hashlib
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

from audit.ingest import Position, SessionOpening
from protocol.access_requests import verify_access_request
from protocol.attestation import verify_attestation
from protocol.codes import OneTimeCode, new_code
from protocol.control_channel import ControlChannel
from protocol.grants import Scope
from protocol.messages.agent import (
    BrokerToAgent,
    CodeOpened,
    DialLegs,
    EndRequested,
    NewCode,
    PairingFinished,
    SessionEnded,
    StopRequested,
)
from protocol.messages.control import (
    AgentToEngineer,
    Attested,
    AttestOutput,
    Denied,
    Ended,
    EndSession,
    FollowSession,
    Granted,
    RequestAccess,
    RequestMore,
    Said,
    Say,
    SayTaken,
    SessionMoved,
    TakeOver,
)
from protocol.messages.fields import EndReason
from protocol.messages.pairing import PairingMail, PairingStarted
from protocol.messages.wire import MessageDecoder
from protocol.pairing import AgentIdentity, AgentPairing, PairingContext
from protocol.stream_frames import StreamKind
from tests.broker.harness import Client, RunningBroker
from tunnel.agent_legs import AgentLegs
from tunnel.stream_connection import StreamConnection, StreamEnded
from tunnel.tasks import TaskGroupOwner

NOW_MS = 1_795_000_000_000
END_MS = 4_000_000_000_000


class Customer:
    """Says yes to everything, unless told otherwise by `answer`."""

    def __init__(self, broker: RunningBroker, agent: Client, session_id: bytes, leg_ticket: str) -> None:
        self.session_id = session_id
        self.requests: list[RequestAccess | RequestMore | TakeOver] = []
        self.attested: list[bool] = []
        self.terminal_sizes: list[tuple[int, int]] = []
        self.answer: Callable[[RequestAccess | RequestMore | TakeOver], AgentToEngineer] = self._yes
        self.shell_output = b"customer$ "
        self.hangs = False
        self.records = True
        self.lies = False
        self.knows_chat = True
        self.lines: list[Said] = []
        self.line_said = asyncio.Event()
        self._followers: list[tuple[StreamConnection, ControlChannel]] = []
        self.end_requested = asyncio.Event()
        self.host_keys = [
            asyncssh.generate_private_key("ssh-ed25519"),
            asyncssh.generate_private_key("ecdsa-sha2-nistp256"),
        ]
        self._broker = broker
        self._agent = agent
        self._decoder: MessageDecoder[BrokerToAgent] = MessageDecoder(BrokerToAgent)
        self._tasks = TaskGroupOwner()
        self._pairing: AgentPairing | None = None
        self._code: OneTimeCode | None = None
        self._opened: asyncio.Queue[CodeOpened] = asyncio.Queue()
        self._certificate_key = b""
        self._user_key = b""
        self._sent: dict[bytes, tuple[int, bytes]] = {}
        self._conversations: list[tuple[StreamConnection, ControlChannel]] = []
        self._legs = AgentLegs(
            broker.organisation.profile, leg_ticket, stream_key_for=self._stream_key, on_stream=self._on_stream
        )

    async def new_code(self) -> OneTimeCode:
        await self._agent.send(NewCode(agent_nonce=secrets.token_bytes(16)))
        self._code = new_code((await self._opened.get()).nameplate)
        return self._code

    async def end(self, reason: EndReason) -> None:
        """Tells every engineer's program; when they have hung up, the broker."""
        open_streams = [stream for stream, _ in self._conversations]
        for stream, channel in self._conversations:
            stream.write(channel.seal(Ended(reason=reason)))
        for stream in open_streams:
            await stream.wait_closed()
        await self._agent.send(SessionEnded(reason=reason, records=0))

    async def run(self) -> None:
        self._tasks.start(self._legs.run(), name="legs")
        while True:
            message = self._agent._decoder.decode(
                await self._agent.websocket.recv()
            )  # waits for ever: receive() does not
            if isinstance(message, CodeOpened):
                self._opened.put_nowait(message)
            elif isinstance(message, PairingStarted):
                self._pairing = self._begin(message)
            elif isinstance(message, PairingMail) and self._pairing is not None:
                self._pairing.receive_mail(message, NOW_MS)
                for mail in self._pairing.mail_to_send():
                    await self._agent.send(mail)
                if self._pairing.outcome is not None:
                    await self._agent.send(PairingFinished(nameplate=message.nameplate, outcome=self._pairing.outcome))
            elif isinstance(message, EndRequested):
                self.end_requested.set()
            elif isinstance(message, StopRequested):
                self._tasks.start(self.end("supervisor-ended"), name="end")
            elif isinstance(message, DialLegs):
                self._legs.dial(message.count)

    async def _next_message(self) -> BrokerToAgent:
        data = await self._agent.websocket.recv()
        assert isinstance(data, bytes)
        return self._decoder.decode(data)

    async def aclose(self) -> None:
        await self._legs.close()
        await self._tasks.aclose()

    def _begin(self, started: PairingStarted) -> AgentPairing:
        assert self._code is not None
        context = PairingContext(
            broker_origin=self._broker.organisation.profile.broker_origin,
            root_key=self._broker.organisation.root_public_key,
            session_id=started.session_id,
            nameplate=started.nameplate,
            engineer_nonce=started.engineer_nonce,
            agent_nonce=started.agent_nonce,
        )
        blobs = tuple(key.public_data for key in self.host_keys)
        return AgentPairing(self._code, context, AgentIdentity(b"\x01" * 32, blobs), now_ms=NOW_MS)

    def _stream_key(self, pairing_id: bytes) -> bytes | None:
        keys = self._pairing.keys if self._pairing else None
        return keys.stream_key if keys and keys.pairing_id == pairing_id else None

    def _on_stream(self, stream: StreamConnection) -> None:
        serve = self._converse if stream.kind is StreamKind.CONTROL else self._serve_ssh
        self._tasks.start(serve(stream), name=f"{stream!r}")

    # ── control ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _converse(self, stream: StreamConnection) -> None:
        assert self._pairing is not None
        assert self._pairing.keys is not None
        channel = ControlChannel("agent", self._pairing.keys.control_key, stream.stream_id)
        self._conversations.append((stream, channel))
        with contextlib.suppress(StreamEnded):
            while data := await stream.read():
                for message in channel.receive_data(data):
                    if self.hangs:
                        continue
                    if isinstance(message, FollowSession | Say | TakeOver) and not self.knows_chat:
                        stream.close()  # as an agent from before there were such words
                        break
                    if isinstance(message, EndSession):
                        self._tasks.start(self.end("engineer-ended"), name="end")
                    elif isinstance(message, FollowSession):
                        for news in (
                            SessionMoved(paused_by=(), newest_line=len(self.lines)),
                            *self.lines[message.after :],
                        ):
                            stream.write(channel.seal(news))
                        self._followers.append((stream, channel))
                    elif isinstance(message, Say):
                        said = self.say(message.text, participant=1)
                        stream.write(channel.seal(SayTaken(number=said.number)))
                    else:
                        stream.write(channel.seal(self._answer(message)))
        self._conversations.remove((stream, channel))
        stream.close()

    def say(self, text: str, *, participant: int = 0) -> Said:
        """A line that whoever follows is told, now or when they come."""
        name = "Wei Example" if participant else ""
        mine = participant == 1
        number = len(self.lines) + 1
        self.lines.append(
            Said(number=number, participant=participant, name=name, said_at_ms=NOW_MS, text=text, mine=mine)
        )
        for stream, channel in self._followers:
            stream.write(channel.seal(self.lines[-1]))
        self.line_said.set()
        return self.lines[-1]

    def _answer(self, message: object) -> AgentToEngineer:
        if isinstance(message, AttestOutput):
            verify_attestation(self._certificate_key, self.session_id, message)
            self.attested.append(self._sent.get(message.stream_id) == (message.output_bytes, message.output_sha256))
            return Attested(matches=self.attested[-1])
        assert isinstance(message, RequestAccess | RequestMore | TakeOver)
        self.requests.append(message)
        if isinstance(message, RequestAccess):
            assert self._pairing is not None
            assert self._pairing.keys is not None
            assert self._pairing.engineer_certificate_hash is not None
            profile = self._broker.organisation.profile
            certificate = verify_access_request(
                message,
                transcript_hash=self._pairing.keys.transcript_hash,
                paired_certificate_hash=self._pairing.engineer_certificate_hash,
                cas=profile.engineer_cas,
                organisation=profile.organisation,
                now_ms=self._broker.server.broker.services.clock.unix_ms(),
            )
            self._enter_in_log()
            self._certificate_key = certificate.public_key
            self._user_key = message.ssh_user_key
        return self.answer(message)

    def _enter_in_log(self) -> None:
        """As if a first record had come."""
        if self.records:
            opening = SessionOpening(self.session_id, b"\x01" * 32, bytes(32), 1)
            self._broker.server.broker.services.logbook.records_durable(opening, Position(1, bytes(32)))

    def _yes(self, request: RequestAccess | RequestMore | TakeOver) -> AgentToEngineer:
        return granted(scopes=(Scope.SHELL,) if isinstance(request, TakeOver) else request.scopes)

    # ── SSH ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _serve_ssh(self, stream: StreamConnection) -> None:
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=ours)
        self._tasks.start(_pump_in(stream, writer), name="ssh in")
        self._tasks.start(_pump_out(reader, stream), name="ssh out")

        async def process(process: "asyncssh.SSHServerProcess[bytes]") -> None:
            await self._run_process(process, stream.stream_id)

        user_key = asyncssh.import_public_key(b"ssh-ed25519 " + base64.b64encode(self._user_key))
        await asyncssh.run_server(
            theirs,
            server_host_keys=self.host_keys,
            authorized_client_keys=asyncssh.import_authorized_keys(user_key.export_public_key().decode()),
            process_factory=process,
            encoding=None,
            encryption_algs=["aes256-gcm@openssh.com", "aes128-gcm@openssh.com"],
            line_editor=False,
        )

    async def _run_process(self, process: "asyncssh.SSHServerProcess[bytes]", stream_id: bytes) -> None:
        """A command is its own exit status; a shell greets, echoes until `q`, and says its size once."""
        if process.command is not None:
            process.stdout.write(f"ran {process.command}\n".encode())
            process.exit(int(process.command.rsplit(" ", 1)[-1]) if process.command.startswith("exit ") else 0)
            return
        self.terminal_sizes.append(process.term_size[:2])
        digest, count = hashlib.sha256(), 0

        def show(data: bytes) -> None:
            nonlocal count
            process.stdout.write(data)
            digest.update(data)
            count += len(data)
            self._sent[stream_id] = (count + self.lies, digest.digest())

        show(self.shell_output)
        while data := await process.stdin.read(1024):
            show(data)
            if b"q" in data:
                break
        process.exit(3)


def granted(
    *, scopes: tuple[Scope, ...] = (Scope.SHELL,), user_name: str = "mei", folders: tuple[str, ...] = ()
) -> Granted:
    return Granted(
        scopes=scopes,
        expires_at_ms=END_MS,
        user_name=user_name,
        host_label="shop-till-3",
        folders=folders,
        language="en",
    )


def denied() -> Denied:
    return Denied(reason="customer")


@asynccontextmanager
async def a_customer(broker: RunningBroker) -> AsyncIterator[Customer]:
    """A customer who waits at this broker."""
    async with broker.agent() as (agent, opened):
        customer = Customer(broker, agent, opened.session_id, opened.leg_ticket)
        running = asyncio.create_task(customer.run(), name="customer")
        try:
            yield customer
        finally:
            running.cancel()
            await asyncio.wait([running])
            await customer.aclose()


def read_known_hosts(file: Path) -> list[bytes]:
    return [line.split()[1] for line in file.read_bytes().splitlines()]


async def _pump_in(stream: StreamConnection, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(StreamEnded, ConnectionError):
        while data := await stream.read():
            writer.write(data)
            await writer.drain()
    writer.close()


async def _pump_out(reader: asyncio.StreamReader, stream: StreamConnection) -> None:
    with contextlib.suppress(StreamEnded, ConnectionError):
        while data := await reader.read(65536):
            stream.write(data)
            await stream.drain()
    stream.close()
