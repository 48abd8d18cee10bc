"""GET /v1/sessions and /v1/sessions/{id}; end. An engineer sees the sessions that they took part in.

A supervisor sees everybody's, one at a time by its id, and in the list when they ask for `whose=all`.
"""

import asyncio
import re
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, StringConstraints

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.http_api.waiting import KnownChange, WaitSeconds, answer_when, change_of
from broker.organisation.engineers import Engineer
from broker.organisation.people import Permission
from broker.organisation.teams import NO_TEAM
from broker.services import Services
from broker.sessions.session import (
    NotInAnyMore,
    Session,
    SessionOver,
    SessionRating,
    SessionState,
    SessionUnknown,
    Stop,
)
from protocol.errors import InputError, UnavailableError
from protocol.messages.agent import LogEntry
from serving.http.encoding import Strict, encode_bytes
from serving.http.numbers import LARGEST
from serving.identity.events import IdentityEvent
from serving.identity.login import Caller

router = APIRouter(prefix="/v1/sessions")

READING = needs(Permission.SESSIONS)

PROOF_PATIENCE_SECONDS = 15.0
"""As long as an agent waits."""

LIST_LIMIT = 200
"""Sessions in one answer; the newest come first."""

SESSION_ID = re.compile(r"[0-9a-f]{32}")
_OPEN: tuple[SessionState, ...] = ("waiting", "paired", "live")
_STATES: dict[str, tuple[SessionState, ...]] = {
    "waiting": ("waiting",),
    "paired": ("paired",),
    "live": ("live",),
    "ended": ("ended",),
    "open": _OPEN,
    "all": (*_OPEN, "ended"),
}


class ProofDelayed(UnavailableError):
    sentence = "The log, or the witness that it needs, does not answer. Try again in a minute."


class StopReasonMissing(InputError):
    """Of somebody who takes no part in the session."""

    sentence = "You take no part in this session. Say why you end it: its customer and engineers read that."


class ParticipantAnswer(BaseModel):
    """`name` to `team` as they were when the engineer paired; `team` is empty for none."""

    number: int
    name: str
    staff_number: str
    team: str
    paired_at_ms: int
    scopes: list[str]
    expires_at_ms: int


class RatingAnswer(BaseModel):
    stars: int
    solved: bool | None
    comment: str
    rated_at_ms: int


class StopAnswer(BaseModel):
    """Which supervisor had a session of others ended, and why, as its customer and engineers read it."""

    name: str
    staff_number: str
    why: str


class SessionAnswer(BaseModel):
    """`customer_connected` says whether the customer's agent is on the line at this moment. `stop`: a supervisor had it
    ended, or tried to, if `end_reason` is another. `tier` is of the request that it serves, empty without one."""

    session_id: str
    state: SessionState
    language: str
    opened_at_ms: int
    ended_at_ms: int | None
    end_reason: str | None
    record_count: int | None
    stop: StopAnswer | None
    tier: str
    customer_connected: bool
    participants: list[ParticipantAnswer]


class SessionDetails(SessionAnswer):
    """`change` asks for it when it is another one."""

    rating: RatingAnswer | None
    change: str


class SessionsAnswer(BaseModel):
    """`before` asks for the next page; null: there is none. `change` asks for this page when it is another one."""

    sessions: list[SessionAnswer]
    before: str | None
    change: str


class ProofAnswer(BaseModel):
    """Like `proof-ready` of the agent's conversation; bytes are base64url."""

    leaf: str
    proof: str
    consistency: list[str]


class EndBody(Strict):
    """`why` is for supervisors who end the session of others: the customer and its engineers read it."""

    why: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")] | None = None


@router.get("", dependencies=[READING])
async def sessions(
    connection: Request,
    caller: TheCaller,
    services: TheServices,
    state: Annotated[Literal["waiting", "paired", "live", "ended", "open", "all"], Query()] = "all",
    whose: Annotated[Literal["own", "all"], Query()] = "own",
    team: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    before: Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$")] = None,
    limit: Annotated[int, Query(ge=1, le=LIST_LIMIT)] = LIST_LIMIT,
    after: KnownChange = "",
    wait: WaitSeconds = 0,
) -> SessionsAnswer:
    """Sessions, the newest first. `team`: with an engineer who was in it when they paired; `-`: in none. With `wait`
    and what `change` was as `after`, when something has changed since."""
    last = bytes.fromhex(before) if before else None
    only = caller.user.user_id if whose == "own" else None
    of_team = "" if team == NO_TEAM else team

    async def look(caller: Caller[Engineer]) -> SessionsAnswer:
        caller.check(Permission.SESSIONS if whose == "own" else Permission.ALL_SESSIONS)
        found = await services.session_store.of_engineer(only, _STATES[state], limit + 1, last, of_team)
        page = [answer_of_session(session, services) for session in found[:limit]]
        return SessionsAnswer(
            sessions=page, before=page[-1].session_id if len(found) > limit else None, change=change_of(page)
        )

    listener = services.sessions.listen(only)
    return await answer_when(look, lambda answer: answer.change != after, listener, wait, connection, caller, services)


