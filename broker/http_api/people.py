"""Everybody who has an account, for administrators.

GET    /v1/people                              the list
POST   /v1/people                              somebody new; answers with their first password, shown once
GET    /v1/people/{user}                       one of them, with an ETag
PATCH  /v1/people/{user}                       name, role, scopes, locked out or not; needs If-Match
PUT    /v1/people/{user}/team                  which team they are in; needs If-Match
POST   /v1/people/{user}/password              a new password, shown once; their logins end
DELETE /v1/people/{user}/totp                  no second factor until they set one up again; their logins end

Nobody changes themselves here: so there is always an administrator left. The very first is made on the machine.
"""

import secrets
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints
from starlette.responses import Response

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.organisation.engineers import Engineer
from broker.organisation.people import Permission, Role
from broker.organisation.teams import added_facts, check_team_or_none
from broker.services import Services
from protocol.errors import RefusedError
from protocol.grants import Scope
from serving.http.encoding import ShortText, Strict, word_of
from serving.http.etags import SeenVersion, give_etag
from serving.identity.login import Caller
from serving.identity.users import check_shown_text, check_user_name
from serving.identity_api.account import note
from serving.identity_api.logins_of_people import PersonUnknown, UserName

router = APIRouter(prefix="/v1/people", dependencies=[needs(Permission.PEOPLE)])

PASSWORD_BYTES = 15
"""20 characters: read over a telephone if it must be, and guessed by nobody."""

TeamText = Annotated[str, StringConstraints(max_length=64)]

Scopes = Annotated[list[Annotated[Scope, word_of(Scope)]], Field(max_length=len(Scope))]


class NotYourself(RefusedError):
    sentence = "Your own account is changed by another administrator, or in “My account”."


class PersonEntry(BaseModel):
    """`version` is the ETag's; `team` is empty for none."""

    user_name: str
    name: str
    staff_number: str
    role: Role
    max_scopes: list[Scope]
    team: str
    disabled: bool
    totp: bool
    created_at_ms: int
    version: int


class PeopleAnswer(BaseModel):
    people: list[PersonEntry]


class PersonBody(Strict):
    """Somebody new. `max_scopes` are the most that their certificates allow; `team` is empty for none."""

    user_name: UserName
    name: ShortText
    staff_number: ShortText
    role: Role
    max_scopes: Scopes
    team: TeamText = ""


class PersonChangeBody(Strict):
    """All of it, as it is to be: an editor sees all of it, too."""

    name: ShortText
    role: Role
    max_scopes: Scopes
    disabled: bool


class TeamOfBody(Strict):
    """Empty: in none."""

    team: TeamText


class NewPersonAnswer(BaseModel):
    """`password` is shown here and kept nowhere."""

    person: PersonEntry
    password: str


class NewPasswordAnswer(BaseModel):
    password: str


@router.get("")
async def people(services: TheServices) -> PeopleAnswer:
    """Everybody who has an account."""
    return PeopleAnswer(people=[_entry(one) for one in await services.users.all()])


@router.post("", status_code=201)
async def add(body: PersonBody, caller: TheCaller, request: Request, services: TheServices) -> NewPersonAnswer:
    """Adds somebody, and answers with a first password, once."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    added = await services.users.add(
        user_name=check_user_name(body.user_name),
        name=check_shown_text(body.name, "name"),
        staff_number=check_shown_text(body.staff_number, "staff number"),
        role=body.role,
        max_scopes=frozenset(body.max_scopes),
        password_hash=await services.passwords.hash(password),
        created_at_ms=services.clock.unix_ms(),
        password_provisional=True,
        team=check_team_or_none(body.team),
    )
    await note(services, request, "person_added", caller, added.user_name, **added_facts(added))
    return NewPersonAnswer(person=_entry(added), password=password)


@router.get("/{user_name}")
async def person(user_name: UserName, response: Response, services: TheServices) -> PersonEntry:
    """One person, with the ETag that a change needs."""
    one = await _person(user_name, services)
    give_etag(response, one.version)
    return _entry(one)


@router.patch("/{user_name}")
async def change(
    user_name: UserName,
    body: PersonChangeBody,
    seen: SeenVersion,
    caller: TheCaller,
    request: Request,
    response: Response,
    services: TheServices,
) -> PersonEntry:
    """Ends their logins, and whatever goes on under them. Raises VersionMissing, ChangedMeanwhile."""
    one = await _somebody_else(user_name, caller, services)
    await services.users.change(
        one,
        seen,
        name=check_shown_text(body.name, "name"),
        role=body.role,
        max_scopes=frozenset(body.max_scopes),
        disabled=body.disabled,
    )
    await _cut_off(one, services)
    await note(services, request, "person_changed", caller, one.user_name, role=body.role, disabled=body.disabled)
    changed = await _person(user_name, services)
    give_etag(response, changed.version)
    return _entry(changed)


@router.put("/{user_name}/team")
async def set_team(
    user_name: UserName,
    body: TeamOfBody,
    seen: SeenVersion,
    caller: TheCaller,
    request: Request,
    response: Response,
    services: TheServices,
) -> PersonEntry:
    """Ends no login. Sessions of before stay with the team of then. Raises VersionMissing, ChangedMeanwhile,
    TeamNameUnusable."""
    one = await _somebody_else(user_name, caller, services)
    changed = await services.users.set_team(one, check_team_or_none(body.team), seen)
    await note(services, request, "team_changed", caller, one.user_name, team=changed.team, team_before=one.team)
    give_etag(response, changed.version)
    return _entry(changed)


@router.post("/{user_name}/password")
async def reset_password(
    user_name: UserName, caller: TheCaller, request: Request, services: TheServices
) -> NewPasswordAnswer:
    """A new password, shown once; all logins of theirs end."""
    one = await _somebody_else(user_name, caller, services)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    password_hash = await services.passwords.hash(password)
    await services.users.set_password(one.user_id, password_hash, provisional=True)
    await _cut_off(one, services)
    await note(services, request, "password_changed", caller, one.user_name)
    return NewPasswordAnswer(password=password)


@router.delete("/{user_name}/totp", status_code=204)
async def reset_totp(user_name: UserName, caller: TheCaller, request: Request, services: TheServices) -> None:
    """No second factor from now on: for somebody who has lost theirs."""
    one = await _somebody_else(user_name, caller, services)
    await services.users.set_totp(one.user_id, None)
    await services.recovery.forget(one)
    await _cut_off(one, services)
    await note(services, request, "totp_removed", caller, one.user_name)


async def _person(user_name: str, services: Services) -> Engineer:
    found = await services.users.find(user_name)
    if found is None:
        raise PersonUnknown
    return found[0]


async def _somebody_else(user_name: str, caller: Caller[Engineer], services: Services) -> Engineer:
    one = await _person(user_name, services)
    if one.user_id == caller.user.user_id:
        raise NotYourself
    return one


async def _cut_off(one: Engineer, services: Services) -> None:
    """Also from sessions that they paired in under a login which has expired since."""
    await services.cut_off_revoked()
    services.sessions.shut_out(one.user_id)


def _entry(one: Engineer) -> PersonEntry:
    return PersonEntry(
        user_name=one.user_name,
        name=one.name,
        staff_number=one.staff_number,
        role=one.role,
        max_scopes=[scope for scope in Scope if scope in one.max_scopes],
        team=one.team,
        disabled=one.disabled,
        totp=one.has_totp,
        created_at_ms=one.created_at_ms,
        version=one.version,
    )
