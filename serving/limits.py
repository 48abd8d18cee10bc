"""How often a thing may be tried: token buckets.

Pure: times are monotonic milliseconds. Everything lives in memory.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from protocol.errors import RefusedError


class TooBusy(RefusedError):
    sentence = "Too many requests at this time. Wait {seconds} seconds and try again."


class TokenBucket:
    """`per_minute` on average, `burst` at once."""

    def __init__(self, *, per_minute: int, burst: int, now_ms: int) -> None:
        self._per_ms = per_minute / 60_000
        self._burst = float(burst)
        self._tokens = float(burst)
        self._at_ms = now_ms

    def take(self, now_ms: int) -> None:
        """Raises TooBusy with the seconds until there is a token again."""
        self._fill(now_ms)
        if self._tokens < 1:
            raise TooBusy(seconds=max(1, round((1 - self._tokens) / self._per_ms / 1000)))
        self._tokens -= 1

    def is_full(self, now_ms: int) -> bool:
        self._fill(now_ms)
        return self._tokens >= self._burst

    def _fill(self, now_ms: int) -> None:
        self._tokens = min(self._burst, self._tokens + (now_ms - self._at_ms) * self._per_ms)
        self._at_ms = now_ms


K = TypeVar("K", bound=Hashable)


class KeyedBuckets(Generic[K]):
    """One bucket per key (a network address). Bounded: the key that was quiet for longest is forgotten first."""

    def __init__(self, *, per_minute: int, burst: int, max_keys: int = 10_000) -> None:
        self._per_minute = per_minute
        self._burst = burst
        self._max_keys = max_keys
        self._buckets: OrderedDict[K, TokenBucket] = OrderedDict()

    def take(self, key: K, now_ms: int) -> None:
        """Raises TooBusy."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = TokenBucket(per_minute=self._per_minute, burst=self._burst, now_ms=now_ms)
            self._buckets[key] = bucket
            if len(self._buckets) > self._max_keys:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        bucket.take(now_ms)
