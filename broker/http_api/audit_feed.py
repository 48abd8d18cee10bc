"""What the audit service pulls: changes, recordings, and the erase. For it alone, by its service token.

GET  /v1/audit/changes                        sessions that changed, recordings that grew; waits for news if asked to
GET  /v1/audit/events                         what was decided about people and their logins, from a number on
GET  /v1/audit/requests                       requests for help that ended, from a number on; not what customers said
GET  /v1/audit/recordings/{id}                the small files beside the records, and how many bytes those are
GET  /v1/audit/recordings/{id}/records        sealed records from an offset on, as they lie on the disk
GET  /v1/audit/recordings/{id}/forks/{seq}    a contradicting record, kept as evidence
GET  /v1/audit/recordings/{id}/proof          the log's proof that the session was opened, or closed
POST /v1/audit/log                            enters a commitment: somebody looked, erased or reviewed
POST /v1/audit/recordings/{id}/erase          removes the recording and what people wrote about it
"""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import structlog
from fastapi import APIRouter, Depends, Query
from fastapi import Path as PathParameter
from pydantic import BaseModel, StringConstraints
from starlette.requests import HTTPConnection
from starlette.responses import Response

from audit.ingest import SessionNotOpenError
from audit.session_files import (
    CLOSING_FILE,
    OPENING_FILE,
    RATING_FILE,
    RECORDS_FILE,
    SMALL_FILE_LIMIT_BYTES,
    session_folder,
)
from broker.audit_feed.services import RegisteredAuditService
from broker.http_api.caller import TheServices
from broker.http_api.sessions import ProofAnswer, RatingAnswer, SessionAnswer, answer_of_session, proof_of
from broker.services import services_of
from broker.sessions.session import SessionUnknown
from broker.transparency.logbook import EntryMissing
from protocol.messages.agent import LogEntry
from protocol.records import RECORD_LIMIT_BYTES
from serving.http.encoding import Strict, encode_bytes
from serving.http.numbers import LARGEST
from serving.http.openapi import gives, gives_struct
from serving.identity.login import NotLoggedIn
from serving.identity.tokens import hash_of_token
from serving.identity_api.events import EventEntry, entry_of
from serving.waiting import EndedRequests

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 25.0
"""Below the patience of proxies, which is often 30 s."""

PAGE_LIMIT_SESSIONS = 200
PAGE_LIMIT_EVENTS = 500
PAGE_LIMIT_REQUESTS = 500
READ_LIMIT_BYTES = 1024 * 1024

SessionIdText = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{32}$")]


