"""POST /v1/oidc/begin, GET /v1/oidc/callback, POST /v1/oidc/sign-out: in and out by the organisation's own sign-in.

Between the first two the browser is away at the provider. What it brings back counts only with the cookie that it was
given: no answer that somebody else asked for signs anybody in.
"""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, StringConstraints
from starlette.responses import RedirectResponse, Response

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.http_api.devices import visit_of
from broker.http_api.logins import note_refusal, signed_in
from broker.http_api.origins import check_own_page, take_cookie
from broker.http_api.problems import PROBLEMS
from broker.http_api.sign_in_ways import WayOff
from broker.organisation.admission import OpenId
from broker.organisation.people import Permission
from broker.sign_in import CALLBACK_PATH
from protocol.errors import ConsentryError
from serving.http.encoding import Strict

log = structlog.get_logger(__name__)

router = APIRouter()

CONSOLE_PATH = "/console/"

BEGUN_COOKIE = "__Host-consentry-oidc"


class OidcBeginBody(Strict):
    """With `fresh`, the provider asks for a password, or more, even of somebody who is signed in there.

    `place` is where on our page they come back to.
    """

    fresh: bool = False
    place: Annotated[str, StringConstraints(pattern=r"^(#/[A-Za-z0-9/-]{0,60})?$")] = ""


class OidcBegunAnswer(BaseModel):
    """Where the browser goes next."""

    url: str


class OidcSignOutAnswer(BaseModel):
    """Where the browser goes to sign out at the provider, too; null: it has no such place."""

    url: str | None


def _openid_of(services: TheServices) -> OpenId:
    if services.openid is None:
        raise WayOff
    return services.openid


TheOpenId = Annotated[OpenId, Depends(_openid_of)]


@router.post("/v1/oidc/begin")
async def begin(body: OidcBeginBody, request: Request, response: Response, openid: TheOpenId) -> OidcBegunAnswer:
    """Where the browser goes to sign in with the organisation's own provider."""
    check_own_page(request)
    url, kept = await openid.sign_in.begin(fresh=body.fresh, place=body.place)
    # Lax, not Strict: the browser comes back from another site, and has to bring it.
    response.set_cookie(
        BEGUN_COOKIE, kept, max_age=openid.patience_seconds, path="/", secure=True, httponly=True, samesite="lax"
    )
    return OidcBegunAnswer(url=url)


@router.get(CALLBACK_PATH, include_in_schema=False)
async def callback(request: Request, openid: TheOpenId, services: TheServices) -> Response:
    """Back to the console in any case: signed in, or with the name of what went wrong, which it has words for."""
    answer, visit = RedirectResponse(CONSOLE_PATH, 303), visit_of(request)
    try:
        services.logins.begin_attempt(None, visit.address)
        proven = await openid.sign_in.finish(request.cookies.get(BEGUN_COOKIE, ""), dict(request.query_params))
        user = await openid.admission.admit(proven.person, visit.address)
        login = await services.logins.issue(user, "oidc-fresh" if proven.fresh else "oidc", visit)
        await signed_in(login, answer, services)
        answer.headers["location"] = CONSOLE_PATH + proven.place
    except ConsentryError as error:
        await note_refusal(services, visit, "oidc", error)
        answer.headers["location"] = f"{CONSOLE_PATH}#/refused/{PROBLEMS.code(error)}"
    else:
        services.logins.attempt_succeeded(None, visit.address)
        services.metrics.logins.labels("ok").inc()
    answer.delete_cookie(BEGUN_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


@router.post("/v1/oidc/sign-out", dependencies=[needs(Permission.ACCOUNT)])
async def sign_out(
    caller: TheCaller, response: Response, openid: TheOpenId, services: TheServices
) -> OidcSignOutAnswer:
    """Ends the login here before anything else: the provider may be away."""
    await services.logins.logout(caller)
    take_cookie(response)
    try:
        url = await openid.sign_in.provider.sign_out_url(services.organisation.profile.broker_origin + CONSOLE_PATH)
    except ConsentryError:
        log.warning("provider_sign_out_unknown")
        url = None
    return OidcSignOutAnswer(url=url)
