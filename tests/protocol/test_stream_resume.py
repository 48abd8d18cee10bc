"""Resuming, wherever the leg is cut and however often: every byte arrives, in order, once."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from protocol.send_buffer import SEND_BUFFER_BYTES
from protocol.stream import (
    ACK_DELAY_MS,
    ALIVE_EVERY_MS,
    OPEN_WINDOW_MS,
    RESUME_WINDOW_MS,
    BytesReceived,
    LegFailed,
    OpeningRefused,
    ResumableStream,
    StreamClosed,
    StreamState,
)
from protocol.stream_frames import (
    ACCEPT_BYTES,
    ALIVE,
    DATA_HEADER_BYTES,
    DATA_LIMIT_BYTES,
    FRAME_BYTES,
    OPENING_BYTES,
    CloseCode,
    FrameType,
    StreamKind,
    StreamOpening,
    ack_frame,
    parse_opening,
    read_data_header,
)

KEY = bytes(range(32))
MINUTE_MS = 60_000

Direction = str  # "to agent" or "to engineer"


def opening(generation: int, received_bytes: int, *, key: bytes = KEY) -> StreamOpening:
    return StreamOpening.signed(key, StreamKind.SSH, b"p" * 16, b"s" * 16, generation, received_bytes)


def sent(stream: ResumableStream) -> bytes:
    pieces = []
    while batch := stream.data_to_send():
        pieces.extend(batch)
    return b"".join(pieces)


@dataclass
class Ends:
    """Both ends with a wire between them, which is cut once: after so many bytes of one direction."""

    cut: tuple[Direction, int] | None = None
    now_ms: int = 0
    agent: ResumableStream | None = None
    carried: dict[Direction, bytearray] = field(
        default_factory=lambda: {"to agent": bytearray(), "to engineer": bytearray()}
    )
    """What passed on the first leg."""
    arrived: dict[str, bytearray] = field(default_factory=lambda: {"agent": bytearray(), "engineer": bytearray()})

    def __post_init__(self) -> None:
        self.engineer = ResumableStream.open(KEY, StreamKind.SSH, b"p" * 16, b"s" * 16, 0)
        self.engineer.leg_opened(0)
        self._uncut = True
        self._head = b""

    def play(self, script: "list[tuple[str, bytes]]") -> None:
        for writer, data in script:
            (self.engineer if writer == "engineer" else self._agent_once_there()).send(data)
            self._carry()
        self.now_ms += ACK_DELAY_MS
        for end in (self.engineer, self._agent_once_there()):
            end.handle_time(self.now_ms)
        self._carry()

    def _agent_once_there(self) -> ResumableStream:
        if self.agent is None:
            self._carry()
        assert self.agent is not None
        return self.agent

    def _carry(self) -> None:
        """Until both ends are silent."""
        moved = True
        while moved:
            moved = self._pass("to agent", sent(self.engineer))
            if self.agent is not None:
                moved = self._pass("to engineer", sent(self.agent)) or moved

    def _pass(self, direction: Direction, data: bytes) -> bool:
        if not data:
            return False
        if self._uncut:
            carried = self.carried[direction]
            if self.cut is not None and self.cut[0] == direction and len(carried) + len(data) >= self.cut[1]:
                self._deliver(direction, data[: self.cut[1] - len(carried)])
                self._break()
                return True
            carried += data
        self._deliver(direction, data)
        return True

    def _deliver(self, direction: Direction, data: bytes) -> None:
        if direction == "to engineer":
            self._take("engineer", self.engineer, data)
            return
        if self._head is not None:
            self._head += data
            first = parse_opening(self._head)
            if first is None:
                return
            data, self._head = self._head[OPENING_BYTES:], None  # type: ignore[assignment]  # read once for each leg
            if self.agent is None:
                self.agent = ResumableStream.accept(first, KEY, self.now_ms)
            else:
                self.agent.resume(first, self.now_ms)
        assert self.agent is not None
        self._take("agent", self.agent, data)

    def _take(self, name: str, end: ResumableStream, data: bytes) -> None:
        end.receive_data(data, self.now_ms)
        self._note(name, end)

    def _note(self, name: str, end: ResumableStream) -> None:
        for event in end.events_received():
            if isinstance(event, BytesReceived):
                self.arrived[name] += event.data
            assert not isinstance(event, LegFailed | StreamClosed), event

    def _break(self) -> None:
        """Both ends notice, and the engineer's dials again."""
        self._uncut = False
        self._head = b""
        self.engineer.leg_lost(self.now_ms)
        if self.agent is not None:
            self.agent.leg_lost(self.now_ms)
        self.engineer.leg_opened(self.now_ms)


def an_ssh_session() -> list[tuple[str, bytes]]:
    """Who wrote how much in a short `ssh`: banners, key exchange, login, keys with echoes, an output, the end."""
    draw = random.Random(4)
    sizes = [
        ("engineer", 22), ("agent", 19), ("engineer", 1568), ("agent", 1040), ("engineer", 1264), ("agent", 1532),
        ("engineer", 16), ("agent", 564), ("engineer", 52), ("engineer", 516), ("agent", 36), ("engineer", 172),
        ("agent", 108), *[("engineer", 36), ("agent", 36)] * 4, ("engineer", 36), ("agent", 3 * DATA_LIMIT_BYTES + 7),
        ("engineer", 96), ("agent", 200), ("engineer", 60),
    ]  # fmt: skip
    return [(writer, draw.randbytes(size)) for writer, size in sizes]


