"""How often a thing may be tried: token buckets, and the lock of an engineer who burns code after code.

Pure: times are monotonic milliseconds. Everything lives in memory; what a restart forgets, the rest of nameplates keeps
from being of use.
"""

from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, TypeVar

from protocol.errors import RefusedError

BURNT_CODES_ALLOWED = 5
BURNT_CODES_WINDOW_MS = 10 * 60_000
ENGINEER_LOCK_MS = 15 * 60_000
RUN_SECONDS = 30
"""When a run that is under way has ended at the latest (`mailbox.RUN_LIFE_MS`)."""


class TooBusy(RefusedError):
    sentence = "Too many requests at this time. Wait {seconds} seconds and try again."


class EngineerLocked(RefusedError):
    sentence = (
        "Too many codes failed, so pairing is locked for you. Try again in {minutes} minutes and tell your supervisor."
    )


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


class BurntCodes:
    """At most 5 burnt codes in 10 minutes per engineer, then a lock of 15 minutes (security-audit 9.2)."""

    def __init__(self) -> None:
        self._burnt_at_ms: dict[int, deque[int]] = {}
        self._locked_until_ms: dict[int, int] = {}

    def check(self, engineer: int, now_ms: int, *, running: int = 0) -> None:
        """Before one run more. `running` ones may all be burnt yet, and count as if they were.

        Raises EngineerLocked or TooBusy.
        """
        until_ms = self._locked_until_ms.get(engineer, now_ms)
        if until_ms > now_ms:
            raise EngineerLocked(minutes=-(-(until_ms - now_ms) // 60_000))
        self._forget(engineer, now_ms)
        if running and len(self._burnt_at_ms.get(engineer, ())) + running >= BURNT_CODES_ALLOWED:
            raise TooBusy(seconds=RUN_SECONDS)

    def burn(self, engineer: int, now_ms: int) -> bool:
        """Counts one burnt code; true when this one locks the engineer: raise an alert."""
        self._forget(engineer, now_ms)
        burnt = self._burnt_at_ms.setdefault(engineer, deque(maxlen=BURNT_CODES_ALLOWED))
        burnt.append(now_ms)
        if len(burnt) < BURNT_CODES_ALLOWED:
            return False
        burnt.clear()
        self._locked_until_ms[engineer] = now_ms + ENGINEER_LOCK_MS
        return True

    def _forget(self, engineer: int, now_ms: int) -> None:
        burnt = self._burnt_at_ms.get(engineer)
        while burnt and burnt[0] <= now_ms - BURNT_CODES_WINDOW_MS:
            burnt.popleft()
