"""The ends of all ways to log in, and GET /v1/me: who somebody is at the broker.

How they prove it is every server's, see serving/identity_api/logins.py, passkeys.py and device_logins.py.
"""

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from broker.http_api.caller import TheCaller, TheServices
from broker.organisation.engineers import Engineer
from broker.organisation.people import Permission, Role
from broker.services import Services
from serving.http.own_pages import OwnPages
from serving.identity.login import Caller, Login
from serving.identity_api.device_logins import ThroughBrowser
from serving.identity_api.logins import ByPassword, ByPasswordOnOwnPage, keep_in_browser
from serving.identity_api.own_account import AccountFacts, account_facts, recovery_codes_left
from serving.identity_api.passkeys import ByPasskey
from serving.identity_api.services import ThePages

router = APIRouter()


class LoginAnswer(BaseModel):
    """`recovery_codes_left`: of whoever has just logged in with one; else null."""

    token: str
    expires_at_ms: int
    user_name: str
    name: str
    staff_number: str
    organisation: str
    recovery_codes_left: int | None


class MeAnswer(AccountFacts):
    """`permissions` are those of the role, or of the API token that asks.

    `password_provisional`: an administrator has seen it, and nothing but a new one is possible until there is one.
    """

    user_name: str
    name: str
    staff_number: str
    organisation: str
    role: Role
    permissions: list[Permission]
    max_scopes: list[str]
    password_provisional: bool


@router.post("/v1/login")
async def log_in(login: ByPassword, services: TheServices) -> LoginAnswer:
    """A token for a program. Where the account has a second factor, `totp` is asked for once the password was right."""
    return await _login_answer(login, services)


@router.post("/v1/device-login/token")
async def log_in_through_browser(login: ThroughBrowser, services: TheServices) -> LoginAnswer:
    """Whether somebody has allowed a program in their browser meanwhile, and then a token for it."""
    return await _login_answer(login, services)


@router.post("/v1/browser-login")
async def log_in_browser(
    login: ByPasswordOnOwnPage, response: Response, pages: ThePages, services: TheServices
) -> MeAnswer:
    """For our own pages alone: another site could otherwise sign somebody in as somebody else."""
    return await _signed_in(login, response, pages, services)


@router.post("/v1/passkey-login")
async def log_in_with_passkey(login: ByPasskey, response: Response, pages: ThePages, services: TheServices) -> MeAnswer:
    """Signs in with a passkey, in a cookie. For our own pages alone."""
    return await _signed_in(login, response, pages, services)


@router.get("/v1/me")
async def me(caller: TheCaller, services: TheServices) -> MeAnswer:
    """Who asks, and what they may do."""
    return await _me(caller, services)


async def _login_answer(login: Login[Engineer], services: Services) -> LoginAnswer:
    return LoginAnswer(
        token=login.token,
        recovery_codes_left=await recovery_codes_left(login, services),
        expires_at_ms=login.expires_at_ms,
        user_name=login.user.user_name,
        name=login.user.name,
        staff_number=login.user.staff_number,
        organisation=services.organisation.profile.organisation,
    )


async def _signed_in(login: Login[Engineer], response: Response, pages: OwnPages, services: Services) -> MeAnswer:
    keep_in_browser(login, response, pages, services)
    return await _me(Caller(login.user, b"", login.expires_at_ms, method=login.method), services)


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
        password_provisional=user.password_provisional,
        **await account_facts(caller, services),
    )
