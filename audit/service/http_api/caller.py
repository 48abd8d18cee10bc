"""Who is asking, as every server finds out (serving/identity_api/caller.py): here, an auditor."""

from typing import Annotated

from fastapi import Depends, Request

from audit.service.people import Auditor
from audit.service.services import AuditServices, services_of
from serving.http.problems import language_of
from serving.identity.login import Caller
from serving.identity_api.caller import caller_of as caller_of
from serving.identity_api.caller import needs as needs
from wording import Wording


def _wording_of(request: Request) -> Wording:
    return Wording(language_of(request))


TheServices = Annotated[AuditServices, Depends(services_of)]


def erases_learned(services: TheServices) -> None:
    """For whatever shows something of recordings. Raises ErasesNotLearned."""
    services.after_restore.demand_learned()


ERASES_LEARNED = Depends(erases_learned)
TheCaller = Annotated[Caller[Auditor], Depends(caller_of)]
TheWording = Annotated[Wording, Depends(_wording_of)]
"""In the language that the request asks for."""
