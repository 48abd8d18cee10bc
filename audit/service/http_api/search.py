"""POST /v1/search: words in all recordings, each hit with its session and the millisecond to open it at.

Not a GET: what is searched for would stand in addresses, and so in the logs of whatever lies between. The search is
noted before it is made (under a session id of zeros: it went through all of them), and once more for each session of
which it shows a line. The words are not kept with it: they would outlive the recordings that they were taken from.
"""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends
from msgspec import Meta, Struct
from starlette.responses import Response

from audit.quality.sessions import SessionIdText
from audit.replay_index.entries import Kind
from audit.replay_index.words import parse_query
from audit.search.searching import HITS_PER_PAGE
from audit.service.http_api.caller import ERASES_LEARNED, TheCaller, TheServices, needs
from audit.service.http_api.sessions import SessionNotHere
from audit.service.http_api.struct_bodies import answer, body_of
from audit.service.people import Auditor, Permission
from audit.service.search_worker import FoundPage, SearchTask
from audit.service.services import AuditServices
from audit.service.views import PURPOSE_LIMIT_CHARACTERS
from protocol.messages.fields import UnixMs
from serving.http.openapi import gives_struct
from serving.identity.login import Caller

router = APIRouter(dependencies=[ERASES_LEARNED])

ALL_SESSIONS = bytes(16)

Name = Annotated[str, Meta(max_length=200)]


class SearchBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`session_id`: in that session alone. `engineer` and `customer` are parts of names, `mark` of a mark's name.

    `after` is the `next` of a page before.
    """

    words: Annotated[str, Meta(min_length=1, max_length=500)]
    purpose: Annotated[str, Meta(max_length=PURPOSE_LIMIT_CHARACTERS)] = ""
    engineer: Name = ""
    customer: Name = ""
    from_ms: UnixMs | None = None
    until_ms: UnixMs | None = None
    mark: Name = ""
    session_id: SessionIdText | None = None
    kinds: Annotated[tuple[Kind, ...], Meta(max_length=len(Kind))] = ()
    after: Annotated[str, Meta(pattern=r"^([0-9]{1,18}-[0-9a-f]{32}-[0-9]{1,9})?$")] = ""
    limit: Annotated[int, Meta(ge=1, le=HITS_PER_PAGE)] = HITS_PER_PAGE


@router.post("/v1/search", dependencies=[needs(Permission.SEARCH, Permission.VIEW_OWN)], **gives_struct(FoundPage))
async def search(
    caller: TheCaller, services: TheServices, body: Annotated[SearchBody, Depends(body_of(SearchBody))]
) -> Response:
    """Words in all sessions that the caller may see. `next` of a page is `after` of the next."""
    await _check_may_search(caller, services, body.session_id)
    parse_query(body.words)  # refused here, if it is no query
    where = ALL_SESSIONS if body.session_id is None else bytes.fromhex(body.session_id)
    await services.views.note(caller.user, where, "search", body.purpose)
    fields = {name: value for name, value in msgspec.structs.asdict(body).items() if name != "purpose"}
    page = await services.search.search(SearchTask(**fields))
    if body.session_id is None:
        for session_id in dict.fromkeys(hit.session_id for hit in page.hits):
            await services.views.note(caller.user, bytes.fromhex(session_id), "search", body.purpose)
    return answer(page)


async def _check_may_search(caller: Caller[Auditor], services: AuditServices, session_id: str | None) -> None:
    """In all recordings, or in one that they may see. Raises NotAllowed, SessionNotHere."""
    if session_id is None:
        caller.check(Permission.SEARCH)
    elif not await services.may_see(caller.user, bytes.fromhex(session_id)):
        raise SessionNotHere
