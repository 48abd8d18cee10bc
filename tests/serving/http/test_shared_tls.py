"""TLS with buffers that all connections share: nobody's bytes reach another, and whoever breaks breaks alone."""

import asyncio
import contextlib
import os
import random
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from serving.http import shared_tls
from serving.http.shared_tls import PLAINTEXT_BUFFER_BYTES, SharedBuffers, TlsTransport, over_tls, server_context
from tests.helpers.relay_house import HOST, make_certificate
from tests.helpers.waiting import PATIENCE_SECONDS, until


class Echo(asyncio.Protocol):
    """Gives back what it gets, and remembers what its transport told it."""

    def __init__(self) -> None:
        self.transport: TlsTransport
        self.paused = 0
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("TlsTransport", transport)

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)

    def pause_writing(self) -> None:
        self.paused += 1
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


class BufferedEcho(Echo, asyncio.BufferedProtocol):
    """The same for a protocol that brings its own buffer, as the relay does."""

    def __init__(self) -> None:
        super().__init__()
        self._buffer = memoryview(bytearray(PLAINTEXT_BUFFER_BYTES))

    def get_buffer(self, sizehint: int) -> memoryview:
        assert sizehint <= len(self._buffer)
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.transport.write(self._buffer[:nbytes])


@dataclass
class House:
    port: int
    client: ssl.SSLContext
    echoes: list[Echo] = field(default_factory=list)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(HOST, self.port, ssl=self.client, server_hostname=HOST)

    async def dial_tcp(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(HOST, self.port)

    async def echoed(self, data: bytes) -> bool:
        reader, writer = await self.connect()
        writer.write(data)
        answer = await reader.readexactly(len(data))
        writer.close()
        return answer == data


class OwnTls:
    """A client whose every byte the test sends itself."""

    def __init__(self, house: House) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = house.client.wrap_bio(self.incoming, self.outgoing, server_hostname=HOST)

    async def shake_hands(self, reader: asyncio.StreamReader, send: Callable[[bytes], None]) -> None:
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                send(self.outgoing.read())
                self.incoming.write(await reader.read(65536))
            else:
                send(self.outgoing.read())
                return

    def sealed(self, data: bytes) -> bytes:
        self.tls.write(data)
        return self.outgoing.read()

    async def read(self, reader: asyncio.StreamReader, length: int) -> bytes:
        """So many bytes, or fewer up to the other end's goodbye."""
        data = b""
        while len(data) < length:
            try:
                piece = self.tls.read(length - len(data))
            except ssl.SSLWantReadError:
                self.incoming.write(await reader.read(65536))
                continue
            if not piece:
                break
            data += piece
        return data


@pytest.fixture(params=[Echo, BufferedEcho])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    certificate, key, pem = make_certificate(tmp_path)
    house = House(0, ssl.create_default_context(cadata=pem))

    def make_echo() -> asyncio.BaseProtocol:
        echo = request.param()
        house.echoes.append(echo)
        return cast("asyncio.BaseProtocol", echo)

    loop = asyncio.get_running_loop()
    factory = cast(
        "Callable[[], asyncio.Protocol]", over_tls(SharedBuffers(server_context(certificate, key)), make_echo)
    )
    server = await loop.create_server(factory, HOST, 0)
    house.port = server.sockets[0].getsockname()[1]
    async with server:
        yield house


async def test_connections_that_share_buffers_keep_their_bytes_apart(house: House) -> None:
    """Forty at once, in pieces of any size, longer than every buffer: each gets back exactly what it said."""
    dice = random.Random(7)

    async def talk(seed: int) -> None:
        mine = random.Random(seed)
        data = mine.randbytes(mine.choice((1, 500, 16 * 1024, 300_000)))
        reader, writer = await house.connect()

        async def speak() -> None:
            at = 0
            while at < len(data):
                size = dice.choice((1, 100, 5000, 70_000))
                writer.write(data[at : at + size])
                at += size
                await writer.drain()
                await asyncio.sleep(0)

        speaking = asyncio.create_task(speak())
        assert await reader.readexactly(len(data)) == data
        await speaking
        writer.close()

    await asyncio.gather(*map(talk, range(40)))


async def test_records_that_arrive_byte_by_byte(house: House) -> None:
    """A handshake and records in the smallest pieces, with other connections' whole ones in between."""
    reader, writer = await house.dial_tcp()
    client = OwnTls(house)
    await asyncio.wait_for(client.shake_hands(reader, writer.write), PATIENCE_SECONDS)
    sealed = client.sealed(b"one") + client.sealed(b"two")
    for at in range(len(sealed)):
        writer.write(sealed[at : at + 1])
        await writer.drain()
        if at % 10 == 0:
            assert await house.echoed(b"another")
    assert await client.read(reader, 6) == b"onetwo"
    writer.transport.abort()


@pytest.mark.parametrize("kind", ["no handshake", "half a handshake", "a changed record", "a cut record"])
async def test_who_breaks_breaks_alone(house: House, kind: str) -> None:
    """Garbage ends its own connection, while its beginning is already in the shared buffers; others go on."""
    steady_reader, steady_writer = await house.connect()
    for _ in range(3):
        reader, writer = await house.dial_tcp()
        client = OwnTls(house)
        if kind == "no handshake":
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        elif kind == "half a handshake":
            with pytest.raises(ssl.SSLWantReadError):
                client.tls.do_handshake()
            hello = client.outgoing.read()
            writer.write(hello[:100] + os.urandom(len(hello) - 100))
        else:
            await client.shake_hands(reader, writer.write)
            first, second = client.sealed(b"good"), client.sealed(b"x" * 5000)
            if kind == "a changed record":
                writer.write(first + second[:-1] + bytes([second[-1] ^ 1]) + client.sealed(b"never"))
            else:
                writer.write(first + second[:2000])
                writer.write_eof()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await reader.read(65536):
                pass
        writer.close()
        steady_writer.write(b"still here")
        assert await steady_reader.readexactly(10) == b"still here"
    steady_writer.close()


async def test_a_handshake_that_does_not_come_is_not_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow loris below the head: the connection is gone, and nothing behind TLS has heard of it."""
    monkeypatch.setattr(shared_tls, "HANDSHAKE_SECONDS", 0.1)
    reader, writer = await house.dial_tcp()
    writer.write(b"\x16\x03\x01")
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), PATIENCE_SECONDS) == b""
    assert house.echoes == []
    writer.close()


async def test_a_goodbye_is_said_and_heard(house: House) -> None:
    """Either end may close: the other sees the end of the stream as TLS says it, not a broken connection."""
    reader, writer = await house.dial_tcp()
    client = OwnTls(house)
    await client.shake_hands(reader, writer.write)
    writer.write(client.sealed(b"bye"))
    assert await client.read(reader, 3) == b"bye"
    house.echoes[0].transport.close()
    assert await client.read(reader, 1) == b""
    assert await reader.read() == b""
    writer.close()
    reader, writer = await house.connect()
    assert await house.echoed(b"1")
    writer.close()
    await writer.wait_closed()


async def test_what_was_written_before_the_close_arrives(house: House) -> None:
    """Also when it is more than the socket takes at once."""
    reader, writer = await house.connect()
    writer.write(b"?")
    await reader.readexactly(1)
    house.echoes[0].transport.write(b"z" * 3_000_000)
    house.echoes[0].transport.close()
    house.echoes[0].transport.write(b"too late")
    assert await reader.read() == b"z" * 3_000_000
    writer.close()


async def speak_until_stopped(writer: asyncio.StreamWriter, data: bytes) -> None:
    while True:
        writer.write(data)
        await writer.drain()


async def test_a_reader_that_does_not_read_stops_the_writer(house: House) -> None:
    """What cannot leave is not piled up: the protocol is told to pause, and to go on."""
    _, writer = await house.connect()
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of asyncio's has it
    data = os.urandom(1024 * 1024)
    speaking = asyncio.create_task(speak_until_stopped(writer, data))
    await until(lambda: bool(house.echoes) and house.echoes[0].paused > 0)
    assert house.echoes[0].transport.get_write_buffer_size() < 1024 * 1024
    speaking.cancel()
    await asyncio.gather(speaking, return_exceptions=True)
    writer.transport.abort()
