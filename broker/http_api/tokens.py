"""API tokens of whoever asks, and for administrators those of everybody.

GET    /v1/tokens        what there is, and when each was last used
POST   /v1/tokens        a new one, shown in the answer and never again; asks for the password
DELETE /v1/tokens/{id}   good no more
GET    /v1/all-tokens    everybody's; /v1/people/{user_name}/tokens/{id} revokes one of them
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.organisation.api_tokens import LIFE_LIMIT_DAYS, ApiToken
from broker.organisation.people import TOKENS_MAY, Permission
from serving.http.encoding import Strict, word_of
from serving.identity_api.account import TokenHash, TypedPassword, note
from serving.identity_api.devices import visit_of

router = APIRouter(prefix="/v1")
OWN = [needs(Permission.ACCOUNT)]


class TokenBody(Strict):
    """What a token may do is part of what its maker may: see `grantable` of the list."""

    password: TypedPassword
    name: Annotated[str, StringConstraints(max_length=200)]
    permissions: Annotated[list[Annotated[Permission, word_of(Permission)]], Field(max_length=len(Permission))]
    days: Annotated[int, Field(ge=1, le=LIFE_LIMIT_DAYS)]


class TokenEntry(BaseModel):
    token_id: str
    name: str
    permissions: list[Permission]
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


class TokensAnswer(BaseModel):
    tokens: list[TokenEntry]
    grantable: list[Permission]


class NewTokenAnswer(BaseModel):
    """`token` is shown here and kept nowhere."""

    token: str
    entry: TokenEntry


@router.get("/all-tokens", dependencies=[needs(Permission.PEOPLE)])
async def all_tokens(services: TheServices) -> AllTokensAnswer:
    """The API tokens of everybody; the newest first."""
    found = await services.api_tokens.all()
    entries = token_entries([token for _, token in found])
    return AllTokensAnswer(
        tokens=[
            OwnedTokenEntry(**vars(entry), user_name=owner.user_name, person=owner.name, disabled=owner.disabled)
            for (owner, _), entry in zip(found, entries, strict=True)
        ]
    )


@router.get("/tokens", dependencies=OWN)
async def tokens(caller: TheCaller, services: TheServices) -> TokensAnswer:
    """The caller's API tokens, and what a new one could be given."""
    found = await services.api_tokens.of(caller.user.user_id)
    return TokensAnswer(tokens=token_entries(found), grantable=sorted(caller.user.permissions & TOKENS_MAY))


@router.post("/tokens", dependencies=OWN, status_code=201)
async def make(body: TokenBody, caller: TheCaller, request: Request, services: TheServices) -> NewTokenAnswer:
    """Makes an API token. It is shown this once."""
    await services.logins.confirm(caller, body.password, visit_of(request))
    token, made = await services.api_tokens.make(caller.user, body.name, body.permissions, body.days)
    await note(services, request, "api_token_made", caller, token=made.name, may=", ".join(sorted(made.permissions)))
    return NewTokenAnswer(token=token, entry=token_entries([made])[0])


@router.delete("/tokens/{token_id}", dependencies=OWN, status_code=204)
async def revoke(token_id: TokenHash, caller: TheCaller, request: Request, services: TheServices) -> None:
    """Revokes a token."""
    await services.api_tokens.revoke(caller.user.user_id, bytes.fromhex(token_id))
    await note(services, request, "api_token_revoked", caller, token=token_id[:12])


def token_entries(found: Sequence[ApiToken]) -> list[TokenEntry]:
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
