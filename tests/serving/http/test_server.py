"""A server of ours, as it meets what it has no use for."""

import asyncio

import pytest
from fastapi import FastAPI

from serving.http.server import HttpServer
from tests.helpers.waiting import PATIENCE_SECONDS

HANDSHAKE = (
    b"GET /anywhere HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
)


@pytest.mark.parametrize("more", [b"", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"])
async def test_a_server_without_conversations_begins_none(more: bytes) -> None:
    """The audit service and witnesses: a websocket's beginning is a request like another, and not kept open."""
    async with HttpServer(FastAPI(), host="127.0.0.1", port=0, tls=None) as server, asyncio.timeout(PATIENCE_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(HANDSHAKE + more + b"\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")
        await reader.read()
        writer.close()
