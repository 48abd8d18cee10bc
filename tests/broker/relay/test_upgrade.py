"""The relay's door under a real uvicorn with TLS: what is ours, what is uvicorn's, and how bytes go through."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from broker.relay.relay import RelayLimits
from protocol.legs import CLOSE_PARTNER_GONE, CLOSE_PROTOCOL, CLOSE_RESTART, CLOSE_SESSION_OVER, LEG_SUBPROTOCOL
from tests.helpers.relay_house import HOST, RelayHouse
from tests.helpers.waiting import PATIENCE_SECONDS, until
from tunnel.pinned_tls import broker_tls


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RelayHouse]:
    async with RelayHouse(tmp_path, limits=RelayLimits(partner_seconds=PATIENCE_SECONDS)) as house:
        yield house


async def leg(house: RelayHouse, role: str, *, ticket: str | None = None) -> ClientConnection:
    """A leg as the `websockets` library makes it: proof that ours is a websocket like any other."""
    issued = {"agent": house.pairing.agent_ticket, "engineer": house.pairing.engineer_ticket}.get(role, "")
    return await connect(
        f"wss://{HOST}:{house.pairing.port}/relay/{role}",
        ssl=broker_tls(house.pairing.certificate_pem),
        subprotocols=[Subprotocol(LEG_SUBPROTOCOL), Subprotocol(f"ticket.{issued if ticket is None else ticket}")],
        compression=None,
        max_size=None,
        max_queue=4,
    )


async def pair(house: RelayHouse) -> tuple[ClientConnection, ClientConnection]:
    agent = await leg(house, "agent")
    engineer = await leg(house, "engineer")
    await until(lambda: house.relay.pairs == 1)
    return engineer, agent


async def read_exactly(websocket: ClientConnection, length: int) -> bytes:
    received = bytearray()
    while len(received) < length:
        message = await websocket.recv()
        assert isinstance(message, bytes)
        received += message
    return bytes(received)


async def test_both_ways(house: RelayHouse) -> None:
    """Bytes of any size go through unchanged, both ways; the subprotocol that is selected names no ticket."""
    engineer, agent = await pair(house)
    assert engineer.subprotocol == LEG_SUBPROTOCOL
    for size in (1, 125, 126, 65_535, 65_536, 900_000):
        data = bytes(i % 251 for i in range(size))
        await engineer.send(data)
        assert await read_exactly(agent, size) == data
        await agent.send(data)
        assert await read_exactly(engineer, size) == data
    assert house.relay.bytes_forwarded == 2 * (1 + 125 + 126 + 65_535 + 65_536 + 900_000)


async def test_fragments_and_pings(house: RelayHouse) -> None:
    """A fragmented message is bytes like any other, and a ping in its middle is answered by the relay itself."""
    engineer, agent = await pair(house)

    async def fragments() -> AsyncIterator[bytes]:
        yield b"one "
        await (await engineer.ping())
        yield b"two "
        yield b"three"

    await engineer.send(fragments())
    assert await read_exactly(agent, 13) == b"one two three"


async def test_what_an_engineer_says_early_waits(house: RelayHouse) -> None:
    """Bytes of a leg that has no partner yet are delivered when it has one."""
    engineer = await leg(house, "engineer")
    await engineer.send(b"opening")
    agent = await leg(house, "agent")
    assert await read_exactly(agent, 7) == b"opening"


async def test_a_spare_may_not_speak(house: RelayHouse) -> None:
    """An agent's leg that sends before anybody asked is closed."""
    agent = await leg(house, "agent")
    await agent.send(b"unasked")
    with pytest.raises(ConnectionClosed) as closed:
        await agent.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CLOSE_PROTOCOL


async def test_text_is_no_leg(house: RelayHouse) -> None:
    """A text frame ends the leg that sent it, and its partner with it."""
    engineer, agent = await pair(house)
    await engineer.send("text")
    for websocket, code in ((engineer, CLOSE_PROTOCOL), (agent, CLOSE_PARTNER_GONE)):
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code


@pytest.mark.parametrize(("role", "ticket", "status"), [("agent", "", 401), ("engineer", "forged", 401)])
async def test_refused_before_the_upgrade(house: RelayHouse, role: str, ticket: str, status: int) -> None:
    """Without a good ticket there is no websocket at all."""
    with pytest.raises(InvalidStatus) as refusal:
        await leg(house, role, ticket=ticket)
    assert refusal.value.response.status_code == status


async def test_session_closed(house: RelayHouse) -> None:
    """Closing the session closes its legs with a code of its own, and answers 410 from then on."""
    engineer, agent = await pair(house)
    house.relay.session_closed(house.pairing.session_id)
    for websocket in (engineer, agent):
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CLOSE_SESSION_OVER
    with pytest.raises(InvalidStatus) as refusal:
        await leg(house, "engineer")
    assert refusal.value.response.status_code == 410


async def test_the_rest_is_uvicorns(house: RelayHouse) -> None:
    """Other websockets on the same port reach the application; so does everything near our paths."""
    for path in ("/v1/agent", "/relay/agent/", "/relay/agent?x", "/relay"):
        url = f"wss://{HOST}:{house.pairing.port}{path}"
        async with connect(url, ssl=broker_tls(house.pairing.certificate_pem)) as websocket:
            await websocket.send(b"echo" * 50_000)
            assert await websocket.recv() == b"echo" * 50_000


async def test_restart_is_said(house: RelayHouse) -> None:
    """A relay that stops in order tells its legs to dial again."""
    spare = await leg(house, "agent")
    await house.stop_relay()
    with pytest.raises(ConnectionClosed) as closed:
        await spare.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CLOSE_RESTART
    await house.start_relay()


async def test_a_stalled_reader_stops_the_writer(house: RelayHouse) -> None:
    """Nobody reads: the writer comes to a stop after a few MiB, all of them in socket buffers, and goes on later."""
    engineer, agent = await pair(house)
    sent_bytes = 0

    async def write() -> None:
        nonlocal sent_bytes
        for _ in range(1024):
            await engineer.send(bytes(65_536))
            sent_bytes += 65_536

    writing = asyncio.create_task(write())
    before = -1
    while before != sent_bytes:
        before = sent_bytes
        await asyncio.wait([writing], timeout=0.3)
    assert not writing.done()
    assert sent_bytes < 32 * 1024 * 1024
    await read_exactly(agent, 64 * 1024 * 1024)
    await writing


async def test_tls_only(house: RelayHouse) -> None:
    """The certificate is checked: another anchor finds no relay."""
    with pytest.raises(ssl.SSLCertVerificationError):
        await connect(f"wss://{HOST}:{house.pairing.port}/relay/agent", ssl=broker_tls(""))
