"""Wakes whoever waits for news of something, on one event loop: for requests that are answered when there is something.

Who listens hears what rings from then on, also before they begin to wait: look, then wait, and nothing is lost.
"""

import asyncio
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Listener:
    """Somebody who waits; to be closed."""

    _event: asyncio.Event
    close: Callable[[], None]

    def wake(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Until something changes, or so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            pass


class Bells(Generic[K]):
    """One for each thing that somebody waits for, as long as they do."""

    def __init__(self) -> None:
        self._waiting: dict[K, set[asyncio.Event]] = {}
        self._closed = False

    def listen(self, to: K) -> Listener:
        event = asyncio.Event()
        if self._closed:
            event.set()
        self._waiting.setdefault(to, set()).add(event)
        return Listener(event, partial(self._forget, to, event))

    @property
    def listened_to(self) -> Collection[K]:
        """What somebody waits for at this moment."""
        return self._waiting.keys()

    def ring(self, about: K) -> None:
        for event in self._waiting.get(about, ()):
            event.set()

    def close(self) -> None:
        """The server stops: nobody waits any more, and whoever asks is answered at once."""
        self._closed = True
        for about in self._waiting:
            self.ring(about)

    def _forget(self, to: K, event: asyncio.Event) -> None:
        waiting = self._waiting.get(to)
        if waiting is not None:
            waiting.discard(event)
            if not waiting:
                del self._waiting[to]