@router.get("/{session_id}", dependencies=[READING])
async def details(
    session_id: str,
    connection: Request,
    caller: TheCaller,
    services: TheServices,
    after: KnownChange = "",
    wait: WaitSeconds = 0,
) -> SessionDetails:
    """One session, and the customer's rating of it. With `wait` and what `change` was as `after`, when it is another
    one."""

    async def look(caller: Caller[Engineer]) -> SessionDetails:
        session = await theirs(session_id, caller, services)
        rating = _rating(await services.session_store.rating(session.session_id))
        answer = answer_of_session(session, services)
        change = change_of([answer, rating] if rating else [answer])
        return SessionDetails(**answer.model_dump(), rating=rating, change=change)

    listener = services.sessions.listen((await theirs(session_id, caller, services)).session_id)
    return await answer_when(look, lambda answer: answer.change != after, listener, wait, connection, caller, services)


@router.post("/{session_id}/end", status_code=202, dependencies=[needs(Permission.END)])
async def end(session_id: str, caller: TheCaller, services: TheServices, body: EndBody | None = None) -> SessionAnswer:
    """Asks the customer's agent to end; if it does not within seconds, the broker cuts the session off.

    A supervisor may end the sessions of others, and says why: the customer and the engineers are told. Raises
    SessionOver, StopReasonMissing, NotInAnyMore.
    """
    session = await theirs(session_id, caller, services)
    if session.state == "ended":
        raise SessionOver
    why = body.why.strip() if body and body.why else ""
    if why:
        caller.check(Permission.ALL_SESSIONS)
        await _stop(session, why, caller, services)
    elif session.participant(caller.user.user_id):
        if not session.is_ended_by(caller.user.user_id):
            raise NotInAnyMore
        await services.sessions.ask_to_end(session.session_id, "engineer-ended")
    else:
        raise StopReasonMissing
    return answer_of_session(session, services)


async def _stop(session: Session, why: str, caller: Caller[Engineer], services: Services) -> None:
    user = caller.user
    await services.sessions.stop(session.session_id, Stop(user.name, user.staff_number, why))
    engineers = ", ".join(dict.fromkeys(one.staff_number for one in session.participants))
    # Why stands with the session, and is erased with it.
    facts = {"session": session.session_id.hex(), "engineers": engineers}
    await services.events.note(IdentityEvent("session_stopped", user.user_name, "", facts=facts))


@router.get("/{session_id}/proof", dependencies=[READING])
async def proof(
    session_id: str,
    caller: TheCaller,
    services: TheServices,
    entry: Annotated[LogEntry, Query()] = "open",
    known_size: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
) -> ProofAnswer:
    """The log's proof that the session was opened, or closed. Waits for a witness, where the profile needs one."""
    session = await theirs(session_id, caller, services)
    return await proof_of(services, session.session_id, entry, known_size)


async def proof_of(services: Services, session_id: bytes, entry: LogEntry, known_size: int) -> ProofAnswer:
    """Raises ProofDelayed, EntryMissing, LogFailed."""
    try:
        async with asyncio.timeout(PROOF_PATIENCE_SECONDS):
            if entry == "close":  # which comes after the end that everybody can read
                await services.sessions.end_noted(session_id)
            ready = await services.logbook.proof(session_id, entry, known_size)
    except TimeoutError:
        raise ProofDelayed from None
    consistency = [encode_bytes(one) for one in ready.consistency]
    return ProofAnswer(leaf=encode_bytes(ready.leaf), proof=ready.proof, consistency=consistency)


async def theirs(session_id: str, caller: Caller[Engineer], services: Services) -> Session:
    if not SESSION_ID.fullmatch(session_id):
        raise SessionUnknown
    anybodys = Permission.ALL_SESSIONS in caller.permissions
    return await services.sessions.find_for(caller.user, bytes.fromhex(session_id), anybodys=anybodys)


def answer_of_session(session: Session, services: Services) -> SessionAnswer:
    return SessionAnswer(
        session_id=session.session_id.hex(),
        state=session.state,
        language=session.language,
        opened_at_ms=session.opened_at_ms,
        ended_at_ms=session.ended_at_ms,
        end_reason=session.end_reason,
        record_count=session.record_count,
        stop=StopAnswer(**vars(session.stop)) if session.stop else None,
        tier=session.tier,
        customer_connected=services.lines.connected(session.session_id),
        participants=[
            ParticipantAnswer(
                number=participant.number,
                name=participant.name,
                staff_number=participant.staff_number,
                team=participant.team,
                paired_at_ms=participant.paired_at_ms,
                scopes=[*participant.scopes],
                expires_at_ms=participant.expires_at_ms,
            )
            for participant in session.participants
        ],
    )


def _rating(rating: SessionRating | None) -> RatingAnswer | None:
    if rating is None:
        return None
    return RatingAnswer(
        stars=rating.stars, solved=rating.solved, comment=rating.comment, rated_at_ms=rating.rated_at_ms
    )
