"""What the product promises in milliseconds holds on a machine that is its own; this tells how far this one is not."""

import time
from collections.abc import Awaitable, Callable

MEASURED_SECONDS = 0.03

TRIES = 6
"""Somebody else's work may hold up most of them, for longer than anybody could measure beforehand."""


async def one_try_takes_less_than(seconds: float, measured: Callable[[], Awaitable[float]]) -> bool:
    """What there is to see besides the time, `measured` looks at each time."""
    for _ in range(TRIES):
        if await measured() < seconds:
            return True
    return False


def slowness() -> float:
    """How many times as long as by itself work takes at this moment, because others want the cores too; at least 1."""
    began, cpu_seconds = time.perf_counter(), time.thread_time()
    while time.thread_time() < cpu_seconds + MEASURED_SECONDS:
        sum(range(1000))
    return max(1.0, (time.perf_counter() - began) / MEASURED_SECONDS)


class Stopwatch:
    """Seconds since it was made, as they would be on a machine without anybody else's work."""

    def __init__(self) -> None:
        self._slowness = slowness()
        self._began = time.perf_counter()

    def read(self) -> float:
        took_seconds = time.perf_counter() - self._began
        return took_seconds / max(self._slowness, slowness())
