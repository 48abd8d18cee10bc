"""How long to wait before the next try: doubled each time, with full jitter, so that a crowd does not return at once.

On the start-up path of `ssh-proxy`: imports stay light.
"""

import os
from collections.abc import Callable

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 30.0
LONGEST_WHILE_WAITED_FOR_SECONDS = 5.0
"""For streams, in which somebody sits: a broker that is back is found within seconds. Agents that merely attend are
many more, and may take their time."""


def _random_fraction() -> float:
    # os.urandom instead of the random module, which takes 5 ms to import.
    return int.from_bytes(os.urandom(4), "big") / 2**32


class Backoff:
    """`next_seconds()` after each failure, `reset()` after a success."""

    def __init__(
        self,
        *,
        first_seconds: float = FIRST_SECONDS,
        longest_seconds: float = LONGEST_SECONDS,
        random_fraction: Callable[[], float] = _random_fraction,
    ) -> None:
        self._first_seconds = first_seconds
        self._longest_seconds = longest_seconds
        self._random_fraction = random_fraction
        self._failures = 0

    def next_seconds(self) -> float:
        """Between 0 and 0.5 · 2ⁿ seconds, at most 30 (AWS's "full jitter")."""
        ceiling = min(self._longest_seconds, self._first_seconds * (1 << min(self._failures, 16)))
        self._failures += 1
        return ceiling * self._random_fraction()

    def reset(self) -> None:
        self._failures = 0
