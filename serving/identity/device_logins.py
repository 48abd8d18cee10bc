"""Logging a program in through the browser (the idea of RFC 8628), without a password on its machine.

    program                          server                        its page, somebody signed in
    begin            ──────────────►  device code, user code
    shows user code and link                     ◄────────────────  opens the link or types the user code
                                      who asks, from where  ──────►  reads it, compares the code
    poll, poll …     ──────────────►            ◄────────────────  allows, or denies
                     ◄── a login of theirs

Pure but for randomness: times are monotonic milliseconds. Nothing is kept over a restart; it takes a minute to begin
anew. A user code is eight letters out of twenty (34 bits), lives for ten minutes and is good once; whoever looks codes
up is somebody with a login, and slowed down.
"""

import secrets
from dataclasses import dataclass

from protocol.errors import RefusedError
from serving.identity.tokens import Visit
from serving.limits import KeyedBuckets

LIFE_MS = 10 * 60_000
INTERVAL_MS = 5_000
"""Between two polls; who comes sooner waits as much longer each time (RFC 8628, section 3.5)."""

MAX_WAITING = 1_000
"""Bounds the memory that strangers can fill."""

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels: no words; no digits: none is mistaken for a letter (RFC 8628, section 6.1)."""

_HALF_LETTERS = 4


class TooManyDeviceLogins(RefusedError):
    sentence = "Too many programs are waiting to be logged in at this time. Try again in a few minutes."


class UserCodeUnknown(RefusedError):
    sentence = "No program is waiting with that code. Compare it with what the program shows; it may have run out."


class AuthorizationPending(RefusedError):
    sentence = "Nobody has answered yet. Ask again in {seconds} seconds."


class SlowDown(RefusedError):
    sentence = "You ask too often. Ask again in {seconds} seconds."


class DeviceLoginDenied(RefusedError):
    sentence = "The login was denied in the browser."


class DeviceLoginExpired(RefusedError):
    sentence = "The code has run out, or the server was restarted. Begin again."


@dataclass
class DeviceLogin:
    """One that waits. `allowed_by` is the user name of who said yes."""

    device_code: str
    user_code: str
    visit: Visit
    begun_at_ms: int
    poll_from_ms: int
    interval_ms: int = INTERVAL_MS
    allowed_by: str | None = None
    denied: bool = False


class DeviceLogins:
    def __init__(self, tries: KeyedBuckets[str]) -> None:
        """`tries` bounds how often one address begins, and how often one person looks a code up."""
        self._tries = tries
        self._waiting: dict[str, DeviceLogin] = {}
        """By device code, in the order of beginning."""

    def begin(self, visit: Visit, now_ms: int) -> DeviceLogin:
        """Raises TooBusy, TooManyDeviceLogins."""
        self._tries.take(f"device logins of {visit.address}", now_ms)
        self._forget_old(now_ms)
        if len(self._waiting) >= MAX_WAITING:
            raise TooManyDeviceLogins
        begun = DeviceLogin(secrets.token_urlsafe(32), _new_user_code(), visit, now_ms, now_ms)
        self._waiting[begun.device_code] = begun
        return begun

    def find(self, user_code: str, user_id: int, now_ms: int) -> DeviceLogin:
        """One that nobody has answered yet, for whoever is to answer. Raises TooBusy, UserCodeUnknown."""
        self._tries.take(f"user codes of {user_id}", now_ms)
        self._forget_old(now_ms)
        wanted = _plain(user_code)
        for one in self._waiting.values():
            is_open = one.allowed_by is None and not one.denied
            if is_open and secrets.compare_digest(_plain(one.user_code).encode(), wanted.encode("utf-8", "replace")):
                return one
        raise UserCodeUnknown

    def poll(self, device_code: str, now_ms: int) -> DeviceLogin:
        """One that was allowed: once, and no second time.

        Raises AuthorizationPending, SlowDown, DeviceLoginDenied, DeviceLoginExpired.
        """
        self._forget_old(now_ms)
        one = self._waiting.get(device_code)
        if one is None:
            raise DeviceLoginExpired
        if one.denied or one.allowed_by is not None:
            del self._waiting[device_code]
            if one.denied:
                raise DeviceLoginDenied
            return one
        is_early = now_ms < one.poll_from_ms
        one.interval_ms += INTERVAL_MS if is_early else 0
        one.poll_from_ms = now_ms + one.interval_ms
        raise (SlowDown if is_early else AuthorizationPending)(seconds=one.interval_ms // 1000)

    def _forget_old(self, now_ms: int) -> None:
        for device_code, one in list(self._waiting.items()):
            if now_ms - one.begun_at_ms < LIFE_MS:
                break
            del self._waiting[device_code]


def _new_user_code() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_HALF_LETTERS)) for _ in range(2))


def _plain(user_code: str) -> str:
    return "".join(c for c in user_code.upper() if c not in "- ")
