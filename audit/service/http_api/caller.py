"""Who is asking, as every server finds out (serving/identity_api/caller.py): here, an auditor."""

from typing import Annotated

from fastapi import Depends

from audit.service.people import Auditor
from audit.service.services import AuditServices, services_of
from serving.identity.login import Caller
from serving.identity_api.caller import caller_of as caller_of
from serving.identity_api.caller import needs as needs

TheServices = Annotated[AuditServices, Depends(services_of)]


def erases_learned(services: TheServices) -> None:
    """For whatever shows something of recordings. Raises ErasesNotLearned."""
    services.after_restore.demand_learned()


ERASES_LEARNED = Depends(erases_learned)
TheCaller = Annotated[Caller[Auditor], Depends(caller_of)]
