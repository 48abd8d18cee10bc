"""The resumable stream: bytes arrive in order, once, whatever the legs do; what is not allowed harms nobody."""

import hashlib

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from protocol.send_buffer import SEND_BUFFER_BYTES
from protocol.stream import (
    ACK_DELAY_MS,
    ALIVE_EVERY_MS,
    OPEN_WINDOW_MS,
    RESUME_WINDOW_MS,
    SILENCE_LIMIT_MS,
    BytesReceived,
    LegAccepted,
    LegFailed,
    OpeningRefused,
    ResumableStream,
    StreamClosed,
    StreamState,
)
from protocol.stream_frames import (
    ALIVE,
    DATA_LIMIT_BYTES,
    OPENING_BYTES,
    CloseCode,
    FrameType,
    NoOpening,
    StreamKind,
    StreamOpening,
    accept_frame,
    ack_frame,
    close_frame,
    data_header,
    parse_opening,
)

KEY = bytes(range(32))
OTHER_KEY = bytes(32)
PAIRING_ID = b"p" * 16
STREAM_ID = b"s" * 16


def engineer_end(now_ms: int = 0) -> ResumableStream:
    return ResumableStream.open(KEY, StreamKind.SSH, PAIRING_ID, STREAM_ID, now_ms)


def sent(stream: ResumableStream) -> bytes:
    """Everything that the stream would write now."""
    pieces = []
    while batch := stream.data_to_send():
        pieces.extend(batch)
    return b"".join(pieces)


def received(stream: ResumableStream) -> bytes:
    return b"".join(bytes(event.data) for event in stream.events_received() if isinstance(event, BytesReceived))


def opening(generation: int = 0, received_bytes: int = 0, *, key: bytes = KEY) -> StreamOpening:
    return StreamOpening.signed(key, StreamKind.SSH, PAIRING_ID, STREAM_ID, generation, received_bytes)


def live_pair(now_ms: int = 0) -> tuple[ResumableStream, ResumableStream]:
    """Engineer's and agent's end, with a live leg between them and nothing on it."""
    engineer = engineer_end(now_ms)
    engineer.leg_opened(now_ms)
    first = parse_opening(sent(engineer))
    assert first is not None
    agent = ResumableStream.accept(first, KEY, now_ms)
    engineer.receive_data(sent(agent), now_ms)
    assert engineer.events_received() == [LegAccepted(0)]
    assert agent.events_received() == [LegAccepted(0)]
    return engineer, agent


def resume(engineer: ResumableStream, agent: ResumableStream, now_ms: int = 0) -> None:
    """Breaks the leg, and brings the next one up as far as the agent's ACCEPT."""
    engineer.leg_lost(now_ms)
    agent.leg_lost(now_ms)
    engineer.leg_opened(now_ms)
    again = parse_opening(sent(engineer))
    assert again is not None
    agent.resume(again, now_ms)


# ── the frames ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_opening_layout() -> None:
    """OPENING and ACCEPT of the example in docs/protocol/stream.md, byte by byte."""
    encoded = opening(2, 5).encode()
    assert encoded[:49].hex() == "43534f3102" + "70" * 16 + "73" * 16 + "00000002" + "0000000000000005"
    assert encoded[49:].hex() == "ea53ab5ef230af54dc646d64a73bed8e71047b66ca30d5a8c3185bf3935c8882"
    assert accept_frame(KEY, opening(2, 5), 7).hex() == (
        "01000000020000000000000007224a728b4c302e95558a70ed8f102aace67fc46fd2d2dbbe0323ebbb8e3782ff"
    )
    assert parse_opening(encoded) == opening(2, 5)


@pytest.mark.parametrize("bad", [b"GET / HTTP/1.1", b"X", b"CSO1\x09" + bytes(76)])
def test_no_opening(bad: bytes) -> None:
    """What cannot become an OPENING is refused at its first wrong byte, not waited for."""
    with pytest.raises(NoOpening):
        parse_opening(bad)


