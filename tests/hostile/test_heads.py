"""Heads of requests that never end, never come, or come by the thousand: bounded, answered, closed; others unharmed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from serving.http import heads
from serving.http.heads import HEAD_LIMIT_BYTES, PIPELINE_LIMIT
from tests.broker.harness import RunningBroker
from tests.helpers.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="module")

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@asynccontextmanager
async def connection(broker: RunningBroker) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("localhost", broker.server.port, ssl=broker.tls)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def everything(reader: asyncio.StreamReader) -> bytes:
    """Until the broker closes; a reset is a close, too."""
    said = b""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                piece = await reader.read(65536)
            except ConnectionError:
                return said
            if not piece:
                return said
            said += piece


@pytest.mark.parametrize(
    ("beginning", "more"),
    [
        (b"GET /", b"a"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ", b"a"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X-Many: 1\r\n"),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X:\r\n"),
    ],
)
async def test_an_endless_head_is_cut_off(shared_broker: RunningBroker, beginning: bytes, more: bytes) -> None:
    """A URL, one header, many headers: after little more than the limit nothing is read any more."""
    sent_bytes = 0
    async with connection(shared_broker) as (_, writer):
        writer.write(beginning)
        with pytest.raises(ConnectionError):  # noqa: PT012 - it may be any of the writes that finds out
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    writer.write(more * (4096 // len(more)))
                    await writer.drain()
                    sent_bytes += 4096
                    await asyncio.sleep(0)
    assert sent_bytes < 2 * 1024 * 1024  # what the sockets hold; the broker itself stopped at its limit
    assert (await shared_broker.request("GET", "/healthz")).status == 200


async def test_a_large_head_in_one_piece_is_refused(shared_broker: RunningBroker) -> None:
    """The limit does not depend on how a head is cut; an application never sees it."""
    async with connection(shared_broker) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * HEAD_LIMIT_BYTES + b"\r\n\r\n")
        assert (await everything(reader)).startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 431 "))


@pytest.mark.parametrize("beginning", [b"", b"G", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"\r\n"])
async def test_a_head_that_does_not_come_is_not_waited_for(
    shared_broker: RunningBroker, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    """Slow loris: one sentence, and the descriptor is free again."""
    monkeypatch.setattr(heads, "HEAD_SECONDS", 0.1)
    async with connection(shared_broker) as (reader, writer):
        writer.write(beginning)
        said = await everything(reader)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert said.endswith(b"The request did not arrive within 10 seconds. Try again.\n")


async def test_a_byte_now_and_then_does_not_help(shared_broker: RunningBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is for the whole head, not from byte to byte; between two requests, too."""
    monkeypatch.setattr(heads, "HEAD_SECONDS", 0.2)
    async with connection(shared_broker) as (reader, writer):
        writer.write(REQUEST)
        await reader.readuntil(b"\r\n\r\n")

        async def drip() -> None:
            while not writer.is_closing():
                writer.write(b"\r\n")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert b"408" in await everything(reader)
        dripping.cancel()


async def test_requests_ahead_are_few(shared_broker: RunningBroker) -> None:
    """Some wait their turn and are answered; thousands in one packet are not taken."""
    async with connection(shared_broker) as (reader, writer):
        writer.write(REQUEST * PIPELINE_LIMIT)
        for _ in range(PIPELINE_LIMIT):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            await reader.readexactly(len(b"ok\n"))
    async with connection(shared_broker) as (reader, writer):
        writer.write(REQUEST * 3000)
        assert (await everything(reader)).count(b"HTTP/1.1 200 ") <= PIPELINE_LIMIT + 1


@pytest.mark.parametrize("path", ["/v1/agent", "/v1/pairing", "/v1/records", "/relay/agent", "/v1/nothing"])
@pytest.mark.parametrize(
    "more",
    [
        "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\n",
        f"X-Long: {'a' * 9000}\r\n",
        "X-Many: 1\r\n" * 200,
        "Sec-WebSocket-Version: 777\r\n",
    ],
    ids=["body", "chunks", "long header", "many headers", "another version"],
)
async def test_a_handshake_that_cannot_be_read_is_answered_and_closed(
    shared_broker: RunningBroker, path: str, more: str
) -> None:
    """Whoever begins a conversation in a way that none can be begun in does not hold the connection for ever."""
    head = (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Key: {'A' * 22}==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    )
    async with connection(shared_broker) as (reader, writer):
        writer.write(head.encode())
        said = await everything(reader)
    assert said.startswith(b"HTTP/1.1 4") or (not said and path.startswith("/relay/"))


@pytest.mark.parametrize(
    "garbage",
    [b"\x16\x03\x01\x02\x00\x01", b"SSH-2.0-OpenSSH_9.2\r\n", b"GET / HTTP/9.9\r\n\r\n"],
)
async def test_what_is_no_request_is_closed(shared_broker: RunningBroker, garbage: bytes) -> None:
    """Other protocols on our port get one answer."""
    async with connection(shared_broker) as (reader, writer):
        writer.write(garbage)
        said = await asyncio.wait_for(reader.read(12), PATIENCE_SECONDS)
        assert said == b"HTTP/1.1 400"
