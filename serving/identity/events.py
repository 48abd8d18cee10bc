"""What is decided about people, their logins and sessions, and about who is told of them: for whoever keeps it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import structlog

log = structlog.get_logger(__name__)

EventKind = Literal[
    "logged_in",
    "login_refused",
    "login_locked",
    "logged_out",
    "login_revoked",
    "browser_login_allowed",
    "browser_login_denied",
    "password_changed",
    "totp_set",
    "totp_removed",
    "passkey_added",
    "passkey_removed",
    "recovery_codes_made",
    "recovery_code_used",
    "api_token_made",
    "api_token_revoked",
    "person_added",
    "person_changed",
    "team_changed",
    "team_renamed",
    "webhook_added",
    "webhook_changed",
    "webhook_removed",
    "session_stopped",
    "whispered",
    "join_asked",
    "session_taken_over",
]
"""Names of log lines, too. Each is a decision: who asked for what, about whom, and what came of it."""

WARNINGS: frozenset[EventKind] = frozenset({"login_refused", "login_locked"})


@dataclass(frozen=True)
class IdentityEvent:
    """`actor` did it to `subject`; both are user names, or empty where nobody is known. Facts hold no secret."""

    kind: EventKind
    actor: str
    subject: str
    address: str = ""
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)


NoteEvent = Callable[[IdentityEvent], Awaitable[None]]


async def write_to_log(event: IdentityEvent) -> None:
    """What every server does with an event; the broker also keeps them."""
    level = log.warning if event.kind in WARNINGS else log.info
    level(event.kind, actor=event.actor, user=event.subject or None, address=event.address or None, **event.facts)
