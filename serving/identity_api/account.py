"""What everybody may do about their own account: logins, password, one-time numbers, recovery codes.

GET    /v1/logins                where I am logged in
DELETE /v1/logins                log out everywhere else
DELETE /v1/logins/{id}           log out there
POST   /v1/account/password      a new password
POST   /v1/account/totp          begin: a secret for an authenticator app; nothing has changed yet
PUT    /v1/account/totp          the app's first number proves that it has the secret: from now on it is asked for
DELETE /v1/account/totp          no one-time number from now on
POST   /v1/account/recovery-codes   ten new ones, shown once

Whoever changes how they log in types their password again: a page that was left open is not its owner.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as PathParameter
from pydantic import BaseModel, StringConstraints

from protocol.errors import InputError, RefusedError
from serving.http.encoding import Strict
from serving.identity.events import EventKind, IdentityEvent
from serving.identity.login import Caller
from serving.identity.passwords import check_new_password
from serving.identity.roles import ACCOUNT
from serving.identity.tokens import LoginFacts, LoginMethod
from serving.identity.totp import matching_step, new_totp_secret, totp_uri
from serving.identity.users import User
from serving.identity_api.caller import TheCaller, needs
from serving.identity_api.devices import visit_of
from serving.identity_api.services import SignInServices, TheSignIn

router = APIRouter(prefix="/v1", dependencies=[needs(ACCOUNT)])

TokenHash = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{64}$")]
TypedPassword = Annotated[str, StringConstraints(max_length=1024)]


class LoginUnknown(RefusedError):
    sentence = "There is no such login, or it has ended already."


class NumberWrong(InputError):
    """The secret is not kept before an app has proved that it has it: nobody locks themselves out by a slip."""

    sentence = (
        "That is not the number which the app shows for this secret at this moment. Nothing was changed. If it is, set "
        "the phone's clock to the network's time."
    )


class SecondFactorMissing(RefusedError):
    sentence = "Recovery codes stand in for one-time numbers. Set up one-time numbers first."


class LoginEntry(BaseModel):
    """`current` is the login that asks."""

    login_id: str
    method: LoginMethod
    device: str
    address: str
    created_at_ms: int
    last_used_at_ms: int
    expires_at_ms: int
    current: bool


class LoginsAnswer(BaseModel):
    logins: list[LoginEntry]


class EndedAnswer(BaseModel):
    """How many logins ended by this."""

    ended: int


class PasswordChangeBody(Strict):
    password: TypedPassword
    new_password: TypedPassword


class PasswordBody(Strict):
    """The caller's own, once more."""

    password: TypedPassword


class TotpSecretAnswer(BaseModel):
    """`uri` is what an authenticator app takes; `secret` is the part of it that is typed."""

    secret: str
    uri: str


class TotpBody(Strict):
    password: TypedPassword
    secret: Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{32}$")]
    totp: Annotated[str, StringConstraints(max_length=20)]


class RecoveryCodesAnswer(BaseModel):
    codes: list[str]


@router.get("/logins")
async def logins(caller: TheCaller, services: TheSignIn) -> LoginsAnswer:
    """Where one is logged in."""
    return logins_answer(await services.logins.logins_of(caller.user.user_id), caller)


@router.delete("/logins")
async def revoke_others(caller: TheCaller, request: Request, services: TheSignIn) -> EndedAnswer:
    """Logs out everywhere else."""
    ended = 0
    for one in await services.logins.logins_of(caller.user.user_id):
        if one.token_hash != caller.token_hash:
            ended += await revoke(caller, caller.user, one.token_hash, request, services)
    return EndedAnswer(ended=ended)


@router.delete("/logins/{login_id}", status_code=204)
async def revoke_one(login_id: TokenHash, caller: TheCaller, request: Request, services: TheSignIn) -> None:
    """Logs out there."""
    if not await revoke(caller, caller.user, bytes.fromhex(login_id), request, services):
        raise LoginUnknown


