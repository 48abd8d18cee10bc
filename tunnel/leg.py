"""One relay leg: a websocket to the broker that is used as a byte pipe, and nothing more.

A leg is dialled, carries bytes, and is lost; it never comes back. Whoever uses it is its `listener`. Bytes arrive as a
view of a buffer that all legs of the process share: use them before returning. Bytes to send go out as one websocket
frame per call, so gather them first: what a relay pays is per frame. TLS is the leg's own (`tls_pipe.py`): the event
loop speaks TCP.
"""

import asyncio
import os
import ssl
from typing import Protocol, cast

from websockets.speedups import apply_mask

from protocol.details import system_reason
from protocol.errors import ConsentryError, PeerError, UnavailableError
from protocol.legs import CLOSE_PROTOCOL, LegHandshake, split_origin
from protocol.websocket_frames import (
    BINARY_FRAME,
    CLOSE_FRAME,
    PING_FRAME,
    PONG_FRAME,
    FrameError,
    FrameReader,
    close_payload,
    frame_header,
)
from tunnel.tls_pipe import RECORD_LIMIT_BYTES, TlsPipe

DIAL_TIMEOUT_SECONDS = 15.0
"""For the name, the connection, TLS and the handshake together: four round trips of the worst satellite link."""

READ_BUFFER_BYTES = 120 * 1024

WRITE_HIGH_BYTES = 256 * 1024
"""In the transport's buffer, above which nothing more is taken from the stream. It keeps its own copy anyway."""

CLOSE_SECONDS = 5.0
"""What is still to be written at `close` may take this long."""

# One pair for all legs of the process: the event loop fills a buffer and hands it over in one breath.
_ciphertext = memoryview(bytearray(READ_BUFFER_BYTES))
_plaintext = memoryview(bytearray(READ_BUFFER_BYTES + RECORD_LIMIT_BYTES))


class LegUnavailable(UnavailableError):
    """No connection, no TLS, or no answer in time."""

    sentence = "The broker at {host} cannot be reached ({problem}). Check the connection; the session waits."


class StreamLeg(Protocol):
    """What a stream needs of a leg: a websocket of `dial_leg`, or one that ends in the relay's own process."""

    listener: "LegListener | None"

    @property
    def writable(self) -> bool:
        """Whether more may be sent; the listener is told when it is so again."""

    def send(self, pieces: list[bytes]) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None:
        """Lets go of the leg: the listener hears nothing more."""


class LegListener(Protocol):
    """Who uses a leg."""

    def leg_bytes_received(self, leg: StreamLeg, data: memoryview) -> None: ...

    def leg_writable(self, leg: StreamLeg) -> None:
        """`leg.writable` is true again."""

    def leg_lost(self, leg: StreamLeg, code: int | None) -> None:
        """Called once. `code` is the relay's close code, if it said one."""


