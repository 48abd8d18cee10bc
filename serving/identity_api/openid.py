"""POST /v1/oidc/begin, GET /v1/oidc/callback, POST /v1/oidc/sign-out: in and out by the organisation's own sign-in.

Between the first two the browser is away at the provider. What it brings back counts only with the cookie that it was
given: no answer that somebody else asked for signs anybody in.
"""

from dataclasses import replace
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, StringConstraints
from starlette.responses import RedirectResponse, Response

from protocol.errors import ConsentryError
from serving.http.encoding import Strict
from serving.http.problems import code_of
from serving.identity.openid.admission import OpenId
from serving.identity.roles import ACCOUNT
from serving.identity.ways import CALLBACK_PATH
from serving.identity_api.caller import TheCaller, needs
from serving.identity_api.devices import visit_of
from serving.identity_api.logins import keep_in_browser, note_refusal
from serving.identity_api.services import ThePages, TheSignIn
from serving.identity_api.sign_in_ways import WayOff

log = structlog.get_logger(__name__)

router = APIRouter()

BEGUN_COOKIE_SUFFIX = "-oidc"
"""Behind the name of the server's own cookie: both servers may run on one host."""


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


def _openid_of(services: TheSignIn) -> OpenId[Any]:
    if services.openid is None:
        raise WayOff
    return services.openid


TheOpenId = Annotated[OpenId[Any], Depends(_openid_of)]


@router.post("/v1/oidc/begin")
async def begin(
    body: OidcBeginBody, request: Request, response: Response, pages: ThePages, openid: TheOpenId
) -> OidcBegunAnswer:
    """Where the browser goes to sign in with the organisation's own provider."""
    pages.check_own_page(request)
    url, kept = await openid.sign_in.begin(fresh=body.fresh, place=body.place, former=visit_of(request).former)
    # Lax, not Strict: the browser comes back from another site, and has to bring it.
    response.set_cookie(
        pages.cookie + BEGUN_COOKIE_SUFFIX,
        kept,
        max_age=openid.patience_seconds,
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )
    return OidcBegunAnswer(url=url)


@router.get(CALLBACK_PATH, include_in_schema=False)
async def callback(request: Request, pages: ThePages, openid: TheOpenId, services: TheSignIn) -> Response:
    """Back to our page in any case: signed in, or with the name of what went wrong, which it has words for."""
    answer, visit, begun = RedirectResponse(pages.path, 303), visit_of(request), pages.cookie + BEGUN_COOKIE_SUFFIX
    try:
        services.logins.begin_attempt(None, visit.address)
        proven = await openid.sign_in.finish(request.cookies.get(begun, ""), dict(request.query_params))
        user = await openid.admission.admit(proven.person, visit.address)
        visit = replace(visit, former=proven.former)
        login = await services.logins.issue(user, "oidc-fresh" if proven.fresh else "oidc", visit)
        keep_in_browser(login, answer, pages, services)
        answer.headers["location"] = pages.path + proven.place
    except ConsentryError as error:
        await note_refusal(services, visit, "oidc", error)
        answer.headers["location"] = f"{pages.path}#/refused/{code_of(error)}"
    else:
        services.logins.attempt_succeeded(None, visit.address)
        services.count_login("ok")
    answer.delete_cookie(begun, path="/", secure=True, httponly=True, samesite="lax")
    return answer


@router.post("/v1/oidc/sign-out", dependencies=[needs(ACCOUNT)])
async def sign_out(
    caller: TheCaller,
    request: Request,
    response: Response,
    pages: ThePages,
    openid: TheOpenId,
    services: TheSignIn,
) -> OidcSignOutAnswer:
    """Ends the login here before anything else: the provider may be away."""
    await services.logins.logout(caller, visit_of(request))
    pages.take_cookie(response)
    try:
        url = await openid.sign_in.provider.sign_out_url(pages.origin_of(request) + pages.path)
    except ConsentryError:
        log.warning("provider_sign_out_unknown")
        url = None
    return OidcSignOutAnswer(url=url)
