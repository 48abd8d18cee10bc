"""The frames of a resumable stream, as bytes on a leg. Big-endian, self-delimiting; websocket boundaries mean nothing.

    OPENING  engineer's first bytes on every leg   magic "CSO1" | kind u8 | pairing_id 16 | stream_id 16
                                                   | generation u32 | received u64 | mac 32          81 bytes
    ACCEPT   agent's first bytes on every leg      type u8 | generation u32 | received u64 | mac 32   45
    DATA     bytes of the stream                   type u8 | offset u64 | length u32 | bytes          13 + length
    ACK      everything below has arrived          type u8 | offset u64                                9
    ALIVE    nothing else to say, still here       type u8                                             1
    CLOSE    the last frame that carries meaning   type u8 | code u8 | offset u64                     10
    CLOSED   CLOSE has arrived                     type u8                                             1

OPENING and ACCEPT are authenticated with the stream key that came out of the pairing, so the relay can neither open
nor resume a stream. The rest is not: SSH and the control channel authenticate every byte that DATA carries, and a
relay that injects other frames gains what cutting the wire would give it.

This module is on the start-up path of every `ssh`: it imports nothing that takes time to load (no dataclasses).
"""

import hashlib
import hmac
import struct
from collections import namedtuple
from enum import IntEnum

OPENING_MAGIC = b"CSO1"
OPENING_BYTES = 81
ACCEPT_BYTES = 45
DATA_HEADER_BYTES = 13
MAC_BYTES = 32

DATA_LIMIT_BYTES = 64 * 1024
"""Payload of one DATA frame. What a relay pays is per frame far more than per byte, so this is not smaller."""

_OPENING = struct.Struct(">4sB16s16sIQ")
_ACCEPT = struct.Struct(">BIQ")
_DATA = struct.Struct(">BQI")
_ACK = struct.Struct(">BQ")
_CLOSE = struct.Struct(">BBQ")

_OPENING_LABEL = b"consentry/stream/opening/v1\0"
_ACCEPT_LABEL = b"consentry/stream/accept/v1\0"


class StreamKind(IntEnum):
    """What runs inside: the sealed control channel, or one SSH connection."""

    CONTROL = 1
    SSH = 2


class FrameType(IntEnum):
    """First byte of every frame but OPENING, which begins with its magic."""

    ACCEPT = 1
    DATA = 2
    ACK = 3
    ALIVE = 4
    CLOSE = 5
    CLOSED = 6


class CloseCode(IntEnum):
    """Why a stream ended. The last one is never sent: there is nobody left to hear it."""

    DONE = 0
    """In order: every byte that was written before it has been delivered."""
    PROTOCOL = 1
    """The other end sent what the protocol does not allow."""
    REFUSED = 2
    """The opening was not admitted: unknown pairing, wrong mac, or an old generation."""
    GONE = 3
    """The agent knows this stream, and it has ended."""
    OVER = 4
    """The session has ended, or this engineer's access was revoked."""
    LOST = 5
    """No leg could be had within the resume window."""


FRAME_BYTES = {
    FrameType.ACCEPT: ACCEPT_BYTES,
    FrameType.DATA: DATA_HEADER_BYTES,
    FrameType.ACK: _ACK.size,
    FrameType.ALIVE: 1,
    FrameType.CLOSE: _CLOSE.size,
    FrameType.CLOSED: 1,
}
"""Bytes up to where a frame's fixed fields end, by type; a type that is not here does not exist."""

ALIVE = bytes([FrameType.ALIVE])
CLOSED = bytes([FrameType.CLOSED])

_OpeningFields = namedtuple("_OpeningFields", "kind pairing_id stream_id generation received_bytes mac")  # noqa: PYI024 (typing costs start-up time)


