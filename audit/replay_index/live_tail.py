"""A running session as it happens, for any number of followers: a picture first, then what happens, at once.

Whoever feeds the index tells it: `tell` what happened, `show` a picture when somebody `wants_picture`. A follower who
cannot keep up with a flood gets a new picture instead of what would have piled up: what a viewer wants is now. There is
no delay beyond the record's own: agents seal once a second. What is told and shown are JSON Lines of viewing.py, which
nobody here reads.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable

QUEUE_LIMIT_BYTES = 1024 * 1024
"""What may wait for one follower before it is sent a picture instead."""

ALIVE_SECONDS = 15.0
STILL_ALIVE = b"\n"
"""Keeps proxies from hanging up, and finds out who has gone."""


class LiveSession:
    """One session while its records arrive. Used within one event loop. `on_want` hears that a picture is wanted."""

    def __init__(self, on_want: Callable[[], None]) -> None:
        self._on_want = on_want
        self._followers: set[_Follower] = set()
        self._closed = False

    @property
    def has_followers(self) -> bool:
        return bool(self._followers)

    @property
    def wants_picture(self) -> bool:
        return any(follower.needs_picture for follower in self._followers)

    def tell(self, lines: bytes) -> None:
        """What happened, whole lines, to everybody who has seen a picture."""
        for follower in self._followers:
            if follower.offer(lines):
                self._on_want()

    def show(self, picture: bytes) -> None:
        """How things stand now, to everybody who waits for that."""
        for follower in self._followers:
            if follower.needs_picture:
                follower.begin_anew(picture)

    def begin_anew(self) -> None:
        """What was told may not go on where it stopped: everybody needs a picture."""
        for follower in self._followers:
            follower.lose_thread()
        if self._followers:
            self._on_want()

    def close(self) -> None:
        """Nothing more will come: followers end when they have seen what waits for them."""
        self._closed = True
        for follower in self._followers:
            follower.wake.set()

    async def follow(self, *, alive_seconds: float = ALIVE_SECONDS) -> AsyncGenerator[bytes, None]:
        """From now on, until the session ends. Begins with a picture; an empty line tells that nothing happened."""
        follower = _Follower()
        self._followers.add(follower)
        self._on_want()
        try:
            while True:
                if follower.waiting:
                    yield follower.take()
                elif self._closed:
                    return
                else:
                    follower.wake.clear()
                    try:
                        async with asyncio.timeout(alive_seconds):
                            await follower.wake.wait()
                    except TimeoutError:
                        yield STILL_ALIVE
        finally:
            self._followers.discard(follower)


class _Follower:
    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.needs_picture = True
        self.waiting: list[bytes] = []
        self._waiting_bytes = 0

    def offer(self, lines: bytes) -> bool:
        """Whether it cannot keep up, and wants a picture."""
        if self.needs_picture:
            return False
        self.waiting.append(lines)
        self._waiting_bytes += len(lines)
        self.wake.set()
        if self._waiting_bytes > QUEUE_LIMIT_BYTES:
            self.lose_thread()
        return self.needs_picture

    def lose_thread(self) -> None:
        self.needs_picture, self.waiting, self._waiting_bytes = True, [], 0

    def begin_anew(self, picture: bytes) -> None:
        # A picture does not count: however large it is, what follows it may wait.
        self.needs_picture, self.waiting, self._waiting_bytes = False, [picture], 0
        self.wake.set()

    def take(self) -> bytes:
        waiting, self.waiting, self._waiting_bytes = b"".join(self.waiting), [], 0
        return waiting
