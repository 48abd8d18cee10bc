"""Who is asking: a program by a token in the header, a page of the server's own by its cookie."""

from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from serving.http.own_pages import asks_with_cookie, may_change, pages_of
from serving.http.permissions import asking
from serving.identity.login import Caller
from serving.identity_api.devices import address_of
from serving.identity_api.services import sign_in_services_of


async def caller_of(connection: HTTPConnection) -> Caller[Any]:
    """Raises NotLoggedIn, OriginForeign."""
    token = pages_of(connection).token_of(connection)
    services, address = sign_in_services_of(connection), address_of(connection)
    return await services.authenticate(token, address, by_person=is_by_person(connection))


def is_by_person(connection: HTTPConnection) -> bool:
    """Whether somebody did this, as far as a request tells.

    Pages ask how things stand by themselves, for as long as they are open: only what may change something was
    somebody's doing there, and `POST /v1/presence`, by which a page says that somebody is at it. A command was typed;
    but where it waits for news (`wait`), it asks by itself, too.
    """
    if asks_with_cookie(connection):
        return may_change(connection)
    return "wait" not in connection.query_params


TheCaller = Annotated[Caller[Any], Depends(caller_of)]

needs = asking(caller_of)
"""For `dependencies=[…]` of a route: somebody who is logged in, with at least one of these permissions."""
