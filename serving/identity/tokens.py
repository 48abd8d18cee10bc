"""Opaque login tokens. The database holds only their SHA-256: they are 256 random bits, so no slow hash is needed."""

import hashlib
import re
import secrets
from typing import Protocol

from serving.identity.users import U_co

_TOKEN = re.compile(r"cst_[A-Za-z0-9_-]{43}")
"""The prefix lets secret scanners find one that leaked."""


class TokenStore(Protocol[U_co]):
    """Each method returns when its change is on the disk."""

    async def add_token(self, token_hash: bytes, user_id: int, created_at_ms: int, expires_at_ms: int) -> None: ...

    async def user_of_token(self, token_hash: bytes, now_ms: int) -> "tuple[U_co, int] | None":
        """The user, if neither expired nor disabled, and when the token expires."""
        ...

    async def remove_token(self, token_hash: bytes) -> None: ...

    async def remove_expired_tokens(self, now_ms: int) -> None: ...


def new_token() -> str:
    return "cst_" + secrets.token_urlsafe(32)


def hash_of_token(token: str) -> bytes | None:
    """None for what cannot be a token, so that no odd text reaches the database."""
    return hashlib.sha256(token.encode()).digest() if _TOKEN.fullmatch(token) else None
