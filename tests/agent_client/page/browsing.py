"""A local page in the test's hand: the face with stub files, and something that behaves like the customer's browser."""

import asyncio
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.datastructures import Headers

from agent_client.host import unix_ms
from agent_client.page.door import COOKIE, SUBPROTOCOL, TICKET_PREFIX
from agent_client.page.page_face import PageFace
from agent_client.page.peers import Address, Peer
from agent_client.page.site import SiteFile
from tests.helpers.waiting import PATIENCE_SECONDS
from wording import Wording

FILES = {
    "": SiteFile(b"<!doctype html><title>page</title>", "text/html; charset=utf-8"),
    "assets/a.js": SiteFile(b"export {};", "text/javascript; charset=utf-8"),
}


class PageAtTest:
    """The face, who its visitors are said to be, and what the terminal was told."""

    def __init__(self, *, now_ms: Callable[[], int] = unix_ms) -> None:
        self.told: list[str] = []
        self.seconds = 0.0
        self.accepted_count = 0
        self.peer = Peer(os.geteuid(), is_ourselves=False)
        self.face = PageFace(
            Wording("en"),
            tell=self.told.append,
            browser=("true",),
            files=FILES,
            peer_of=self._peer_of,
            now_ms=now_ms,
            now=lambda: self.seconds,
        )

    def _peer_of(self, theirs: Address, ours: Address) -> Peer:
        assert theirs[0] == ours[0] == "127.0.0.1"
        self.accepted_count += 1
        return self.peer

    async def opened(self) -> "Browser":
        """The customer's browser, in."""
        opening = asyncio.create_task(self.face.open())
        browser = Browser(await self.address())
        await browser.enter()
        assert await opening
        return browser

    async def connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection on which nothing was said, once it is accepted."""
        accepted_count = self.accepted_count
        streams = await asyncio.open_connection("127.0.0.1", Browser(await self.address()).port)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.accepted_count == accepted_count:
                await asyncio.sleep(0)
        return streams

    async def address(self, count: int = 1) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(found := re.findall(r"http://\S+", " ".join(self.told))) < count:
                await asyncio.sleep(0)
        return found[count - 1]


class Browser:
    """Keeps the cookie, sends what a browser would send, and reads what the page is told."""

    def __init__(self, address: str) -> None:
        self.page, _, ticket = address.partition("#")
        self.ticket: str | None = ticket
        self.cookie = ""
        self.socket: ClientConnection | None = None

    @property
    def origin(self) -> str:
        return self.page[: self.page.index("/", len("http://"))]

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])

    @property
    def path(self) -> str:
        return self.page.removeprefix(self.origin)

    async def enter(self, **changes: Any) -> "Browser":
        """The websocket, by ticket or by cookie. Raises InvalidStatus."""
        protocols = [SUBPROTOCOL, TICKET_PREFIX + self.ticket] if self.ticket else [SUBPROTOCOL]
        self.socket = await connect(
            self.page.replace("http:", "ws:") + "live",
            **{
                "origin": self.origin,
                "subprotocols": protocols,
                "additional_headers": {"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {},
                "compression": None,
                "proxy": None,
                **changes,
            },
        )
        assert self.socket.response is not None
        self.set_cookie = self.socket.response.headers["Set-Cookie"]
        self.cookie = self.set_cookie.partition("=")[2].partition(";")[0]
        self.ticket = None
        assert (await self.event())["event"] == "page-opened"
        return self

    async def event(self) -> dict[str, Any]:
        assert self.socket is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            event: dict[str, Any] = msgspec.json.decode(await self.socket.recv())
        return event

    async def heard(self, name: str) -> dict[str, Any]:
        while (event := await self.event())["event"] != name:
            pass
        return event

    async def say(self, command: str, **facts: Any) -> None:
        assert self.socket is not None
        await self.socket.send(msgspec.json.encode({"command": command, **facts}), text=True)

    async def leave(self) -> None:
        """As when a tab is closed: without a word, and gone when this returns."""
        assert self.socket is not None
        self.socket.transport.abort()
        await self.socket.wait_closed()


async def request(port: int, raw: bytes) -> tuple[int, Headers, bytes]:
    """Bytes to the port; status, headers and body of what comes back. Status 0: it was hung up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await reader.read()
    except ConnectionResetError:
        answer = b""
    finally:
        writer.close()
    if not answer:
        return 0, Headers(), b""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    return int(status.split()[1]), Headers(tuple(line.split(": ", 1)) for line in lines), body  # type: ignore[misc]


def get(target: str, headers: Mapping[str, str], method: str = "GET", version: str = "HTTP/1.1") -> bytes:
    lines = [f"{method} {target} {version}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")
