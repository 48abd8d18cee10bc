"""The FastAPI application: exact paths only, no documentation pages, small bodies.

An address that is not listed answers 404, with a slash more or less too: servers that guess which page was meant have
let strangers into set-up wizards (CVE-2024-1709).
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.routing import APIWebSocketRoute
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from broker.http_api import (
    audit_feed,
    certificates,
    console,
    health,
    log,
    logins,
    notes,
    organisation,
    people,
    profile,
    ratings,
    receipt_proofs,
    requests,
    sessions,
    ssh_gateway,
    teams,
    webhooks,
    whispers,
)
from broker.http_api.caller import caller_of
from broker.http_api.examples import EXAMPLES
from broker.http_api.origins import COOKIE, PAGES
from broker.http_api.problems import PROBLEMS
from broker.observability import endpoints
from broker.services import services_of
from broker.websockets import agent, pairing, records
from protocol.errors import ConsentryError
from serving.http.guards import SafeHeaders, SmallBodies
from serving.http.idempotency import IdempotentPosts, Surroundings
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
    profile, sign_in_ways, logins, ways_to_log_in, passkeys, openid, device_logins, presence, account, tokens,
    people, teams, logins_of_people, events, health, organisation, certificates, requests, sessions, notes, whispers,
    ssh_gateway, log, receipt_proofs, ratings, audit_feed, webhooks, console, endpoints,
)  # fmt: skip
TAGS = {
    "profile": "What the organisation signed for everybody.",
    "logins": "Logging in and out.",
    "sign-in-ways": "Which ways to sign in there are.",
    "passkeys": "Passkeys (WebAuthn).",
    "openid": "Signing in with the organisation's own provider (OpenID Connect).",
    "device-logins": "Logging programs in through the browser (RFC 8628).",
    "tokens": "API tokens, for programs.",
    "people": "Everybody who has an account; for administrators.",
    "teams": "Which teams there are; for administrators.",
    "logins-of-people": "Where others are logged in; for administrators.",
    "organisation": "Keys by their fingerprints and the profile in force; for administrators and supervisors.",
    "health": "How the broker is; for administrators and supervisors.",
    "presence": "Whether anybody is at the page; a login with which nobody does anything ends.",
    "account": "One's own account: logins, password, second factor.",
    "events": "What was decided about people and their logins.",
    "certificates": "Short certificates for those who are logged in.",
    "sessions": "Sessions and their place in the log.",
    "notes": "What engineers write about a session, for each other.",
    "requests": "The queue of customers who ask for help.",
    "whispers": "What staff say to each other about a session that runs; customers do not read it.",
    "ssh-gateway": "A session for an engineer's own SSH program.",
    "log": "The transparency log, as static tiles (c2sp.org/tlog-tiles).",
    "receipt-proofs": "What completes a receipt.",
    "ratings": "The customer's rating.",
    "webhooks": "Who is told of sessions and ratings; for administrators.",
    "audit-feed": "For the audit service alone.",
    "endpoints": "For whoever operates the broker.",
    "openapi": "This description.",
}

DESCRIPTION = """The HTTP side of a Consentry broker.

Log in with `POST /v1/login` and send the token as `Authorization: Bearer …`; browsers have a cookie, which counts for
the console's own pages alone. Bytes are base64url without padding, times Unix milliseconds, ids lower-case hexadecimal.
Errors are problem documents (RFC 9457). What agents, engineers' programs and recorders say over websockets is not here:
it stands in docs/protocol/."""

SECURITY = Security(
    schemes={
        "token": {"type": "http", "scheme": "bearer", "description": "A login's token, or an API token."},
        "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "The console's login."},
        "audit-service": {"type": "http", "scheme": "bearer", "description": "The audit service's token."},
    },
    of={caller_of: ("token", "cookie"), audit_feed.service_of: ("audit-service",)},
)

MAKING = re.compile(
    r"/v1/sessions/[0-9a-f]{32}/(notes|whispers)|/v1/webhooks(/[0-9a-f]{32}/secret)?|/v1/people|/v1/requests|/v1/teams/rename"
)
"""POSTs that make something, and may be sent again with an `Idempotency-Key`. None whose body holds a password: a hash
of what was sent is kept."""

WEBSOCKETS = (agent, pairing, records)


class Lifespan(Protocol):
    def __call__(self, app: FastAPI) -> AbstractAsyncContextManager[None]: ...


def make_application(lifespan: Lifespan) -> FastAPI:
    """All routes. The lifespan puts `Services` into `app.state.services`."""
    app = FastAPI(
        title="Consentry broker",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.pages = PAGES
    PROBLEMS.answer(app)
    for module in (*API, *WEBSOCKETS):
        serve(app, module.router)
    publish(app, SECURITY, description=DESCRIPTION, tags=TAGS, examples=EXAMPLES, idempotent=MAKING)
    around = Surroundings(
        store=lambda scope: services_of(HTTPConnection(scope)).kept_answers,
        now_ms=lambda scope: services_of(HTTPConnection(scope)).clock.unix_ms(),
        is_somebody=_is_somebody,
    )
    app.add_middleware(IdempotentPosts, paths=MAKING, around=around)
    app.add_middleware(SmallBodies)
    app.add_middleware(SafeHeaders)
    conversations = {route.path: route.endpoint for module in WEBSOCKETS for route in websocket_routes(module.router)}
    app.add_middleware(StraightToConversations, conversations=conversations)  # added last: asked first
    return app


async def _is_somebody(scope: Scope) -> bool:
    try:
        await caller_of(HTTPConnection(scope))
    except ConsentryError:
        return False  # and the route says why
    return True


class StraightToConversations:
    """Websockets of ours go to their handlers at once: what stands between has nothing to do for them.

    Middleware for bodies and headers, the search through all routes and the framework's dependencies are a fifth of
    what it costs the broker to take an agent back, and after a restart all of them come back together.
    """

    def __init__(self, app: ASGIApp, conversations: Mapping[str, Callable[[WebSocket], Awaitable[None]]]) -> None:
        self._app = app
        self._conversations = conversations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        talk = self._conversations.get(scope["path"]) if scope["type"] == "websocket" else None
        if talk is None:
            await self._app(scope, receive, send)
        else:
            await talk(WebSocket(scope, receive, send))


def websocket_routes(router: APIRouter) -> list[APIWebSocketRoute]:
    return [route for route in router.routes if isinstance(route, APIWebSocketRoute)]
