"""Thousands of agents in one process, as far as the broker can tell: `… bench.deployment.agent_farm PORT COUNT`.

Each has a session of its own and keeps its control connection. On "again" from standard input all of them attach at
once, and the seconds until the last one is attached are printed. The client is as thin as can be, because its core is
not the one that is measured.
"""

import asyncio
import base64
import os
import ssl
import sys
import time
from collections.abc import Sequence

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.speedups import apply_mask

from protocol.messages.agent import (
    AgentToBroker,
    AttachSession,
    BrokerToAgent,
    OpenSession,
    SessionAttached,
    SessionOpened,
)
from protocol.messages.wire import MessageDecoder, encode
from protocol.websocket_frames import BINARY_FRAME, CLOSE_FRAME, frame_header

OPEN_AT_ONCE = 8
"""While the sessions are made, which is not measured."""

ATTACH_AT_ONCE = 64
"""Handshakes on the way at a time: more would only wait, and some of them too long for the broker."""

Attachment = tuple[asyncio.StreamWriter, BrokerToAgent]


class Farm:
    def __init__(self, port: int) -> None:
        self._port = port
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.check_hostname = False  # the broker is a process that we started on this machine
        self._tls.verify_mode = ssl.CERT_NONE
        self._sessions: list[SessionOpened] = []
        self._connections: list[asyncio.StreamWriter] = []

    async def open(self, count: int) -> None:
        key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        hello = OpenSession(version=1, agent_key=key, language="en", sent_at_ms=time.time_ns() // 1_000_000)
        for writer, reply in await self._greet_all([hello] * count, at_once=OPEN_AT_ONCE):
            assert isinstance(reply, SessionOpened), reply
            self._sessions.append(reply)
            self._connections.append(writer)

    async def attach(self) -> float:
        """Seconds until all are back."""
        for writer in self._connections:
            writer.transport.abort()
        hellos = [
            AttachSession(version=1, session_id=s.session_id, session_token=s.session_token) for s in self._sessions
        ]
        began = time.perf_counter()
        attached = await self._greet_all(hellos, at_once=ATTACH_AT_ONCE)
        seconds = time.perf_counter() - began
        assert all(isinstance(reply, SessionAttached) for _, reply in attached)
        self._connections = [writer for writer, _ in attached]
        return seconds

    async def _greet_all(self, hellos: Sequence[AgentToBroker], *, at_once: int) -> list[Attachment]:
        gate = asyncio.Semaphore(at_once)
        return await asyncio.gather(*(self._greet(hello, gate) for hello in hellos))

    async def _greet(self, hello: AgentToBroker, gate: asyncio.Semaphore) -> Attachment:
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port, ssl=self._tls)
            key = base64.b64encode(os.urandom(16)).decode()
            writer.write(
                f"GET /v1/agent HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Protocol: consentry.v1\r\n\r\n".encode()
            )
            await reader.readuntil(b"\r\n\r\n")
            message, mask = encode(hello), os.urandom(4)
            writer.write(frame_header(len(message), masked=True) + mask + apply_mask(message, mask))
            reply = MessageDecoder[BrokerToAgent](BrokerToAgent).decode(await _next_message(reader))
            return writer, reply


async def _next_message(reader: asyncio.StreamReader) -> bytes:
    """The payload of the next binary frame. Pings of a broker that has much to do pass unanswered."""
    while True:
        first, length = await reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await reader.readexactly(2), "big")
        payload = await reader.readexactly(length)
        if first == BINARY_FRAME:
            return payload
        if first == CLOSE_FRAME:
            raise ConnectionError(f"the broker closed with {int.from_bytes(payload[:2], 'big')} {payload[2:]!r}")


async def main(port: int, count: int) -> None:
    farm = Farm(port)
    await farm.open(count)
    print("open", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print("back", await farm.attach(), flush=True)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
