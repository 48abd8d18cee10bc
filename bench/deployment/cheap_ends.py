"""Ends of the broker's websockets that cost as little as possible: thousands of them fit into one process.

No library's buffers and queues; frames are read by the product's own `FrameReader`, and messages are handed over as
they come. Nothing here is checked as a client must check it: the broker is a process that we started on this machine.
"""

import asyncio
import base64
import os
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar, cast

from websockets.speedups import apply_mask

from protocol.legs import LEG_SUBPROTOCOL, TICKET_PREFIX
from protocol.messages.wire import SUBPROTOCOL, MessageDecoder, encode
from protocol.websocket_frames import CLOSE_FRAME, PING_FRAME, PONG_FRAME, FrameReader, frame_header

HOST = "127.0.0.1"
PATIENCE_SECONDS = 120.0
"""A broker that is busy with thousands of others may take its time; longer than this, and it has failed."""

ALIVE_SECONDS = 15.0

M = TypeVar("M")


class Gone(Exception):
    """The broker closed, or refused the handshake; the text says how."""


def trusting_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def masked(payload: bytes, *, first_byte: int | None = None) -> bytes:
    """One frame as a client sends it."""
    mask = os.urandom(4)
    options = {} if first_byte is None else {"first_byte": first_byte}
    return frame_header(len(payload), masked=True, **options) + mask + apply_mask(payload, mask)


class CheapEnd(asyncio.Protocol):
    """One websocket. `on_payload` gets every piece as it comes; without it, pieces wait for `message`."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.on_payload: Callable[[bytes], None] | None = None
        self.close_code: int | None = None
        self.closed = asyncio.get_running_loop().create_future()
        self._head: bytearray | None = bytearray()
        self._upgraded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._frames = FrameReader(masked=False, apply_mask=apply_mask)
        self._pieces: deque[bytes] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()

    # ── asyncio ─────────────────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._head is not None:
            self._head += data
            head, end, rest = bytes(self._head).partition(b"\r\n\r\n")
            if not end:
                return
            self._head = None
            if not head.startswith(b"HTTP/1.1 101"):
                self._fail(Gone(head.splitlines()[0].decode(errors="replace")))
                return
            if not self._upgraded.done():
                self._upgraded.set_result(None)
            data = rest
        for piece in self._frames.receive_data(data):
            if self.on_payload is not None:
                self.on_payload(bytes(piece))
            else:
                self._pieces.append(bytes(piece))
                self._wake()
        for frame in self._frames.control_frames:
            self._answer(frame)
        self._frames.control_frames.clear()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._fail(Gone(f"closed with {self.close_code}"))
        self._may_write.set()
        if not self.closed.done():
            self.closed.set_result(None)

    # ── whoever uses it ─────────────────────────────────────────────────────────────────────────────────────────

    def send(self, payload: bytes) -> None:
        """In one frame. Without a word if nobody is there any more."""
        if not self.transport.is_closing():
            self.transport.write(masked(payload))

    def say(self, message: Any) -> None:
        self.send(encode(message))

    async def drain(self) -> None:
        """Waits until the broker has taken most of what was sent. Raises Gone."""
        await self._may_write.wait()
        if self.transport.is_closing():
            raise Gone(f"closed with {self.close_code}")

    async def hear(self, kind: type[M], union: object) -> M:
        """The next message, which has to be of this kind; messages are small enough to come in one piece.

        Raises Gone.
        """
        while True:
            if self._pieces:
                message = MessageDecoder[Any](union, limit_bytes=16 * 1024).decode(self._pieces.popleft())
                if isinstance(message, kind):
                    return message
                raise Gone(f"said {message}")
            if self.transport.is_closing():
                raise Gone(f"closed with {self.close_code}")
            self._waiting = asyncio.get_running_loop().create_future()
            await asyncio.wait_for(self._waiting, PATIENCE_SECONDS)

    def say_alive(self) -> None:
        """A leg that says nothing for a minute is closed."""
        if not self.transport.is_closing():
            self.transport.write(masked(b"", first_byte=PING_FRAME))

    async def stay_alive(self) -> None:
        """Until the task is cancelled, or the broker closes."""
        while not self.transport.is_closing():
            self.say_alive()
            await asyncio.sleep(ALIVE_SECONDS)

    def stop_reading(self) -> None:
        self.transport.pause_reading()

    def abort(self) -> None:
        self.transport.abort()

    async def upgraded(self) -> None:
        await asyncio.wait_for(self._upgraded, PATIENCE_SECONDS)

    # ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, frame: bytes) -> None:
        if frame[0] == CLOSE_FRAME:
            self.close_code = int.from_bytes(frame[2:4], "big") if len(frame) >= 4 else None
            self.transport.close()
        elif frame[0] != PONG_FRAME and not self.transport.is_closing():
            self.transport.write(masked(frame[2:], first_byte=PONG_FRAME))

    def _fail(self, error: Gone) -> None:
        if not self._upgraded.done():
            self._upgraded.set_exception(error)
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class Dialler:
    """Dials one broker. `at_once` handshakes are under way at a time: more would only wait, some of them too long."""

    def __init__(self, port: int, *, at_once: int = 64) -> None:
        self._port = port
        self._tls = trusting_tls()
        self._gate = asyncio.Semaphore(at_once)

    async def conversation(self, path: str, *, token: str = "") -> CheapEnd:
        """One of the websockets under /v1/. Raises Gone."""
        return await self._dial(path, SUBPROTOCOL, f"Authorization: Bearer {token}\r\n" if token else "")

    async def leg(self, path: str, ticket: str) -> CheapEnd:
        """A relay leg. Raises Gone."""
        return await self._dial(path, f"{LEG_SUBPROTOCOL}, {TICKET_PREFIX}{ticket}", "")

    async def _dial(self, path: str, subprotocols: str, headers: str) -> CheapEnd:
        async with self._gate:
            loop = asyncio.get_running_loop()
            _, end = await loop.create_connection(CheapEnd, HOST, self._port, ssl=self._tls)
            key = base64.b64encode(os.urandom(16)).decode()
            end.transport.write(
                f"GET {path} HTTP/1.1\r\nHost: {HOST}:{self._port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{headers}"
                f"Sec-WebSocket-Protocol: {subprotocols}\r\n\r\n".encode()
            )
            await end.upgraded()
            return end
