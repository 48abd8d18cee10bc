"""Websocket framing (RFC 6455 section 5) for pipes: payload in, payload out, no messages.

A leg is a byte pipe that happens to travel in websocket frames. Libraries give whole messages, which costs buffers and
copies that a pipe does not need (measured: 1.5 to 3 times the CPU). `FrameReader` gives each piece of payload as soon
as it has arrived, whatever frame it belongs to; control frames come out whole, still encoded, for a library's state
machine to answer. Which masking function does the work is the driver's choice: `websockets.speedups.apply_mask`.
"""

import struct
from collections.abc import Callable

ApplyMask = Callable[[bytes | bytearray | memoryview, bytes], bytes]
"""`apply_mask(data, mask)`: `data` XOR the four bytes of `mask`, repeated."""

BINARY_FRAME = 0x82
PING_FRAME = 0x89
PONG_FRAME = 0x8A
CLOSE_FRAME = 0x88

CONTROL_PAYLOAD_LIMIT_BYTES = 125
"""RFC 6455 section 5.5."""

LONGEST_HEAD_BYTES = 2 + 4 + CONTROL_PAYLOAD_LIMIT_BYTES
"""Of what is taken as a whole: a masked control frame. A header alone has at most 14 bytes."""

_LENGTH_BYTES = {126: 2, 127: 8}
"""By what stands in place of the length where that takes bytes of its own."""


class FrameError(ValueError):
    """The bytes are not the websocket frames that a leg may carry. The connection is of no more use."""


def frame_header(length: int, *, first_byte: int = BINARY_FRAME, masked: bool = False) -> bytes:
    """The bytes before the mask and the payload. `length` is the payload's, in bytes."""
    mask_bit = 0x80 if masked else 0
    if length < 126:
        return struct.pack(">BB", first_byte, mask_bit | length)
    if length < 65536:
        return struct.pack(">BBH", first_byte, mask_bit | 126, length)
    return struct.pack(">BBQ", first_byte, mask_bit | 127, length)


def close_payload(code: int) -> bytes:
    """Payload of a CLOSE frame without a reason."""
    return struct.pack(">H", code)


class FrameReader:
    """Reads one direction of a leg, out of pieces of any size. `masked`: what a client sends is, a server's is not."""

    __slots__ = ("_apply_mask", "_mask", "_masked", "_partial", "_payload_left", "control_frames")

    def __init__(self, *, masked: bool, apply_mask: ApplyMask) -> None:
        self.control_frames: list[bytes] = []
        """Whole control frames as they arrived, oldest first; the driver takes them out."""
        self._masked = masked
        self._apply_mask = apply_mask
        self._partial = bytearray()
        self._payload_left = 0
        self._mask = b""

    def receive_data(self, data: bytes | bytearray | memoryview) -> list[bytes | memoryview]:
        """The payload in these bytes, unmasked, in order. Views are of `data`. Raises FrameError."""
        payload: list[bytes | memoryview] = []
        view = memoryview(data)
        at = 0
        end = len(view)
        while at < end:
            if self._payload_left:
                piece = view[at : at + self._payload_left]
                at += len(piece)
                payload.append(self._take_payload(piece))
            else:
                at += self._take_header(view, at)
        return payload

    def _take_payload(self, piece: memoryview) -> bytes | memoryview:
        length = len(piece)
        self._payload_left -= length
        if not self._masked:
            return piece
        unmasked = self._apply_mask(piece, self._mask)
        turn = length & 3
        if turn:
            self._mask = self._mask[turn:] + self._mask[:turn]
        return unmasked

    def _take_header(self, view: memoryview, at: int) -> int:
        """Consumes what is missing of a header, or of a whole control frame; returns how many bytes."""
        partial = self._partial
        if not partial:  # nearly always: then it is there as a whole, and is read where it lies
            head = view[at : at + LONGEST_HEAD_BYTES]
            size = self._size_of_head(head)
            if size <= len(head):
                self._head_received(bytes(head[:size]))
                return size
        before = len(partial)
        size = self._size_of_head(partial)
        while len(partial) < size:
            piece = view[at + len(partial) - before : at + size - before]
            if not piece:
                return len(partial) - before
            partial += piece
            size = self._size_of_head(partial)
        consumed = len(partial) - before
        self._head_received(bytes(partial))
        partial.clear()
        return consumed

    def _head_received(self, head: bytes) -> None:
        if head[0] & 0x08:
            self.control_frames.append(head)
        else:
            self._start_payload(head)

    def _size_of_head(self, head: bytearray | memoryview) -> int:
        """How many bytes of this head are needed at least, judging by what is there. Raises FrameError."""
        if len(head) < 2:
            return 2
        first, second = head[0], head[1]
        length = second & 0x7F
        if bool(second & 0x80) is not self._masked:
            raise FrameError("a frame that is masked the wrong way")
        mask_bytes = 4 if self._masked else 0
        if first & 0x08:
            if first not in (CLOSE_FRAME, PING_FRAME, PONG_FRAME) or length > CONTROL_PAYLOAD_LIMIT_BYTES:
                raise FrameError("a control frame that does not exist")
            return 2 + mask_bytes + length
        if first & 0x7F not in (0x00, 0x02):
            raise FrameError("a frame that is not binary")
        return 2 + _LENGTH_BYTES.get(length, 0) + mask_bytes

    def _start_payload(self, head: bytes) -> None:
        length = head[1] & 0x7F
        at = 2
        if length == 126:
            (length,) = struct.unpack_from(">H", head, 2)
            at = 4
        elif length == 127:
            (length,) = struct.unpack_from(">Q", head, 2)
            at = 10
            if length >> 63:
                raise FrameError("a frame of an impossible length")
        self._payload_left = length
        self._mask = head[at:]
