"""A leg that is paired at once: what the other end said before it was there comes together with the relay's answer."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from protocol.legs import LEG_SUBPROTOCOL
from protocol.stream_frames import StreamKind, StreamOpening, data_header
from protocol.websocket_frames import frame_header
from serving.http.shared_tls import server_context
from tests.helpers.relay_house import HOST, Pairing, make_certificate
from tests.helpers.waiting import PATIENCE_SECONDS
from tunnel.agent_legs import AgentLegs
from tunnel.stream_connection import StreamConnection
from tunnel.tasks import TaskGroupOwner


class HastyRelay:
    """Answers the first leg and says `first_words` with the answer, in one write; what comes later is put behind."""

    def __init__(self, first_words: bytes) -> None:
        self._first_words = first_words
        self.legs = 0
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        """From the first leg, as it came, in websocket frames."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_first, self.legs = self.legs == 0, self.legs + 1
        websocket = ServerProtocol(subprotocols=[Subprotocol(LEG_SUBPROTOCOL)])
        websocket.receive_data(await reader.readuntil(b"\r\n\r\n"))
        (request,) = websocket.events_received()
        assert isinstance(request, Request)
        websocket.send_response(websocket.accept(request))
        writer.writelines([*websocket.data_to_send()] + [self._first_words] * is_first)
        while data := await reader.read(65536):
            if is_first:
                self.heard.put_nowait(data)
        writer.close()


@pytest.fixture
async def tasks() -> AsyncIterator[TaskGroupOwner]:
    owner = TaskGroupOwner()
    yield owner
    await owner.aclose()


async def test_an_engineer_who_waited_is_heard_on_the_leg_that_they_waited_for(
    tmp_path: Path, tasks: TaskGroupOwner
) -> None:
    """Their opening, and what they wrote behind it, are in the same read as the relay's answer: nothing is dialled
    again for them, and no byte is lost."""
    certificate, key, pem = make_certificate(tmp_path)
    pairing = Pairing(0, pem)
    opening = StreamOpening.signed(
        pairing.stream_key, StreamKind.SSH, pairing.pairing_id, secrets.token_bytes(16), 0, 0
    ).encode()
    words = opening + data_header(0, 5) + b"first"
    relay = HastyRelay(frame_header(len(words)) + words)
    server = await asyncio.start_server(relay.serve, HOST, 0, ssl=server_context(certificate, key))
    pairing.port = server.sockets[0].getsockname()[1]
    streams: asyncio.Queue[StreamConnection] = asyncio.Queue()
    agent = AgentLegs(
        pairing.profile(),
        pairing.agent_ticket,
        stream_key_for=pairing.stream_key_for,
        on_stream=streams.put_nowait,
    )
    tasks.start(agent.run(), name="agent legs")
    async with asyncio.timeout(PATIENCE_SECONDS):
        stream = await streams.get()
        assert await stream.read() == b"first"
        await relay.heard.get()  # the acceptance, on the leg that brought the opening
    await agent.close()
    server.close()
