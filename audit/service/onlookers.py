"""Who looks on at sessions while their records arrive: all who look at the same one share its `LiveSession`."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

from audit.replay_index.live_tail import LiveSession


class Onlookers:
    """Used within one event loop. `on_want` hears of which session a picture is wanted."""

    def __init__(self, on_want: Callable[[bytes], None]) -> None:
        self._on_want = on_want
        self._live: dict[bytes, LiveSession] = {}
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        """The sessions that somebody looks at."""
        return iter(self._live)

    def __len__(self) -> int:
        return len(self._live)

    def of(self, session_id: bytes) -> LiveSession | None:
        return self._live.get(session_id)

    async def follow(self, session_id: bytes) -> AsyncGenerator[bytes, None]:
        """JSON Lines of viewing.py from now on, until the session's end: a picture first."""
        if self._closed:
            return
        live = self._live.get(session_id)
        if live is None:
            live = self._live[session_id] = LiveSession(lambda: self._on_want(session_id))
        try:
            async with aclosing(live.follow()) as lines:
                async for line in lines:
                    yield line
        finally:
            if not live.has_followers and self._live.get(session_id) is live:
                del self._live[session_id]

    def begin_anew(self) -> None:
        """What was told of any session may not go on where it stopped."""
        for live in self._live.values():
            live.begin_anew()

    def session_over(self, session_id: bytes) -> None:
        live = self._live.pop(session_id, None)
        if live is not None:
            live.close()

    def close(self) -> None:
        """The service stops: nobody looks on any more."""
        self._closed = True
        for live in self._live.values():
            live.close()
