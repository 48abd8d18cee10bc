"""The lock of an engineer who burns code after code.

Pure: times are monotonic milliseconds. Everything lives in memory; what a restart forgets, the rest of nameplates keeps
from being of use.
"""

from collections import deque

from protocol.errors import RefusedError
from serving.limits import TooBusy

BURNT_CODES_ALLOWED = 5
BURNT_CODES_WINDOW_MS = 10 * 60_000
ENGINEER_LOCK_MS = 15 * 60_000
RUN_SECONDS = 30
"""When a run that is under way has ended at the latest (`mailbox.RUN_LIFE_MS`)."""


class EngineerLocked(RefusedError):
    sentence = (
        "Too many codes failed, so pairing is locked for you. Try again in {minutes} minutes and tell your supervisor."
    )


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
