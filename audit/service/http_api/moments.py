"""A session from its index: what was done in it, any moment of it, and now. JSON Lines (audit/replay_index/viewing.py).

GET /v1/sessions/{id}/commands    what was typed and run, and how that is known
GET /v1/sessions/{id}/timeline    everything but lines of output: commands, files, consent, notes, marks
GET /v1/sessions/{id}/moment      the terminal at `t_ms`, and what followed for so many `seconds`
GET /v1/sessions/{id}/live        a running session: the terminal now, and what happens, until it ends

Each asks for a purpose, and notes it first.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from audit.replay_index.live_tail import ALIVE_SECONDS
from audit.service.http_api.caller import ERASES_LEARNED, TheCaller, TheServices, caller_of
from audit.service.http_api.sessions import MAY_VIEW, Purpose, TheSession, streamed
from audit.service.people import Auditor
from audit.service.services import AuditServices
from audit.storage.sessions import KnownSession
from protocol.errors import ConsentryError, RefusedError
from protocol.events import ROOM_CHANNEL
from serving.http.numbers import LARGEST
from serving.http.openapi import gives
from serving.identity.login import Caller

router = APIRouter(prefix="/v1/sessions", dependencies=[ERASES_LEARNED])

MEDIA_TYPE = "application/x-ndjson"
LONGEST_MOMENT_SECONDS = 3600


class NothingLive(RefusedError):
    sentence = "This session is over: it can be replayed, and has nothing live."


@router.get("/{session_id}/commands", dependencies=[MAY_VIEW], **gives("application/x-ndjson"))
async def commands(known: TheSession, caller: TheCaller, services: TheServices, purpose: Purpose = "") -> Response:
    """The commands that were run, one a line."""
    return await _from_index(services, caller, known, purpose, "commands", {})


@router.get("/{session_id}/timeline", dependencies=[MAY_VIEW], **gives("application/x-ndjson"))
async def timeline(known: TheSession, caller: TheCaller, services: TheServices, purpose: Purpose = "") -> Response:
    """What happened when, one a line."""
    return await _from_index(services, caller, known, purpose, "timeline", {})


@router.get("/{session_id}/moment", dependencies=[MAY_VIEW], **gives("application/x-ndjson"))
async def moment(
    known: TheSession,
    caller: TheCaller,
    services: TheServices,
    purpose: Purpose = "",
    t_ms: Annotated[int, Query(ge=0, le=2**53)] = 0,
    seconds: Annotated[int, Query(ge=0, le=LONGEST_MOMENT_SECONDS)] = 60,
    channel: Annotated[int, Query(ge=0, le=LARGEST)] = ROOM_CHANNEL,
) -> Response:
    """What a terminal showed from a moment on."""
    options = {"t_ms": t_ms, "until_ms": t_ms + 1000 * seconds, "channel": channel}
    return await _from_index(services, caller, known, purpose, "moment", options)


@router.get("/{session_id}/live", dependencies=[MAY_VIEW], **gives("application/x-ndjson"))
async def live(
    known: TheSession, caller: TheCaller, services: TheServices, request: Request, purpose: Purpose = ""
) -> Response:
    """What happens, as it happens, one a line; ends with the session."""
    await services.views.note(caller.user, known.session_id, "view", purpose)
    if is_over(known):
        raise NothingLive
    return StreamingResponse(_live_lines(services, known.session_id, request), media_type=MEDIA_TYPE)


async def _live_lines(services: AuditServices, session_id: bytes, request: Request) -> AsyncIterator[bytes]:
    """Whoever is logged out meanwhile, or has lost the session, sees no more of it."""
    checked = monotonic()
    async with aclosing(services.indexing.onlookers.follow(session_id)) as lines:
        async for line in lines:
            yield line
            if monotonic() - checked >= ALIVE_SECONDS / 2:
                checked = monotonic()
                if not await may_look_on(services, session_id, request):
                    return


async def may_look_on(services: AuditServices, session_id: bytes, request: Request) -> bool:
    """Whether they are still logged in, and the session still theirs to see, and running."""
    try:
        caller = await caller_of(request)
        known = await services.sessions.find(session_id)
        return known is not None and not is_over(known) and await services.may_see(caller.user, session_id)
    except ConsentryError:
        return False


def is_over(known: KnownSession) -> bool:
    return known.finished or known.ended_at_ms is not None or known.erased_at_ms is not None


async def _from_index(
    services: AuditServices,
    caller: Caller[Auditor],
    known: KnownSession,
    purpose: str,
    kind: str,
    options: Mapping[str, object],
) -> Response:
    await services.views.note(caller.user, known.session_id, "view", purpose)
    pieces = services.index_reader.stream(kind, known.session_id, **options)
    return await streamed(services, known.session_id, pieces, MEDIA_TYPE)
