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
from serving.identity.users import User, UserExists

log = structlog.get_logger(__name__)

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


class ProviderPeople(Protocol[U, R_contra]):
    """Each method returns when its change is on the disk."""

    async def find(self, issuer: str, subject: str) -> U | None: ...

    async def is_linked(self, issuer: str, user_id: int) -> bool:
        """Whether somebody of that provider is this user."""
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
        return await self.settle(await self._somebody(person, address), person, address, self.note)

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

    async def knows(self, user: User) -> bool:
        """Whether the provider can let this user in."""
        return await self.admission.people.is_linked(self.sign_in.provider.client.issuer, user.user_id)
