"""Which permission a route asks for: said at the route, asked before the handler, and found again by a test.

A route that somebody adds and forgets to guard is found by the tests that walk over all routes of a server.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import structlog
from fastapi import Depends
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from protocol.errors import RefusedError
from serving.identity.login import Caller

log = structlog.get_logger(__name__)

CallerOf = Callable[[HTTPConnection], Awaitable[Caller[Any]]]


class Needed:
    """What a dependency remembers of what it asks for."""

    def __init__(self, any_of: tuple[str, ...]) -> None:
        self.any_of = any_of


def asking(caller_of: CallerOf) -> Callable[..., Any]:
    """Makes a server's `needs`, for `dependencies=[needs(…)]`: somebody with at least one of these permissions.

    `caller_of` says who asks, or raises NotLoggedIn.
    """

    class Asked(Needed):
        async def __call__(self, caller: Annotated[Caller[Any], Depends(caller_of)]) -> None:
            """Raises NotAllowed, TokenNotAllowed."""
            try:
                caller.check(*self.any_of)
            except RefusedError:
                log.warning("permission_refused", user=caller.user.user_name, needed=[*self.any_of])
                raise

    def needs(*any_of: str) -> Any:
        return Depends(Asked(any_of))

    return needs


def permissions_of(route: APIRoute) -> list[tuple[str, ...]]:
    """What a route asks for, each of which must be met."""
    found: list[object] = [found.call for found in route.dependant.dependencies]
    return [call.any_of for call in found if isinstance(call, Needed)]
