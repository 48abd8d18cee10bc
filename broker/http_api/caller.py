"""Who is asking, as every server finds out (serving/identity_api/caller.py): at the broker, an engineer."""

from typing import Annotated

from fastapi import Depends

from broker.organisation.engineers import Engineer
from broker.services import Services, services_of
from serving.identity.login import Caller
from serving.identity_api.caller import caller_of as caller_of
from serving.identity_api.caller import needs as needs

TheServices = Annotated[Services, Depends(services_of)]
TheCaller = Annotated[Caller[Engineer], Depends(caller_of)]
