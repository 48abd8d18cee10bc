"""Legs and streams: openings, frames behind an authentic opening, websocket framing, both ends' handshakes."""

import base64
import hashlib
from collections.abc import Iterable, Iterator

from websockets.speedups import apply_mask

from broker.relay.tickets import LegTickets, TicketRefused
from fuzz.target import target
from protocol.errors import PeerError
from protocol.legs import LegHandshake, LegRefused
from protocol.stream import BytesReceived, ResumableStream
from protocol.stream_frames import (
    ALIVE,
    CloseCode,
    NoOpening,
    StreamKind,
    StreamOpening,
    accept_frame,
    ack_frame,
    close_frame,
    data_header,
    parse_opening,
)
from protocol.websocket_frames import FrameError, FrameReader, frame_header

KEY, PAIRING, STREAM = bytes(32), bytes(16), bytes(range(16))
HELD_LIMIT_BYTES = 64
"""What a machine may keep of a peer's bytes between two calls: part of one header."""


def _opening(generation: int = 0, received_bytes: int = 0) -> StreamOpening:
    return StreamOpening.signed(KEY, StreamKind.SSH, PAIRING, STREAM, generation, received_bytes)


@target("opening", seeds=lambda: [_opening().encode(), _opening(7, 2**63).encode() + b"more"], words=(b"CSO1",))
def opening(data: bytes) -> None:
    """The first bytes of a leg."""
    try:
        parsed = parse_opening(data)
    except NoOpening:
        return
    if parsed is not None:
        assert parsed.encode() == data[: len(parsed.encode())]
        parsed.is_authentic(KEY)


def _frames() -> Iterable[bytes]:
    for side in (b"\x00", b"\x01"):
        yield side + data_header(0, 5) + b"hello" + ack_frame(0) + ALIVE + data_header(5, 1) + b"x"
        yield side + close_frame(CloseCode.DONE, 0)
        yield side + data_header(3, 2) + b"xx" + ack_frame(2**63)
        yield side + ack_frame(4) + data_header(0, 70_000)


@target("stream-frames", seeds=_frames, words=(ALIVE, ack_frame(4), data_header(0, 4), close_frame(CloseCode.GONE, 9)))
def stream_frames(data: bytes) -> None:
    """Frames after an authentic opening: first byte picks the end that reads them. Each byte arrives once, in order."""
    stream = _agent_end() if data[:1] == b"\x00" else _engineer_end()
    received = 0
    for piece in _pieces(data[1:]):
        stream.receive_data(piece, 2)
        for event in stream.events_received():
            if isinstance(event, BytesReceived):
                received += len(event.data)
        stream.data_to_send()
    assert received == stream.received_bytes <= len(data)
    assert len(stream._partial_header) <= HELD_LIMIT_BYTES
    assert 0 <= stream.acked_bytes <= 4


def _agent_end() -> ResumableStream:
    stream = ResumableStream.accept(_opening(), KEY, 0)
    stream.send(b"four")
    stream.data_to_send()
    return stream


def _engineer_end() -> ResumableStream:
    stream = ResumableStream.open(KEY, StreamKind.SSH, PAIRING, STREAM, 0)
    stream.leg_opened(0)
    stream.send(b"four")
    stream.data_to_send()
    stream.receive_data(accept_frame(KEY, _opening(), 0), 1)
    stream.events_received()
    return stream


def _pieces(data: bytes) -> Iterator[bytes]:
    """Cut where the bytes themselves say, so that cuts are varied, too."""
    at = 0
    while at < len(data):
        size = 1 + data[at] % 31 * 37
        yield data[at : at + size]
        at += size


def _websocket_seeds() -> Iterable[bytes]:
    mask = b"\x01\x02\x03\x04"
    yield b"\x01" + frame_header(5, masked=True) + mask + b"hello"
    yield b"\x01" + frame_header(300, masked=True) + mask + bytes(300)
    yield b"\x01" + frame_header(70_000, masked=True) + mask + bytes(100)
    yield b"\x00" + frame_header(5) + b"hello" + b"\x89\x01x" + b"\x88\x02\x03\xe8"


@target("websocket-frames", seeds=_websocket_seeds, words=(b"\x82\xff", b"\x89\x80", b"\x88\x82", b"\x02\x80", b"\x80"))
def websocket_frames(data: bytes) -> None:
    """Framing of a leg: however it is cut, the payload is the same."""
    masked = data[:1] == b"\x01"
    assert _payload(data[1:], masked, cut=False) == _payload(data[1:], masked, cut=True)


def _payload(data: bytes, masked: bool, *, cut: bool) -> tuple[bytes, int] | None:
    reader = FrameReader(masked=masked, apply_mask=apply_mask)
    payload = b""
    try:
        for piece in _pieces(data) if cut else (data,):
            payload += b"".join(bytes(part) for part in reader.receive_data(piece))
    except FrameError:
        return None
    assert len(reader._partial) <= 140
    return payload, len(reader.control_frames)


_NONCE = bytes(16)
_ACCEPTED = base64.b64encode(
    hashlib.sha1(base64.b64encode(_NONCE) + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
)


def _answers() -> Iterable[bytes]:
    yield (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + _ACCEPTED
        + b"\r\nSec-WebSocket-Protocol: consentry.leg.v1\r\n\r\n\x82\x01x"
    )
    yield b"HTTP/1.1 410 Gone\r\n\r\n"


@target("leg-answer", seeds=_answers, words=(b"HTTP/1.1 ", b"\r\n", b": ", b"101"))
def leg_answer(data: bytes) -> None:
    """What a broker answers to a leg's handshake."""
    handshake = LegHandshake("localhost", "/relay/agent", "ticket", _NONCE)
    try:
        for piece in _pieces(data):
            if handshake.receive_data(piece) is not None:
                return
    except (PeerError, LegRefused):
        return


_tickets = LegTickets(bytes(32))


@target("leg-ticket", seeds=lambda: [_tickets.issue(bytes(16), "engineer", b"\x00\x01", 2**42).encode()])
def leg_ticket(data: bytes) -> None:
    """A ticket in a header: only those that were issued are taken, in the one spelling that they have."""
    try:
        ticket = _tickets.check(data.decode("latin-1"), 1)
    except TicketRefused:
        return
    assert _tickets.issue(ticket.session_id, ticket.role, ticket.participant, ticket.expires_at_ms).encode() == data
