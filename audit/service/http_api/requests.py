"""Retention: classes, legal holds, and what takes two people.

GET  /v1/retention                        the classes, their floors, how many are held and due
GET  /v1/retention/due                    what may be erased
GET  /v1/retention/held                   what is under a legal hold
POST /v1/sessions/{id}/retention          set its class
POST /v1/sessions/{id}/hold               put it under a legal hold, or lift that
GET  /v1/requests                         exports and erases that were asked for
POST /v1/requests                         ask for one
POST /v1/requests/{request_id}/confirm    be the second person
POST /v1/requests/{request_id}/refuse
GET  /v1/requests/{request_id}/export     fetch what was confirmed, within a day
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from audit.service.http_api.caller import ERASES_LEARNED, TheCaller, TheServices, TheWording, needs
from audit.service.http_api.session_answers import SessionAnswer, SessionsAnswer, answer_of, answers_of
from audit.service.http_api.sessions import SessionNotHere, TheSession, stream_of
from audit.service.http_api.staff import PersonAnswer, people_who_may
from audit.service.people import Permission
from audit.storage.requests import Kind, Request, State
from audit.storage.sessions import Retention
from serving.http.encoding import Strict
from serving.http.numbers import RowNumber
from serving.http.openapi import gives
from serving.identity.freshness import check_fresh

router = APIRouter(prefix="/v1", dependencies=[ERASES_LEARNED])

Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"\S")]
MAY_RETAIN_OR_ASK = needs(Permission.REQUEST, Permission.CONFIRM, Permission.RETAIN)
MEDIA_TYPES = {
    "asciicast": "application/x-asciicast",
    "text": "text/plain; charset=utf-8",
    "jsonl": "application/x-ndjson",
}


class RetentionBody(Strict):
    retention: Retention
    reason: Reason


class HoldBody(Strict):
    """Null lifts it; `because` says why then."""

    reason: Reason | None
    because: Reason | None = None


class ClassAnswer(BaseModel):
    """`due`: past their floor and not held, so that somebody may ask for their erase."""

    retention: Retention
    floor_days: int
    kept: int
    held: int
    due: int


class ClassesAnswer(BaseModel):
    classes: list[ClassAnswer]


class RequestBody(Strict):
    kind: Kind
    session_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    reason: Reason


class RequestAnswer(BaseModel):
    """`confirmed`: decided; an erase then goes on until it is `done`."""

    request_id: int
    kind: Kind
    session_id: str
    state: State
    reason: str
    asked_by: str
    asked_at_ms: int
    answered_by: str | None
    answered_at_ms: int | None


class RequestsAnswer(BaseModel):
    """`confirmers` may be the second person of any of them but their own."""

    requests: list[RequestAnswer]
    confirmers: list[PersonAnswer]


@router.get("/retention", dependencies=[MAY_RETAIN_OR_ASK])
async def classes(services: TheServices) -> ClassesAnswer:
    """The classes of retention, and how many sessions each has."""
    return ClassesAnswer(classes=[ClassAnswer(**vars(one)) for one in await services.retainer.classes()])


@router.get("/retention/held", dependencies=[MAY_RETAIN_OR_ASK])
async def held(
    services: TheServices, wording: TheWording, limit: Annotated[int, Query(ge=1, le=500)] = 200
) -> SessionsAnswer:
    """Sessions under a legal hold."""
    return SessionsAnswer(sessions=await answers_of(await services.sessions.held(limit), services, wording))


@router.get("/retention/due", dependencies=[needs(Permission.REQUEST)])
async def due(services: TheServices, wording: TheWording) -> SessionsAnswer:
    """Sessions whose retention is over."""
    return SessionsAnswer(sessions=await answers_of(await services.retainer.due(), services, wording))


@router.post("/sessions/{session_id}/retention", dependencies=[needs(Permission.RETAIN)])
async def set_retention(
    body: RetentionBody, known: TheSession, caller: TheCaller, services: TheServices, wording: TheWording
) -> SessionAnswer:
    """Gives a session another class of retention."""
    await services.retainer.set_class(caller.user, known.session_id, body.retention, body.reason)
    return await _again(known.session_id, services, wording)


@router.post("/sessions/{session_id}/hold", dependencies=[needs(Permission.RETAIN)])
async def set_hold(
    body: HoldBody, known: TheSession, caller: TheCaller, services: TheServices, wording: TheWording
) -> SessionAnswer:
    """Puts a session on hold, or lets it go: what is held is not erased."""
    if body.reason is None:
        await services.retainer.lift_hold(caller.user, known.session_id, body.because or "lifted")
    else:
        await services.retainer.set_hold(caller.user, known.session_id, body.reason)
    return await _again(known.session_id, services, wording)


@router.get("/requests", dependencies=[needs(Permission.REQUEST, Permission.CONFIRM)])
async def requests(
    services: TheServices,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> RequestsAnswer:
    """Requests for exports and erases."""
    found = await services.request_store.newest(state, limit)
    confirmers = await people_who_may(Permission.CONFIRM, services)
    return RequestsAnswer(requests=[_answer(one) for one in found], confirmers=confirmers)


@router.post("/requests", dependencies=[needs(Permission.REQUEST)], status_code=201)
async def ask(body: RequestBody, caller: TheCaller, services: TheServices) -> RequestAnswer:
    """Asks for an export or an erase. Somebody else has to confirm it."""
    known = await services.sessions.find(bytes.fromhex(body.session_id))
    if known is None:
        raise SessionNotHere
    return _answer(await services.retainer.ask(caller.user, body.kind, known, body.reason))


@router.post("/requests/{request_id}/confirm", dependencies=[needs(Permission.CONFIRM)])
async def confirm(request_id: RowNumber, caller: TheCaller, services: TheServices) -> RequestAnswer:
    """Confirms somebody else's request; an erase is done then. Takes a sign-in that is only minutes old."""
    check_fresh(caller, services.clock.unix_ms(), services.settings.fresh_minutes)
    return _answer(await services.retainer.confirm(caller.user, request_id))


@router.post("/requests/{request_id}/refuse", dependencies=[needs(Permission.CONFIRM)])
async def refuse(request_id: RowNumber, caller: TheCaller, services: TheServices) -> RequestAnswer:
    """Refuses somebody else's request."""
    return _answer(await services.retainer.refuse(caller.user, request_id))


@router.get("/requests/{request_id}/export", dependencies=[needs(Permission.REQUEST)], **gives("text/plain"))
async def export(
    request_id: RowNumber,
    caller: TheCaller,
    services: TheServices,
    format_: Annotated[Literal["asciicast", "text", "jsonl"], Query(alias="format")] = "asciicast",
) -> Response:
    """What was asked for and confirmed."""
    request = await services.retainer.fetch_export(caller.user, request_id)
    return await stream_of(services, request.session_id, format_, MEDIA_TYPES[format_], {})


async def _again(session_id: bytes, services: TheServices, wording: TheWording) -> SessionAnswer:
    known = await services.sessions.find(session_id)
    if known is None:
        raise SessionNotHere
    return await answer_of(known, services, wording)


def _answer(request: Request) -> RequestAnswer:
    return RequestAnswer(**vars(request) | {"session_id": request.session_id.hex()})
