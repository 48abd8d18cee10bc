"""What a user is, the rules for names, and the store that must exist."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from protocol.errors import InputError, RefusedError
from serving.identity.roles import NotAllowed

_USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_MAX_TEXT = 64
"""X.520's upper bound for names and serial numbers: these texts go into certificates."""

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories: controls and bidi marks could make one name look like another."""


class UserNameUnusable(InputError):
    sentence = "The user name {user_name} cannot be used. Take 1 to 63 of a-z, 0-9, dot, dash and underscore."


class UserTextUnusable(InputError):
    sentence = "The {field} must be 1 to 64 visible characters."


class UserExists(RefusedError):
    sentence = "There is a user with that {field} already: {value}."


class ChangedMeanwhile(RefusedError):
    """Two edit the same person: the second has not seen what the first did."""

    sentence = (
        "{user_name} was changed by somebody else in the meantime. Look again, and repeat your change if need be."
    )


class UserUnknown(RefusedError):
    sentence = "There is no user {user_name}. `{command} user list` shows them."


@dataclass(frozen=True)
class User:
    """What every server knows of somebody who logs in; each adds what they may do. No secret is in here."""

    user_id: int
    user_name: str
    name: str
    disabled: bool
    has_totp: bool
    created_at_ms: int
    role: str
    version: int = 1
    has_password: bool = True
    """False for whoever came by a provider, and signs in otherwise for ever."""

    @property
    def permissions(self) -> frozenset[str]:
        """What the role allows: each server's own table."""
        return frozenset()

    def refusal(self) -> RefusedError:
        """Why something is not allowed that the permissions do not have."""
        return NotAllowed(role=self.role)


U_co = TypeVar("U_co", bound=User, covariant=True)


@dataclass(frozen=True)
class Credentials:
    """What a login is checked against. `totp_step` is the last time step whose number was used."""

    password_hash: str
    totp_secret: str | None
    totp_step: int

    def __repr__(self) -> str:
        return "Credentials(…)"


class UserStore(Protocol[U_co]):
    """Each method returns when its change is on the disk."""

    async def all(self) -> Sequence[U_co]: ...

    async def disabled(self) -> set[int]:
        """Their user ids."""
        ...

    async def find(self, user_name: str) -> "tuple[U_co, Credentials] | None": ...

    async def set_password(self, user_id: int, password_hash: str, *, keep: bytes | None = None) -> None:
        """Also ends all the user's logins, but the one whose token has the hash `keep`."""
        ...

    async def set_disabled(self, user_id: int, disabled: bool) -> None:
        """Disabling also ends all the user's logins."""
        ...

    async def set_totp(self, user_id: int, secret: str | None, *, keep: bytes | None = None) -> None:
        """Ends logins as `set_password` does."""
        ...

    async def use_totp_step(self, user_id: int, step: int) -> bool:
        """False if that step or a later one was used before: one number logs in once, also when two race."""
        ...


def check_user_name(text: str) -> str:
    """The name in the form that is kept. Raises UserNameUnusable."""
    user_name = unicodedata.normalize("NFKC", text).strip().lower()
    if not _USER_NAME.fullmatch(user_name):
        raise UserNameUnusable(user_name=repr(text[:80]))
    return user_name


def check_shown_text(text: str, field: str) -> str:
    """A text that customers will read on their consent screen. Raises UserTextUnusable."""
    shown = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(shown) <= _MAX_TEXT or any(unicodedata.category(c) in _INVISIBLE for c in shown):
        raise UserTextUnusable(field=field)
    return shown