async def service_of(connection: HTTPConnection) -> RegisteredAuditService:
    """Raises NotLoggedIn."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    token_hash = hash_of_token(token.strip()) if scheme.lower() == "bearer" else None
    found = await services_of(connection).audit_services.with_token(token_hash) if token_hash else None
    if found is None:
        raise NotLoggedIn
    return found


TheAuditService = Annotated[RegisteredAuditService, Depends(service_of)]

router = APIRouter(prefix="/v1/audit", dependencies=[Depends(service_of)])


class NoteOfSession(BaseModel):
    author: str
    staff_number: str
    written_at_ms: int
    text: str


class ChangedAnswer(SessionAnswer):
    notes: list[NoteOfSession]
    rating: RatingAnswer | None


class ChangesAnswer(BaseModel):
    """`cursor` and `position` are where the next question goes on; `resync`: any recording may have grown.

    `newest` is the last number that was given to any change: one below what was asked for tells that this broker was
    set back to a copy.
    """

    cursor: int
    newest: int
    sessions: list[ChangedAnswer]
    position: str
    grown: list[str]
    resync: bool


class RecordingAnswer(BaseModel):
    """`files` by name, base64url. `forks` are the numbers of contradicted records."""

    files: dict[str, str]
    size_bytes: int
    forks: list[int]


@router.get("/changes")
async def changes(
    services: TheServices,
    after: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
    position: Annotated[str, Query(max_length=64)] = "",
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_SECONDS)] = 0,
) -> ChangesAnswer:
    """Sessions that changed and recordings that grew since `cursor` and `position`; waits for news if asked to."""
    listener = services.audit_feed.listen()
    try:
        found = await services.changed_sessions.after(after, PAGE_LIMIT_SESSIONS)
        growth = services.audit_feed.since(position)
        if wait and not found and not growth.session_ids and not growth.resync:
            await listener.wait(wait)
            found = await services.changed_sessions.after(after, PAGE_LIMIT_SESSIONS)
            growth = services.audit_feed.since(position)
    finally:
        listener.close()
    return ChangesAnswer(
        cursor=found[-1].change if found else after,
        newest=await services.changed_sessions.newest(),
        sessions=[
            ChangedAnswer(
                **answer_of_session(one.session, services).model_dump(),
                notes=[
                    NoteOfSession(
                        author=note.author,
                        staff_number=note.staff_number,
                        written_at_ms=note.written_at_ms,
                        text=note.text,
                    )
                    for note in one.notes
                ],
                rating=RatingAnswer(**vars(one.rating)) if one.rating else None,
            )
            for one in found
        ],
        position=growth.position,
        grown=[session_id.hex() for session_id in growth.session_ids],
        resync=growth.resync,
    )


class DecisionsAnswer(BaseModel):
    """The oldest first. Numbers rise one by one: a gap before the first means that the broker kept no more.

    `newest` is the last number that was given to any.
    """

    events: list[EventEntry]
    newest: int


@router.get("/events")
async def events(services: TheServices, after: Annotated[int, Query(ge=0, le=LARGEST)] = 0) -> DecisionsAnswer:
    """What was decided about people and their logins since that number, a page of it."""
    found = await services.events.following(after, PAGE_LIMIT_EVENTS)
    newest = await services.events.newest(None, 1)
    return DecisionsAnswer(
        events=[entry_of(one) for one in found], newest=max((one.event_id for one in newest), default=0)
    )


@router.get("/requests", **gives_struct(EndedRequests))
async def requests(services: TheServices, after: Annotated[int, Query(ge=0, le=2**53)] = 0) -> Response:
    """Requests for help that ended since that number, a page of them: times, tier and who took each."""
    page = await services.waiting_room.ended_after(after, PAGE_LIMIT_REQUESTS)
    return Response(msgspec.json.encode(page), media_type="application/json")


@router.get("/recordings/{session_id}")
def recording(session_id: SessionIdText, services: TheServices) -> RecordingAnswer:
    """The small files beside the records, and how many bytes those are."""
    folder = _folder(session_id, services.settings.records_folder)
    files = {}
    for name in (OPENING_FILE, CLOSING_FILE, RATING_FILE):
        path = folder / name
        if path.exists():
            with path.open("rb") as file:
                files[name] = encode_bytes(file.read(SMALL_FILE_LIMIT_BYTES))
    records = folder / RECORDS_FILE
    return RecordingAnswer(
        files=files,
        size_bytes=records.stat().st_size if records.exists() else 0,
        forks=sorted(int(path.stem.removeprefix("fork-")) for path in folder.glob("fork-*.csr")),
    )


@router.get("/recordings/{session_id}/records", **gives("application/octet-stream"))
def records(
    session_id: SessionIdText, services: TheServices, offset: Annotated[int, Query(ge=0, le=LARGEST)] = 0
) -> Response:
    """At most 1 MiB; less where there is no more yet. The last record may be cut off: ask again from its beginning."""
    return _bytes_of(_folder(session_id, services.settings.records_folder) / RECORDS_FILE, offset, READ_LIMIT_BYTES)


@router.get("/recordings/{session_id}/forks/{seq}", **gives("application/octet-stream"))
def fork(
    session_id: SessionIdText, seq: Annotated[int, PathParameter(ge=0, le=LARGEST)], services: TheServices
) -> Response:
    """A record that contradicts another one of the same number, kept as evidence."""
    return _bytes_of(_folder(session_id, services.settings.records_folder) / f"fork-{seq}.csr", 0, RECORD_LIMIT_BYTES)


@router.get("/recordings/{session_id}/proof")
async def proof(
    session_id: SessionIdText,
    services: TheServices,
    entry: Annotated[LogEntry, Query()] = "open",
    known_size: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
) -> ProofAnswer:
    """The log's proof of the session's entry, as both parties are given it; 404 where it has none."""
    try:
        return await proof_of(services, bytes.fromhex(session_id), entry, known_size)
    except EntryMissing:
        raise SessionUnknown from None


class LogBody(Strict):
    """`commitment` in hex: what it commits to stays with the audit service."""

    kind: Literal["view", "erase", "qa"]
    session_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    commitment: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class PlaceAnswer(BaseModel):
    place: int


@router.post("/log")
async def enter(body: LogBody, services: TheServices) -> PlaceAnswer:
    """In the log when this answers; the same commitment again is answered with the place of then."""
    session_id, commitment = bytes.fromhex(body.session_id), bytes.fromhex(body.commitment)
    return PlaceAnswer(place=await services.logbook.enter(body.kind, session_id, commitment))


@router.post("/recordings/{session_id}/erase", status_code=204)
async def erase(session_id: SessionIdText, audit_service: TheAuditService, services: TheServices) -> None:
    """Done when this answers. A second time is the same. Two people agreed on it at the audit service."""
    with suppress(SessionNotOpenError):  # nothing was ever recorded, and there may be notes all the same
        await services.records.erase_session(bytes.fromhex(session_id), services.clock.unix_ms())
    await services.changed_sessions.forget_words(bytes.fromhex(session_id))
    await services.database.forget_deleted()
    log.info("recording_erased", session_id=session_id, audit_service=audit_service.name)


def _folder(session_id: str, records_folder: Path) -> Path:
    folder = session_folder(records_folder, bytes.fromhex(session_id))
    if not folder.is_dir():
        raise SessionUnknown
    return folder


def _bytes_of(path: Path, offset: int, limit_bytes: int) -> Response:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(limit_bytes)
    except FileNotFoundError:
        raise SessionUnknown from None
    return Response(data, media_type="application/octet-stream")
