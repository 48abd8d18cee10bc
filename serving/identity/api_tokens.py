"""API tokens: for programs of somebody who has an account, with less than that account may do, and an end.

Shown once, hashed at rest, never more than its user's role allows at the moment of asking: whoever is disabled or gets
a smaller role takes their programs with them.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from protocol.errors import InputError, RefusedError
from serving.clock import Clock
from serving.identity.login import NOTED_EVERY_MS, Caller, NotLoggedIn
from serving.identity.users import U_co, User, check_shown_text

U = TypeVar("U", bound=User)

PREFIX = "csk_"
_TOKEN = re.compile(r"csk_[A-Za-z0-9_-]{43}")

TOKENS_LIMIT = 20
"""Of one user: nobody knows any more what more are for."""

LIFE_LIMIT_DAYS = 365
ENDING_DAYS = 7
"""So long before the end its owner is told."""

DAY_MS = 24 * 60 * 60_000


class ApiTokenOver(NotLoggedIn):
    """What a program reads: to log in is nothing that it could do."""

    sentence = "This API token has run out, was revoked, or is not of this server. Make another under Account."


class TokenTooPowerful(InputError):
    sentence = "An API token can be given at most: {permissions}."


class TooManyTokens(RefusedError):
    sentence = "You have {count} API tokens. Revoke one that nobody uses any more, then make another."


class TokenUnknown(RefusedError):
    sentence = "There is no such API token, or it was revoked already."


@dataclass(frozen=True)
class ApiToken:
    """`token_hash` names it. `last_used_at_ms` None: never."""

    token_hash: bytes
    user_id: int
    name: str
    permissions: frozenset[str]
    created_at_ms: int
    expires_at_ms: int
    last_used_at_ms: int | None = None
    address: str = ""


class ApiTokenStore(Protocol[U_co]):
    """Each method returns when its change is on the disk."""

    async def add(self, token: ApiToken) -> None: ...

    async def find(self, token_hash: bytes) -> "tuple[U_co, ApiToken] | None":
        """Also one that has expired; not of somebody who is disabled."""
        ...

    async def used(self, token_hash: bytes, now_ms: int, address: str) -> None: ...

    async def of(self, user_id: int) -> Sequence[ApiToken]:
        """Expired ones, too; the newest first."""
        ...

    async def all(self) -> "Sequence[tuple[U_co, ApiToken]]":
        """Everybody's, expired ones, too; the newest first."""
        ...

    async def remove(self, user_id: int, token_hash: bytes) -> bool: ...


class ApiTokens(Generic[U]):
    def __init__(self, store: ApiTokenStore[U], clock: Clock, may: Collection[str]) -> None:
        """`may` is what a token can be given at most: a server's own table says it."""
        self._store = store
        self._may = frozenset(may)
        self._clock = clock

    def grantable_by(self, user: U) -> frozenset[str]:
        """What this user's tokens can be given."""
        return user.permissions & self._may

    async def make(self, user: U, name: str, permissions: Collection[str], life_days: int) -> tuple[str, ApiToken]:
        """The token, which is kept nowhere. Raises UserTextUnusable, TokenTooPowerful, TooManyTokens."""
        name = check_shown_text(name, "name")
        grantable = self.grantable_by(user)
        if not permissions or not grantable.issuperset(permissions):
            raise TokenTooPowerful(permissions=", ".join(sorted(grantable)) or "-")
        count = len(await self._store.of(user.user_id))
        if count >= TOKENS_LIMIT:
            raise TooManyTokens(count=count)
        token, now_ms = PREFIX + secrets.token_urlsafe(32), self._clock.unix_ms()
        made = ApiToken(
            token_hash=_hash(token),
            user_id=user.user_id,
            name=name,
            permissions=frozenset(permissions),
            created_at_ms=now_ms,
            expires_at_ms=now_ms + min(life_days, LIFE_LIMIT_DAYS) * DAY_MS,
        )
        await self._store.add(made)
        return token, made

    async def authenticate(self, token: str, address: str) -> Caller[U]:
        """Raises ApiTokenOver."""
        now_ms = self._clock.unix_ms()
        found = await self._store.find(_hash(token)) if _TOKEN.fullmatch(token) else None
        if found is None or found[1].expires_at_ms <= now_ms:
            raise ApiTokenOver
        user, known = found
        if now_ms - (known.last_used_at_ms or 0) >= NOTED_EVERY_MS:
            await self._store.used(known.token_hash, now_ms, address)
        # What it was given, and not what it could be given today: the table may have grown.
        return Caller(user, known.token_hash, known.expires_at_ms, known.permissions & self._may)

    async def of(self, user_id: int) -> Sequence[ApiToken]:
        return await self._store.of(user_id)

    async def ending_soon(self, user_id: int) -> int:
        """How many of a user's will end within `ENDING_DAYS`, and have not yet."""
        now_ms = self._clock.unix_ms()
        found = await self._store.of(user_id)
        return sum(now_ms < one.expires_at_ms <= now_ms + ENDING_DAYS * DAY_MS for one in found)

    async def all(self) -> Sequence[tuple[U, ApiToken]]:
        """Everybody's, with whose they are; the newest first."""
        return await self._store.all()

    async def revoke(self, user_id: int, token_hash: bytes) -> None:
        """Raises TokenUnknown."""
        if not await self._store.remove(user_id, token_hash):
            raise TokenUnknown


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
