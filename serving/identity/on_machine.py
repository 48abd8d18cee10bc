"""What is done to people at a server's own command line: noted, and shown, like what is done elsewhere."""

import getpass
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from protocol.errors import RefusedError
from serving.clock import SystemClock
from serving.identity.events import EventKind, IdentityEvent
from serving.identity.kept_events import EventStore, KeptEvent
from serving.identity.tokens import LoginFacts, TokenStore
from serving.identity.users import User
from wording import Wording

EVENTS_LIMIT = 100


class LoginNotFound(RefusedError):
    sentence = "{user_name} has no login that begins with {text}. `{command} user logins {user_name}` shows them."


async def note_here(store: EventStore, kind: EventKind, user_name: str, **facts: str | int | bool) -> None:
    """By whoever has an account on this machine: no name of theirs is a user name of the server's."""
    await store.add(IdentityEvent(kind, f"{_own_name()} (local)", user_name, "", facts), SystemClock().unix_ms())


async def end_logins(tokens: TokenStore[Any], one: User, beginning: str | None, *, command: str) -> int:
    """All logins of somebody, or the one whose id begins so; answers how many ended. Raises LoginNotFound.

    `command` is the server's own, for the sentence.
    """
    ended = 0
    for found in await tokens.logins_of(one.user_id, SystemClock().unix_ms()):
        if beginning is None or found.token_hash.hex().startswith(beginning.lower()):
            ended += len(await tokens.revoke(one.user_id, found.token_hash))
    if beginning is not None and not ended:
        raise LoginNotFound(user_name=one.user_name, text=beginning, command=command)
    return ended


def login_document(found: Sequence[LoginFacts]) -> list[dict[str, Any]]:
    """For programs. `login_id` names a login, and opens nothing."""
    facts = [dict(vars(one)) for one in found]
    return [{"login_id": one.pop("token_hash").hex()} | one for one in facts]


def login_line(wording: Wording, one: LoginFacts) -> str:
    return wording.say(
        "identity-login-line",
        login=one.token_hash.hex()[:12],
        device=one.device or "-",
        address=one.address or "-",
        since=_clock(one.created_at_ms),
        used=_clock(one.last_used_at_ms),
    )


def event_document(found: Sequence[KeptEvent]) -> list[dict[str, Any]]:
    return [{"event_id": one.event_id, "at_ms": one.at_ms} | vars(one.event) for one in found]


def event_line(wording: Wording, one: KeptEvent) -> str:
    event = one.event
    facts = "  ".join(f"{name}={value}" for name, value in event.facts.items())
    names = {"actor": event.actor or "-", "user": event.subject or "-", "address": event.address or "-"}
    line = wording.say("identity-event-line", time=_clock(one.at_ms), kind=event.kind, facts=facts, **names)
    return line.rstrip()


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container, a number may be all that there is
        return str(os.getuid())


def _clock(unix_ms: int) -> str:
    return datetime.fromtimestamp(unix_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
