"""Opaque login tokens. The database holds only their SHA-256: they are 256 random bits, so no slow hash is needed.

The hash is also a login's name, wherever one is listed or revoked: nobody gets from it to the token.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from serving.identity.users import U_co

_TOKEN = re.compile(r"cst_[A-Za-z0-9_-]{43}")
"""The prefix lets secret scanners find one that leaked."""

LoginMethod = Literal["password", "totp", "recovery-code", "browser", "passkey", "oidc", "oidc-fresh"]
"""How somebody showed who they are. `totp` is a password and a one-time number, `browser` the word of a signed-in one;
`oidc-fresh`: the provider asked them for something just then."""

DEVICE_LIMIT_CHARACTERS = 100

REPLACED_GOOD_FOR_MS = 10_000
"""What a page or a program asked while its login was replaced is still answered: it was under way with that one."""


@dataclass(frozen=True)
class Visit:
    """Where somebody logs in from. `device` is what the other end says of itself: shown, and believed by nobody.

    `former` is the hash of the login that they have there already, which a new one replaces.
    """

    address: str
    device: str = ""
    former: bytes | None = None


@dataclass(frozen=True)
class LoginFacts:
    """One login, as it is listed. `token_hash` names it."""

    token_hash: bytes
    user_id: int
    method: LoginMethod
    device: str
    address: str
    created_at_ms: int
    last_used_at_ms: int
    expires_at_ms: int


class TokenStore(Protocol[U_co]):
    """Each method returns when its change is on the disk."""

    async def add_token(self, facts: LoginFacts, former: bytes | None) -> None:
        """A new login, of the family of `former` if that is the same user's, and in its place.

        The former one is good for REPLACED_GOOD_FOR_MS more. Without one, it is the first of a family of its own.
        """
        ...

    async def user_of_token(self, token_hash: bytes, now_ms: int) -> "tuple[U_co, LoginFacts] | None":
        """The user and their login, if it has not expired, and was neither revoked nor replaced, and they are not
        disabled."""
        ...

    async def used(self, token_hash: bytes, now_ms: int, address: str) -> None:
        """Notes when and from where a login was last used."""
        ...

    async def logins_of(self, user_id: int, now_ms: int) -> Sequence[LoginFacts]:
        """Those that are neither expired nor revoked nor replaced; the last used first."""
        ...

    async def revoke(self, user_id: int, token_hash: bytes | None = None) -> Sequence[bytes]:
        """One login of a user with its family, or all of them; answers which ended by that.

        They are remembered until they expire, and so are those of their families that were replaced.
        """
        ...

    async def revoked_among(self, token_hashes: Collection[bytes]) -> set[bytes]: ...

    async def remove_token(self, token_hash: bytes) -> None: ...

    async def remove_expired_tokens(self, now_ms: int) -> None: ...


def new_token() -> str:
    return "cst_" + secrets.token_urlsafe(32)


def hash_of_token(token: str) -> bytes | None:
    """None for what cannot be a token, so that no odd text reaches the database."""
    return hashlib.sha256(token.encode()).digest() if _TOKEN.fullmatch(token) else None
