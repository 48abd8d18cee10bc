"""The routes of a FastAPI application."""

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute


def serve(app: FastAPI, router: APIRouter) -> None:
    """Adds the router's routes as they are.

    FastAPI's `include_router` makes each of them anew for every application, at its first request: a twentieth of a
    second for ours, and every later request looks at them through two more layers.
    """
    app.router.routes.extend(router.routes)


def routes_of(app: FastAPI) -> list[APIRoute]:
    return [route for route in app.routes if isinstance(route, APIRoute)]


def websockets_of(app: FastAPI) -> list[APIWebSocketRoute]:
    return [route for route in app.routes if isinstance(route, APIWebSocketRoute)]