@router.post("/account/password", status_code=204)
async def change_password(body: PasswordChangeBody, caller: TheCaller, request: Request, services: TheSignIn) -> None:
    """All other logins end."""
    await services.logins.confirm(caller, body.password, visit_of(request))
    password_hash = await services.passwords.hash(check_new_password(body.new_password))
    await services.users.set_password(caller.user.user_id, password_hash, keep=caller.token_hash)
    await services.cut_off_revoked()
    await note(services, request, "password_changed", caller)


@router.post("/account/totp")
async def begin_totp(caller: TheCaller, services: TheSignIn) -> TotpSecretAnswer:
    """A secret for an authenticator app. Nothing has changed yet."""
    secret = new_totp_secret()
    uri = totp_uri(secret, caller.user.user_name, services.authenticator_name)
    return TotpSecretAnswer(secret=secret, uri=uri)


@router.put("/account/totp")
async def set_totp(body: TotpBody, caller: TheCaller, request: Request, services: TheSignIn) -> RecoveryCodesAnswer:
    """Answers with recovery codes, and ends all other logins."""
    await services.logins.confirm(caller, body.password, visit_of(request))
    if matching_step(body.secret, body.totp.strip(), services.clock.unix_ms()) is None:
        raise NumberWrong
    await services.users.set_totp(caller.user.user_id, body.secret, keep=caller.token_hash)
    await services.cut_off_revoked()
    await note(services, request, "totp_set", caller)
    return await _new_codes(caller, request, services)


@router.delete("/account/totp", status_code=204)
async def remove_totp(body: PasswordBody, caller: TheCaller, request: Request, services: TheSignIn) -> None:
    """No one-time number from now on; recovery codes are worthless then."""
    await services.logins.confirm(caller, body.password, visit_of(request))
    await services.users.set_totp(caller.user.user_id, None, keep=caller.token_hash)
    await services.cut_off_revoked()
    await services.recovery.forget(caller.user)
    await note(services, request, "totp_removed", caller)


@router.post("/account/recovery-codes")
async def make_recovery_codes(
    body: PasswordBody, caller: TheCaller, request: Request, services: TheSignIn
) -> RecoveryCodesAnswer:
    """Those of before are good no more."""
    await services.logins.confirm(caller, body.password, visit_of(request))
    if not caller.user.has_totp:
        raise SecondFactorMissing
    return await _new_codes(caller, request, services)


def logins_answer(found: Sequence[LoginFacts], caller: Caller[Any]) -> LoginsAnswer:
    return LoginsAnswer(
        logins=[
            LoginEntry(
                login_id=one.token_hash.hex(),
                method=one.method,
                device=one.device,
                address=one.address,
                created_at_ms=one.created_at_ms,
                last_used_at_ms=one.last_used_at_ms,
                expires_at_ms=one.expires_at_ms,
                current=one.token_hash == caller.token_hash,
            )
            for one in found
        ]
    )


async def revoke(
    caller: Caller[Any], of: User, token_hash: bytes | None, request: Request, services: SignInServices
) -> int:
    """One login of somebody or all of them, and whatever goes on under them; answers how many that ended."""
    ended = await services.logins.revoke(caller.user, of, token_hash, visit_of(request))
    await services.cut_off_revoked()
    return len(ended)


async def note(
    services: SignInServices,
    request: Request,
    kind: EventKind,
    caller: Caller[Any],
    subject: str = "",
    **facts: str | int | bool,
) -> None:
    """What the caller did to somebody; to themselves where nobody is named."""
    actor = caller.user.user_name
    await services.events.note(IdentityEvent(kind, actor, subject or actor, visit_of(request).address, facts))


async def _new_codes(caller: Caller[Any], request: Request, services: SignInServices) -> RecoveryCodesAnswer:
    codes = await services.recovery.make(caller.user, services.clock.unix_ms())
    await note(services, request, "recovery_codes_made", caller)
    return RecoveryCodesAnswer(codes=codes)
