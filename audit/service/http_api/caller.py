"""Who is asking: see origins.py for how they say it; and whether their role allows it."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from audit.service.http_api.origins import token_of
from audit.service.people import Auditor
from audit.service.services import AuditServices, services_of
from serving.http.permissions import asking
from serving.identity.login import Caller

TheServices = Annotated[AuditServices, Depends(services_of)]


async def caller_of(connection: HTTPConnection) -> Caller[Auditor]:
    """Raises NotLoggedIn, OriginForeign."""
    return await services_of(connection).logins.authenticate(token_of(connection))


TheCaller = Annotated[Caller[Auditor], Depends(caller_of)]


needs = asking(caller_of)
"""For `dependencies=[…]` of a route: somebody who is logged in, with at least one of these permissions."""
