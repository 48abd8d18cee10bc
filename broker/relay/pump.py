"""The hot path: what one leg sends goes out on the other, one frame per read, and never faster than it drains.

A `LegPump` is fed with bytes and answers on a `LegOutput`; it does not know where either comes from, so that plain
sockets, TLS and uvicorn's transports all drive the same lines. Payload is unmasked piece by piece and handed to the
partner, who joins it into one frame: the only copy besides the unmasking. Control frames, rare and tiny, go to the
state machine of the `websockets` library, which knows how to answer them: one that is made for them, since a leg that
keeps its own keeps the whole handshake and 8 KiB with it.
"""

from collections.abc import Sequence
from typing import Protocol

from websockets.protocol import OPEN, SERVER
from websockets.protocol import Protocol as Websocket
from websockets.speedups import apply_mask

from protocol.websocket_frames import FrameError, FrameReader, frame_header

READ_BUFFER_BYTES = 120 * 1024
"""One read at most. Below 128 KiB, from where on glibc maps and unmaps every block: that alone doubles the cost."""

WRITE_HIGH_BYTES = 64 * 1024
"""Waiting in a leg's transport, above which its partner is no longer read from …"""

WRITE_LOW_BYTES = 16 * 1024
"""… until it is down to this: low enough for large pieces to a slow leg, above 0 to keep a fast one busy."""


Payload = Sequence[bytes | memoryview]
"""What one read brought, in order, without the frames around it. Good for as long as the call that hands it over."""


class LegOutput(Protocol):
    """Where a pump writes: an asyncio transport, as far as the pump cares."""

    def write(self, data: bytes) -> None: ...


class PayloadTaker(Protocol):
    """Where a pump's payload goes: the partner of its leg."""

    def forward(self, payload: Payload) -> int:
        """Sends it on; how many bytes."""


def one_frame(payload: Payload) -> tuple[bytes, int]:
    """A whole frame, and how many bytes of it are payload."""
    length = sum(map(len, payload))
    return b"".join((frame_header(length), *payload)), length


class LegPump:
    """One leg's incoming half."""

    __slots__ = ("_is_open", "_output", "_reader", "forwarded_bytes")

    def __init__(self, output: LegOutput) -> None:
        self.forwarded_bytes = 0
        """Payload bytes read off this leg and written to its partner."""
        self._output = output
        self._is_open = True
        self._reader = FrameReader(masked=True, apply_mask=apply_mask)

    def leg_data_received(self, data: bytes | bytearray | memoryview, partner: PayloadTaker | None) -> bool:
        """Hands payload to `partner`. Payload without a partner ends the leg: nobody has asked it to speak.

        False when the leg is to be closed: it said CLOSE, or made no sense.
        """
        try:
            payload = self._reader.receive_data(data)
        except FrameError:
            return False
        if payload:
            if partner is None:
                return False
            self.forwarded_bytes += partner.forward(payload)
        return not self._reader.control_frames or self._answer_control_frames()

    def close(self, code: int) -> None:
        """Says CLOSE with this code, if the leg is in a state to be told."""
        if self._is_open:
            websocket = Websocket(SERVER)
            websocket.send_close(code)
            self._write_answers(websocket)

    def _answer_control_frames(self) -> bool:
        """False if one of them ended the leg."""
        websocket = Websocket(SERVER)
        for frame in self._reader.control_frames:
            websocket.receive_data(frame)
        self._reader.control_frames.clear()
        websocket.events_received()
        self._write_answers(websocket)
        return self._is_open

    def _write_answers(self, websocket: Websocket) -> None:
        self._is_open = websocket.state is OPEN
        for answer in websocket.data_to_send():
            if answer:
                self._output.write(answer)
