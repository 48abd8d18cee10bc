"""The two clocks of the broker, behind one interface so that a test can own them."""

import time
from typing import Protocol


class Clock(Protocol):
    """Unix time is for what people and databases see, monotonic time for everything that is waited for."""

    def unix_ms(self) -> int: ...

    def monotonic_ms(self) -> int: ...


class SystemClock:
    """The system's own."""

    def unix_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000
