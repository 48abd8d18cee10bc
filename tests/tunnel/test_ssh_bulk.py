"""The short way of bulk data through asyncssh: the same bytes, the same limits and the same refusals as without it."""

import asyncio
import hashlib
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncssh
import pytest
from asyncssh.constants import MSG_CHANNEL_DATA, MSG_CHANNEL_EXTENDED_DATA, MSG_CHANNEL_WINDOW_ADJUST, MSG_IGNORE
from asyncssh.packet import Byte, String, UInt32

from tunnel.ssh_bulk import BulkChannel, BulkConnection
from tunnel.ssh_tuning import install_cached_gcm

HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")
CIPHERS = ["aes256-gcm@openssh.com"]
WINDOW_BYTES = 256 * 1024

Connection = type[asyncssh.SSHServerConnection]
both = pytest.mark.parametrize("kind", [asyncssh.SSHServerConnection, BulkConnection], ids=["asyncssh", "ours"])


class Echo(asyncssh.SSHServerSession[bytes]):
    """Gives back what it gets, on standard error if that is the command."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.ends_with_input = True
        self.channel: Any = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self.channel = chan

    def exec_requested(self, command: str) -> bool:
        self.answer = self.channel.write_stderr if command == "errors" else self.channel.write
        return True

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        assert datatype is None
        self.received += data
        self.answer(data)

    def eof_received(self) -> bool:
        if self.ends_with_input:
            self.channel.exit(0)
        return True


class TcpEcho(asyncssh.SSHTCPSession[bytes]):
    """The same for a connection that is forwarded."""

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        self.channel = chan

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        assert datatype is None
        self.channel.write(data)


@dataclass
class Served(asyncssh.SSHServer):
    """One server connection and its client, over the loopback interface, in one event loop."""

    sessions: list[Echo] = field(default_factory=list)
    lost: "asyncio.Future[Exception | None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    server: Any = None
    client: Any = None

    def begin_auth(self, username: str) -> bool:
        del username
        return False

    def session_requested(self) -> Echo:
        self.sessions.append(Echo())
        return self.sessions[-1]

    def connection_requested(self, *_: object) -> TcpEcho:
        return TcpEcho()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)

    def seal(self, payload: bytes, padding: int | None = None) -> bytes:
        """A packet of the client's, with this payload, and any number for the length of its padding."""
        true_padding = 4 + -(5 + len(payload)) % 16
        packet = Byte(true_padding if padding is None else padding) + payload + bytes(true_padding)
        client = self.client
        sealed = b"".join(client._send_encryption.encrypt_packet(client._send_seq, UInt32(len(packet)), packet))
        client._send_seq += 1
        return sealed

    def say(self, sealed: bytes) -> None:
        self.client._transport.write(sealed)


class InPieces(asyncio.Protocol):
    """Hands on what comes in pieces of a size that is drawn anew each time."""

    def __init__(self, connection: asyncssh.SSHServerConnection, draw_size: Callable[[], int]) -> None:
        self._connection = connection
        self._draw_size = draw_size

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connection.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            size = self._draw_size()
            self._connection.data_received(data[at : at + size])
            at += size

    def eof_received(self) -> None:
        self._connection.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.connection_lost(exc)


@asynccontextmanager
async def serving(
    kind: Connection = BulkConnection,
    *,
    draw_size: Callable[[], int] = lambda: 1 << 30,
    rekey_bytes: int = 1 << 40,
    client_window: int = 2 * 1024 * 1024,
) -> AsyncIterator[Served]:
    install_cached_gcm()
    served = Served()
    options = await asyncssh.SSHServerConnectionOptions.construct(
        server_factory=lambda: served, server_host_keys=[HOST_KEY], encryption_algs=CIPHERS, compression_algs=None,
        encoding=None, rekey_bytes=rekey_bytes, rekey_seconds=0, window=WINDOW_BYTES, max_pktsize=32 * 1024,
        line_editor=False, login_timeout=0,
    )  # fmt: skip
    loop = asyncio.get_running_loop()

    def accept() -> InPieces:
        served.server = kind(loop, options)
        return InPieces(served.server, draw_size)

    listener = await loop.create_server(accept, "127.0.0.1", 0)
    served.client = await asyncssh.connect(
        "127.0.0.1", listener.sockets[0].getsockname()[1], username="x", known_hosts=None, config=None,
        client_keys=None, encryption_algs=CIPHERS, compression_algs=None, window=client_window,
    )  # fmt: skip
    try:
        yield served
    finally:
        served.client.abort()
        await served.lost
        listener.close()


async def echoed(served: Served, data: bytes, command: str = "echo") -> tuple[bytes, bytes]:
    """What the other end gives back, on standard output and standard error."""
    process = await served.client.create_process(command, encoding=None)
    return tuple(await process.communicate(data))[:2]