def boundaries(carried: bytes, first_bytes: int) -> Iterator[tuple[int, int]]:
    """Start of each frame, and the end of its header; the first one is OPENING or ACCEPT, all of it a header."""
    yield 0, first_bytes
    at = first_bytes
    while at < len(carried):
        if carried[at] == FrameType.DATA:
            yield at, at + DATA_HEADER_BYTES
            at += DATA_HEADER_BYTES + read_data_header(carried[at : at + DATA_HEADER_BYTES])[1]
        else:
            size = FRAME_BYTES[FrameType(carried[at])]
            yield at, at + size
            at += size


def places_to_cut() -> list[tuple[Direction, int]]:
    """Every frame boundary of the exchange and every byte of every header, in both directions."""
    whole = Ends()
    whole.play(an_ssh_session())
    places: set[tuple[Direction, int]] = set()
    for direction, first_bytes in (("to agent", OPENING_BYTES), ("to engineer", ACCEPT_BYTES)):
        for start, end in boundaries(bytes(whole.carried[direction]), first_bytes):
            places |= {(direction, at) for at in range(start, end + 1)}
    return sorted(places)


def test_a_cut_at_every_frame_boundary_and_in_every_header() -> None:
    """A whole session through a leg that is cut there, and a second leg: each end has read what the other wrote."""
    script = an_ssh_session()
    wanted = {
        reader: b"".join(data for writer, data in script if writer == other)
        for reader, other in (("agent", "engineer"), ("engineer", "agent"))
    }
    places = places_to_cut()
    assert len(places) > 600
    for cut in places:
        ends = Ends(cut)
        ends.play(script)
        assert not ends._uncut, f"nothing was cut at {cut}"
        assert ends.arrived == wanted, f"cut {cut}"
        assert ends.engineer.buffered_bytes == 0, f"cut {cut}"


def live_pair(now_ms: int = 0) -> tuple[ResumableStream, ResumableStream]:
    engineer = ResumableStream.open(KEY, StreamKind.SSH, b"p" * 16, b"s" * 16, now_ms)
    engineer.leg_opened(now_ms)
    first = parse_opening(sent(engineer))
    assert first is not None
    agent = ResumableStream.accept(first, KEY, now_ms)
    engineer.receive_data(sent(agent), now_ms)
    engineer.events_received()
    agent.events_received()
    return engineer, agent


def reconnect(engineer: ResumableStream, agent: ResumableStream, now_ms: int) -> None:
    engineer.leg_lost(now_ms)
    agent.leg_lost(now_ms)
    engineer.leg_opened(now_ms)
    again = parse_opening(sent(engineer))
    assert again is not None
    agent.resume(again, now_ms)
    engineer.receive_data(sent(agent), now_ms)


class Readers:
    """What each end has read, as a hash."""

    def __init__(self, *ends: ResumableStream) -> None:
        self._ends = ends
        self._hashes = [hashlib.sha256() for _ in ends]

    def read(self) -> None:
        for end, so_far in zip(self._ends, self._hashes, strict=True):
            for event in end.events_received():
                if isinstance(event, BytesReceived):
                    so_far.update(event.data)

    @property
    def digests(self) -> list[bytes]:
        return [so_far.digest() for so_far in self._hashes]


def test_ten_thousand_reconnects_in_one_session() -> None:
    """With bytes lost on the way each time, in both directions: in the end nothing is, and nothing has piled up."""
    engineer, agent = live_pair()
    draw = random.Random(10_000)
    readers = Readers(engineer, agent)
    written = hashlib.sha256(), hashlib.sha256()
    most_buffered_bytes = 0
    for number in range(10_000):
        for end, other, so_far in ((agent, engineer, written[0]), (engineer, agent, written[1])):
            data = draw.randbytes(24)
            so_far.update(data)
            end.send(data)
            flight = sent(end)
            other.receive_data(flight[: draw.randrange(len(flight) + 1)], number)
        readers.read()
        reconnect(engineer, agent, number)
        readers.read()
        most_buffered_bytes = max(most_buffered_bytes, engineer.buffered_bytes, agent.buffered_bytes)
    agent.receive_data(sent(engineer), 10_000)
    readers.read()
    assert engineer.generation == 10_000
    assert readers.digests == [so_far.digest() for so_far in written]
    assert most_buffered_bytes < 1000


