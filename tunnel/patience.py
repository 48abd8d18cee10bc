"""The wait before a connection's next try, which another one's success cuts short.

The connections of one session find a broker that is back at different times, each after a delay of its own. Whoever is
through first says so to the others (`hurry`): they need not wait for what is there. A crowd does not come at once by
that, as each of its members hurries only after it got through.
"""

import asyncio
import contextlib

from tunnel.backoff import Backoff


class Patience:
    """`lost()` when a connection breaks, `wait()` before each try, `reset()` after a success, `hurry()` when there is
    reason to try now."""

    def __init__(self, backoff: Backoff) -> None:
        self._backoff = backoff
        self._is_trying = False
        self._hurried = asyncio.Event()

    async def wait(self) -> None:
        """As long as the backoff says, or until somebody hurries; not at all if somebody did during the last try."""
        self._is_trying = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._backoff.next_seconds()):
                await self._hurried.wait()
        self._hurried.clear()

    def lost(self) -> None:
        """From now on a hurry counts: letting go of a connection that broke may take longer than another one's try."""
        self._is_trying = True

    def hurry(self) -> None:
        """Does nothing to a connection that is up: it would not wait after its next loss, and nor would a crowd."""
        if self._is_trying:
            self._hurried.set()

    def reset(self) -> None:
        self._is_trying = False
        self._hurried.clear()
        self._backoff.reset()