def test_opening_in_pieces() -> None:
    """An OPENING may arrive in any pieces; one that is not whole yet is not an error."""
    encoded = opening().encode()
    assert all(parse_opening(encoded[:length]) is None for length in range(OPENING_BYTES))
    assert parse_opening(encoded + b"more") == opening()


# ── sending and receiving ───────────────────────────────────────────────────────────────────────────────────────


def test_early_data() -> None:
    """Generation 0 carries data right behind the OPENING: SSH starts without another round trip."""
    engineer = engineer_end()
    engineer.send(b"SSH-2.0-OpenSSH\r\n")
    engineer.leg_opened(0)
    first_flight = sent(engineer)
    agent = ResumableStream.accept(opening(), KEY, 0)
    agent.receive_data(first_flight[OPENING_BYTES:], 0)
    assert received(agent) == b"SSH-2.0-OpenSSH\r\n"


def test_pieces_are_gathered() -> None:
    """Small writes become one frame; a large one is cut at 64 KiB."""
    engineer, _ = live_pair()
    for _ in range(100):
        engineer.send(b"key")
    assert sent(engineer) == data_header(0, 300) + b"key" * 100
    engineer.send(bytes(DATA_LIMIT_BYTES + 1))
    assert len(sent(engineer)) == DATA_LIMIT_BYTES + 1 + 2 * 13


def test_back_pressure() -> None:
    """8 MiB that are not acknowledged stop a writer; nothing more is sent until an acknowledgement comes."""
    engineer, agent = live_pair()
    block = bytes(DATA_LIMIT_BYTES)
    while engineer.can_send:
        engineer.send(block)
    assert engineer.buffered_bytes == SEND_BUFFER_BYTES
    engineer.send(block)
    flight = sent(engineer)
    assert len(flight) == SEND_BUFFER_BYTES + 13 * (SEND_BUFFER_BYTES // DATA_LIMIT_BYTES)
    agent.receive_data(flight, 0)
    engineer.receive_data(sent(agent), 0)
    assert engineer.buffered_bytes == len(block)
    assert engineer.can_send


def test_acknowledgement_by_time() -> None:
    """A single byte is acknowledged after 250 ms; with data to send, the acknowledgement rides along."""
    engineer, agent = live_pair()
    engineer.send(b"x")
    agent.receive_data(sent(engineer), 1000)
    assert sent(agent) == b""
    assert agent.deadline_ms == 1000 + ACK_DELAY_MS
    agent.handle_time(1000 + ACK_DELAY_MS)
    assert sent(agent) == ack_frame(1)
    engineer.send(b"y")
    agent.receive_data(sent(engineer), 2000)
    agent.send(b"echo")
    assert sent(agent) == data_header(0, 4) + b"echo" + ack_frame(2)


# ── legs that break ─────────────────────────────────────────────────────────────────────────────────────────────


def test_cut_at_every_byte() -> None:
    """A leg that is cut after any byte of an exchange loses nothing and repeats nothing."""
    flight_length = 13 + 40
    for cut in range(flight_length + 1):
        engineer, agent = live_pair()
        engineer.send(bytes(range(40)))
        agent.receive_data(sent(engineer)[:cut], 0)
        resume(engineer, agent)
        engineer.receive_data(sent(agent), 0)
        agent.receive_data(sent(engineer), 0)
        assert received(agent) == bytes(range(40))


def test_later_generations_wait_for_the_agent() -> None:
    """After a break nothing is sent again before the agent has said what it has."""
    engineer, agent = live_pair()
    engineer.send(b"lost")
    sent(engineer)
    engineer.leg_lost(0)
    engineer.leg_opened(0)
    assert len(sent(engineer)) == OPENING_BYTES
    agent.resume(opening(1), 0)
    engineer.receive_data(sent(agent), 0)
    assert sent(engineer) == data_header(0, 4) + b"lost"


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (opening(1, key=OTHER_KEY), "proof"),
        (opening(0), "generation 0"),
        (opening(1)._replace(received_bytes=1), "proof"),
        (opening(1)._replace(stream_id=b"t" * 16), "proof"),
    ],
)
def test_bad_opening_leaves_the_live_leg_alone(bad: StreamOpening, sentence: str) -> None:
    """Forged, stale and altered openings are refused, and the stream goes on where it is."""
    engineer, agent = live_pair()
    with pytest.raises(OpeningRefused, match=sentence):
        agent.resume(bad, 0)
    engineer.send(b"still here")
    agent.receive_data(sent(engineer), 0)
    assert received(agent) == b"still here"