def test_full_buffers_on_both_sides_survive_a_cut() -> None:
    """8 MiB that nobody has acknowledged at either end, cut in the middle of them, twice: all of it, once."""
    engineer, agent = live_pair()
    readers = Readers(engineer, agent)
    block = random.Random(8).randbytes(DATA_LIMIT_BYTES)
    for end in (engineer, agent):
        while end.can_send:
            end.send(block)
    for _ in range(2):
        to_agent, to_engineer = sent(engineer), sent(agent)
        agent.receive_data(to_agent[: len(to_agent) // 2], 0)
        engineer.receive_data(to_engineer[: len(to_engineer) // 3], 0)
        readers.read()
        reconnect(engineer, agent, 1)
        readers.read()
    while to_agent := sent(engineer):
        agent.receive_data(to_agent, 2)
        engineer.receive_data(sent(agent), 2)
        readers.read()
    wanted = hashlib.sha256(block * (SEND_BUFFER_BYTES // DATA_LIMIT_BYTES)).digest()
    assert readers.digests == [wanted, wanted]


@pytest.mark.parametrize("claimed", [99, 0])
def test_an_opening_that_takes_back_what_was_acknowledged_ends_the_stream(claimed: int) -> None:
    """What is acknowledged is forgotten: an end that has it no more cannot be served, and is not lied to."""
    engineer, agent = live_pair()
    agent.send(bytes(100))
    engineer.receive_data(sent(agent), 0)
    agent.receive_data(ack_frame(100), 0)
    agent.resume(opening(1, claimed), 0)
    assert agent.close_code is CloseCode.PROTOCOL


@pytest.mark.parametrize("claimed", [101, 2**63])
def test_an_opening_from_the_future_ends_the_stream(claimed: int) -> None:
    """Bytes that were never sent cannot have been received."""
    _, agent = live_pair()
    agent.send(bytes(100))
    sent(agent)
    agent.resume(opening(1, claimed), 0)
    assert agent.close_code is CloseCode.PROTOCOL


@pytest.mark.parametrize("generation", [0, 6, 7])
def test_a_stale_generation_is_refused_with_a_good_proof(generation: int) -> None:
    """Below or at the one in use; the live leg is not touched."""
    engineer, agent = live_pair()
    for _ in range(7):
        reconnect(engineer, agent, 0)
    with pytest.raises(OpeningRefused, match="generation"):
        agent.resume(opening(generation, 0), 0)
    assert agent.state is StreamState.LIVE


def test_any_changed_byte_of_an_opening_is_refused() -> None:
    """All 81, one at a time: magic, version, ids, generation, offset, proof. The live leg is not touched."""
    good = bytearray(opening(1, 0).encode())
    for at in range(OPENING_BYTES):
        _, agent = live_pair()
        forged = bytes(byte ^ (number == at) for number, byte in enumerate(good))
        with pytest.raises((OpeningRefused, ValueError)):
            agent.resume(parse_opening(forged), 0)  # type: ignore[arg-type]  # whole, or it would have raised
        assert agent.state is StreamState.LIVE
        assert agent.generation == 0


@pytest.mark.parametrize("notices", ["both are told", "only when they wake"])
def test_nine_minutes_of_sleep_are_survived(notices: str) -> None:
    """A lid that is closed: no clock ticks while it is. Afterwards a new leg goes on at its byte."""
    engineer, agent = live_pair()
    engineer.send(b"typed before ")
    sent(engineer)
    if notices == "both are told":
        engineer.leg_lost(0)
        agent.leg_lost(0)
    awake_ms = 9 * MINUTE_MS
    for end in (engineer, agent):
        end.handle_time(awake_ms)
        assert not [event for event in end.events_received() if isinstance(event, StreamClosed)]
        assert end.state is StreamState.WAITING
    engineer.send(b"and after")
    reconnect(engineer, agent, awake_ms)
    agent.receive_data(sent(engineer), awake_ms)
    events = agent.events_received()
    assert b"".join(event.data for event in events if isinstance(event, BytesReceived)) == b"typed before and after"


def test_eleven_minutes_of_sleep_end_both_sides() -> None:
    """Each for itself, with the same code, and what was not delivered is not kept."""
    engineer, agent = live_pair()
    engineer.send(bytes(1000))
    engineer.leg_lost(0)
    agent.leg_lost(0)
    for end in (engineer, agent):
        end.handle_time(11 * MINUTE_MS)
        assert end.events_received()[-1] == StreamClosed(CloseCode.LOST)
    engineer.leg_opened(11 * MINUTE_MS)
    assert sent(engineer) == b""
    with pytest.raises(OpeningRefused):
        agent.resume(opening(1, 0), 11 * MINUTE_MS)


def test_a_customer_who_is_away_for_eleven_minutes_in_pieces_is_not_lost() -> None:
    """The window is one interruption's: three of nine minutes each, with a second of connection in between."""
    engineer, agent = live_pair()
    now_ms = 0
    for _ in range(3):
        engineer.leg_lost(now_ms)
        agent.leg_lost(now_ms)
        now_ms += RESUME_WINDOW_MS - MINUTE_MS
        for end in (engineer, agent):
            end.handle_time(now_ms)
        reconnect(engineer, agent, now_ms)
        now_ms += 1000
        engineer.receive_data(ALIVE, now_ms)
        agent.receive_data(ALIVE, now_ms)
    assert engineer.state is agent.state is StreamState.LIVE
    assert OPEN_WINDOW_MS > ALIVE_EVERY_MS
