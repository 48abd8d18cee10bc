"""Who is asking: a program by a token in the header, a page of the server's own by its cookie."""

from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from serving.http.own_pages import pages_of
from serving.http.permissions import asking
from serving.identity.login import Caller
from serving.identity_api.devices import address_of
from serving.identity_api.services import sign_in_services_of


async def caller_of(connection: HTTPConnection) -> Caller[Any]:
    """Raises NotLoggedIn, OriginForeign."""
    token = pages_of(connection).token_of(connection)
    return await sign_in_services_of(connection).authenticate(token, address_of(connection))


TheCaller = Annotated[Caller[Any], Depends(caller_of)]

needs = asking(caller_of)
"""For `dependencies=[…]` of a route: somebody who is logged in, with at least one of these permissions."""
