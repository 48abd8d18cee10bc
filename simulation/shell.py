"""A model of the granted shell: a program that puts out bytes, and stops while it is held."""

import asyncio
import random
from collections.abc import Callable
from typing import cast

from agent_client.recording import Recording
from agent_client.shell.fd_reader import FdReader, Hold
from protocol.events import CommandOutput, Event, TerminalOutput
from simulation.observer import Observer


class _Reader:
    """As much of an `FdReader` as an output path uses."""

    def __init__(self) -> None:
        self._holds: set[str] = set()
        self._free = asyncio.Event()
        self._free.set()

    def hold(self, reason: Hold) -> None:
        self._holds.add(reason.value)
        self._free.clear()

    def release(self, reason: Hold) -> None:
        self._holds.discard(reason.value)
        if not self._holds:
            self._free.set()

    async def wait(self) -> None:
        await self._free.wait()


class Program:
    """Puts out so many pieces, with pauses in between."""

    def __init__(self, dice: random.Random, *, pieces: int, longest_pause_seconds: float) -> None:
        self._dice = dice
        self._pieces = pieces
        self._longest_pause_seconds = longest_pause_seconds
        self._model = _Reader()
        self.reader = cast("FdReader", self._model)

    def pause(self) -> None:
        self._model.hold(Hold.PAUSED)

    def resume(self) -> None:
        self._model.release(Hold.PAUSED)

    async def run(self, feed: Callable[[bytes], None]) -> None:
        for _ in range(self._pieces):
            await asyncio.sleep(self._dice.random() * self._longest_pause_seconds)
            await self._model.wait()
            size = int(2 ** self._dice.uniform(0, 14))
            feed(self._dice.randbytes(min(size, 64)) * (1 + size // 64))


class WatchedRecording:
    """Stands before a recording and tells the observer what is recorded."""

    def __init__(self, recording: Recording, session_id: bytes, observer: Observer) -> None:
        self._recording = recording
        self._session_id = session_id
        self._observer = observer

    def record(self, event: Event) -> None:
        if isinstance(event, TerminalOutput | CommandOutput):
            self._observer.output_recorded(self._session_id, len(event.data))
        self._recording.record(event)

    @property
    def strict(self) -> bool:
        return self._recording.strict

    @property
    def has_room(self) -> bool:
        return self._recording.has_room

    def elapsed_ms(self) -> int:
        return self._recording.elapsed_ms()

    async def wait_for_room(self) -> None:
        await self._recording.wait_for_room()

    async def wait_until_durable(self) -> None:
        await self._recording.wait_until_durable()
