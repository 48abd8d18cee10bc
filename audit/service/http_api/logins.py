"""The ends of all ways to log in, and GET /v1/me: who somebody is at the audit service.

How they prove it is every server's, see serving/identity_api/logins.py, passkeys.py and device_logins.py.
"""

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from audit.service.http_api.caller import TheCaller, TheServices
from audit.service.people import Auditor, Permission, Role
from audit.service.services import AuditServices
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
    role: Role
    recovery_codes_left: int | None


class MeAnswer(AccountFacts):
    """`permissions` are those of the role, or of the API token that asks. `organisation` and `broker_origin`
    are empty until the broker's signed profile was read.
    """

    user_name: str
    name: str
    role: Role
    permissions: list[Permission]
    organisation: str
    broker_origin: str


@router.post("/v1/login")
async def log_in(login: ByPassword, services: TheServices) -> LoginAnswer:
    """A token. Where the account has a second factor, `totp` is asked for once the password was right."""
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
    """Who asks, and their role."""
    return await _me(caller, services)


async def _login_answer(login: Login[Auditor], services: AuditServices) -> LoginAnswer:
    return LoginAnswer(
        token=login.token,
        recovery_codes_left=await recovery_codes_left(login, services),
        expires_at_ms=login.expires_at_ms,
        user_name=login.user.user_name,
        name=login.user.name,
        role=login.user.role,
    )


async def _signed_in(login: Login[Auditor], response: Response, pages: OwnPages, services: AuditServices) -> MeAnswer:
    keep_in_browser(login, response, pages, services)
    return await _me(Caller(login.user, b"", login.expires_at_ms, method=login.method), services)


async def _me(caller: Caller[Auditor], services: AuditServices) -> MeAnswer:
    user = caller.user
    return MeAnswer(
        user_name=user.user_name,
        name=user.name,
        role=user.role,
        permissions=sorted(Permission(one) for one in caller.permissions),
        organisation=services.organisation_name,
        broker_origin=services.feed.profile.broker_origin if services.feed.profile else "",
        **await account_facts(caller, services),
    )
