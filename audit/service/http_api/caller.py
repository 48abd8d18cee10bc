"""Who is asking: the bearer token (RFC 6750), in the header and nowhere else; and whether their role allows it."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from audit.service.people import Auditor
from audit.service.services import AuditServices, services_of
from serving.http.permissions import asking
from serving.identity.login import Caller, NotLoggedIn

TheServices = Annotated[AuditServices, Depends(services_of)]


async def caller_of(connection: HTTPConnection) -> Caller[Auditor]:
    """Raises NotLoggedIn."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotLoggedIn
    return await services_of(connection).logins.authenticate(token.strip())


TheCaller = Annotated[Caller[Auditor], Depends(caller_of)]


needs = asking(caller_of)
"""For `dependencies=[…]` of a route: somebody who is logged in, with at least one of these permissions."""
