"""Byte connections for relay legs: what the event loop's `create_connection` gives, and what the relay's door gets.

Bytes arrive in pieces of any size. A receiver that does not read fills the sender's buffer, and is told to pause; an
end whose machine lost its power says nothing, ever. TLS is not simulated: it would hide nothing that matters here.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from protocol.legs import split_origin
from simulation.network import Connection, Network, is_end
from simulation.nodes import current_incarnation

LEG_DOOR = "relay legs"
KERNEL_BYTES = 128 * 1024
"""On the way or in the receiver's kernel, before a sender's own buffer begins to fill."""

DIAL_SECONDS = (0.001, 0.1)


class Transport(asyncio.Transport):
    """One end of a byte connection."""

    def __init__(self, connection: Connection, index: int) -> None:
        super().__init__()
        self._connection = connection
        self._index = index
        self._loop = connection.network.loop
        self._context = connection.ends[index].context
        self._out = (connection.up, connection.down)[index]
        (connection.down, connection.up)[index].deliver = self._arrived
        connection.when_lost[index] = self._broken
        self._protocol: asyncio.BaseProtocol | None = None
        self._other: Transport | None = None
        self._received: deque[Any] = deque()
        self._outstanding_bytes = 0
        """Sent, and not yet read by the other end's program."""
        self._high, self._low = 64 * 1024, 16 * 1024
        self._writing_paused = False
        self._reading = True
        self._closing = False
        self._lost = False

    @staticmethod
    def pair(connection: Connection) -> "tuple[Transport, Transport]":
        client, server = Transport(connection, 0), Transport(connection, 1)
        client._other, server._other = server, client
        return client, server

    # ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._closing or not data:
            return
        dice = self._loop.dice
        piece = bytes(data)
        while piece:
            size = len(piece) if dice.random() < 0.7 else dice.randint(1, len(piece))
            self._outstanding_bytes += size
            self._out.send(piece[:size], size)
            piece = piece[size:]
        self._check_writing()

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high = 64 * 1024 if high is None else high
        self._low = self._high // 4 if low is None else low

    def get_write_buffer_size(self) -> int:
        return max(0, self._outstanding_bytes - KERNEL_BYTES)

    def _check_writing(self) -> None:
        if self._lost or self._protocol is None:
            return
        size = self.get_write_buffer_size()
        if not self._writing_paused and size > self._high:
            self._writing_paused = True
            self._protocol.pause_writing()
        elif self._writing_paused and size <= self._low:
            self._writing_paused = False
            self._protocol.resume_writing()

    def _taken(self, size_bytes: int) -> None:
        """The other end's program has read so much. Heard at once: acknowledgements of TCP are not modelled."""
        self._outstanding_bytes -= size_bytes
        if self._writing_paused and self.get_write_buffer_size() <= self._low:
            self._loop.call_soon(self._check_writing, context=self._context)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _arrived(self, item: Any) -> None:
        if not self._lost:
            self._received.append(item)
            self._feed()

    def _feed(self) -> None:
        while self._received and self._reading and not self._closing and self._protocol is not None:
            item = self._received.popleft()
            if is_end(item):
                self._end_arrived()
                return
            self._hand_over(item)
            if self._other is not None:
                self._other._taken(len(item))

    def _hand_over(self, data: bytes) -> None:
        """A protocol may be exchanged, or stop reading, between two pieces."""
        at = 0
        while at < len(data) and not self._closing:
            protocol = self._protocol
            if isinstance(protocol, asyncio.BufferedProtocol):
                buffer = memoryview(protocol.get_buffer(-1))
                piece = data[at : at + len(buffer)]
                buffer[: len(piece)] = piece
                at += len(piece)
                protocol.buffer_updated(len(piece))
            else:
                assert isinstance(protocol, asyncio.Protocol)
                piece, at = data[at:], len(data)
                protocol.data_received(piece)

    def _end_arrived(self) -> None:
        if isinstance(self._protocol, asyncio.Protocol | asyncio.BufferedProtocol):
            self._protocol.eof_received()
        self.close()

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        if not self._reading:
            self._reading = True
            self._loop.call_soon(self._feed, context=self._context)

    def is_reading(self) -> bool:
        return self._reading

    # ── the rest ────────────────────────────────────────────────────────────────────────────────────────────────

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        assert self._protocol is not None
        return self._protocol

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        """What was written arrives; then the other end hears of the end."""
        if not self._closing:
            self._closing = True
            self._connection.closed_by(self._index)
            self._loop.call_soon(self._say_lost, None, context=self._context)

    def abort(self) -> None:
        self.close()

    def _broken(self) -> None:
        if not self._closing:
            self._closing = True
            self._say_lost(ConnectionResetError())

    def _say_lost(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = True
            if self._protocol is not None:
                self._protocol.connection_lost(error)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        del name
        return default


class _Doorman(asyncio.Protocol):
    """What uvicorn's HTTP protocol does for an upgrade: reads the head, then hands the connection over."""

    def __init__(self, transport: Transport, make_door: Callable[[], Any]) -> None:
        self._transport = transport
        self._make_door = make_door
        self._head = b""

    def data_received(self, data: bytes) -> None:
        self._head += data
        if b"\r\n\r\n" in self._head:
            door = self._make_door()
            door.connection_made(self._transport)
            door.data_received(self._head)
            self._transport.set_protocol(door)


def serve_legs(make_door: Callable[[], Any]) -> Callable[[Transport], None]:
    def accept(transport: Transport) -> None:
        transport.set_protocol(_Doorman(transport, make_door))

    return accept


class PlainPipe:
    """In the place of a leg's `TlsPipe`: TLS is not simulated, so that what goes in comes out."""

    def __init__(self, context: None, host: str) -> None:
        del context, host
        self._received = b""

    def feed(self, data: memoryview) -> None:
        self._received += data

    def shake_hands(self) -> bool:
        return True

    def ciphertext(self) -> bytes:
        return b""

    def encrypt(self, data: bytes) -> bytes:
        return data

    def decrypt(self, plaintext: memoryview) -> int:
        data, self._received = self._received, b""
        plaintext[: len(data)] = data
        return len(data)

    def goodbye(self) -> bytes:
        return b""


class ByteNetwork:
    """`create_connection` of the event loop."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def create_connection(
        self, protocol_factory: Callable[[], asyncio.BaseProtocol], host: str, port: int, **_: Any
    ) -> tuple[Transport, asyncio.BaseProtocol]:
        assert (host, port) == split_origin("https://broker")[1:], "there is one broker"
        network = self._network
        me = current_incarnation()
        while True:
            await asyncio.sleep(network.loop.dice.uniform(*DIAL_SECONDS))
            if not network.is_parted(me.node.name, host):
                break
            await asyncio.sleep(1.0)
        door = network.door(host, LEG_DOOR)
        if door is None:
            raise ConnectionRefusedError(111, "Connection refused")
        server, accept = door
        connection = Connection(network, me, server, f"a leg of {me}")
        connection.is_bytes, connection.notices = True, False
        ours, theirs = Transport.pair(connection)
        server.call_soon(accept, theirs)
        protocol = protocol_factory()
        ours.set_protocol(protocol)
        protocol.connection_made(ours)
        assert isinstance(protocol, asyncio.BufferedProtocol), "a leg"
        protocol.get_buffer(-1)
        protocol.buffer_updated(0)  # the other end's part of a handshake that is none
        return ours, protocol
