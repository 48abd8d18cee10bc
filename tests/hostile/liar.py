"""A broker that lies: stands where the broker is reached, ends TLS with its certificate, and rewrites what passes.

Messages of the conversations (/v1/agent, /v1/pairing) are handed to `lie` as plain maps; what it returns goes on in
their place: nothing, one, or several. Relay legs are handed to `tamper` as payload. Everything else passes untouched.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, Self

import msgspec

from protocol.websocket_frames import frame_header
from tests.helpers.waiting import PATIENCE_SECONDS

Direction = Literal["up", "down"]
"""To the broker, or from it."""

Message = dict[str, Any]
Lie = Callable[[str, Direction, Message], Iterable[Message]]
Tamper = Callable[[str, Direction, bytes], bytes]

CONVERSATIONS = ("/v1/agent", "/v1/pairing")
MASK = bytes(4)


def honest(path: str, direction: Direction, message: Message) -> list[Message]:
    del path, direction
    return [message]


def untouched(path: str, direction: Direction, payload: bytes) -> bytes:
    del path, direction
    return payload


class Liar:
    """Listens on `port` for as long as it is entered. Set `lie` and `tamper` at any time."""

    def __init__(self, port: int, target_port: int, certificate: tuple[Path, Path]) -> None:
        self.lie: Lie = honest
        self.tamper: Tamper = untouched
        self.seen: list[tuple[str, Direction, Message]] = []
        self._port = port
        self._target_port = target_port
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(*certificate)
        self._blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._blind.check_hostname = False
        self._blind.verify_mode = ssl.CERT_NONE
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(PATIENCE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Frees the port; a second time does nothing."""
        if not self._thread.is_alive():
            return

        async def stop() -> None:
            self._server.close()
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks, timeout=5)

        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(PATIENCE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._carry, "127.0.0.1", self._port, ssl=self._tls, family=socket.AF_INET
        )

    async def _carry(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await near.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            far, far_out = await asyncio.open_connection("127.0.0.1", self._target_port, ssl=self._blind)
            far_out.write(head)
            pumps: list[Any]
            if b"upgrade: websocket" in head.lower():
                near_out.write(await far.readuntil(b"\r\n\r\n"))
                pumps = [self._frames(near, far_out, path, "up"), self._frames(far, near_out, path, "down")]
            else:
                pumps = [_pump(near, far_out), _pump(far, near_out)]
            running = [asyncio.ensure_future(pump) for pump in pumps]
            try:
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in running:
                    pump.cancel()
                await asyncio.wait(running)
                for pump in running:
                    if not pump.cancelled():
                        pump.exception()
                far_out.close()
                near_out.close()

    async def _frames(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, direction: Direction
    ) -> None:
        masked = direction == "up"
        while True:
            first, payload = await _read_frame(reader)
            if first & 0x08:
                _write_frame(writer, payload, first, masked=masked)
            elif path in CONVERSATIONS:
                message = msgspec.msgpack.decode(payload)
                self.seen.append((path, direction, message))
                for said in self.lie(path, direction, message):
                    _write_frame(writer, msgspec.msgpack.encode(said), 0x82, masked=masked)
            else:
                _write_frame(writer, self.tamper(path, direction, payload), first, masked=masked)
            await writer.drain()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def _read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    length = second & 0x7F
    if length >= 126:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
    mask = await reader.readexactly(4) if second & 0x80 else b""
    payload = await reader.readexactly(length)
    if mask and any(mask):
        key = int.from_bytes(mask * (length // 4 + 1), "big") >> (8 * (4 - length % 4))
        payload = (int.from_bytes(payload, "big") ^ key).to_bytes(length, "big")
    return first, payload


def _write_frame(writer: asyncio.StreamWriter, payload: bytes, first: int, *, masked: bool) -> None:
    header = frame_header(len(payload), first_byte=first, masked=masked)
    writer.write(header + (MASK if masked else b"") + payload)
