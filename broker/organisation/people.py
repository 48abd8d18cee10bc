"""What each of an organisation's people may do at the broker: one table, which every route and websocket asks.

The audit service has people and a table of its own (`audit/service/people.py`): whoever reviews works there, and here
has no more than an account.
"""

from enum import StrEnum
from typing import Literal

from serving.identity import roles

Role = Literal["engineer", "supervisor", "reviewer", "external-reviewer", "administrator"]


class Permission(StrEnum):
    """`own` means: of sessions that they took part in."""

    ACCOUNT = roles.ACCOUNT
    """Their own account: password, second factor, logins, API tokens."""
    CONNECT = "connect"
    """Take a customer's code, and get a certificate for it."""
    SESSIONS = "sessions"
    """List and read own sessions, their notes and proofs."""
    NOTES = "notes"
    """Write notes about own sessions."""
    WHISPER = "whisper"
    """Whisper to the staff of own sessions that run: the customer does not read it."""
    QUEUE = "queue"
    """See who waits for help, and put requests there; with `connect`, take them."""
    END = "end"
    """End own sessions."""
    ALL_SESSIONS = "all-sessions"
    """Whatever they may do with own sessions, with everybody's."""
    HEALTH = "health"
    """See the profile in force, the log, its witnesses, the disk."""
    EVENTS = roles.EVENTS
    """Read what was decided about people and their logins."""
    WEBHOOKS = "webhooks"
    """Say which systems are told of sessions and ratings."""
    PEOPLE = roles.PEOPLE
    """Add people, change their roles, lock them out, end their logins and revoke their tokens."""


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    "engineer": frozenset(
        {
            Permission.ACCOUNT,
            Permission.CONNECT,
            Permission.SESSIONS,
            Permission.NOTES,
            Permission.WHISPER,
            Permission.QUEUE,
            Permission.END,
        }
    ),
    "supervisor": frozenset(
        {
            Permission.ACCOUNT,
            Permission.CONNECT,
            Permission.SESSIONS,
            Permission.NOTES,
            Permission.WHISPER,
            Permission.QUEUE,
            Permission.END,
            Permission.ALL_SESSIONS,
            Permission.HEALTH,
        }
    ),
    "reviewer": frozenset({Permission.ACCOUNT}),
    "external-reviewer": frozenset({Permission.ACCOUNT}),
    "administrator": frozenset(
        {Permission.ACCOUNT, Permission.HEALTH, Permission.EVENTS, Permission.WEBHOOKS, Permission.PEOPLE}
    ),
}
"""An administrator takes no codes: whoever does both has two accounts, and the log tells them apart."""

UNTIL_OWN_PASSWORD: frozenset[Permission] = frozenset({Permission.ACCOUNT})
"""Of somebody who logs in with a password that an administrator was shown."""

TOKENS_MAY: frozenset[Permission] = frozenset(
    {
        Permission.SESSIONS,
        Permission.NOTES,
        Permission.QUEUE,
        Permission.END,
        Permission.ALL_SESSIONS,
        Permission.HEALTH,
        Permission.EVENTS,
    }
)
"""What an API token can be given at most. No program comes to customers, or makes people or further tokens."""
