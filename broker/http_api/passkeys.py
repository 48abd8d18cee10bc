"""POST /v1/passkey-login/begin, /v1/passkey-login: in, without a password. /v1/passkeys: one's own, with their names.

What a browser's `navigator.credentials` takes and gives travels as JSON in a text: it is the authenticator's, not ours.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from broker.http_api.account import note
from broker.http_api.caller import TheCaller, TheServices, needs
from broker.http_api.devices import visit_of
from broker.http_api.logins import MeAnswer, note_refusal, signed_in
from broker.http_api.origins import check_own_page
from broker.http_api.sign_in_ways import WayOff
from broker.organisation.engineers import Engineer
from broker.organisation.people import Permission
from broker.services import Services
from protocol.errors import RefusedError
from serving.http.encoding import ShortText, Strict
from serving.identity.ceremonies import SEALED_MAX_CHARACTERS
from serving.identity.freshness import check_fresh
from serving.identity.passkeys import CREDENTIAL_LIMIT_CHARACTERS, Passkey, Passkeys

router = APIRouter()

OWN = needs(Permission.ACCOUNT)

ADDING_MINUTES = 10
"""How old a sign-in may be with which somebody adds a passkey."""

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


def _passkeys_of(services: TheServices) -> Passkeys[Engineer]:
    if services.passkeys is None:
        raise WayOff
    return services.passkeys


ThePasskeys = Annotated[Passkeys[Engineer], Depends(_passkeys_of)]


@router.post("/v1/passkey-login/begin")
async def begin_login(request: Request, passkeys: ThePasskeys) -> PasskeyOptionsAnswer:
    """What a passkey has to sign."""
    check_own_page(request)
    return _options(passkeys.begin_sign_in())


@router.post("/v1/passkey-login")
async def log_in(
    body: PasskeyLoginBody, request: Request, response: Response, passkeys: ThePasskeys, services: TheServices
) -> MeAnswer:
    """Signs in with a passkey, in a cookie. For our own pages alone."""
    check_own_page(request)
    return await _log_in(body, request, response, passkeys, services)


@router.get("/v1/passkeys", dependencies=[OWN])
async def all_of_mine(caller: TheCaller, passkeys: ThePasskeys) -> PasskeysAnswer:
    """The caller's passkeys."""
    return PasskeysAnswer(passkeys=[_answer(one) for one in await passkeys.of_user(caller.user)])


@router.post("/v1/passkeys/begin", dependencies=[OWN])
async def begin_registration(caller: TheCaller, passkeys: ThePasskeys, services: TheServices) -> PasskeyOptionsAnswer:
    """Only for whoever has just signed in: a page that was left open would else give a stranger a key to keep."""
    check_fresh(caller, services.clock.unix_ms(), ADDING_MINUTES)
    return _options(await passkeys.begin_registration(caller.user))


@router.post("/v1/passkeys", status_code=201, dependencies=[OWN])
async def register(
    body: PasskeyBody, caller: TheCaller, request: Request, passkeys: ThePasskeys, services: TheServices
) -> PasskeyAnswer:
    """Keeps a new passkey."""
    added = await passkeys.finish_registration(caller.user, body.ceremony, body.credential, body.name)
    await note(services, request, "passkey_added", caller, passkey=added.passkey_id, name=added.name)
    return _answer(added)


@router.post("/v1/passkeys/{passkey_id}/rename", status_code=204, dependencies=[OWN])
async def rename(passkey_id: int, body: PasskeyNameBody, caller: TheCaller, passkeys: ThePasskeys) -> None:
    """Names a passkey."""
    await passkeys.rename(caller.user, passkey_id, body.name)


@router.post("/v1/passkeys/{passkey_id}/remove", status_code=204, dependencies=[OWN])
async def remove(
    passkey_id: int, caller: TheCaller, request: Request, passkeys: ThePasskeys, services: TheServices
) -> None:
    """Forgets a passkey."""
    await passkeys.remove(caller.user, passkey_id)
    await note(services, request, "passkey_removed", caller, passkey=passkey_id)


async def _log_in(
    body: PasskeyLoginBody, request: Request, response: Response, passkeys: Passkeys[Engineer], services: Services
) -> MeAnswer:
    visit = visit_of(request)
    services.logins.begin_attempt(None, visit.address)
    try:
        user = await passkeys.finish_sign_in(body.ceremony, body.credential)
    except RefusedError as error:
        await note_refusal(services, visit, "passkey", error)
        raise
    services.logins.attempt_succeeded(None, visit.address)
    services.metrics.logins.labels("ok").inc()
    return await signed_in(await services.logins.issue(user, "passkey", visit), response, services)


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
