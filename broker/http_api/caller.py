"""Who is asking: a bearer token (RFC 6750) in the header, or a browser's cookie; never in a URL, for those are logged.

The cookie holds the same opaque token. Browsers send it by themselves, also when a page of somebody else made them ask:
so it counts only for what our own pages ask, see origins.py.
"""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from broker.http_api.origins import COOKIE, check_own_page
from broker.organisation.engineers import Engineer
from broker.services import Services, address_of, services_of
from serving.http.permissions import asking
from serving.identity.login import Caller, NotLoggedIn

TheServices = Annotated[Services, Depends(services_of)]


async def caller_of(connection: HTTPConnection) -> Caller[Engineer]:
    """Raises NotLoggedIn, OriginForeign."""
    return await services_of(connection).logins.authenticate(_token_of(connection), address_of(connection))


def _token_of(connection: HTTPConnection) -> str:
    authorization = connection.headers.get("authorization")
    if authorization is None and (cookie := connection.cookies.get(COOKIE)):
        check_own_page(connection)
        return cookie
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotLoggedIn
    return token.strip()


TheCaller = Annotated[Caller[Engineer], Depends(caller_of)]

needs = asking(caller_of)
"""For `dependencies=[…]` of a route: somebody who is logged in, with at least one of these permissions."""
