"""A recording that keeps its events in a list, and an access that a test can change: the honest small fakes."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from protocol.events import Event, TerminalOutput
from protocol.grants import Scope

E = TypeVar("E")


class CollectedRecording:
    """Keeps every event. `elapsed_ms` is since it was made. Room and acknowledgement are in the test's hand."""

    def __init__(self, *, strict: bool = False) -> None:
        self._began_seconds = time.monotonic()
        self.strict = strict
        self.events: list[Event] = []
        self.acked = 0
        self._room = asyncio.Event()
        self._room.set()
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    def elapsed_ms(self) -> int:
        return int((time.monotonic() - self._began_seconds) * 1000)

    @property
    def has_room(self) -> bool:
        return self._room.is_set()

    def record(self, event: Event) -> None:
        self.events.append(event)
        self._wake()

    async def wait_for_room(self) -> None:
        await self._room.wait()

    async def wait_until_durable(self) -> None:
        if self.strict:
            wanted = len(self.events)
            await self.until(lambda: self.acked >= wanted)

    def set_room(self, has_room: bool) -> None:
        (self._room.set if has_room else self._room.clear)()

    def acknowledge(self, count: int | None = None) -> None:
        """What the broker's ack does: everything, or the first `count` events, is on disk."""
        self.acked = len(self.events) if count is None else count
        self._wake()

    def acknowledge_always(self) -> None:
        """From now on everything is on disk as soon as it is recorded."""
        self.strict = False
        self.acknowledge()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when `condition` holds; it is asked again after each event and each acknowledgement."""
        if not condition():
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append((condition, future))
            await future

    @staticmethod
    async def poll() -> None:
        """One look at something outside that tells nobody when it changes: give it a moment."""
        await asyncio.sleep(0.002)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def first(self, kind: type[E], matches: Callable[[E], bool] = lambda _: True) -> E:
        """The first event of that kind that matches, waited for."""
        await self.until(lambda: any(matches(event) for event in self.of(kind)))
        return next(event for event in self.of(kind) if matches(event))

    def room_output(self) -> bytes:
        return b"".join(event.data for event in self.of(TerminalOutput) if event.channel == 0)

    def room_bytes(self) -> int:
        return sum(len(event.data) for event in self.of(TerminalOutput) if event.channel == 0)

    def _wake(self) -> None:
        for condition, future in self._waiters:
            if not future.done() and condition():
                future.set_result(None)
        self._waiters = [waiter for waiter in self._waiters if not waiter[1].done()]


class ChangeableAccess:
    """A grant that the test changes as a customer would."""

    def __init__(
        self,
        *scopes: Scope,
        participant: int = 1,
        name: str = "Engineer",
        ssh_user_key: bytes = b"",
        folders: tuple[Path, ...] = (),
    ) -> None:
        self.participant = participant
        self.name = name
        self.ssh_user_key = ssh_user_key
        self.folders = folders
        self.scopes = frozenset(scopes)
        self._callbacks: list[Callable[[], None]] = []

    def allows(self, scope: Scope) -> bool:
        return scope in self.scopes or (scope is Scope.VIEW and Scope.SHELL in self.scopes)

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def change(self, *scopes: Scope) -> None:
        self.scopes = frozenset(scopes)
        for callback in list(self._callbacks):
            callback()
