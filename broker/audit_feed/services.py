"""Audit services that may pull from this broker. Each has a token; the database holds its hash."""

from dataclasses import dataclass
from typing import Protocol

from protocol.errors import RefusedError


class AuditServiceExistsAlready(RefusedError):
    sentence = "There is an audit service named {name} already. Remove it first, or take another name."


class AuditServiceUnknown(RefusedError):
    sentence = "There is no audit service named {name}. `consentry admin audit-service list` shows them."


@dataclass(frozen=True)
class RegisteredAuditService:
    name: str
    created_at_ms: int


class AuditServiceStore(Protocol):
    """Each method returns when its change is on the disk."""

    async def add(self, name: str, token_hash: bytes, created_at_ms: int) -> None:
        """Raises AuditServiceExistsAlready."""
        ...

    async def all(self) -> list[RegisteredAuditService]: ...

    async def remove(self, name: str) -> None:
        """Raises AuditServiceUnknown."""
        ...

    async def with_token(self, token_hash: bytes) -> RegisteredAuditService | None: ...