async def echoed_from_afar(served: Served, data: bytes) -> tuple[bytes, bytes]:
    """As above, through a connection that is forwarded, which has no standard error."""
    reader, writer = await served.client.open_connection("anywhere", 7)
    writer.write(data)
    writer.write_eof()
    return await reader.readexactly(len(data)), b""


def leave_out_padding_packets(client: Any) -> None:
    """Stock clients send none; asyncssh's has a MSG_IGNORE before each packet."""
    send = client.send_packet
    client.send_packet = lambda kind, *args, **more: kind == MSG_IGNORE or send(kind, *args, **more)


async def open_session(served: Served, **options: Any) -> asyncssh.SSHClientChannel[bytes]:
    channel, _ = await served.client.create_session(asyncssh.SSHClientSession, "echo", encoding=None, **options)
    return channel  # type: ignore[no-any-return]  # asyncssh says so only for texts


@pytest.mark.parametrize(
    ("draw_size", "byte_count"),
    [(lambda: 1, 40_000), (lambda: 17, 200_000), (lambda: 1 << 30, 3_000_000)],
    ids=["byte by byte", "a block and a byte", "as it comes"],
)
async def test_the_same_bytes_come_back(draw_size: Callable[[], int], byte_count: int) -> None:
    """Whatever the pieces in which they arrive, and through windows and packets smaller than what is sent."""
    data = os.urandom(byte_count)
    async with serving(draw_size=draw_size) as served:
        output, errors = await echoed(served, data)
        assert hashlib.sha256(output).digest() == hashlib.sha256(data).digest()
        assert errors == b""


async def test_pieces_of_all_sizes_through_new_keys() -> None:
    """Both sides ask for new keys again and again while data flows: none is lost, and none comes twice."""
    draw = random.Random(41)
    data = draw.randbytes(2_000_000)
    async with serving(draw_size=lambda: draw.choice((5, 17, 4_000, 40_000, 90_000)), rekey_bytes=300_000) as served:
        first_keys = served.server._recv_encryption
        output, _ = await echoed(served, data)
        assert output == data
        assert served.server._recv_encryption is not first_keys


async def test_errors_have_a_stream_of_their_own() -> None:
    """Standard error is a stream of its own in the same channel, in packets as full as the others."""
    data = os.urandom(200_000)
    async with serving() as served:
        assert await echoed(served, data, "errors") == (b"", data)


