"""Streams over real legs, a real relay and TLS: both ends, breaks, back-pressure, attacks, ends."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from protocol.legs import CLOSE_PARTNER_GONE, ENGINEER_LEG_PATH, LegRefused
from protocol.send_buffer import SEND_BUFFER_BYTES
from protocol.stream_frames import CloseCode, StreamKind, StreamOpening, close_frame, data_header
from protocol.stream_frames import CloseCode as Code
from tests.helpers.relay_house import RelayHouse, relay_house
from tests.helpers.waiting import until
from tunnel import stream_connection
from tunnel.backoff import Backoff
from tunnel.engineer_stream import StreamUnavailable, open_stream
from tunnel.leg import Leg, dial_leg
from tunnel.pinned_tls import broker_tls
from tunnel.stream_connection import (
    SMALL_WRITE_BYTES,
    ConnectionState,
    StreamConnection,
    StreamEnded,
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RelayHouse]:
    async with relay_house(tmp_path) as house:
        yield house


async def read_exactly(stream: StreamConnection, length: int) -> bytes:
    received = bytearray()
    while len(received) < length:
        received += await stream.read()
    return bytes(received)


class Sink(asyncio.Protocol):
    """A protocol that counts what it is fed with and can be told to stop reading."""

    def __init__(self, stream: StreamConnection) -> None:
        self.received_bytes = 0
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        stream.set_protocol(self)

    def data_received(self, data: bytes) -> None:
        self.received_bytes += len(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)


async def test_both_ways(house: RelayHouse) -> None:
    """What one end writes the other reads; the ends know which stream they are; closing is in order."""
    engineer, agent = await house.open_stream()
    assert (engineer.stream_id, engineer.pairing_id, engineer.kind) == (
        agent.stream_id,
        house.pairing.pairing_id,
        StreamKind.CONTROL,
    )
    engineer.write(b"question")
    assert await read_exactly(agent, 8) == b"question"
    agent.write(b"answer")
    agent.close()
    assert await read_exactly(engineer, 6) == b"answer"
    assert await engineer.read() == b""
    assert await agent.wait_closed() is CloseCode.DONE


async def test_many_streams_at_once(house: RelayHouse) -> None:
    """Eight streams opened together each find a leg of their own."""
    pairs = await asyncio.gather(
        *(open_stream(house.pairing.session(), StreamKind.SSH, tasks=house.tasks) for _ in range(8))
    )
    agents = {stream.stream_id: stream for stream in [await house.agent_streams.get() for _ in pairs]}
    for engineer in pairs:
        engineer.write(engineer.stream_id)
        assert await read_exactly(agents[engineer.stream_id], 16) == engineer.stream_id


async def test_a_key_goes_at_once_and_a_flow_is_gathered(house: RelayHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small write after a pause leaves before `write` returns; large ones and those close behind leave together."""
    engineer, agent = await house.open_stream()
    sent: list[int] = []
    leg_send = Leg.send

    def counted(leg: Leg, pieces: list[bytes]) -> None:
        if leg is engineer._leg:  # what the other end acknowledges in its own time is not counted
            sent.append(sum(map(len, pieces)))
        leg_send(leg, pieces)

    monkeypatch.setattr(Leg, "send", counted)
    monkeypatch.setattr(stream_connection, "FLOW_SECONDS", 0.0)
    engineer.write(b"k")
    assert len(sent) == 1
    engineer.write(bytes(SMALL_WRITE_BYTES + 1))
    engineer.write(b"k")
    assert len(sent) == 1
    assert await read_exactly(agent, SMALL_WRITE_BYTES + 3) == b"k" + bytes(SMALL_WRITE_BYTES + 1) + b"k"
    assert len(sent) == 2
    monkeypatch.setattr(stream_connection, "FLOW_SECONDS", 3600.0)
    for _ in range(5):
        engineer.write(b"k")
    assert len(sent) == 2
    assert await read_exactly(agent, 5) == b"kkkkk"
    assert len(sent) == 3


