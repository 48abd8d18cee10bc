"""Passwords with argon2id (RFC 9106), hashed in worker threads so that the event loop stays live."""

import asyncio
import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from protocol.errors import InputError, RefusedError

PASSWORD_MIN_CHARACTERS = 12
PASSWORD_MAX_CHARACTERS = 256
"""Long enough for any passphrase, short enough that hashing costs the same for all."""

NO_PASSWORD = ""
"""In the place of a hash: for people who sign in otherwise. No password is right."""

HASHES_AT_ONCE = 2
"""Each takes 64 MiB and a core for about 0.1 s."""

WAITING_HASHES = 32
"""Further logins are refused rather than queued: nobody would wait that long."""


class PasswordUnusable(InputError):
    sentence = "The password must have 12 to 256 characters."


class LoginsBusy(RefusedError):
    sentence = "Too many people are logging in at this time. Wait a few seconds and try again."


def check_new_password(password: str) -> str:
    """Raises PasswordUnusable."""
    if not PASSWORD_MIN_CHARACTERS <= len(password) <= PASSWORD_MAX_CHARACTERS:
        raise PasswordUnusable
    return password


class Passwords:
    """RFC 9106's second recommended option (64 MiB, 3 passes, 4 lanes), which is also the library's default."""

    def __init__(self, *, time_cost: int = 3, memory_cost_kib: int = 64 * 1024, parallelism: int = 4) -> None:
        self._hasher = PasswordHasher(
            time_cost=time_cost, memory_cost=memory_cost_kib, parallelism=parallelism, type=Type.ID
        )
        self._slots = asyncio.Semaphore(HASHES_AT_ONCE)
        self._waiting = 0
        # Checked when there is no such user, so that the answer takes as long as for one who exists.
        self._nobody = self._hasher.hash("nobody has this password")

    def hash_now(self, password: str) -> str:
        """Blocks for about 0.1 s: for command-line tools. Raises PasswordUnusable."""
        return self._hasher.hash(_normal(check_new_password(password)))

    async def hash(self, password: str) -> str:
        """For servers. Raises PasswordUnusable."""
        async with self._slots:
            return await asyncio.to_thread(self.hash_now, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Takes the same time for a user who does not exist (None) and one without a password. Raises LoginsBusy."""
        if self._waiting >= WAITING_HASHES:
            raise LoginsBusy
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(self._matches_now, password_hash, password)
        finally:
            self._waiting -= 1

    def _matches_now(self, password_hash: str | None, password: str) -> bool:
        try:
            self._hasher.verify(password_hash or self._nobody, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return bool(password_hash)


def _normal(password: str) -> str:
    # RFC 8265, OpaqueString: the same password typed on two keyboards is the same bytes.
    return unicodedata.normalize("NFC", password)
