"""The hot path: what one leg sends goes out on the other, one frame per read, and never faster than it drains.

A `LegPump` is fed with bytes and writes to a `LegOutput`; it does not know where either comes from, so that plain
sockets, TLS and uvicorn's transports all drive the same lines. Payload is unmasked piece by piece and joined into one
frame: the join is the only copy besides the unmasking. Control frames, rare and tiny, go to the state machine of the
`websockets` library, which knows how to answer them.
"""

from collections.abc import Callable
from typing import Protocol

from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.speedups import apply_mask

from protocol.websocket_frames import FrameError, FrameReader, frame_header

READ_BUFFER_BYTES = 120 * 1024
"""One read at most. Below 128 KiB, from where on glibc maps and unmaps every block: that alone doubles the cost."""

WRITE_HIGH_BYTES = 64 * 1024
"""Waiting in a leg's transport, above which its partner is no longer read from …"""

WRITE_LOW_BYTES = 16 * 1024
"""… until it is down to this: low enough for large pieces to a slow leg, above 0 to keep a fast one busy."""


class LegOutput(Protocol):
    """Where a pump writes: an asyncio transport, as far as the pump cares."""

    def write(self, data: bytes) -> None: ...


class LegPump:
    """One leg's incoming half. `on_closed` is called once, when the leg said CLOSE or made no sense."""

    def __init__(self, handshake: ServerProtocol, output: LegOutput, on_closed: Callable[[], None]) -> None:
        self.forwarded_bytes = 0
        """Payload bytes read off this leg and written to its partner."""
        self._websocket = handshake
        self._output = output
        self._on_closed = on_closed
        self._reader = FrameReader(masked=True, apply_mask=apply_mask)

    def leg_data_received(self, data: bytes | bytearray | memoryview, partner: LegOutput | None) -> None:
        """Hands payload to `partner`. Payload without a partner ends the leg: nobody has asked it to speak."""
        try:
            payload = self._reader.receive_data(data)
        except FrameError:
            self._on_closed()
            return
        if payload:
            if partner is None:
                self._on_closed()
                return
            length = sum(map(len, payload))
            partner.write(b"".join((frame_header(length), *payload)))
            self.forwarded_bytes += length
        if self._reader.control_frames:
            self._answer_control_frames()

    def close(self, code: int) -> None:
        """Says CLOSE with this code, if the leg is in a state to be told."""
        if self._websocket.state is OPEN:
            self._websocket.send_close(code)
            self._write_answers()

    def _answer_control_frames(self) -> None:
        for frame in self._reader.control_frames:
            self._websocket.receive_data(frame)
        self._reader.control_frames.clear()
        self._websocket.events_received()
        self._write_answers()
        if self._websocket.state is not OPEN:
            self._on_closed()

    def _write_answers(self) -> None:
        for answer in self._websocket.data_to_send():
            if answer:
                self._output.write(answer)