async def test_what_arrives_together_is_handed_over_together(house: RelayHouse) -> None:
    """Frames that came in one read are one piece for the protocol, and what comes behind them is the next."""
    _, agent = await house.open_stream()
    fed: list[bytes] = []

    class Reader(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            fed.append(data)

    agent.set_protocol(Reader())
    leg = agent._leg
    assert leg is not None
    agent.leg_bytes_received(leg, memoryview(data_header(0, 3) + b"one" + data_header(3, 3) + b"two"))
    agent.leg_bytes_received(leg, memoryview(data_header(6, 5) + b"three"))
    assert fed == [b"onetwo", b"three"]


async def test_relay_restarts(house: RelayHouse) -> None:
    """Over three restarts of the relay, with both ends writing, nothing is lost or repeated; the screens are told."""
    engineer, agent = await house.open_stream()
    states: list[bool] = []

    def state_changed(state: ConnectionState) -> None:
        states.append(state.connected)

    agent.on_state = state_changed
    data = secrets.token_bytes(1_000_000)
    for _ in range(3):
        engineer.write(data)
        agent.write(data)
        at_agent = asyncio.create_task(read_exactly(agent, len(data) + 10))
        at_engineer = asyncio.create_task(read_exactly(engineer, len(data)))
        await house.stop_relay()
        engineer.write(b"while away")
        await house.start_relay()
        both = await asyncio.gather(at_agent, at_engineer)
        assert list(both) == [data + b"while away", data]
    assert states == [False, True] * 3


async def test_legs_that_are_cut_over_and_over(house: RelayHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty legs in a row are taken away by the relay while both ends write: nothing is lost, nothing comes twice.

    `tests/protocol/test_stream_resume.py` plays ten thousand of them without sockets.
    """
    monkeypatch.setattr(Backoff, "next_seconds", lambda _: 0.01)
    engineer, agent = await house.open_stream()
    data = secrets.token_bytes(40 * 30_000)
    at_agent = asyncio.create_task(read_exactly(agent, len(data)))
    at_engineer = asyncio.create_task(read_exactly(engineer, len(data)))
    for start in range(0, len(data), 30_000):
        made = house.relay.pairs_made
        for end in (engineer, agent):
            end.write(data[start : start + 30_000])
        for leg in [*house.relay._sessions[house.pairing.session_id].partners]:
            leg.close(CLOSE_PARTNER_GONE)
        await until(lambda made=made: house.relay.pairs_made > made)  # type: ignore[misc]
    assert await asyncio.gather(at_agent, at_engineer) == [data, data]


async def test_stalled_reader_stops_the_writer(house: RelayHouse) -> None:
    """An end that does not read stops the other through relay and stream: memory at either end stays bounded."""
    engineer, agent = await house.open_stream()
    sink = Sink(agent)
    agent.pause_reading()
    written_bytes = 0

    async def write() -> None:
        nonlocal written_bytes
        for _ in range(512):
            engineer.write(bytes(65_536))
            written_bytes += 65_536
            await engineer.drain()

    writing = asyncio.create_task(write())
    await until(lambda: engineer.buffered_bytes >= SEND_BUFFER_BYTES)
    before = -1
    while before != written_bytes:
        before = written_bytes
        await asyncio.wait([writing], timeout=0.2)
    assert not writing.done()
    assert sink.received_bytes == 0
    assert engineer.buffered_bytes <= SEND_BUFFER_BYTES + 65_536
    agent.resume_reading()
    await writing
    await until(lambda: sink.received_bytes == 512 * 65_536)


async def test_writing_without_a_leg_is_bounded(house: RelayHouse) -> None:
    """While there is no relay, a protocol that writes is told to pause at 8 MiB, and to go on afterwards."""
    engineer, agent = await house.open_stream()
    await house.stop_relay()
    calls: list[str] = []

    class Writer(asyncio.Protocol):
        def pause_writing(self) -> None:
            calls.append("pause")

        def resume_writing(self) -> None:
            calls.append("resume")

    engineer.set_protocol(Writer())
    for _ in range(SEND_BUFFER_BYTES // 65_536):
        engineer.write(bytes(65_536))
    assert calls == ["pause"]
    await house.start_relay()
    await read_exactly(agent, SEND_BUFFER_BYTES)
    await until(lambda: calls == ["pause", "resume"])


async def test_kill_is_sharp(house: RelayHouse) -> None:
    """`kill` tells the protocol and the other end at once, with the reason."""
    engineer, agent = await house.open_stream()
    sink = Sink(agent)
    agent.kill(CloseCode.OVER)
    lost = await sink.lost
    assert isinstance(lost, StreamEnded)
    assert lost.code is CloseCode.OVER
    with pytest.raises(StreamEnded):
        await engineer.read()


async def test_abort_delivers_last_words(house: RelayHouse) -> None:
    """asyncssh writes a disconnect message and aborts: the message still arrives."""
    engineer, agent = await house.open_stream()
    sink = Sink(agent)
    agent.write(b"disconnect")
    agent.abort()
    assert await sink.lost is None
    assert await read_exactly(engineer, 10) == b"disconnect"
    assert await engineer.read() == b""


# ── openings that are not welcome ───────────────────────────────────────────────────────────────────────────────


class RawLeg:
    """An engineer's leg in the hands of an attacker."""

    def __init__(self, leg: Leg) -> None:
        self.leg = leg
        self.received = b""
        leg.listener = self

    def leg_bytes_received(self, leg: Leg, data: memoryview) -> None:
        self.received += data

    def leg_writable(self, leg: Leg) -> None: ...

    def leg_lost(self, leg: Leg, code: int | None) -> None: ...

    @classmethod
    async def dial(cls, house: RelayHouse) -> "RawLeg":
        pairing = house.pairing
        tls = broker_tls(pairing.certificate_pem)
        return cls(await dial_leg(pairing.origin, tls, ENGINEER_LEG_PATH, pairing.engineer_ticket))

    async def answer_to(self, data: bytes, length: int) -> bytes:
        self.leg.send([data])
        await until(lambda: len(self.received) >= length)
        return self.received


async def test_replayed_opening(house: RelayHouse) -> None:
    """An opening that was good once opens nothing again: neither while its stream lives, nor when it has ended."""
    pairing = house.pairing
    opening = StreamOpening.signed(pairing.stream_key, StreamKind.CONTROL, pairing.pairing_id, b"s" * 16, 0, 0).encode()
    first = await RawLeg.dial(house)
    first.leg.send([opening])
    stream = await house.agent_streams.get()
    again = await RawLeg.dial(house)
    assert await again.answer_to(opening, 10) == close_frame(Code.REFUSED, 0)
    assert not stream.closed.done()
    stream.kill()
    late = await RawLeg.dial(house)
    assert await late.answer_to(opening, 10) == close_frame(Code.GONE, 0)
    assert house.agent_streams.empty()


@pytest.mark.parametrize("flaw", ["key", "pairing", "noise"])
async def test_forged_opening(house: RelayHouse, flaw: str) -> None:
    """Without the stream key, with a pairing that nobody admitted, or with noise, a leg gets a CLOSE and no stream."""
    pairing = house.pairing
    key = b"x" * 32 if flaw == "key" else pairing.stream_key
    pairing_id = b"x" * 16 if flaw == "pairing" else pairing.pairing_id
    data = StreamOpening.signed(key, StreamKind.CONTROL, pairing_id, b"s" * 16, 0, 0).encode()
    leg = await RawLeg.dial(house)
    answer = await leg.answer_to(b"SSH-2.0-noise\r\n" if flaw == "noise" else data, 10)
    assert answer == close_frame(Code.PROTOCOL if flaw == "noise" else Code.REFUSED, 0)
    assert house.agent_streams.empty()


# ── ends of sessions ────────────────────────────────────────────────────────────────────────────────────────────


async def test_session_closed_at_the_relay(house: RelayHouse) -> None:
    """When the broker closes the session, both ends end at once, and the agent's `run` says so."""
    engineer, agent = await house.open_stream()
    house.relay.session_closed(house.pairing.session_id)
    assert await engineer.wait_closed() is CloseCode.OVER
    assert await agent.wait_closed() is CloseCode.OVER
    assert house.agent is not None
    with pytest.raises(LegRefused):
        await house.agent.run()


async def test_one_engineer_is_revoked(house: RelayHouse) -> None:
    """`revoke` ends that engineer's streams and lets them open no more."""
    engineer, _ = await house.open_stream()
    house.relay.revoke(house.pairing.session_id, house.pairing.participant)
    assert await engineer.wait_closed() is CloseCode.OVER
    with pytest.raises(StreamUnavailable):
        await house.open_stream()


async def test_agent_closes(house: RelayHouse) -> None:
    """Closing the agent's legs tells every stream that the session is over."""
    engineer, _ = await house.open_stream()
    assert house.agent is not None
    await house.agent.close()
    assert await engineer.wait_closed() is CloseCode.OVER
    assert house.agent.streams == []
