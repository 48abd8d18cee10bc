"""Who of an OpenID provider's people may work here, and who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from broker.organisation.engineers import Engineer
from broker.organisation.people import Role
from protocol.errors import RefusedError
from protocol.grants import Scope
from serving.clock import Clock
from serving.identity.events import IdentityEvent, NoteEvent
from serving.identity.openid.claims import ProviderPerson, first_role
from serving.identity.openid.sign_in import ProviderSignIn
from serving.identity.passkeys import AccountLocked
from serving.identity.users import UserExists

log = structlog.get_logger(__name__)

PROVIDER = "openid-provider"
"""Who did it, in events."""


class NoRoleHere(RefusedError):
    sentence = "You have signed in, but none of your groups may work here. Ask your administrator."


class NotAddedHere(RefusedError):
    sentence = "You have signed in, but nobody has added you here. Ask your administrator."


class PersonClashes(RefusedError):
    """Never joined by name alone: whoever may choose a name at the provider could become anybody."""

    sentence = "Somebody here has your user name or staff number already. Ask your administrator to link the two."


class ProviderPeople(Protocol):
    """Each method returns when its change is on the disk."""

    async def find(self, issuer: str, subject: str) -> Engineer | None: ...

    async def add(self, person: ProviderPerson, role: Role, max_scopes: frozenset[Scope], now_ms: int) -> Engineer:
        """Raises UserExists."""
        ...

    async def update(self, user_id: int, person: ProviderPerson, role: Role) -> Engineer:
        """Also ends all logins of before, as whatever changes what somebody may do. Raises UserExists."""
        ...


@dataclass(frozen=True)
class Admission:
    """`roles` are pairs of a group and the role that it gives; the first of a person's that fits counts."""

    people: ProviderPeople
    roles: Sequence[tuple[str, Role]]
    adds_people: bool
    clock: Clock
    note: NoteEvent

    async def admit(self, person: ProviderPerson, address: str) -> Engineer:
        """Raises NoRoleHere, NotAddedHere, PersonClashes, AccountLocked."""
        known = await self.people.find(person.issuer, person.subject)
        if known is not None and known.disabled:
            raise AccountLocked(user_name=known.user_name)
        role = first_role(person.groups, self.roles)
        if role is None:
            raise NoRoleHere
        try:
            if known is not None:
                return await self._up_to_date(known, person, role, address)
            if not self.adds_people:
                raise NotAddedHere
            added = await self.people.add(person, role, frozenset(Scope), self.clock.unix_ms())
        except UserExists:
            log.warning("provider_person_clashes", user=person.user_name)
            raise PersonClashes from None
        await self.note(IdentityEvent("person_added", PROVIDER, added.user_name, address, {"role": role}))
        return added

    async def _up_to_date(self, known: Engineer, person: ProviderPerson, role: Role, address: str) -> Engineer:
        """The provider's words go before those of before."""
        if (known.name, known.staff_number, known.role) == (person.name, person.staff_number, role):
            return known
        changed = await self.people.update(known.user_id, person, role)
        await self.note(IdentityEvent("person_changed", PROVIDER, changed.user_name, address, {"role": role}))
        return changed


@dataclass(frozen=True)
class OpenId:
    """The organisation's own sign-in: there and back, then who that is here."""

    sign_in: ProviderSignIn
    admission: Admission
    patience_seconds: int
    """How long somebody may stay at the provider."""
