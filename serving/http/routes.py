"""All routes of a FastAPI application, also those that were included from a router, which it keeps as one entry."""

from collections.abc import Iterator, Sequence

from fastapi import FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import Mount


def routes_of(app: FastAPI) -> list[APIRoute]:
    return [route for route in _walk(app.routes) if isinstance(route, APIRoute)]


def websockets_of(app: FastAPI) -> list[APIWebSocketRoute]:
    return [route for route in _walk(app.routes) if isinstance(route, APIWebSocketRoute)]


def _walk(listed: Sequence[object]) -> Iterator[object]:
    for route in listed:
        inner = getattr(route, "original_router", None)
        if inner is None or isinstance(route, Mount):
            yield route
        else:
            yield from _walk(inner.routes)
