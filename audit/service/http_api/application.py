"""The FastAPI application: exact paths only, no documentation pages, small bodies."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from fastapi import APIRouter, FastAPI

from audit.service.http_api import (
    health,
    logins,
    moments,
    pages,
    quality,
    requests,
    reviews,
    search,
    sessions,
    views,
    wall,
)
from audit.service.http_api.problems import PROBLEMS
from serving.http.guards import SafeHeaders, SmallBodies


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
    for module in (health, logins, sessions, moments, wall, search, views, requests, reviews, quality, pages):
        app.include_router(module.router)
    for router in more:
        app.include_router(router)
    app.add_middleware(SmallBodies)
    app.add_middleware(SafeHeaders)
    return app
