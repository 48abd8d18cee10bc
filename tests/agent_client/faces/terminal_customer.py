"""A customer at a real pseudo-terminal: keys go in, and pyte reads what they would see."""

import asyncio
import fcntl
import os
import pty
import struct
import termios
from collections.abc import Callable
from typing import Any

import pyte
import pytest

from agent_client.faces import notices
from agent_client.faces.face import ConsentQuestion, CustomerCommand
from agent_client.faces.terminal_face import TerminalFace
from protocol.grants import Scope
from tests.helpers.waiting import PATIENCE_SECONDS
from wording import Language, Wording

START_MS = 1_795_344_000_000
QUESTION = ConsentQuestion(
    participant=1,
    name="Ann Example",
    staff_number="1042",
    organisation="Example Support",
    reason="receipts never arrive",
    ticket="8841",
    scopes=frozenset({Scope.VIEW, Scope.SHELL, Scope.FILES_READ}),
    minutes=30,
    folders=("/home/ann",),
    client="cli",
    is_raise=False,
    asked_at_ms=START_MS,
    allow_not_before_ms=START_MS + 3_000,
    expires_at_ms=START_MS + 120_000,
)
ANN = notices.Present(1, "Ann Example", "1042", frozenset({Scope.VIEW, Scope.SHELL}), START_MS + 1_800_000)


class Customer:
    """Somebody in front of a terminal of a given size."""

    def __init__(self, language: Language = "en", columns: int = 100, rows: int = 26, **environment: str) -> None:
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.now_ms = START_MS
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.seen = b""
        self.changed = asyncio.Event()
        self.face = TerminalFace(Wording(language), environment, fd=self.slave, now_ms=lambda: self.now_ms)
        os.set_blocking(self.master, False)
        asyncio.get_running_loop().add_reader(self.master, self._look)

    def _look(self) -> None:
        data = os.read(self.master, 65536)
        self.seen += data
        self.stream.feed(data)
        self.changed.set()

    def press(self, keys: bytes | str) -> None:
        os.write(self.master, keys if isinstance(keys, bytes) else keys.encode())

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    async def sees(self, *texts: str) -> None:
        await self._until(lambda: all(text in self.text() for text in texts), f"not to be seen: {texts}")

    async def sees_no(self, text: str) -> None:
        await self._until(lambda: text not in self.text(), f"still to be seen: {text}")

    async def rings(self, times: int) -> None:
        """So many bells since the beginning, and no more."""
        await self._until(lambda: self.seen.count(b"\a") >= times, f"no {times} bells")
        assert self.seen.count(b"\a") == times

    async def _until(self, is_so: Callable[[], bool], problem: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not is_so():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            pytest.fail(f"{problem}\n{self.text()}")

    async def command(self) -> CustomerCommand:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await anext(aiter(self.face.commands()))

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.master)
        os.close(self.master)
        os.close(self.slave)


async def go_live(customer: Customer) -> None:
    customer.face.show(notices.SharingStarted("Example Support", "https://broker.example", "ann", "desk", ""))
    customer.face.show(notices.SessionLive((ANN,)))
    await customer.sees("Ann Example")


async def settle(customer: Customer, deciding: "asyncio.Task[Any]", *texts: str) -> None:
    """Waits for the question, then lets all its pauses pass."""
    await customer.sees(*texts)
    assert not deciding.done()
    customer.now_ms += 3_000
