"""A broker's record endpoint, small and honest: a real websocket server that checks every record as ingest does."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from agent_client.recorder.recorded_session import RecordedSession
from protocol.messages.recorder import RecordsAcked, UploadReady, UploadRecords
from protocol.messages.wire import MessageDecoder, Refused, encode
from protocol.profile import AuditRecipient, Profile
from protocol.record_chain import ChainVerifier
from protocol.records import RecordHeader
from tests.helpers.ports import free_port
from tunnel.backoff import Backoff

FAR_MS = 2**52


@dataclass
class RecordBroker:
    """Keeps the records of sessions that it knows. `acking` False: takes records and stays silent about them."""

    server: Server | None = None
    port: int = field(default_factory=free_port)
    agent_keys: dict[bytes, bytes] = field(default_factory=dict)
    chains: dict[bytes, ChainVerifier] = field(default_factory=dict)
    records: dict[bytes, list[bytes]] = field(default_factory=dict)
    refuse: Refused | None = None
    acking: bool = True
    lie: Callable[[RecordsAcked], RecordsAcked] = lambda ack: ack
    hellos: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        self.server = await serve(self._talk, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()
            self.server = None

    async def connect(self) -> ClientConnection:
        return await connect(f"ws://127.0.0.1:{self.port}/v1/records", max_size=300_000, proxy=None)

    async def until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            self.changed.clear()
            await self.changed.wait()

    async def ack_everything(self) -> None:
        """Says now what was held back while `acking` was off: the connections are cut and greet anew."""
        self.acking = True
        await self.stop()
        await self.start()

    async def _talk(self, socket: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            hello: UploadRecords = MessageDecoder[UploadRecords](UploadRecords).decode(await socket.recv(decode=False))
            self.hellos += 1
            self.changed.set()
            if self.refuse is not None:
                await socket.send(encode(self.refuse))
                return
            chain = self.chains.setdefault(
                hello.session_id,
                ChainVerifier(hello.session_id, self.agent_keys[hello.session_id], hello.manifest_commitment),
            )
            kept = self.records.setdefault(hello.session_id, [])
            await socket.send(encode(UploadReady(chain.next_seq, chain.chain_hash)))
            async for record in socket:
                assert isinstance(record, bytes)
                if not self.acking:
                    continue
                if RecordHeader.parse(record).seq >= chain.next_seq:
                    chain.accept(record)
                    kept.append(record)
                await socket.send(encode(self.lie(RecordsAcked(chain.next_seq, chain.chain_hash))))
                self.changed.set()


@pytest.fixture
async def broker() -> AsyncIterator[RecordBroker]:
    broker = RecordBroker()
    await broker.start()
    yield broker
    await broker.stop()


@pytest.fixture
def backoff() -> Backoff:
    return Backoff(first_seconds=0.01, longest_seconds=0.01)


@pytest.fixture
def new_session(broker: RecordBroker) -> Callable[..., RecordedSession]:
    """Makes sessions that the broker knows."""

    def make(policy: str = "bounded") -> RecordedSession:
        key = Ed25519PrivateKey.generate()
        recipient = AuditRecipient(
            secrets.token_bytes(8),
            "x25519",
            X25519PrivateKey.generate().public_key().public_bytes_raw(),
            0,
            FAR_MS,
        )
        profile = Profile(
            version=1,
            organisation="Example",
            broker_origin="https://broker.example:8443",
            engineer_ca_key=bytes(32),
            audit_recipients=(recipient,),
            output_policy=policy,  # type: ignore[arg-type]
        )
        session = RecordedSession(secrets.token_bytes(16), secrets.token_bytes(32), key, profile)
        broker.agent_keys[session.session_id] = key.public_key().public_bytes_raw()
        return session

    return make
