"""POST /v1/search: words in all recordings, each hit with its session and the millisecond to open it at.

Not a GET: what is searched for would stand in addresses, and so in the logs of whatever lies between. The search is
noted before it is made (under a session id of zeros: it went through all of them), and once more for each session of
which it shows a line. The words are not kept with it: they would outlive the recordings that they were taken from.
"""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints
from starlette.responses import Response

from audit.replay_index.entries import Kind
from audit.replay_index.words import parse_query
from audit.search.searching import HITS_PER_PAGE
from audit.service.http_api.caller import TheCaller, TheServices, needs
from audit.service.http_api.struct_bodies import answer
from audit.service.people import Permission
from audit.service.search_worker import SearchTask
from audit.service.views import PURPOSE_LIMIT_CHARACTERS
from serving.http.encoding import Strict

router = APIRouter()

ALL_SESSIONS = bytes(16)

Name = Annotated[str, StringConstraints(max_length=200)]
UnixMs = Annotated[int, Field(ge=0, le=2**53)]
Place = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,18}-[0-9a-f]{32}-[0-9]{1,9})?$")]


class SearchBody(Strict):
    """`engineer` and `customer` are parts of names, `mark` of a mark's name. `after` is the `next` of a page before."""

    words: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    purpose: Annotated[str, StringConstraints(max_length=PURPOSE_LIMIT_CHARACTERS)] = ""
    engineer: Name = ""
    customer: Name = ""
    from_ms: UnixMs | None = None
    until_ms: UnixMs | None = None
    mark: Name = ""
    kinds: Annotated[tuple[Kind, ...], Field(max_length=len(Kind))] = ()
    after: Place = ""
    limit: Annotated[int, Field(ge=1, le=HITS_PER_PAGE)] = HITS_PER_PAGE


@router.post("/v1/search", dependencies=[needs(Permission.SEARCH)])
async def search(body: SearchBody, caller: TheCaller, services: TheServices) -> Response:
    parse_query(body.words)  # refused here, if it is no query
    await services.views.note(caller.user, ALL_SESSIONS, "search", body.purpose)
    fields = body.model_dump(exclude={"purpose"})
    page = await services.search.search(SearchTask(**fields))
    for session_id in dict.fromkeys(hit.session_id for hit in page.hits):
        await services.views.note(caller.user, bytes.fromhex(session_id), "search", body.purpose)
    return answer(page)
