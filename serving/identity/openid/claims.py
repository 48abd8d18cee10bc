"""Who somebody is, and what they may be here, out of what the provider says of them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from protocol.errors import RefusedError
from serving.identity.users import (
    UserNameUnusable,
    UserTextUnusable,
    check_shown_text,
    check_user_name,
)

MAX_GROUPS = 1000

PROVIDER = "openid-provider"
"""Who did it, in events that come of this."""

R = TypeVar("R", bound=str)


class ClaimMissing(RefusedError):
    """The provider knows the person, and says too little of them."""

    sentence = "Your organisation's sign-in does not say your {claim} so that it can be used. Tell your administrator."


@dataclass(frozen=True)
class ClaimNames:
    """Which claims say what; providers differ."""

    user_name: str = "preferred_username"
    name: str = "name"
    staff_number: str | None = "staff_number"
    """None: nobody asks for one."""
    groups: str = "groups"

    def missing_in(self, claims: Mapping[str, Any]) -> bool:
        wanted = (self.user_name, self.name, self.staff_number, self.groups)
        return any(claim not in claims for claim in wanted if claim is not None)


@dataclass(frozen=True)
class ProviderPerson:
    """`issuer` and `subject` name the person for ever; all the rest may change (Core 1.0, section 5.7)."""

    issuer: str
    subject: str
    user_name: str
    name: str
    staff_number: str
    groups: frozenset[str]


def person_of(claims: Mapping[str, Any], names: ClaimNames) -> ProviderPerson:
    """Raises ClaimMissing."""
    return ProviderPerson(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        user_name=_user_name(claims, names.user_name),
        name=_shown(claims, names.name, "name"),
        staff_number=_shown(claims, names.staff_number, "staff number") if names.staff_number else "",
        groups=_groups(claims.get(names.groups)),
    )


def first_of(groups: frozenset[str], pairs: Sequence[tuple[str, R]]) -> R | None:
    """What somebody's groups make them here: of the pairs of group and role, or team, the first that fits."""
    return next((made for group, made in pairs if group in groups), None)


def _user_name(claims: Mapping[str, Any], claim: str) -> str:
    # Many providers say an e-mail address: what stands before its sign is the name.
    value = claims.get(claim)
    try:
        return check_user_name(value.partition("@")[0] if isinstance(value, str) else "")
    except UserNameUnusable:
        raise ClaimMissing(claim="user name") from None


def _shown(claims: Mapping[str, Any], claim: str, field: str) -> str:
    value = claims.get(claim)
    # Some directories keep staff numbers as numbers.
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    try:
        return check_shown_text(text, field)
    except UserTextUnusable:
        raise ClaimMissing(claim=field) from None


def _groups(value: object) -> frozenset[str]:
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(one for one in listed[:MAX_GROUPS] if isinstance(one, str))
