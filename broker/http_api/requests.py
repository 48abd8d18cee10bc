"""/v1/requests: the queue of customers who ask for help. Engineers take from it; programs may put into it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, StringConstraints

from broker.http_api.caller import TheCaller, TheServices, needs
from broker.http_api.sessions import theirs
from broker.http_api.waiting import WaitSeconds, answer_when
from broker.organisation.engineers import Engineer
from broker.organisation.people import Permission
from broker.requests.request import STANDARD_TIER, Asked, HelpRequest, RequestState, due_at_ms
from broker.requests.waiting_room import KEPT_MS
from broker.services import Services
from serving.http.encoding import Strict
from serving.http.numbers import RowNumber
from serving.identity.login import Caller

router = APIRouter(prefix="/v1/requests", dependencies=[needs(Permission.QUEUE)])

Line = StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")


class RequestBody(Strict):
    """What somebody says for a customer who asks: on the phone, or through another system of the organisation's."""

    customer: Annotated[str, Line]
    words: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"\S")]
    contact: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    tier: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")] = STANDARD_TIER


class RequestEndBody(Strict):
    """`served`: they were helped. Otherwise they gave up, or were never there.

    `session_id`: in which session, which has the request's tier from then on.
    """

    served: bool
    session_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] | None = None


class RequestAnswer(BaseModel):
    """`customer`, `words` and `contact` are what was said, and nothing of it is proved. `due_at_ms` is by when the
    tier's promise wants it taken. `session_id`: they share already, and wait with a code; `customer_connected`: at this
    moment."""

    request_id: int
    state: RequestState
    customer: str
    words: str
    contact: str
    tier: str
    asked_at_ms: int
    due_at_ms: int
    session_id: str | None
    customer_connected: bool
    taken_by: str
    taken_by_number: str
    taken_at_ms: int
    mine: bool


class QueueAnswer(BaseModel):
    """Whose turn it is, first. `change` asks for what is newer; `now_ms` is the broker's clock, of which all times are;
    `tiers`: which there are."""

    requests: list[RequestAnswer]
    tiers: list[str]
    change: int
    now_ms: int


class QueueFiguresAnswer(BaseModel):
    """Requests that ended in the period, in numbers. `within` of `promised` is the service level, `abandoned` of
    `ended` abandonment; speed of answer is the median and the 90th percentile, null where nobody was answered."""

    ended: int
    taken: int
    abandoned: int
    within: int
    promised: int
    median_ms: int | None
    p90_ms: int | None


@router.get("")
async def queue(
    connection: Request,
    caller: TheCaller,
    services: TheServices,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    wait: WaitSeconds = 0,
) -> QueueAnswer:
    """Who waits, and who has taken them. With `wait` and what `change` was, when something has changed since."""
    room = services.waiting_room

    async def look(caller: Caller[Engineer]) -> QueueAnswer:
        caller.check(Permission.QUEUE)
        change, found = room.change, await room.open_requests()
        return QueueAnswer(
            requests=[_answer(one, caller, services) for one in found],
            tiers=[*room.target_ms_of],
            change=change,
            now_ms=services.clock.unix_ms(),
        )

    return await answer_when(
        look, lambda answer: answer.change != after, room.listen(), wait, connection, caller, services
    )


@router.post("", status_code=201)
async def ask(body: RequestBody, caller: TheCaller, services: TheServices) -> RequestAnswer:
    """Puts a customer into the queue who asked otherwise than from their machine. Raises TierUnknown, QueueFull."""
    asked = Asked(body.customer.strip(), body.words.strip(), body.contact.strip(), body.tier)
    return _answer(await services.waiting_room.ask(asked), caller, services)


@router.get("/figures")
async def figures(services: TheServices, since_ms: Annotated[int, Query(ge=0, le=2**53)] = 0) -> QueueFiguresAnswer:
    """How soon customers were answered, of requests that ended since then; of the last ninety days at most."""
    since_ms = max(since_ms, services.clock.unix_ms() - KEPT_MS)
    return QueueFiguresAnswer(**vars(await services.waiting_room.figures(since_ms)))


@router.post("/{request_id}/take", dependencies=[needs(Permission.CONNECT)])
async def take(request_id: RowNumber, caller: TheCaller, services: TheServices) -> RequestAnswer:
    """It is the caller's, and the customer's screen says so. Raises RequestUnknown, RequestOver, RequestTaken."""
    return _answer(await services.waiting_room.take(request_id, caller.user), caller, services)


@router.post("/{request_id}/give-back")
async def give_back(request_id: RowNumber, caller: TheCaller, services: TheServices) -> RequestAnswer:
    """Others may take it; a supervisor gives back anybody's. Raises RequestUnknown, RequestOver, RequestNotYours."""
    anybodys = Permission.ALL_SESSIONS in caller.permissions
    given = await services.waiting_room.give_back(request_id, caller.user, anybodys=anybodys)
    return _answer(given, caller, services)


@router.post("/{request_id}/end", status_code=204)
async def end(request_id: RowNumber, body: RequestEndBody, caller: TheCaller, services: TheServices) -> None:
    """What became of it. Of a customer who shares, the broker sees for itself. Raises RequestUnknown, RequestOver,
    RequestNotYours, SessionUnknown."""
    anybodys = Permission.ALL_SESSIONS in caller.permissions
    session = await theirs(body.session_id, caller, services) if body.served and body.session_id else None
    led_to = session.session_id if session else None
    ended = await services.waiting_room.end(
        request_id, caller.user, served=body.served, anybodys=anybodys, session_id=led_to
    )
    if led_to is not None:
        await services.sessions.serves(led_to, ended.asked.tier)


def _answer(request: HelpRequest, caller: Caller[Engineer], services: Services) -> RequestAnswer:
    asked = request.asked
    return RequestAnswer(
        request_id=request.request_id,
        state=request.state,
        customer=asked.customer,
        words=asked.words,
        contact=asked.contact,
        tier=asked.tier,
        asked_at_ms=request.asked_at_ms,
        due_at_ms=due_at_ms(request, services.waiting_room.target_ms_of),
        session_id=asked.session_id.hex() if asked.session_id else None,
        customer_connected=asked.session_id is not None and services.lines.connected(asked.session_id),
        taken_by=request.taken_by_name,
        taken_by_number=request.taken_by_number,
        taken_at_ms=request.taken_at_ms,
        mine=request.taken_by == caller.user.user_id,
    )
