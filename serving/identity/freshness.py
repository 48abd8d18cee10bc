"""Is it still the owner who sits there? What gives lasting power asks for a sign-in that is only minutes old."""

from typing import TypeVar

from protocol.errors import RefusedError
from serving.identity.login import Caller
from serving.identity.tokens import LoginMethod
from serving.identity.users import User

U = TypeVar("U", bound=User)

LASTING_MINUTES = 10
"""How old a sign-in may be with which somebody makes what opens the door later: a passkey, an API token."""

SHOWS_NOBODY: frozenset[LoginMethod] = frozenset({"oidc"})
"""An OpenID provider may have let somebody through whom it has asked for nothing since the morning."""


class FreshSignInNeeded(RefusedError):
    sentence = "Confirm that it is you: this needs a sign-in of the last {minutes} minutes. Sign in again."


def is_fresh(caller: Caller[U], now_ms: int, minutes: int) -> bool:
    return caller.method not in SHOWS_NOBODY and now_ms - caller.logged_in_at_ms < minutes * 60_000


def check_fresh(caller: Caller[U], now_ms: int, minutes: int) -> None:
    """Raises FreshSignInNeeded. 0 minutes: any login will do."""
    if minutes and not is_fresh(caller, now_ms, minutes):
        raise FreshSignInNeeded(minutes=minutes)
