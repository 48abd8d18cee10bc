"""Every decision about people and their logins: a line in the log, a row for administrators, an alert for some."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from serving.clock import Clock
from serving.identity.events import IdentityEvent, NoteEvent, write_to_log

KEPT_EVENTS = 200_000
"""The oldest go first. A guesser who is slowed down as `lockouts.py` does it writes a few thousand a day."""

PRUNED_EVERY = 1_000


@dataclass(frozen=True)
class KeptEvent:
    event_id: int
    at_ms: int
    event: IdentityEvent


class EventStore(Protocol):
    async def add(self, event: IdentityEvent, at_ms: int) -> int:
        """On the disk when it returns; answers its number, which rises."""
        ...

    async def newest(self, before: int | None, limit: int, subject: str | None = None) -> Sequence[KeptEvent]:
        """The newest first, beginning before this number; of one user alone, if one is named."""
        ...

    async def following(self, after: int, limit: int) -> Sequence[KeptEvent]:
        """The oldest first, beginning after this number."""
        ...

    async def keep_newest(self, count: int) -> None: ...


class IdentityEvents:
    def __init__(
        self,
        store: EventStore,
        clock: Clock,
        *,
        on_locked: Callable[[IdentityEvent], None],
        tell: NoteEvent = write_to_log,
    ) -> None:
        """`on_locked` raises a server's alert: somebody guesses. `tell` is whoever else hears of each event."""
        self._store = store
        self._clock = clock
        self._on_locked = on_locked
        self._tell = tell

    async def note(self, event: IdentityEvent) -> None:
        await self._tell(event)
        if event.kind == "login_locked":
            self._on_locked(event)
        number = await self._store.add(event, self._clock.unix_ms())
        if number % PRUNED_EVERY == 0:
            await self._store.keep_newest(KEPT_EVENTS)

    async def newest(self, before: int | None, limit: int, subject: str | None = None) -> Sequence[KeptEvent]:
        return await self._store.newest(before, limit, subject)

    async def following(self, after: int, limit: int) -> Sequence[KeptEvent]:
        return await self._store.following(after, limit)
