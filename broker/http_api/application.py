"""The FastAPI application: exact paths only, no documentation pages, small bodies.

An address that is not listed answers 404, with a slash more or less too: servers that guess which page was meant have
let strangers into set-up wizards (CVE-2024-1709).
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fastapi import APIRouter, FastAPI, WebSocket
from fastapi.routing import APIWebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from broker.http_api import (
    account,
    audit_feed,
    certificates,
    console,
    device_logins,
    events,
    health,
    log,
    logins,
    openid,
    passkeys,
    people,
    profile,
    ratings,
    sessions,
    sign_in_ways,
    ssh_gateway,
    tokens,
)
from broker.http_api.problems import PROBLEMS
from broker.observability import endpoints
from broker.websockets import agent, pairing, records
from serving.http.guards import SafeHeaders, SmallBodies

API = (
    profile, sign_in_ways, logins, passkeys, openid, device_logins, account, tokens, people, events, health,
    certificates, sessions, ssh_gateway, log, ratings, audit_feed, console, endpoints,
)  # fmt: skip
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
    PROBLEMS.answer(app)
    for module in (*API, *WEBSOCKETS):
        app.include_router(module.router)
    app.add_middleware(SmallBodies)
    app.add_middleware(SafeHeaders)
    conversations = {route.path: route.endpoint for module in WEBSOCKETS for route in websocket_routes(module.router)}
    app.add_middleware(StraightToConversations, conversations=conversations)  # added last: asked first
    return app


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
