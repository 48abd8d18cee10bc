"""POST /v1/login, POST /v1/browser-login, POST /v1/logout, GET /v1/me.

A program gets its token in the answer; a browser gets it in a cookie that no script can read.
"""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.http_api.devices import visit_of
from broker.http_api.origins import check_own_page, give_cookie, take_cookie
from broker.http_api.problems import PROBLEMS
from broker.http_api.sign_in_ways import WayOff
from broker.organisation.engineers import Engineer
from broker.organisation.people import Permission, Role
from broker.services import Services
from protocol.errors import ConsentryError, RefusedError
from serving.http.encoding import Strict
from serving.identity.events import IdentityEvent
from serving.identity.login import Caller, Login
from serving.identity.tokens import LoginMethod, Visit

router = APIRouter()


class LoginBody(Strict):
    """`totp` only for users who have it; without it they are told so once their password was right."""

    user_name: Annotated[str, StringConstraints(max_length=200)]
    password: Annotated[str, StringConstraints(max_length=1024)]
    totp: Annotated[str, StringConstraints(max_length=20)] | None = None


class LoginAnswer(BaseModel):
    token: str
    expires_at_ms: int
    user_name: str
    name: str
    staff_number: str
    organisation: str


class MeAnswer(BaseModel):
    """`permissions` are those of the role, or of the API token that asks; `recovery_codes` are left.

    `password_provisional`: an administrator has seen it, and nothing but a new one is possible until there is one.
    """

    user_name: str
    name: str
    staff_number: str
    organisation: str
    role: Role
    permissions: list[Permission]
    max_scopes: list[str]
    totp: bool
    recovery_codes: int
    password_provisional: bool
    method: LoginMethod
    expires_at_ms: int


@router.post("/v1/login")
async def log_in(body: LoginBody, request: Request, services: TheServices) -> LoginAnswer:
    """A token for a program. Where the account has a second factor, `totp` is asked for once the password was right."""
    login = await _log_in(body, request, services)
    return login_answer(login, services)


@router.post("/v1/browser-login")
async def log_in_browser(body: LoginBody, request: Request, response: Response, services: TheServices) -> MeAnswer:
    """For our own pages alone: another site could otherwise sign somebody in as somebody else."""
    check_own_page(request)
    return await signed_in(await _log_in(body, request, services), response, services)


@router.post("/v1/logout", status_code=204, dependencies=[needs(Permission.ACCOUNT)])
async def log_out(caller: TheCaller, request: Request, response: Response, services: TheServices) -> None:
    """Ends the login that asks."""
    await services.logins.logout(caller, visit_of(request))
    take_cookie(response)


@router.get("/v1/me")
async def me(caller: TheCaller, services: TheServices) -> MeAnswer:
    """Who asks, and what they may do."""
    return await _me(caller, services)


def login_answer(login: Login[Engineer], services: Services) -> LoginAnswer:
    return LoginAnswer(
        token=login.token,
        expires_at_ms=login.expires_at_ms,
        user_name=login.user.user_name,
        name=login.user.name,
        staff_number=login.user.staff_number,
        organisation=services.organisation.profile.organisation,
    )


async def _log_in(body: LoginBody, request: Request, services: Services) -> Login[Engineer]:
    if not services.settings.password_login:
        raise WayOff
    try:
        login = await services.logins.login(body.user_name, body.password, body.totp, visit_of(request))
    except RefusedError:
        services.metrics.logins.labels("refused").inc()
        raise
    services.metrics.logins.labels("ok").inc()
    return login


async def signed_in(login: Login[Engineer], response: Response, services: Services) -> MeAnswer:
    """The end of every way to sign in with a browser."""
    give_cookie(response, login.token, (login.expires_at_ms - services.clock.unix_ms()) // 1000)
    return await _me(Caller(login.user, b"", login.expires_at_ms, method=login.method), services)


async def note_refusal(services: Services, visit: Visit, method: LoginMethod, error: ConsentryError) -> None:
    """Of somebody who wanted in by another way than a password, and did not prove who they are."""
    services.metrics.logins.labels("refused").inc()
    facts = {"method": method, "reason": PROBLEMS.code(error)}
    name = str(error.fields.get("user_name", ""))  # known where they proved it, and are locked out
    await services.events.note(IdentityEvent("login_refused", name, name, visit.address, facts))


async def _me(caller: Caller[Engineer], services: Services) -> MeAnswer:
    user = caller.user
    return MeAnswer(
        user_name=user.user_name,
        name=user.name,
        staff_number=user.staff_number,
        organisation=services.organisation.profile.organisation,
        role=user.role,
        permissions=sorted(Permission(one) for one in caller.permissions),
        max_scopes=sorted(services.scopes_of(user)),
        totp=user.has_totp,
        password_provisional=user.password_provisional,
        recovery_codes=await services.recovery.left(user),
        method=caller.method,
        expires_at_ms=caller.expires_at_ms,
    )
