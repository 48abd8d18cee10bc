"""Which public numbers are free, open or resting.

A nameplate is 3 digits (first not 0); once more than 700 are taken, 4. Used ones rest for 30 minutes, so that a code
that somebody still has on a note can never lead to another customer (magic-wormhole's attack page tells why).
"""

import secrets
from collections.abc import Callable, Mapping

from protocol.errors import RefusedError

REST_MS = 30 * 60_000
THREE_DIGITS_UP_TO = 700
"""Beyond this many taken numbers of 900, finding a free one by chance and keeping guesses thin both suffer."""


class AllCodesTaken(RefusedError):
    sentence = "All codes are in use at this time. Wait a minute and try again."


class Nameplates:
    """Times are monotonic milliseconds. `resting` gives, from storage, nameplates and when their rest ends."""

    def __init__(
        self,
        *,
        max_open: int,
        resting: Mapping[str, int] | None = None,
        random_below: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._max_open = max_open
        self._open: set[str] = set()
        self._rests_until_ms = dict(resting or {})
        self._random_below = random_below

    def __len__(self) -> int:
        return len(self._open)

    def take(self, now_ms: int) -> str:
        """A free nameplate, at random. Raises AllCodesTaken."""
        self._wake(now_ms)
        if len(self._open) >= self._max_open:
            raise AllCodesTaken
        taken = len(self._open) + len(self._rests_until_ms)
        ranges = [(100, 900), (1000, 9000)] if taken <= THREE_DIGITS_UP_TO else [(1000, 9000)]
        for first, count in ranges:
            start = self._random_below(count)
            for step in range(count):
                nameplate = str(first + (start + step) % count)
                if nameplate not in self._open and nameplate not in self._rests_until_ms:
                    self._open.add(nameplate)
                    return nameplate
        raise AllCodesTaken

    def retire(self, nameplate: str, now_ms: int) -> None:
        self._open.discard(nameplate)
        self._rests_until_ms[nameplate] = now_ms + REST_MS

    def _wake(self, now_ms: int) -> None:
        for nameplate in [name for name, until in self._rests_until_ms.items() if until <= now_ms]:
            del self._rests_until_ms[nameplate]
