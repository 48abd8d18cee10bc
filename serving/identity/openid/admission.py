"""Who of an OpenID provider's people may work here, and who they are."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog

from protocol.errors import RefusedError
from serving.clock import Clock
from serving.identity.events import IdentityEvent, NoteEvent
from serving.identity.openid.claims import PROVIDER, ProviderPerson, first_of
from serving.identity.openid.sign_in import ProviderSignIn
from serving.identity.passkeys import AccountLocked
from serving.identity.settings import HOUR_MS
from serving.identity.tokens import LoginMethod
from serving.identity.users import User, UserExists

log = structlog.get_logger(__name__)

BY_PROVIDER: frozenset[LoginMethod] = frozenset({"oidc", "oidc-fresh"})

U = TypeVar("U", bound=User)
R = TypeVar("R", bound=str)
R_contra = TypeVar("R_contra", bound=str, contravariant=True)


class NoRoleHere(RefusedError):
    sentence = "You have signed in, but none of your groups may work here. Ask your administrator."


class NotAddedHere(RefusedError):
    sentence = "You have signed in, but nobody has added you here. Ask your administrator."


class PersonClashes(RefusedError):
    """Never joined by name alone: whoever may choose a name at the provider could become anybody."""

    sentence = "Somebody here has your user name or staff number already. Ask your administrator to link the two."


class ProviderSignInNeeded(RefusedError):
    """Their role is the provider's word, and that is too old: they may have left the groups that gave it."""

    sentence = "Sign in with {provider} this time: what you may do here was last heard from there {hours} hours ago."


class ProviderPeople(Protocol[U, R_contra]):
    """Each method returns when its change is on the disk."""

    async def find(self, issuer: str, subject: str) -> U | None: ...

    async def last_seen(self, issuer: str, user_id: int) -> int | None:
        """When that provider last said who this user is; None: nobody of theirs is this user."""
        ...

    async def seen(self, issuer: str, subject: str, now_ms: int) -> None:
        """The provider has said who they are, and in which groups."""
        ...

    async def add(self, person: ProviderPerson, role: R_contra, now_ms: int) -> U:
        """Raises UserExists."""
        ...

    async def end_logins(self, user_id: int) -> int:
        """All of a user's; answers how many."""
        ...

    def is_up_to_date(self, known: U, person: ProviderPerson, role: R_contra) -> bool:
        """Whether what is kept of somebody is what the provider says."""
        ...

    async def update(self, user_id: int, person: ProviderPerson, role: R_contra) -> U:
        """Also ends all logins of before, as whatever changes what somebody may do. Raises UserExists."""
        ...


Settle = Callable[[U, ProviderPerson, str, NoteEvent], Awaitable[U]]
"""What else a server takes over of the provider's words about whoever comes in from that network address."""


async def nothing_else(user: U, _person: ProviderPerson, _address: str, _note: NoteEvent) -> U:
    return user


@dataclass(frozen=True)
class Admission(Generic[U, R]):
    """`roles` are pairs of a group and the role that it gives; the first of a person's that fits counts."""

    people: ProviderPeople[U, R]
    roles: Sequence[tuple[str, R]]
    adds_people: bool
    clock: Clock
    note: NoteEvent
    settle: Settle[U] = nothing_else

    async def admit(self, person: ProviderPerson, address: str) -> U:
        """Raises NoRoleHere, NotAddedHere, PersonClashes, AccountLocked."""
        user = await self.settle(await self._somebody(person, address), person, address, self.note)
        await self.people.seen(person.issuer, person.subject, self.clock.unix_ms())
        return user

    async def _somebody(self, person: ProviderPerson, address: str) -> U:
        known = await self.people.find(person.issuer, person.subject)
        if known is not None and known.disabled:
            raise AccountLocked(user_name=known.user_name)
        role = first_of(person.groups, self.roles)
        if role is None:
            if known is not None:
                await self._send_away(known, address)
            raise NoRoleHere
        try:
            if known is not None:
                return await self._up_to_date(known, person, role, address)
            if not self.adds_people:
                raise NotAddedHere
            added = await self.people.add(person, role, self.clock.unix_ms())
        except UserExists:
            log.warning("provider_person_clashes", user=person.user_name)
            raise PersonClashes from None
        await self.note(IdentityEvent("person_added", PROVIDER, added.user_name, address, {"role": role}))
        return added

    async def _send_away(self, known: U, address: str) -> None:
        """Whoever may not come in any more keeps no login of before either."""
        if ended := await self.people.end_logins(known.user_id):
            facts: dict[str, str | int | bool] = {"logins": ended, "reason": "no-role-here"}
            await self.note(IdentityEvent("login_revoked", PROVIDER, known.user_name, address, facts))

    async def _up_to_date(self, known: U, person: ProviderPerson, role: R, address: str) -> U:
        """The provider's words go before those of before."""
        if self.people.is_up_to_date(known, person, role):
            return known
        changed = await self.people.update(known.user_id, person, role)
        await self.note(IdentityEvent("person_changed", PROVIDER, changed.user_name, address, {"role": role}))
        return changed


@dataclass(frozen=True)
class OpenId(Generic[U]):
    """The organisation's own sign-in: there and back, then who that is here."""

    sign_in: ProviderSignIn
    admission: "Admission[U, Any]"
    patience_seconds: int
    """How long somebody may stay at the provider."""
    name: str
    role_hours: int
    """How old the provider's word about somebody may be when they sign in otherwise; 0: of any age."""

    async def knows(self, user: User) -> bool:
        """Whether the provider can let this user in."""
        return await self._last_seen(user) is not None

    async def check_role(self, user: User, method: LoginMethod) -> None:
        """Raises ProviderSignInNeeded of whoever the provider knows, and comes otherwise, after too long a time."""
        if method in BY_PROVIDER or not self.role_hours:
            return
        seen_at_ms = await self._last_seen(user)
        unseen_ms = 0 if seen_at_ms is None else self.admission.clock.unix_ms() - seen_at_ms
        if unseen_ms >= self.role_hours * HOUR_MS:
            raise ProviderSignInNeeded(provider=self.name, hours=unseen_ms // HOUR_MS)

    async def _last_seen(self, user: User) -> int | None:
        return await self.admission.people.last_seen(self.sign_in.provider.client.issuer, user.user_id)
