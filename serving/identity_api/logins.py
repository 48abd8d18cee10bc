"""What the ways to log in have in common, and POST /v1/logout.

A program gets its token in the answer; a browser gets it in a cookie that no script can read.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import StringConstraints
from starlette.responses import Response

from protocol.errors import ConsentryError, RefusedError
from serving.http.encoding import Strict
from serving.http.own_pages import OwnPages
from serving.http.problems import code_of
from serving.identity.events import IdentityEvent
from serving.identity.login import Login
from serving.identity.roles import ACCOUNT
from serving.identity.tokens import LoginMethod, Visit
from serving.identity_api.caller import TheCaller, needs
from serving.identity_api.devices import visit_of
from serving.identity_api.services import SignInServices, ThePages, TheSignIn
from serving.identity_api.sign_in_ways import WayOff

router = APIRouter()


class LoginBody(Strict):
    """`totp` only for users who have it; without it they are told so once their password was right."""

    user_name: Annotated[str, StringConstraints(max_length=200)]
    password: Annotated[str, StringConstraints(max_length=1024)]
    totp: Annotated[str, StringConstraints(max_length=20)] | None = None


@router.post("/v1/logout", status_code=204, dependencies=[needs(ACCOUNT)])
async def log_out(
    caller: TheCaller, request: Request, response: Response, pages: ThePages, services: TheSignIn
) -> None:
    """Ends the login that asks."""
    await services.logins.logout(caller, visit_of(request))
    pages.take_cookie(response)


async def password_login(body: LoginBody, request: Request, services: TheSignIn) -> Login[Any]:
    """For `Depends`: who logs in with a password. Raises WayOff, LoginRefused, OneTimeNumberNeeded, LoginLocked, …"""
    if not services.settings.password_login:
        raise WayOff
    try:
        login = await services.logins.login(body.user_name, body.password, body.totp, visit_of(request))
    except RefusedError:
        services.count_login("refused")
        raise
    services.count_login("ok")
    return login


async def own_page_login(body: LoginBody, request: Request, pages: ThePages, services: TheSignIn) -> Login[Any]:
    """The same for our own pages alone: another site could otherwise sign somebody in as somebody else."""
    pages.check_own_page(request)
    return await password_login(body, request, services)


ByPassword = Annotated[Login[Any], Depends(password_login)]
ByPasswordOnOwnPage = Annotated[Login[Any], Depends(own_page_login)]


def keep_in_browser(login: Login[Any], response: Response, pages: OwnPages, services: SignInServices) -> None:
    """The end of every way to sign in with a browser."""
    pages.give_cookie(response, login.token, (login.expires_at_ms - services.clock.unix_ms()) // 1000)


async def note_refusal(services: SignInServices, visit: Visit, method: LoginMethod, error: ConsentryError) -> None:
    """Of somebody who wanted in by another way than a password, and did not prove who they are."""
    services.count_login("refused")
    facts = {"method": method, "reason": code_of(error)}
    name = str(error.fields.get("user_name", ""))  # known where they proved it, and are locked out
    await services.events.note(IdentityEvent("login_refused", name, name, visit.address, facts))
