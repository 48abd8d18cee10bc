"""/v1/sessions/{id}/notes: what engineers write about a session, for each other. No recording holds it."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, StringConstraints

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.http_api.sessions import theirs
from broker.http_api.waiting import KnownChange, WaitSeconds, answer_when, change_of
from broker.organisation.engineers import Engineer
from broker.organisation.people import Permission
from broker.services import Services
from broker.sessions.session import NOTE_CHANGE_HOURS, Note
from serving.http.encoding import Strict
from serving.http.numbers import RowNumber
from serving.identity.login import Caller

router = APIRouter(prefix="/v1/sessions/{session_id}/notes")


class NoteBody(Strict):
    text: Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"\S")]


class NoteAnswer(BaseModel):
    """`version` is what `If-Match` has to name to change it; `changeable` whether the caller may, at this time."""

    note_id: int
    version: str
    changeable: bool
    author: str
    staff_number: str
    written_at_ms: int
    text: str


class NotesAnswer(BaseModel):
    """`change` asks for them when there are others."""

    notes: list[NoteAnswer]
    change: str


@router.get("", dependencies=[needs(Permission.SESSIONS)])
async def notes(
    session_id: str,
    connection: Request,
    caller: TheCaller,
    services: TheServices,
    after: KnownChange = "",
    wait: WaitSeconds = 0,
) -> NotesAnswer:
    """What engineers wrote about the session, in the order of writing. With `wait` and what `change` was as `after`,
    when something has changed since."""

    async def look(caller: Caller[Engineer]) -> NotesAnswer:
        session = await theirs(session_id, caller, services)
        found = [_answer(note, caller, services) for note in await services.session_store.notes(session.session_id)]
        return NotesAnswer(notes=found, change=change_of(found))

    listener = services.sessions.listen((await theirs(session_id, caller, services)).session_id)
    return await answer_when(look, lambda answer: answer.change != after, listener, wait, connection, caller, services)


@router.post("", status_code=201, dependencies=[needs(Permission.NOTES)])
async def add_note(session_id: str, body: NoteBody, caller: TheCaller, services: TheServices) -> NoteAnswer:
    """Adds a note."""
    session = await theirs(session_id, caller, services)
    now_ms = services.clock.unix_ms()
    note = await services.session_store.add_note(session.session_id, caller.user.user_id, body.text, now_ms)
    services.sessions.kept_beside(session.session_id)
    return _answer(note, caller, services)


@router.put("/{note_id}", dependencies=[needs(Permission.NOTES)])
async def change_note(
    session_id: str,
    note_id: RowNumber,
    body: NoteBody,
    if_match: Annotated[str, Header(max_length=64, description="the note's version, in quotes")],
    caller: TheCaller,
    services: TheServices,
) -> NoteAnswer:
    """One's own, in the hours after it was begun: what a person writes is saved while they write.

    Raises NoteUnknown, NoteChanged, NoteClosed.
    """
    session = await theirs(session_id, caller, services)
    note = await services.session_store.change_note(
        session.session_id,
        note_id,
        caller.user.user_id,
        version=if_match.strip('"'),
        text=body.text,
        not_before_ms=_changeable_since_ms(services),
    )
    services.sessions.kept_beside(session.session_id)
    return _answer(note, caller, services)


def _changeable_since_ms(services: Services) -> int:
    return services.clock.unix_ms() - NOTE_CHANGE_HOURS * 3_600_000


def _answer(note: Note, caller: Caller[Engineer], services: Services) -> NoteAnswer:
    return NoteAnswer(
        note_id=note.note_id,
        version=note.version,
        changeable=note.user_id == caller.user.user_id and note.written_at_ms >= _changeable_since_ms(services),
        author=note.author,
        staff_number=note.staff_number,
        written_at_ms=note.written_at_ms,
        text=note.text,
    )