def test_forged_accept() -> None:
    """A relay that answers in the agent's place costs a leg and nothing else."""
    engineer = engineer_end()
    engineer.leg_opened(0)
    engineer.receive_data(accept_frame(OTHER_KEY, opening(), 0), 0)
    (failed,) = engineer.events_received()
    assert isinstance(failed, LegFailed)
    assert engineer.state is StreamState.WAITING


def test_accept_of_another_generation() -> None:
    """An ACCEPT is good for exactly one opening: it cannot be replayed on a later leg."""
    engineer, _ = live_pair()
    engineer.leg_lost(0)
    engineer.leg_opened(0)
    engineer.receive_data(accept_frame(KEY, opening(0), 0), 0)
    assert isinstance(engineer.events_received()[0], LegFailed)


@pytest.mark.parametrize(
    "bad",
    [
        data_header(1, 4) + b"gap!",
        data_header(0, 0),
        data_header(0, DATA_LIMIT_BYTES + 1),
        ack_frame(1),
        b"\x00",
        b"\xff",
        close_frame(CloseCode.DONE, 1),
        bytes([FrameType.CLOSED]),
        accept_frame(KEY, opening(), 0),
    ],
)
def test_protocol_errors(bad: bytes) -> None:
    """A gap, an acknowledgement of what was never sent, a cut tail, an unknown frame: CLOSE(PROTOCOL), no exception."""
    _, agent = live_pair()
    agent.receive_data(bad, 0)
    assert agent.events_received() == [StreamClosed(CloseCode.PROTOCOL)]
    assert sent(agent) == close_frame(CloseCode.PROTOCOL, 0)


def test_resume_offset_that_cannot_be() -> None:
    """An opening that claims to have received what was never sent ends the stream, with proof or without it."""
    _, agent = live_pair()
    agent.resume(opening(1, 1), 0)
    assert agent.close_code is CloseCode.PROTOCOL


# ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_signs_of_life() -> None:
    """ALIVE every 15 s; 45 s of silence and the leg is given up, the stream is not."""
    engineer, _ = live_pair()
    assert engineer.deadline_ms == ALIVE_EVERY_MS
    engineer.handle_time(ALIVE_EVERY_MS)
    assert sent(engineer) == ALIVE
    engineer.handle_time(SILENCE_LIMIT_MS)
    assert isinstance(engineer.events_received()[-1], LegFailed)
    assert engineer.state is StreamState.WAITING


def test_slow_reader_is_not_dead() -> None:
    """An end that does not read cannot hear the other: it does not take that for silence, and still says ALIVE."""
    engineer, _ = live_pair()
    engineer.pause_reading()
    for now_ms in range(0, 4 * SILENCE_LIMIT_MS, ALIVE_EVERY_MS):
        engineer.handle_time(now_ms)
    assert engineer.events_received() == []
    engineer.resume_reading(4 * SILENCE_LIMIT_MS)
    engineer.handle_time(4 * SILENCE_LIMIT_MS + 1)
    assert engineer.events_received() == []


def test_resume_window() -> None:
    """10 minutes without a leg end a stream; a minute less does not."""
    engineer, agent = live_pair()
    engineer.leg_lost(0)
    agent.leg_lost(0)
    for stream in (engineer, agent):
        stream.handle_time(RESUME_WINDOW_MS - 1)
        assert stream.events_received() == []
        stream.handle_time(RESUME_WINDOW_MS)
        assert stream.events_received() == [StreamClosed(CloseCode.LOST)]
        assert stream.deadline_ms is None


