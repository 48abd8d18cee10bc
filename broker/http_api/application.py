"""The FastAPI application: exact paths only, no documentation pages, small bodies.

An address that is not listed answers 404, with a slash more or less too: servers that guess which page was meant have
let strangers into set-up wizards (CVE-2024-1709).
"""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fastapi import FastAPI

from broker.http_api import certificates, console, logins, profile, sessions
from broker.http_api.problems import PROBLEMS
from broker.observability import endpoints
from broker.websockets import agent, pairing, records
from serving.http.guards import SafeHeaders, SmallBodies


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
    for module in (profile, logins, certificates, sessions, console, endpoints, agent, pairing, records):
        app.include_router(module.router)
    app.add_middleware(SmallBodies)
    app.add_middleware(SafeHeaders)
    return app