class StreamOpening(_OpeningFields):
    """What an engineer's end says first on a leg: which stream, which try, and how far it has received."""

    __slots__ = ()
    kind: StreamKind
    pairing_id: bytes
    stream_id: bytes
    generation: int
    received_bytes: int
    mac: bytes

    @classmethod
    def signed(
        cls,
        stream_key: bytes,
        kind: StreamKind,
        pairing_id: bytes,
        stream_id: bytes,
        generation: int,
        received_bytes: int,
    ) -> "StreamOpening":
        """An opening with its mac. Both ids are 16 bytes."""
        unsigned = cls(kind, pairing_id, stream_id, generation, received_bytes, bytes(MAC_BYTES))
        return unsigned._replace(mac=_mac(stream_key, _OPENING_LABEL + unsigned.authenticated_bytes()))

    def authenticated_bytes(self) -> bytes:
        """Everything before the mac."""
        return _OPENING.pack(
            OPENING_MAGIC, self.kind, self.pairing_id, self.stream_id, self.generation, self.received_bytes
        )

    def encode(self) -> bytes:
        return self.authenticated_bytes() + self.mac

    def is_authentic(self, stream_key: bytes) -> bool:
        expected = _mac(stream_key, _OPENING_LABEL + self.authenticated_bytes())
        return hmac.compare_digest(expected, self.mac)


class NoOpening(ValueError):
    """The first bytes of a leg are not an OPENING. Drivers answer CLOSE(PROTOCOL) and drop the leg."""


def parse_opening(buffer: bytes | bytearray | memoryview) -> StreamOpening | None:
    """The opening at the start of `buffer`, or None if more bytes are needed. Raises NoOpening."""
    head = bytes(buffer[: len(OPENING_MAGIC)])
    if not OPENING_MAGIC.startswith(head):
        raise NoOpening("a leg that does not start with an opening")
    if len(buffer) < OPENING_BYTES:
        return None
    _, kind, pairing_id, stream_id, generation, received_bytes = _OPENING.unpack_from(buffer)
    if kind not in StreamKind._value2member_map_:
        raise NoOpening("an opening of an unknown kind of stream")
    return StreamOpening(
        StreamKind(kind),
        pairing_id,
        stream_id,
        generation,
        received_bytes,
        bytes(buffer[_OPENING.size : OPENING_BYTES]),
    )


def accept_frame(stream_key: bytes, opening: StreamOpening, received_bytes: int) -> bytes:
    """The agent's answer to exactly this opening."""
    fields = _ACCEPT.pack(FrameType.ACCEPT, opening.generation, received_bytes)
    return fields + _mac(stream_key, _ACCEPT_LABEL + opening.authenticated_bytes() + fields)


def read_accept(stream_key: bytes, opening: StreamOpening, frame: bytes) -> int | None:
    """How far the agent has received, or None if this is not its answer to this opening."""
    fields = frame[: _ACCEPT.size]
    expected = _mac(stream_key, _ACCEPT_LABEL + opening.authenticated_bytes() + fields)
    if not hmac.compare_digest(expected, frame[_ACCEPT.size :]):
        return None
    received_bytes: int = _ACCEPT.unpack(fields)[2]
    return received_bytes


def data_header(offset: int, length: int) -> bytes:
    return _DATA.pack(FrameType.DATA, offset, length)


def read_data_header(buffer: bytes | memoryview, at: int = 0) -> tuple[int, int]:
    """Offset and length, of the DATA frame that begins there."""
    _, offset, length = _DATA.unpack_from(buffer, at)
    return offset, length


def ack_frame(offset: int) -> bytes:
    return _ACK.pack(FrameType.ACK, offset)


def read_ack(frame: bytes) -> int:
    offset: int = _ACK.unpack(frame)[1]
    return offset


def close_frame(code: CloseCode, offset: int) -> bytes:
    """`offset` is how many bytes the sender has sent in all: DONE counts only if all of them have arrived."""
    return _CLOSE.pack(FrameType.CLOSE, code, offset)


def read_close(frame: bytes) -> tuple[CloseCode, int]:
    """A code that does not exist reads as PROTOCOL."""
    _, code, offset = _CLOSE.unpack(frame)
    return (CloseCode(code) if code in CloseCode._value2member_map_ else CloseCode.PROTOCOL), offset


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)