def test_a_leg_without_the_agent_does_not_stop_the_window() -> None:
    """Legs that reach the relay but not the agent do not make a lost stream live longer."""
    engineer, _ = live_pair()
    engineer.leg_lost(0)
    for now_ms in range(0, RESUME_WINDOW_MS, 20_000):
        engineer.leg_opened(now_ms)
        engineer.leg_lost(now_ms + 10_000)
    engineer.handle_time(RESUME_WINDOW_MS)
    assert engineer.close_code is CloseCode.LOST


def test_first_opening_window() -> None:
    """A stream that never reached the agent is given up after a minute."""
    engineer = engineer_end()
    engineer.handle_time(OPEN_WINDOW_MS)
    assert engineer.events_received() == [StreamClosed(CloseCode.LOST)]


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_orderly_end_delivers_everything() -> None:
    """DONE stands behind all bytes, also when the leg breaks between them and the end."""
    engineer, agent = live_pair()
    agent.send(b"last words")
    agent.close()
    sent(agent)
    resume(engineer, agent)
    engineer.receive_data(sent(agent), 0)
    assert engineer.events_received() == [
        LegAccepted(1),
        BytesReceived(b"last words"),
        StreamClosed(CloseCode.DONE),
    ]
    agent.receive_data(sent(engineer), 0)
    assert agent.events_received()[-1] == StreamClosed(CloseCode.DONE)


def test_sharp_end_drops_the_rest() -> None:
    """Any other code ends at once: what was written and not sent never leaves."""
    _, agent = live_pair()
    agent.send(b"must not leave")
    agent.close(CloseCode.OVER)
    assert sent(agent) == close_frame(CloseCode.OVER, 0)
    assert sent(agent) == b""
    agent.send(b"nor this")
    assert sent(agent) == b""


def test_nothing_after_the_end() -> None:
    """An ended stream ignores bytes, legs and time, and refuses openings."""
    engineer, agent = live_pair()
    for stream in (engineer, agent):
        stream.close(CloseCode.OVER)
        sent(stream)
        stream.events_received()
        stream.receive_data(ALIVE, 0)
        stream.leg_lost(0)
        stream.handle_time(10**9)
        stream.close()
        assert stream.events_received() == []
    engineer.leg_opened(0)
    assert sent(engineer) == b""
    with pytest.raises(OpeningRefused):
        agent.resume(opening(1), 0)


# ── the machine ─────────────────────────────────────────────────────────────────────────────────────────────────


class _Wire:
    """One leg: two directions of bytes under way, cut by the test at any byte."""

    def __init__(self) -> None:
        self.to_agent = bytearray()
        self.to_engineer = bytearray()
        self.opened_at_agent = False


