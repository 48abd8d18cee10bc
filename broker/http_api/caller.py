"""Who is asking: see origins.py for how they say it."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from broker.http_api.origins import token_of
from broker.organisation import api_tokens
from broker.organisation.engineers import Engineer
from broker.services import Services, address_of, services_of
from serving.http.permissions import asking
from serving.identity.login import Caller

TheServices = Annotated[Services, Depends(services_of)]


async def caller_of(connection: HTTPConnection) -> Caller[Engineer]:
    """Raises NotLoggedIn, OriginForeign."""
    services, token, address = services_of(connection), token_of(connection), address_of(connection)
    if token.startswith(api_tokens.PREFIX):
        return await services.api_tokens.authenticate(token, address)
    return await services.logins.authenticate(token, address)


TheCaller = Annotated[Caller[Engineer], Depends(caller_of)]

needs = asking(caller_of)
"""For `dependencies=[…]` of a route: somebody who is logged in, with at least one of these permissions."""
