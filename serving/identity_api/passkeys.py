"""POST /v1/passkey-login/begin: in, without a password; ends at /v1/passkey-login, which each server has.
/v1/passkeys: one's own, with their names.

What a browser's `navigator.credentials` takes and gives travels as JSON in a text: it is the authenticator's, not ours.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, StringConstraints

from protocol.errors import RefusedError
from serving.http.encoding import ShortText, Strict
from serving.http.numbers import RowNumber
from serving.identity.ceremonies import SEALED_MAX_CHARACTERS
from serving.identity.freshness import LASTING_MINUTES, check_fresh
from serving.identity.login import Login
from serving.identity.passkeys import CREDENTIAL_LIMIT_CHARACTERS, Passkey, Passkeys
from serving.identity.roles import ACCOUNT
from serving.identity_api.account import note
from serving.identity_api.caller import TheCaller, needs
from serving.identity_api.devices import visit_of
from serving.identity_api.logins import note_refusal
from serving.identity_api.services import ThePages, TheSignIn
from serving.identity_api.sign_in_ways import WayOff

router = APIRouter()

OWN = needs(ACCOUNT)

CeremonyText = Annotated[str, StringConstraints(max_length=SEALED_MAX_CHARACTERS)]
CredentialText = Annotated[str, StringConstraints(max_length=CREDENTIAL_LIMIT_CHARACTERS)]


class PasskeyOptionsAnswer(BaseModel):
    """`options` is JSON; `ceremony` comes back with what the browser made of them."""

    ceremony: str
    options: str


class PasskeyLoginBody(Strict):
    ceremony: CeremonyText
    credential: CredentialText


class PasskeyBody(Strict):
    ceremony: CeremonyText
    credential: CredentialText
    name: ShortText


class PasskeyNameBody(Strict):
    name: ShortText


class PasskeyAnswer(BaseModel):
    passkey_id: int
    name: str
    synced: bool
    created_at_ms: int
    last_used_at_ms: int | None


class PasskeysAnswer(BaseModel):
    passkeys: list[PasskeyAnswer]


def _passkeys_of(services: TheSignIn) -> Passkeys[Any]:
    if services.passkeys is None:
        raise WayOff
    return services.passkeys


ThePasskeys = Annotated[Passkeys[Any], Depends(_passkeys_of)]


@router.post("/v1/passkey-login/begin")
async def begin_login(request: Request, pages: ThePages, passkeys: ThePasskeys) -> PasskeyOptionsAnswer:
    """What a passkey has to sign."""
    pages.check_own_page(request)
    return _options(passkeys.begin_sign_in())


async def passkey_login(
    body: PasskeyLoginBody, request: Request, pages: ThePages, passkeys: ThePasskeys, services: TheSignIn
) -> Login[Any]:
    """For `Depends`: who signs in with a passkey. Raises OriginForeign, CeremonyOver, PasskeyRefused, LoginLocked, …"""
    pages.check_own_page(request)
    visit = visit_of(request)
    services.logins.begin_attempt(None, visit.address)
    try:
        user = await passkeys.finish_sign_in(body.ceremony, body.credential)
    except RefusedError as error:
        await note_refusal(services, visit, "passkey", error)
        raise
    services.logins.attempt_succeeded(None, visit.address)
    login: Login[Any] = await services.logins.issue(user, "passkey", visit)
    services.count_login("ok")
    return login


ByPasskey = Annotated[Login[Any], Depends(passkey_login)]


@router.get("/v1/passkeys", dependencies=[OWN])
async def all_of_mine(caller: TheCaller, passkeys: ThePasskeys) -> PasskeysAnswer:
    """The caller's passkeys."""
    return PasskeysAnswer(passkeys=[_answer(one) for one in await passkeys.of_user(caller.user)])


@router.post("/v1/passkeys/begin", dependencies=[OWN])
async def begin_registration(caller: TheCaller, passkeys: ThePasskeys, services: TheSignIn) -> PasskeyOptionsAnswer:
    """Only for whoever has just signed in: a page that was left open would else give a stranger a key to keep."""
    check_fresh(caller, services.clock.unix_ms(), LASTING_MINUTES)
    return _options(await passkeys.begin_registration(caller.user))


@router.post("/v1/passkeys", status_code=201, dependencies=[OWN])
async def register(
    body: PasskeyBody, caller: TheCaller, request: Request, passkeys: ThePasskeys, services: TheSignIn
) -> PasskeyAnswer:
    """Keeps a new passkey."""
    added = await passkeys.finish_registration(caller.user, body.ceremony, body.credential, body.name)
    await note(services, request, "passkey_added", caller, passkey=added.passkey_id, name=added.name)
    return _answer(added)


@router.post("/v1/passkeys/{passkey_id}/rename", status_code=204, dependencies=[OWN])
async def rename(passkey_id: RowNumber, body: PasskeyNameBody, caller: TheCaller, passkeys: ThePasskeys) -> None:
    """Names a passkey."""
    await passkeys.rename(caller.user, passkey_id, body.name)


@router.post("/v1/passkeys/{passkey_id}/remove", status_code=204, dependencies=[OWN])
async def remove(
    passkey_id: RowNumber, caller: TheCaller, request: Request, passkeys: ThePasskeys, services: TheSignIn
) -> None:
    """Forgets a passkey."""
    has_password = caller.user.has_password and services.settings.password_login
    by_provider = services.openid is not None and await services.openid.knows(caller.user)
    await passkeys.remove(caller.user, passkey_id, is_only_way=not has_password and not by_provider)
    await note(services, request, "passkey_removed", caller, passkey=passkey_id)


def _options(begun: tuple[str, str]) -> PasskeyOptionsAnswer:
    ceremony, options = begun
    return PasskeyOptionsAnswer(ceremony=ceremony, options=options)


def _answer(passkey: Passkey) -> PasskeyAnswer:
    return PasskeyAnswer(
        passkey_id=passkey.passkey_id,
        name=passkey.name,
        synced=passkey.synced,
        created_at_ms=passkey.created_at_ms,
        last_used_at_ms=passkey.last_used_at_ms,
    )
