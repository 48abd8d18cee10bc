"""How long a name or an address waits after failed logins. Pure: times are monotonic milliseconds.

Five attempts are free; after that the wait doubles from two seconds to fifteen minutes. An attempt counts before it is
checked, so a thousand at once are no better than one after the other; a success forgets the name's failures. The wait
is per name and per address: guessing one password for many names is slowed like guessing many for one.
"""

from collections import OrderedDict
from dataclasses import dataclass

from protocol.errors import RefusedError

FREE_ATTEMPTS = 5
FIRST_WAIT_MS = 2_000
LONGEST_WAIT_MS = 15 * 60_000
FORGOTTEN_AFTER_MS = 60 * 60_000
MAX_KEYS = 20_000
"""Bounds the memory that strangers can fill; the key that was quiet for longest is forgotten first."""


class LoginLocked(RefusedError):
    sentence = "Too many failed logins. Wait {seconds} seconds and try again."


@dataclass
class _Failures:
    count: int
    at_ms: int
    wait_until_ms: int


class Lockouts:
    def __init__(self, *, free_attempts: int = FREE_ATTEMPTS) -> None:
        self._free_attempts = free_attempts
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def begin_attempt(self, key: str, now_ms: int) -> bool:
        """Counts an attempt as failed until `succeeded` says otherwise; True if failing makes the next one wait.

        Raises LoginLocked, which counts nothing.
        """
        failures = self._failures.get(key)
        if failures is None or now_ms - failures.at_ms >= FORGOTTEN_AFTER_MS:
            failures = self._failures[key] = _Failures(0, now_ms, now_ms)
            if len(self._failures) > MAX_KEYS:
                self._failures.popitem(last=False)
        if failures.wait_until_ms > now_ms:
            raise LoginLocked(seconds=-(-(failures.wait_until_ms - now_ms) // 1000))
        self._failures.move_to_end(key)
        failures.count += 1
        failures.at_ms = now_ms
        beyond = failures.count - self._free_attempts
        if beyond >= 0:
            # The exponent is bounded before it is used: counts are as large as a patient guesser makes them.
            failures.wait_until_ms = now_ms + min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(beyond, 16))
        return beyond >= 0

    def succeeded(self, key: str) -> None:
        self._failures.pop(key, None)
