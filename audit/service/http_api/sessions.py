"""The sessions: which there are, how whole they are, and what is in them.

GET  /v1/sessions                         the newest first; `before` for the next page, `running` ones, by `id`, …
GET /v1/sessions/{id}                    one of them
GET /v1/sessions/{id}/verify             every check, derived again from the bytes; what the log proves
GET /v1/sessions/{id}/replay             asciicast v3
GET /v1/sessions/{id}/transcript         text as it was seen
GET /v1/sessions/{id}/files              what was done to files, JSON Lines

Whatever shows contents asks for a purpose and notes it first. An external reviewer sees what is assigned to them.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query
from fastapi import Path as PathParameter
from pydantic import StringConstraints
from starlette.responses import Response, StreamingResponse

from audit.service.after_restore import RecordingSetAside
from audit.service.http_api.caller import ERASES_LEARNED, TheCaller, TheServices, TheWording, needs
from audit.service.http_api.session_answers import (
    CheckAnswer,
    SessionAnswer,
    SessionsAnswer,
    VerifyAnswer,
    answer_of,
    answers_of,
)
from audit.service.http_api.struct_bodies import answer
from audit.service.people import Auditor, Permission
from audit.service.services import AuditServices
from audit.service.views import Action
from audit.storage.sessions import KnownSession
from audit.vault.badge import LogPlaces
from audit.vault.log_evidence import outcome_of_log
from audit.vault.reading import RecordingChanged
from audit.vault.verify import Outcome
from protocol.errors import ConsentryError, RefusedError
from serving.http.numbers import LARGEST
from serving.http.openapi import gives, gives_struct
from serving.identity.login import Caller
from wording import Language, Wording

router = APIRouter(prefix="/v1/sessions", dependencies=[ERASES_LEARNED])

LIST_LIMIT = 200

RUNNING_LIMIT = 24
"""Looked at together, at most."""

SessionIdText = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{32}$")]
SessionIdQuery = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Purpose = Annotated[str, Query(max_length=500)]
MAY_VIEW = needs(Permission.VIEW, Permission.VIEW_OWN)


class SessionNotHere(RefusedError):
    """The same for what does not exist and for what the asker may not see."""

    sentence = "There is no such session here, or it is not yours to see."


async def seen(session_id: SessionIdText, caller: TheCaller, services: TheServices) -> KnownSession:
    """The session, if it is here and theirs to see. Raises SessionNotHere."""
    known = await services.sessions.find(bytes.fromhex(session_id))
    if known is None or not await services.may_see(caller.user, known.session_id):
        raise SessionNotHere
    return known


TheSession = Annotated[KnownSession, Depends(seen)]


@router.get("", dependencies=[needs(Permission.LIST)])
async def sessions(
    services: TheServices,
    wording: TheWording,
    before_ms: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
    before: SessionIdQuery | None = None,
    beginning: Annotated[str | None, Query(pattern=r"^[0-9a-f]{1,32}$")] = None,
    limit: Annotated[int, Query(ge=1, le=LIST_LIMIT)] = 50,
    running: bool = False,
    id_: Annotated[list[SessionIdQuery] | None, Query(alias="id", max_length=LIST_LIMIT)] = None,
) -> SessionsAnswer:
    """Sessions that were pulled, the newest first; `before` the last one of a page stands the next. `before_ms`: those
    that were opened before; `beginning`: those whose numbers begin so."""
    if id_ is not None:
        found = await services.sessions.these([bytes.fromhex(one) for one in id_])
    elif beginning is not None:
        found = await services.sessions.beginning_with(beginning, limit)
    else:
        last = bytes.fromhex(before) if before else None
        found = await services.sessions.newest(before_ms=before_ms, before=last, limit=limit, running=running)
    return SessionsAnswer(sessions=await answers_of(found, services, wording))


@router.get("/{session_id}", dependencies=[MAY_VIEW])
async def session(known: TheSession, services: TheServices, wording: TheWording) -> SessionAnswer:
    """One session."""
    return await answer_of(known, services, wording)


@router.get("/{session_id}/verify", dependencies=[MAY_VIEW], **gives_struct(VerifyAnswer))
async def verify(known: TheSession, services: TheServices, language: Language = "en") -> Response:
    """Whether the recording is whole and in the log, check by check."""
    options = {"language": language, "now_ms": services.clock.unix_ms(), "cas": services.engineer_cas()}
    read = msgspec.json.decode(await services.reader.read("verify", known.session_id, **options), type=VerifyAnswer)
    badge = await services.log_check.checked(known.session_id, ended=known.ended_at_ms is not None)
    outcome = outcome_of_log(badge)
    sentence = Wording(language).say(f"audit-log-badge.{badge}")
    if read.verdict == "broken" and read.fault is not None:
        await services.unsound.found(known.session_id, "broken", RecordingChanged())
    failed = {"intact": False, "verdict": "broken"} if outcome is Outcome.FAILED else {}
    checks = (*read.checks, CheckAnswer("log", outcome, sentence))
    whole = await asyncio.to_thread(services.log_check.whole_badge, known.session_id)
    proved = outcome is Outcome.OK or badge in ("opened", "closed-early")
    places = whole.places if proved else LogPlaces()
    summary = whole.sentence(Wording(language))
    return answer(msgspec.structs.replace(read, checks=checks, log=badge, log_places=places, summary=summary, **failed))


@router.get("/{session_id}/replay", dependencies=[MAY_VIEW], **gives("application/x-asciicast"))
async def replay(
    known: TheSession,
    caller: TheCaller,
    services: TheServices,
    purpose: Purpose = "",
    channel: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    language: Language = "en",
) -> Response:
    """A channel as asciicast v3."""
    options = {"channel": channel, "language": language}
    return await _contents(services, caller, known, "view", purpose, "asciicast", "application/x-asciicast", options)


@router.get("/{session_id}/transcript", dependencies=[MAY_VIEW], **gives("text/plain"))
async def transcript(
    known: TheSession, caller: TheCaller, services: TheServices, purpose: Purpose = "", language: Language = "en"
) -> Response:
    """What happened, in words, line by line."""
    options = {"language": language}
    return await _contents(services, caller, known, "view", purpose, "text", "text/plain; charset=utf-8", options)


@router.get("/{session_id}/files", dependencies=[MAY_VIEW], **gives("application/x-ndjson"))
async def files(known: TheSession, caller: TheCaller, services: TheServices, purpose: Purpose = "") -> Response:
    """The files that were touched, one a line."""
    return await _contents(services, caller, known, "view", purpose, "files", "application/x-ndjson", {})


async def _contents(
    services: AuditServices,
    caller: Caller[Auditor],
    known: KnownSession,
    action: Action,
    purpose: str,
    kind: str,
    media_type: str,
    options: Mapping[str, object],
) -> Response:
    """Notes the look, then streams."""
    if services.store.is_aside(known.session_id):
        raise RecordingSetAside
    await services.views.note(caller.user, known.session_id, action, purpose)
    return await stream_of(services, known.session_id, kind, media_type, options)


async def stream_of(
    services: AuditServices, session_id: bytes, kind: str, media_type: str, options: Mapping[str, object]
) -> Response:
    return await streamed(services, session_id, services.reader.stream(kind, session_id, **options), media_type)


async def streamed(
    services: AuditServices, session_id: bytes, pieces: AsyncGenerator[bytes, None], media_type: str
) -> Response:
    """The first piece is waited for, so that a refusal still has a status of its own."""
    try:
        first = await anext(pieces)
    except StopAsyncIteration:
        first = b""

    async def body() -> AsyncIterator[bytes]:
        try:
            yield first
            async for piece in pieces:
                yield piece
        except ConsentryError as error:
            # The status is out: the last line says what went wrong, and the connection does not end well.
            services.log_broken_stream(session_id, error)
            raise
        finally:
            await pieces.aclose()

    return StreamingResponse(body(), media_type=media_type)
