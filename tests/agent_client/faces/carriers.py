"""What carries a JSON conversation, in the test's hand: the pipes of a wrapper, or the websocket of the local page."""

import asyncio
import json
import os
import threading
from typing import Any, Protocol

from agent_client.faces.json_conversation import JsonConversation
from agent_client.faces.json_face import JsonFace
from tests.agent_client.page.browsing import Browser, PageAtTest
from wording import safe_text


class Carrier(Protocol):
    now_ms: int
    face: JsonConversation

    async def open(self) -> None: ...

    async def send(self, line: object) -> None: ...

    async def send_raw(self, data: bytes) -> None:
        """One line, or frame, as it is."""

    async def line(self) -> dict[str, Any]: ...

    async def close(self) -> None: ...

    def shown(self, text: str) -> str:
        """Somebody else's text as it goes out."""


class Pipes:
    """A wrapper's ends of the pipes."""

    def __init__(self) -> None:
        self.now_ms = 5_000
        read_fd, self.to_face = os.pipe()
        self.from_face, write_fd = os.pipe()
        self.face: JsonFace = JsonFace(read_fd=read_fd, write_fd=write_fd, now_ms=lambda: self.now_ms)
        self._inner = [read_fd, write_fd]
        self._rest = b""

    async def open(self) -> None:
        await self.face.__aenter__()

    async def send(self, line: object) -> None:
        await self.send_raw(json.dumps(line).encode())

    async def send_raw(self, data: bytes) -> None:
        await asyncio.to_thread(os.write, self.to_face, data + b"\n")

    async def line(self) -> dict[str, Any]:
        while b"\n" not in self._rest:
            self._rest += await asyncio.to_thread(os.read, self.from_face, 65536)
        line, self._rest = self._rest.split(b"\n", 1)
        assert line.isascii()
        assert line.decode().isprintable()
        parsed: dict[str, Any] = json.loads(line)
        return parsed

    def shown(self, text: str) -> str:
        return text

    def close_input(self) -> None:
        if self.to_face >= 0:
            os.close(self.to_face)
            self.to_face = -1

    async def close(self) -> None:
        """The face's own ends last, when none of its threads has them in its hands: numbers are soon used again."""
        self.close_input()
        async for _ in self.face.commands():
            pass
        await self.face.__aexit__(None, None, None)
        os.close(self.from_face)
        for thread in [one for one in threading.enumerate() if one.name in ("read json lines", "write json lines")]:
            await asyncio.to_thread(thread.join)
        for descriptor in self._inner:
            os.close(descriptor)


class LocalPage:
    """The customer's browser at the local page."""

    def __init__(self) -> None:
        self.now_ms = 5_000
        self._page = PageAtTest(now_ms=lambda: self.now_ms)
        self.face: JsonConversation = self._page.face

    async def open(self) -> None:
        self._browser: Browser = await self._page.opened()

    async def send(self, line: object) -> None:
        await self.send_raw(json.dumps(line).encode())

    async def send_raw(self, data: bytes) -> None:
        assert self._browser.socket is not None
        await self._browser.socket.send(data)

    async def line(self) -> dict[str, Any]:
        return await self._browser.event()

    def shown(self, text: str) -> str:
        return safe_text(text)

    async def close(self) -> None:
        await self._page.face.close()