class Leg(asyncio.BufferedProtocol):
    """Made by `dial_leg`."""

    def __init__(self, tls: TlsPipe, handshake: LegHandshake) -> None:
        loop = asyncio.get_running_loop()
        self.listener: LegListener | None = None
        self.writable = True
        self.heard_at_seconds = loop.time()
        """When anything last arrived, on the event loop's clock."""
        self.upgraded: asyncio.Future[None] = loop.create_future()
        self._tls = tls
        self._encrypted = False
        """TLS's own handshake is done."""
        self._handshake: LegHandshake | None = handshake
        self._early = b""
        """What came with the answer to the handshake. Whoever dials has its listener set when this is read."""
        self._frames = FrameReader(masked=False, apply_mask=apply_mask)
        self._transport: asyncio.Transport
        self._lost = False

    # ── for the listener ────────────────────────────────────────────────────────────────────────────────────────

    def send(self, pieces: list[bytes]) -> None:
        """Sends the pieces as one frame."""
        self._send_frame(b"".join(pieces))

    def ping(self) -> None:
        """Makes the relay answer, so that an idle leg is seen to be alive, and kept alive by what is in between."""
        self._send_frame(b"", first_byte=PING_FRAME)

    def pause_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self, code: int = 1000) -> None:
        """Lets go of the leg: what was sent is still delivered, the listener hears nothing more."""
        self.listener = None
        if not self._lost:
            self._lost = True
            self._send_frame(close_payload(code), first_byte=CLOSE_FRAME)
            if self._encrypted and not self._transport.is_closing():
                self._transport.write(self._tls.goodbye())
            self._transport.close()
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)

    # ── asyncio ─────────────────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._transport.set_write_buffer_limits(high=WRITE_HIGH_BYTES)
        self._tls.shake_hands()
        self._transport.write(self._tls.ciphertext())

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 (the size is ours to choose)
        return _ciphertext

    def buffer_updated(self, nbytes: int) -> None:
        self.heard_at_seconds = asyncio.get_running_loop().time()
        try:
            self._tls.feed(_ciphertext[:nbytes])
            if not self._encrypted:
                self._shake_hands()
            if self._encrypted and (length := self._tls.decrypt(_plaintext)):
                self._read(_plaintext[:length])
        except ssl.SSLError as error:
            self._tls_failed(error)

    def eof_received(self) -> None:
        self._lose(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (a lost leg is a lost leg)
        self._lose(None)

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        if self.listener is not None:
            self.listener.leg_writable(self)

    # ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _shake_hands(self) -> None:
        self._encrypted = self._tls.shake_hands()
        if self._encrypted:
            assert self._handshake is not None
            self._transport.write(self._tls.encrypt(self._handshake.request))
        elif answer := self._tls.ciphertext():
            self._transport.write(answer)

    def _tls_failed(self, error: ssl.SSLError) -> None:
        if alert := self._tls.ciphertext():
            self._transport.write(alert)
        if not self.upgraded.done():
            self.upgraded.set_exception(error)
        self._lose(None)

    def _read(self, data: memoryview) -> None:
        if self._handshake is not None:
            self._read_handshake(bytes(data))
        elif self._early:
            self._early += data
        else:
            self._read_frames(data)

    def _read_handshake(self, data: bytes) -> None:
        assert self._handshake is not None
        try:
            rest = self._handshake.receive_data(data)
        except ConsentryError as error:
            if not self.upgraded.done():
                self.upgraded.set_exception(error)
            self._transport.abort()
            return
        if rest is not None:
            self._handshake = None
            if not self.upgraded.done():
                self.upgraded.set_result(None)
            # An engineer may have waited for this leg: what they said first comes together with the answer. It is read
            # behind the turn in which whoever dialled goes on.
            if rest:
                self._early = rest
                asyncio.get_running_loop().call_soon(self._read_early)

    def _read_early(self) -> None:
        early, self._early = self._early, b""
        if not self._lost:
            self._read_frames(memoryview(early))

    def _read_frames(self, data: memoryview) -> None:
        try:
            self._take_frames(data)
        except FrameError:
            self._lose(CLOSE_PROTOCOL)

    def _take_frames(self, data: memoryview) -> None:
        for piece in self._frames.receive_data(data):
            if self.listener is None:
                raise FrameError("bytes for nobody")
            self.listener.leg_bytes_received(self, memoryview(piece))
        for frame in self._frames.control_frames:
            if frame[0] == PING_FRAME:
                self._send_frame(frame[2:], first_byte=PONG_FRAME)
            elif frame[0] == CLOSE_FRAME:
                self._lose(int.from_bytes(frame[2:4], "big") if len(frame) >= 4 else None)
        self._frames.control_frames.clear()

    def _send_frame(self, payload: bytes, *, first_byte: int = BINARY_FRAME) -> None:
        if self._transport.is_closing():
            return
        mask = os.urandom(4)
        header = frame_header(len(payload), first_byte=first_byte, masked=True)
        self._transport.write(self._tls.encrypt(b"".join((header, mask, apply_mask(payload, mask)))))

    def _lose(self, code: int | None) -> None:
        if not self.upgraded.done():
            ended = PeerError(problem="the connection ended during the handshake")
            self.upgraded.set_exception(ended if self._encrypted else ConnectionResetError())
        if self._lost:
            return
        self._lost = True
        self._transport.close()
        listener, self.listener = self.listener, None
        if listener is not None:
            listener.leg_lost(self, code)


async def dial_leg(origin: str, tls: ssl.SSLContext, path: str, ticket: str) -> Leg:
    """A connected leg without a listener yet: set one before awaiting anything else.

    `origin` is `https://host[:port]`. Raises LegUnavailable, or LegRefused and PeerError of the handshake.
    """
    netloc, host, port = split_origin(origin)
    handshake = LegHandshake(netloc, path, ticket, os.urandom(16))
    loop = asyncio.get_running_loop()
    transport: asyncio.Transport | None = None
    try:
        async with asyncio.timeout(DIAL_TIMEOUT_SECONDS):
            transport, leg = await loop.create_connection(lambda: Leg(TlsPipe(tls, host), handshake), host, port)
            await leg.upgraded
    except OSError as error:
        raise LegUnavailable(host=netloc, problem=system_reason(error)) from None
    finally:
        if transport is not None and not (leg.upgraded.done() and leg.upgraded.exception() is None):
            transport.abort()
    return leg
