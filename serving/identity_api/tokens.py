"""API tokens of whoever asks, and for administrators those of everybody.

GET    /v1/tokens        what there is, and when each was last used
POST   /v1/tokens        a new one, shown in the answer and never again
DELETE /v1/tokens/{id}   good no more
GET    /v1/all-tokens    everybody's
GET    /v1/people/{user}/tokens        somebody's
DELETE /v1/people/{user}/tokens/{id}   one of theirs is good no more

Whoever makes one types their password again, or has signed in minutes ago: a page that was left open is not its owner.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints

from serving.http.encoding import Strict
from serving.identity.api_tokens import LIFE_LIMIT_DAYS, ApiToken
from serving.identity.freshness import LASTING_MINUTES, check_fresh
from serving.identity.roles import ACCOUNT, PEOPLE
from serving.identity_api.account import TokenHash, TypedPassword, note
from serving.identity_api.caller import TheCaller, needs
from serving.identity_api.devices import visit_of
from serving.identity_api.logins_of_people import UserName, find_person
from serving.identity_api.services import TheSignIn

router = APIRouter(prefix="/v1")
OWN = [needs(ACCOUNT)]
OTHERS = [needs(PEOPLE)]

PERMISSION_LIMIT_CHARACTERS = 40
PERMISSIONS_LIMIT = 50
"""More than any server's table has."""


class TokenBody(Strict):
    """What a token may do is part of what its maker may: see `grantable` of the list. `password` is the caller's own;
    whoever has signed in during the last ten minutes may leave it out."""

    password: TypedPassword | None = None
    name: Annotated[str, StringConstraints(max_length=200)]
    permissions: Annotated[
        list[Annotated[str, StringConstraints(max_length=PERMISSION_LIMIT_CHARACTERS)]],
        Field(max_length=PERMISSIONS_LIMIT),
    ]
    days: Annotated[int, Field(ge=1, le=LIFE_LIMIT_DAYS)]


class TokenEntry(BaseModel):
    token_id: str
    name: str
    permissions: list[str]
    created_at_ms: int
    expires_at_ms: int
    last_used_at_ms: int | None
    address: str


class OwnedTokenEntry(TokenEntry):
    """`user_name` and `person`: whose it is. `disabled`: they are locked out, so it opens nothing."""

    user_name: str
    person: str
    disabled: bool


class AllTokensAnswer(BaseModel):
    tokens: list[OwnedTokenEntry]


class PersonTokensAnswer(BaseModel):
    tokens: list[TokenEntry]


class TokensAnswer(BaseModel):
    tokens: list[TokenEntry]
    grantable: list[str]


class NewTokenAnswer(BaseModel):
    """`token` is shown here and kept nowhere."""

    token: str
    entry: TokenEntry


@router.get("/all-tokens", dependencies=OTHERS)
async def all_tokens(services: TheSignIn) -> AllTokensAnswer:
    """The API tokens of everybody; the newest first."""
    found = await services.api_tokens.all()
    entries = _entries([token for _, token in found])
    return AllTokensAnswer(
        tokens=[
            OwnedTokenEntry(**vars(entry), user_name=owner.user_name, person=owner.name, disabled=owner.disabled)
            for (owner, _), entry in zip(found, entries, strict=True)
        ]
    )


@router.get("/tokens", dependencies=OWN)
async def tokens(caller: TheCaller, services: TheSignIn) -> TokensAnswer:
    """The caller's API tokens, and what a new one could be given."""
    found = await services.api_tokens.of(caller.user.user_id)
    return TokensAnswer(tokens=_entries(found), grantable=sorted(services.api_tokens.grantable_by(caller.user)))


@router.post("/tokens", dependencies=OWN, status_code=201)
async def make(body: TokenBody, caller: TheCaller, request: Request, services: TheSignIn) -> NewTokenAnswer:
    """Makes an API token. It is shown this once."""
    if body.password is None:
        check_fresh(caller, services.clock.unix_ms(), LASTING_MINUTES)
    else:
        await services.logins.confirm(caller, body.password, visit_of(request))
    token, made = await services.api_tokens.make(caller.user, body.name, body.permissions, body.days)
    await note(services, request, "api_token_made", caller, token=made.name, may=", ".join(sorted(made.permissions)))
    return NewTokenAnswer(token=token, entry=_entries([made])[0])


@router.delete("/tokens/{token_id}", dependencies=OWN, status_code=204)
async def revoke(token_id: TokenHash, caller: TheCaller, request: Request, services: TheSignIn) -> None:
    """Revokes a token."""
    await services.api_tokens.revoke(caller.user.user_id, bytes.fromhex(token_id))
    await note(services, request, "api_token_revoked", caller, token=token_id[:12])


@router.get("/people/{user_name}/tokens", dependencies=OTHERS)
async def tokens_of(user_name: UserName, services: TheSignIn) -> PersonTokensAnswer:
    """The API tokens of somebody."""
    one = await find_person(user_name, services)
    return PersonTokensAnswer(tokens=_entries(await services.api_tokens.of(one.user_id)))


@router.delete("/people/{user_name}/tokens/{token_id}", dependencies=OTHERS, status_code=204)
async def revoke_of(
    user_name: UserName, token_id: TokenHash, caller: TheCaller, request: Request, services: TheSignIn
) -> None:
    """Revokes a token of somebody."""
    one = await find_person(user_name, services)
    await services.api_tokens.revoke(one.user_id, bytes.fromhex(token_id))
    await note(services, request, "api_token_revoked", caller, one.user_name, token=token_id[:12])


def _entries(found: Sequence[ApiToken]) -> list[TokenEntry]:
    return [
        TokenEntry(
            token_id=one.token_hash.hex(),
            name=one.name,
            permissions=sorted(one.permissions),
            created_at_ms=one.created_at_ms,
            expires_at_ms=one.expires_at_ms,
            last_used_at_ms=one.last_used_at_ms,
            address=one.address,
        )
        for one in found
    ]
