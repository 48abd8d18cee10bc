"""POST /v1/login, POST /v1/browser-login, POST /v1/logout, GET /v1/me.

A program gets its token in the answer; a browser gets it in a cookie that no script can read.
"""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from audit.service.http_api.caller import TheCaller, TheServices
from audit.service.http_api.origins import check_own_page, give_cookie, take_cookie
from audit.service.people import Auditor, Permission, Role
from audit.service.services import AuditServices
from serving.http.encoding import Strict
from serving.identity.login import Login
from serving.identity.tokens import Visit

router = APIRouter()


class LoginBody(Strict):
    """`totp` only for users who have it; without it they are told so once their password was right."""

    user_name: Annotated[str, StringConstraints(max_length=200)]
    password: Annotated[str, StringConstraints(max_length=1024)]
    totp: Annotated[str, StringConstraints(max_length=20)] | None = None


class LoginAnswer(BaseModel):
    token: str
    expires_at_ms: int
    name: str
    role: str


class MeAnswer(BaseModel):
    """`organisation` and `broker_origin` are empty until the broker's signed profile was read."""

    user_name: str
    name: str
    role: Role
    permissions: list[Permission]
    organisation: str
    broker_origin: str
    expires_at_ms: int


@router.post("/v1/login")
async def log_in(body: LoginBody, request: Request, services: TheServices) -> LoginAnswer:
    """A token. Where the account has a second factor, `totp` is asked for once the password was right."""
    login = await _log_in(body, request, services)
    return LoginAnswer(token=login.token, expires_at_ms=login.expires_at_ms, name=login.user.name, role=login.user.role)


@router.post("/v1/browser-login")
async def log_in_browser(body: LoginBody, request: Request, response: Response, services: TheServices) -> MeAnswer:
    """For our own pages alone: another site could otherwise sign somebody in as somebody else."""
    check_own_page(request)
    login = await _log_in(body, request, services)
    give_cookie(response, login.token, (login.expires_at_ms - services.clock.unix_ms()) // 1000)
    return _me(login.user, login.expires_at_ms, services)


@router.post("/v1/logout", status_code=204)
async def log_out(caller: TheCaller, response: Response, services: TheServices) -> None:
    """Ends the login that asks."""
    await services.logins.logout(caller)
    take_cookie(response)


@router.get("/v1/me")
async def me(caller: TheCaller, services: TheServices) -> MeAnswer:
    """Who asks, and their role."""
    return _me(caller.user, caller.expires_at_ms, services)


async def _log_in(body: LoginBody, request: Request, services: AuditServices) -> Login[Auditor]:
    visit = Visit(request.client.host if request.client else "unknown")
    return await services.logins.login(body.user_name, body.password, body.totp, visit)


def _me(user: Auditor, expires_at_ms: int, services: AuditServices) -> MeAnswer:
    profile = services.feed.profile
    return MeAnswer(
        user_name=user.user_name,
        name=user.name,
        role=user.role,
        permissions=sorted(user.permissions),
        organisation=profile.organisation if profile else "",
        broker_origin=profile.broker_origin if profile else "",
        expires_at_ms=expires_at_ms,
    )
