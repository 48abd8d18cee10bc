"""Who is asking: the bearer token (RFC 6750), in the header and nowhere else, for URLs are logged."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from broker.organisation.engineers import Engineer
from broker.services import Services, services_of
from serving.identity.login import Caller, NotLoggedIn

TheServices = Annotated[Services, Depends(services_of)]


async def caller_of(connection: HTTPConnection) -> Caller[Engineer]:
    """Raises NotLoggedIn."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NotLoggedIn
    return await services_of(connection).logins.authenticate(token.strip())


TheCaller = Annotated[Caller[Engineer], Depends(caller_of)]