@pytest.mark.parametrize("echo", [echoed, echoed_from_afar], ids=["session", "forwarded connection"])
async def test_bulk_does_take_the_short_way(
    echo: Callable[[Served, bytes], Awaitable[tuple[bytes, bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a megabyte each way asyncssh's own lines see what comes before and after: keys, requests, the end."""
    theirs: list[int] = []
    take, send = asyncssh.SSHServerConnection._recv_packet, asyncssh.SSHServerConnection.send_packet
    async with serving() as served:
        leave_out_padding_packets(served.client)
        monkeypatch.setattr(asyncssh.SSHServerConnection, "_recv_packet", lambda self: theirs.append(0) or take(self))
        monkeypatch.setattr(
            asyncssh.SSHServerConnection,
            "send_packet",
            lambda self, kind, *args, **more: theirs.append(kind) or send(self, kind, *args, **more),
        )
        data = os.urandom(1_000_000)
        assert (await echo(served, data))[0] == data
    assert MSG_CHANNEL_DATA not in theirs
    assert len(theirs) < 20


async def test_no_more_is_sent_than_the_window_allows() -> None:
    """A client that does not read gets its window's worth; the rest waits, is counted, and goes when it reads again."""
    async with serving(client_window=100_000) as served:
        channel = await open_session(served)
        channel.pause_reading()
        channel.write(b"x")
        session = served.sessions[0]
        while not session.received:
            await asyncio.sleep(0)
        session.channel.write(bytes(300_000))
        assert isinstance(session.channel, BulkChannel)
        assert session.channel.get_write_buffer_size() == 300_001 - 100_000
        channel.resume_reading()
        while session.channel.get_write_buffer_size():
            await asyncio.sleep(0)


def to_channel(message: int, channel: int, rest: bytes) -> bytes:
    return Byte(message) + UInt32(channel) + rest


HOSTILE_PACKETS = {
    "more data than the packet holds": to_channel(MSG_CHANNEL_DATA, 0, UInt32(1 << 20) + b"short"),
    "data with something behind it": to_channel(MSG_CHANNEL_DATA, 0, String(b"data") + b"more"),
    "data without a length": to_channel(MSG_CHANNEL_DATA, 0, b"\0"),
    "data of no channel": to_channel(MSG_CHANNEL_DATA, 7, String(b"data")),
    "a channel cut in its middle": Byte(MSG_CHANNEL_DATA) + b"\0\0",
    "a window without a size": to_channel(MSG_CHANNEL_WINDOW_ADJUST, 0, b""),
    "a window with something behind it": to_channel(MSG_CHANNEL_WINDOW_ADJUST, 0, UInt32(1) + b"x"),
    "a window of no channel": to_channel(MSG_CHANNEL_WINDOW_ADJUST, 9, UInt32(1)),
    "extended data, which a client has none of": to_channel(MSG_CHANNEL_EXTENDED_DATA, 0, UInt32(1) + String(b"x")),
    "nothing at all": b"",
    "a message that does not exist": Byte(255),
}


async def end_of(served: Served) -> str:
    error = await served.lost
    return f"{type(error).__name__}: {error}"


async def ends_after(kind: Connection, attack: Callable[[Served], None]) -> str:
    """How a connection of this kind ends after an attack on its one open channel, which is given nothing."""
    async with serving(kind) as served:
        await open_session(served)
        attack(served)
        # What is no reason to hang up leaves a connection that works: this ends it, as nothing else would.
        served.say(served.seal(to_channel(MSG_CHANNEL_DATA, 99, String(b""))))
        end = await end_of(served)
        assert served.sessions[0].received == b""
        return end


@pytest.mark.parametrize("payload", HOSTILE_PACKETS.values(), ids=HOSTILE_PACKETS)
async def test_a_hostile_packet_ends_as_with_asyncssh(payload: bytes) -> None:
    """Packets that open, and say what they must not."""
    ends = [
        await ends_after(kind, lambda served: served.say(served.seal(payload)))
        for kind in (asyncssh.SSHServerConnection, BulkConnection)
    ]
    assert ends[0] == ends[1]
    assert ends[0] != "NoneType: None"


@pytest.mark.parametrize("padding", [0, 1, 3, 200, 255])
async def test_a_padding_that_is_none_ends_as_with_asyncssh(padding: int) -> None:
    """The byte that says how much of the packet is padding is the client's to choose."""
    payload = to_channel(MSG_CHANNEL_DATA, 0, String(b""))
    ends = [
        await ends_after(kind, lambda served: served.say(served.seal(payload, padding)))
        for kind in (asyncssh.SSHServerConnection, BulkConnection)
    ]
    assert ends[0] != "NoneType: None"
    assert ends[1] != "NoneType: None"


@pytest.mark.parametrize("length", [0, 1, 15, 17, 12_345, 1 << 20, (1 << 32) - 1])
async def test_a_length_that_is_none_ends_the_connection(length: int) -> None:
    """Before anything can be opened: of a length that is too large nothing is waited for."""
    for kind in (asyncssh.SSHServerConnection, BulkConnection):
        async with serving(kind) as served:
            await open_session(served)
            served.say(UInt32(length) + bytes(40_000))
            assert await end_of(served) in (
                "ProtocolError: Max packet size exceeded",
                "MACError: MAC verification failed",
            )
            assert served.sessions[0].received == b""


@both
async def test_a_forged_packet_ends_the_connection(kind: Connection) -> None:
    """One bit of it is another: nothing of it is taken, nor of what comes behind it."""
    async with serving(kind) as served:
        await open_session(served)
        sealed = bytearray(served.seal(to_channel(MSG_CHANNEL_DATA, 0, String(b"forged"))))
        sealed[9] ^= 1
        served.say(bytes(sealed) + served.seal(to_channel(MSG_CHANNEL_DATA, 0, String(b"behind"))))
        assert await end_of(served) == "MACError: MAC verification failed"
        assert served.sessions[0].received == b""


@both
async def test_more_than_the_window_ends_the_connection(kind: Connection) -> None:
    """A client that sends on without being asked to fills no memory."""
    async with serving(kind) as served:
        await open_session(served)
        session = served.sessions[0]
        session.channel.pause_reading()
        for _ in range(WINDOW_BYTES // 32_768 + 1):
            served.say(served.seal(to_channel(MSG_CHANNEL_DATA, 0, String(bytes(32_768)))))
        assert await end_of(served) == "ProtocolError: Window exceeded"
        assert session.received == b""


@both
async def test_data_behind_the_end_is_refused(kind: Connection) -> None:
    """After its end of file a channel brings no more data."""
    async with serving(kind) as served:
        channel = await open_session(served)
        served.sessions[0].ends_with_input = False
        channel.write_eof()
        served.say(served.seal(to_channel(MSG_CHANNEL_DATA, 0, String(b"late"))))
        assert await end_of(served) == "ProtocolError: Channel not open for sending"
        assert served.sessions[0].received == b""


async def test_a_connection_cut_in_the_middle_of_a_packet_ends() -> None:
    """What had come of it is nobody's."""
    async with serving() as served:
        await open_session(served)
        served.say(served.seal(to_channel(MSG_CHANNEL_DATA, 0, String(bytes(9_000))))[:5_000])
        served.client._transport.close()
        assert await end_of(served) == "ConnectionLost: Connection lost"
        assert served.sessions[0].received == b""


def test_asyncssh_is_the_one_that_was_read() -> None:
    """The short way repeats what 2.24.1 does in `_recv_packet`, `send_packet` and `_flush_send_buf`: whoever takes
    another version compares them first, and then changes this line."""
    assert asyncssh.__version__ == "2.24.1"