class StreamMachine(RuleBasedStateMachine):
    """Two ends, writes, legs cut anywhere, legs that overtake each other, old legs that come back: in order, once."""

    @initialize()
    def start(self) -> None:
        self.now_ms = 0
        self.engineer = engineer_end()
        self.agent: ResumableStream | None = None
        self.wire: _Wire | None = None
        self.old_wires: list[_Wire] = []
        self.written = {"engineer": bytearray(), "agent": bytearray()}
        self.arrived = {"engineer": bytearray(), "agent": bytearray()}
        self.counter = 0

    def _fresh_bytes(self, length: int) -> bytes:
        self.counter += 1
        return hashlib.shake_128(self.counter.to_bytes(4, "big")).digest(length)

    def _pull(self) -> None:
        """Puts on the wire what the ends have to send, and takes their events."""
        for name, stream in (("engineer", self.engineer), ("agent", self.agent)):
            if stream is None:
                continue
            self.arrived[name] += received(stream)
            data = sent(stream)
            if self.wire is not None and (name == "engineer" or self.wire.opened_at_agent):
                (self.wire.to_agent if name == "engineer" else self.wire.to_engineer).extend(data)

    @rule(length=st.sampled_from([1, 2, 13, 100, 5000, 70_000]))
    def engineer_writes(self, length: int) -> None:
        data = self._fresh_bytes(length)
        self.written["engineer"] += data
        self.engineer.send(data)
        self._pull()

    @precondition(lambda self: self.agent is not None)
    @rule(length=st.sampled_from([1, 2, 13, 100, 5000, 70_000]))
    def agent_writes(self, length: int) -> None:
        assert self.agent is not None
        data = self._fresh_bytes(length)
        self.written["agent"] += data
        self.agent.send(data)
        self._pull()

    @rule(agent_notices=st.booleans())
    def cut_and_dial(self, agent_notices: bool) -> None:
        """The engineer's end dials anew; the agent may not have noticed that the old leg is gone."""
        if self.wire is not None:
            self.old_wires.append(self.wire)
            self.engineer.leg_lost(self.now_ms)
            if agent_notices and self.agent is not None and self.wire.opened_at_agent:
                self.agent.leg_lost(self.now_ms)
        self.wire = _Wire()
        self.engineer.leg_opened(self.now_ms)
        self._pull()

    @precondition(lambda self: self.wire is not None)
    @rule(length=st.one_of(st.integers(1, 100), st.just(10**6)))
    def deliver_to_agent(self, length: int) -> None:
        assert self.wire is not None
        if not self.wire.opened_at_agent:
            first = parse_opening(self.wire.to_agent)
            assert first is not None
            del self.wire.to_agent[:OPENING_BYTES]
            if self.agent is None:
                self.agent = ResumableStream.accept(first, KEY, self.now_ms)
            else:
                self.agent.resume(first, self.now_ms)
            self.wire.opened_at_agent = True
        else:
            assert self.agent is not None
            self.agent.receive_data(bytes(self.wire.to_agent[:length]), self.now_ms)
            del self.wire.to_agent[:length]
        self._pull()

    @precondition(lambda self: self.wire is not None and self.wire.to_engineer)
    @rule(length=st.one_of(st.integers(1, 100), st.just(10**6)))
    def deliver_to_engineer(self, length: int) -> None:
        assert self.wire is not None
        self.engineer.receive_data(bytes(self.wire.to_engineer[:length]), self.now_ms)
        del self.wire.to_engineer[:length]
        self._pull()

    @precondition(lambda self: self.agent is not None and any(not wire.opened_at_agent for wire in self.old_wires))
    @rule()
    def old_opening_arrives_late(self) -> None:
        """An opening that was overtaken by a newer one is refused; another is good, and leads nowhere."""
        assert self.agent is not None
        late = next(wire for wire in self.old_wires if not wire.opened_at_agent)
        self.old_wires.remove(late)
        first = parse_opening(late.to_agent)
        assert first is not None
        if first.generation <= self.agent.generation:
            with pytest.raises(OpeningRefused):
                self.agent.resume(first, self.now_ms)
        else:
            self.agent.resume(first, self.now_ms)
            self.agent.leg_lost(self.now_ms)
        self._pull()

    @rule(milliseconds=st.sampled_from([1, 250, 5000]))
    def time_passes(self, milliseconds: int) -> None:
        self.now_ms += milliseconds
        for stream in (self.engineer, self.agent):
            if stream is not None:
                stream.handle_time(self.now_ms)
        self._pull()

    @invariant()
    def in_order_and_once(self) -> None:
        for reader, writer in (("agent", "engineer"), ("engineer", "agent")):
            assert self.written[writer].startswith(self.arrived[reader])

    def teardown(self) -> None:
        """After one more leg that holds, everything has arrived."""
        if not hasattr(self, "engineer") or self.engineer.state is StreamState.ENDED:
            return
        if self.agent is not None and self.agent.state is StreamState.ENDED:
            return
        self.cut_and_dial(agent_notices=True)
        assert self.wire is not None
        self.deliver_to_agent(1)
        for _ in range(8):
            self.deliver_to_agent(10**7)
            if self.wire.to_engineer:
                self.deliver_to_engineer(10**7)
        assert self.arrived["agent"] == self.written["engineer"]
        assert self.arrived["engineer"] == self.written["agent"]


StreamMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
test_stream_machine = StreamMachine.TestCase
