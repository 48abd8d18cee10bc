"""A relay that really listens, with TLS, and the two ends that use it: for tests of tunnel, relay and ssh-proxy.

`RelayHouse` runs uvicorn in the test's own event loop. What an organisation would configure is made up here, once: a
certificate for 127.0.0.1, a profile, a session, and one pairing with its keys.
"""

import asyncio
import contextlib
import datetime as dt
import ipaddress
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Self

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from broker.relay.relay import Relay, RelayLimits
from broker.relay.tickets import LegTickets
from broker.relay.upgrade import relay_websocket_protocol
from protocol.profile import Profile
from protocol.stream_frames import StreamKind
from serving.http.shared_tls import SharedBuffers, over_tls, server_context
from tests.helpers.ports import free_port
from tests.helpers.waiting import until
from tunnel.agent_legs import AgentLegs
from tunnel.engineer_stream import open_stream
from tunnel.paired_session import PairedSession
from tunnel.stream_connection import StreamConnection
from tunnel.tasks import TaskGroupOwner

HOST = "127.0.0.1"
DEFAULT_LIMITS = RelayLimits()
TEN_HOURS_MS = 10 * 3600 * 1000


def unix_ms() -> int:
    return time.time_ns() // 1_000_000


def make_certificate(folder: Path) -> tuple[Path, Path, str]:
    """A self-signed certificate for this machine: its file, its key's file, and the certificate as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay under test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))]), False
        )
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    certificate_file, key_file = folder / "relay.pem", folder / "relay.key"
    certificate_file.write_bytes(pem)
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file, pem.decode()


class Pairing:
    """One session with one engineer paired: what both ends and the relay know of it."""

    def __init__(self, port: int, certificate_pem: str) -> None:
        self.port = port
        self.certificate_pem = certificate_pem
        self.session_id = secrets.token_bytes(16)
        self.pairing_id = secrets.token_bytes(16)
        self.stream_key = secrets.token_bytes(32)
        self.ticket_key = secrets.token_bytes(32)
        self.participant = b"engineer 1"
        tickets = LegTickets(self.ticket_key)
        expires_at_ms = unix_ms() + TEN_HOURS_MS
        self.agent_ticket = tickets.issue(self.session_id, "agent", b"", expires_at_ms)
        self.engineer_ticket = tickets.issue(self.session_id, "engineer", self.participant, expires_at_ms)

    @property
    def origin(self) -> str:
        return f"https://{HOST}:{self.port}"

    def profile(self) -> Profile:
        return Profile(
            version=1,
            organisation="Example Support",
            broker_origin=self.origin,
            broker_certificate_pem=self.certificate_pem,
            engineer_ca_key=bytes(32),
            audit_recipients=(),
        )

    def session(self, **changes: object) -> PairedSession:
        fields: dict[str, object] = {
            "broker_origin": self.origin,
            "broker_certificate_pem": self.certificate_pem,
            "session_id": self.session_id,
            "leg_ticket": self.engineer_ticket,
            "pairing_id": self.pairing_id,
            "stream_key": self.stream_key,
            "control_key": bytes(32),
            "transcript_hash": bytes(32),
            "ssh_host_keys": (),
        }
        return PairedSession(**{**fields, **changes})  # type: ignore[arg-type]

    def stream_key_for(self, pairing_id: bytes) -> bytes | None:
        return self.stream_key if pairing_id == self.pairing_id else None


Message = dict[str, Any]


async def ordinary_application(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
    body: bytes = b"hello",
) -> None:
    """What else is on the port: answers requests with `body`, and echoes websocket messages under their subprotocol."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": body})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None)})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "bytes": message["bytes"]})


class RelayHouse:
    """A relay behind uvicorn, and whoever visits it. Use as an async context manager."""

    def __init__(self, folder: Path, *, limits: RelayLimits = DEFAULT_LIMITS) -> None:
        self.certificate_file, self.key_file, pem = make_certificate(folder)
        self.pairing = Pairing(free_port(), pem)
        self.limits = limits
        self.http_body = b"hello"
        """What the application behind the relay answers to any request."""
        self.tasks = TaskGroupOwner()
        self.requested_legs: list[int] = []
        self.agent: AgentLegs | None = None
        self.agent_streams: asyncio.Queue[StreamConnection] = asyncio.Queue()
        self.relay: Relay
        self._server: uvicorn.Server
        self._serving: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        await self.start_relay()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.agent is not None:
            await self.agent.close()
        await self.tasks.aclose()
        await self.stop_relay()

    async def start_relay(self) -> None:
        """Starts (again) on the same port, with the session registered, as a broker does after a restart."""

        def request_legs(_: bytes, count: int) -> None:
            self.requested_legs.append(count)
            if self.agent is not None:
                self.agent.dial(count)

        self.relay = Relay(
            LegTickets(self.pairing.ticket_key), request_legs=request_legs, clock=unix_ms, limits=self.limits
        )
        self.relay.session_opened(self.pairing.session_id)
        tls = server_context(self.certificate_file, self.key_file)
        config = uvicorn.Config(
            self._application,
            http=over_tls(SharedBuffers(tls), HttpToolsProtocol),  # type: ignore[arg-type]  # a factory serves as well
            interface="asgi3",
            host=HOST,
            port=self.pairing.port,
            ws=relay_websocket_protocol(self.relay),  # type: ignore[arg-type]  # a BufferedProtocol serves as well
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server._serve(), name="relay under test")
        await until(lambda: self._server.started)

    async def _application(self, scope: Message, receive: Any, send: Any) -> None:
        await ordinary_application(scope, receive, send, self.http_body)

    async def stop_relay(self) -> None:
        """In order: legs are told to dial again."""
        self._server.should_exit = True
        await self._serving

    def start_agent(self) -> AgentLegs:
        """The customer's end: its streams arrive in `agent_streams`, for the test to read and write."""
        agent = AgentLegs(
            self.pairing.profile(),
            self.pairing.agent_ticket,
            stream_key_for=self.pairing.stream_key_for,
            on_stream=self.agent_streams.put_nowait,
        )
        self.agent = agent
        self.tasks.start(agent.run(), name="agent legs")
        return agent

    async def open_stream(self, kind: StreamKind = StreamKind.CONTROL) -> tuple[StreamConnection, StreamConnection]:
        """A stream's two ends: the engineer's, the agent's."""
        engineer_end = await open_stream(self.pairing.session(), kind, tasks=self.tasks)
        return engineer_end, await self.agent_streams.get()


@contextlib.asynccontextmanager
async def relay_house(folder: Path, *, limits: RelayLimits = DEFAULT_LIMITS) -> AsyncIterator[RelayHouse]:
    """A house with an agent in it that keeps a spare leg."""
    async with RelayHouse(folder, limits=limits) as house:
        agent = house.start_agent()
        await until(lambda: agent.spare_legs > 0)
        yield house
