"""/v1/sessions/{id}/whispers: what staff say to each other about a session that runs. The customer does not read it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, StringConstraints

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.http_api.sessions import theirs
from broker.http_api.waiting import WaitSeconds, answer_when
from broker.organisation.engineers import Engineer
from broker.organisation.people import Permission
from broker.sessions.whispers import TEXT_LIMIT_CHARACTERS, Whisper, WhisperKind
from serving.http.encoding import Strict
from serving.identity.events import IdentityEvent
from serving.identity.login import Caller

router = APIRouter(prefix="/v1/sessions/{session_id}")


class WhisperBody(Strict):
    text: Annotated[str, StringConstraints(min_length=1, max_length=TEXT_LIMIT_CHARACTERS, pattern=r"\S")]


class WhisperAnswer(BaseModel):
    """`mine`: the caller wrote it. Numbers count from 1. `kind` `join`: they ask for a code, and `text` is empty."""

    number: int
    name: str
    staff_number: str
    said_at_ms: int
    text: str
    kind: WhisperKind
    mine: bool


class WhispersAnswer(BaseModel):
    """`is_over`: the session has ended, and nothing more will be whispered."""

    whispers: list[WhisperAnswer]
    is_over: bool


@router.get("/whispers", dependencies=[needs(Permission.SESSIONS)])
async def whispers(
    session_id: str,
    connection: Request,
    caller: TheCaller,
    services: TheServices,
    after: Annotated[int, Query(ge=0, le=2**31)] = 0,
    wait: WaitSeconds = 0,
) -> WhispersAnswer:
    """What was whispered after that number, in the order of saying; waits for something, if asked to."""

    async def look(caller: Caller[Engineer]) -> WhispersAnswer:
        session = await theirs(session_id, caller, services)
        found = await services.whispers.after(session, after)
        return WhispersAnswer(whispers=[_answer(one, caller) for one in found], is_over=session.state == "ended")

    listener = services.whispers.listen((await theirs(session_id, caller, services)).session_id)
    return await answer_when(
        look, lambda answer: bool(answer.whispers) or answer.is_over, listener, wait, connection, caller, services
    )


@router.post("/whispers", status_code=201, dependencies=[needs(Permission.WHISPER)])
async def whisper(session_id: str, body: WhisperBody, caller: TheCaller, services: TheServices) -> WhisperAnswer:
    """Says something to the staff of a session that runs. Raises SessionOver, TooBusy, WhispersFull, CodeWhispered."""
    session = await theirs(session_id, caller, services)
    said = await services.whispers.say(session, caller.user, body.text.strip())
    facts: dict[str, str | int | bool] = {"session": session_id, "number": said.number}
    await services.events.note(IdentityEvent("whispered", caller.user.user_name, "", facts=facts))
    return _answer(said, caller)


@router.post("/join", status_code=202, dependencies=[needs(Permission.ALL_SESSIONS), needs(Permission.CONNECT)])
async def ask_to_join(session_id: str, caller: TheCaller, services: TheServices) -> WhisperAnswer:
    """Asks the session's engineer for a code, as a whisper. Who comes in by it asks the customer, as everybody does.

    Raises SessionOver, TooBusy, WhispersFull."""
    session = await theirs(session_id, caller, services)
    said = await services.whispers.ask_to_join(session, caller.user)
    await services.events.note(
        IdentityEvent("join_asked", caller.user.user_name, "", facts={"session": session_id, "number": said.number})
    )
    return _answer(said, caller)


def _answer(said: Whisper, caller: Caller[Engineer]) -> WhisperAnswer:
    return WhisperAnswer(
        number=said.number,
        name=said.name,
        staff_number=said.staff_number,
        said_at_ms=said.said_at_ms,
        text=said.text,
        kind=said.kind,
        mine=said.user_id == caller.user.user_id,
    )
