"""The FastAPI application: exact paths only, no documentation pages, small bodies."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fastapi import APIRouter, FastAPI

from audit.service.http_api import (
    health,
    journal,
    logins,
    moments,
    monitoring,
    pages,
    people,
    policies,
    quality,
    reports,
    requests,
    reviews,
    search,
    sessions,
    state,
    views,
    wall,
)
from audit.service.http_api.caller import caller_of
from audit.service.http_api.examples import EXAMPLES
from audit.service.http_api.origins import COOKIE, PAGES
from audit.service.http_api.problems import PROBLEMS
from serving.http.guards import SafeHeaders, SmallBodies
from serving.http.openapi import Security, publish
from serving.http.routes import serve
from serving.identity_api import (
    account,
    device_logins,
    events,
    logins_of_people,
    openid,
    passkeys,
    presence,
    sign_in_ways,
    tokens,
)
from serving.identity_api import logins as ways_to_log_in

API = (
    health, sign_in_ways, logins, ways_to_log_in, passkeys, openid, device_logins, presence, account, tokens,
    people, logins_of_people, events, sessions, moments, wall, search, views, journal, monitoring, policies, requests,
    reviews, quality, reports, state, pages,
)  # fmt: skip

TAGS = {
    "health": "For whoever operates the service.",
    "sign-in-ways": "Which ways to sign in there are.",
    "logins": "Logging in and out.",
    "passkeys": "Passkeys (WebAuthn).",
    "openid": "Signing in with the organisation's own provider (OpenID Connect).",
    "device-logins": "Logging programs in through the browser (RFC 8628).",
    "tokens": "API tokens, for programs.",
    "presence": "Whether anybody is at the page; a login with which nobody does anything ends.",
    "account": "One's own account: logins, password, second factor.",
    "people": "Everybody who has an account; for administrators.",
    "logins-of-people": "Where others are logged in; for administrators.",
    "events": "What was decided about people and their logins.",
    "sessions": "Recordings: lists, verification, replay, transcripts, files.",
    "moments": "Inside a recording: any second of it, its commands, its timeline; and live.",
    "wall": "What runs at this moment, for supervisors.",
    "search": "Words and commands in all sessions.",
    "views": "Who saw what, and why.",
    "journal": "What was decided or noticed, by the broker and here.",
    "monitoring": "How security monitors are told of it.",
    "policies": "Erasing by itself what is due, where two people decided so.",
    "requests": "Retention, holds, exports and erases, which take two people.",
    "reviews": "Scorecards, reviews, disputes.",
    "state": "How the service is, and what it has seen of the log.",
    "quality": "Sampling, calibration, mystery customers.",
    "reports": "The figures of a period.",
    "witnessing": "The service as a witness of the log (c2sp.org/tlog-witness).",
    "openapi": "This description.",
}

DESCRIPTION = """The HTTP side of Consentry's audit service: what reviewers, auditors and administrators ask.

Log in with `POST /v1/login` and send the token as `Authorization: Bearer …`; programs have API tokens of their own
(`/v1/tokens`), which never look into recordings. Whoever does gives a `purpose`, which is noted before the answer.
Times are Unix milliseconds, ids lower-case hexadecimal. Errors are problem documents (RFC 9457)."""

SECURITY = Security(
    schemes={
        "token": {"type": "http", "scheme": "bearer", "description": "A login's token, or an API token."},
        "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "The pages' login."},
    },
    of={caller_of: ("token", "cookie")},
)


class Lifespan(Protocol):
    def __call__(self, app: FastAPI) -> AbstractAsyncContextManager[None]: ...


def make_application(lifespan: Lifespan, *more: APIRouter) -> FastAPI:
    """All routes, and those of others. The lifespan puts `AuditServices` into `app.state.services`."""
    app = FastAPI(
        title="Consentry audit",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    PROBLEMS.answer(app)
    app.state.pages = PAGES
    for module in API:
        serve(app, module.router)
    for router in more:
        serve(app, router)
    publish(app, SECURITY, description=DESCRIPTION, tags=TAGS, examples=EXAMPLES)
    app.add_middleware(SmallBodies)
    app.add_middleware(SafeHeaders)
    return app
