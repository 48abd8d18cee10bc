"""Recovery codes: ten, each good once in place of a one-time number, shown when they are made and never again.

At rest there is a digest under the key file of `secret_box.py`. A code is 49 random bits: with guesses slowed like
those of passwords, that is more than enough, and short enough to be typed from paper.
"""

import re
import secrets
from collections.abc import Collection
from typing import Protocol

from serving.identity.secret_box import SecretBox
from serving.identity.users import User

CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""31 characters that are not taken for one another: ten of them are 49 bits."""
_HALF_CHARACTERS = 5
_CODE = re.compile(r"[a-z0-9]{5}-?[a-z0-9]{5}")


class RecoveryStore(Protocol):
    """Each method returns when its change is on the disk."""

    async def replace(self, user_id: int, digests: Collection[bytes], made_at_ms: int) -> None: ...

    async def use(self, user_id: int, digest: bytes) -> bool:
        """False if there is no such code: also of two that race for one."""
        ...

    async def left(self, user_id: int) -> int: ...


class RecoveryCodes:
    def __init__(self, store: RecoveryStore, box: SecretBox) -> None:
        self._store = store
        self._box = box

    async def make(self, user: User, now_ms: int) -> list[str]:
        """New ones; those of before are good no more."""
        codes = [_new_code() for _ in range(CODES)]
        digests = [self._box.digest(_plain(code), user.user_name) for code in codes]
        await self._store.replace(user.user_id, digests, now_ms)
        return codes

    async def use(self, user: User, typed: str) -> bool:
        return await self._store.use(user.user_id, self._box.digest(_plain(typed), user.user_name))

    async def forget(self, user: User) -> None:
        await self._store.replace(user.user_id, (), 0)

    async def left(self, user: User) -> int:
        return await self._store.left(user.user_id)


def looks_like_recovery_code(typed: str) -> bool:
    """A one-time number is six digits, and never looks like one of these."""
    return _CODE.fullmatch(typed.strip().lower()) is not None


def _new_code() -> str:
    halves = ["".join(secrets.choice(_ALPHABET) for _ in range(_HALF_CHARACTERS)) for _ in range(2)]
    return "-".join(halves)


def _plain(code: str) -> str:
    return code.strip().lower().replace("-", "")
