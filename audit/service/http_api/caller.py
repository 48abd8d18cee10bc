"""Who is asking: the bearer token (RFC 6750), in the header and nowhere else; and whether their role allows it."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from audit.service.people import Auditor, Permission
from audit.service.services import AuditServices, services_of
from serving.identity.login import Caller, NotLoggedIn

TheServices = Annotated[AuditServices, Depends(services_of)]


async def caller_of(connection: HTTPConnection) -> Caller[Auditor]:
    """Raises NotLoggedIn."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotLoggedIn
    return await services_of(connection).logins.authenticate(token.strip())


TheCaller = Annotated[Caller[Auditor], Depends(caller_of)]


class _Needed:
    """A dependency that remembers what it asks for, so that a test can walk over all routes."""

    def __init__(self, any_of: tuple[Permission, ...]) -> None:
        self.any_of = any_of

    async def __call__(self, caller: TheCaller) -> Caller[Auditor]:
        caller.user.check(*self.any_of)
        return caller


def needs(*any_of: Permission) -> Any:
    """For `dependencies=[…]` of a route: somebody who is logged in, with at least one of these permissions."""
    return Depends(_Needed(any_of))


def permissions_of(route: APIRoute) -> list[tuple[Permission, ...]]:
    """What a route asks for, each of which must be met."""
    found: list[Callable[..., Awaitable[object]] | None] = [found.call for found in route.dependant.dependencies]
    return [call.any_of for call in found if isinstance(call, _Needed)]
