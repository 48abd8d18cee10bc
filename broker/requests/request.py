"""A request: a customer says what is wrong, and waits. Whose turn it is, and the clock that runs for them.

waiting --an engineer takes it--> taken --they are in the customer's session, or say so--> served
   │ ▲          └── gives it back ──┘ │
   └─┴──── the customer leaves, or it is withdrawn ──> abandoned
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from protocol.errors import RefusedError
from serving.waiting import EndedRequest

RequestState = Literal["waiting", "taken", "served", "abandoned"]
OPEN_STATES: tuple[RequestState, ...] = ("waiting", "taken")

STANDARD_TIER = "standard"
"""Of whoever asks from their own machine: nobody vouches for more."""


class RequestUnknown(RefusedError):
    sentence = "There is no such request in the queue."


class RequestTaken(RefusedError):
    sentence = "{name} was faster, and has this request."


class RequestNotYours(RefusedError):
    sentence = "You have not taken this request. A supervisor, or whoever has it, gives it back."


class RequestOver(RefusedError):
    sentence = "This request is not in the queue any more."


class QueueFull(RefusedError):
    sentence = "So many customers wait already that no more requests are taken. Try again later, or call."


class TierUnknown(RefusedError):
    sentence = "There is no tier {tier}. The tiers are: {tiers}."


@dataclass(frozen=True)
class Asked:
    """What the customer, or whoever speaks for them, has said. None of it is proved."""

    customer: str
    words: str
    contact: str = ""
    tier: str = STANDARD_TIER
    session_id: bytes | None = None
    """Of a customer who shares already, and waits with a code."""


@dataclass(frozen=True)
class HelpRequest:
    """`taken_*` are of who has it, or had it last. Times are Unix milliseconds; 0: never."""

    request_id: int
    asked: Asked
    asked_at_ms: int
    state: RequestState = "waiting"
    taken_by: int | None = None
    taken_by_name: str = ""
    taken_by_number: str = ""
    taken_at_ms: int = 0
    ended_at_ms: int = 0
    end_number: int = 0
    """Rises with each request that ends; 0 before that."""


def in_turn(requests: list[HelpRequest], target_ms_of: dict[str, int]) -> list[HelpRequest]:
    """Who is served next, first: by when each tier's promise runs out. A tier with a shorter promise comes before
    others of the same age, and age brings everybody to the front: nobody starves."""
    return sorted(requests, key=lambda one: (due_at_ms(one, target_ms_of), one.request_id))


def due_at_ms(request: HelpRequest, target_ms_of: dict[str, int]) -> int:
    """By when the tier's promise wants it answered. A tier that was taken out of the settings counts as standard."""
    return request.asked_at_ms + target_ms_of.get(request.asked.tier, target_ms_of[STANDARD_TIER])


def as_ended(request: HelpRequest, target_ms_of: dict[str, int]) -> EndedRequest:
    """What is told of one that has ended, with the promise of now and without the customer's words."""
    session_id = request.asked.session_id
    return EndedRequest(
        request_id=request.request_id,
        tier=request.asked.tier,
        asked_at_ms=request.asked_at_ms,
        due_at_ms=due_at_ms(request, target_ms_of),
        taken_at_ms=request.taken_at_ms,
        ended_at_ms=request.ended_at_ms,
        outcome="served" if request.state == "served" else "abandoned",
        taken_by_name=request.taken_by_name,
        taken_by_number=request.taken_by_number,
        session_id=session_id.hex() if session_id else None,
    )


class RequestStore(Protocol):
    """Each method returns when its change is on the disk."""

    async def add(self, asked: Asked, asked_at_ms: int) -> HelpRequest: ...

    async def find(self, request_id: int) -> HelpRequest | None: ...

    async def open_requests(self) -> list[HelpRequest]:
        """Waiting or taken."""
        ...

    async def of_session(self, session_id: bytes) -> HelpRequest | None:
        """The newest one of a session, open or not."""
        ...

    async def ended_since(self, unix_ms: int) -> list[HelpRequest]: ...

    async def ended_after(self, end_number: int, limit: int) -> list[HelpRequest]:
        """In the order in which they ended."""
        ...

    async def newest_end(self) -> int:
        """The last `end_number` that is kept; 0 if none is."""
        ...

    async def take(self, request_id: int, user_id: int, name: str, staff_number: str, at_ms: int) -> bool:
        """False unless it waits: of two who are as fast, one has it."""
        ...

    async def give_back(self, request_id: int) -> None: ...

    async def end(self, request_id: int, state: RequestState, at_ms: int, session_id: bytes | None = None) -> bool:
        """False if it has ended before."""
        ...

    async def forget_before(self, unix_ms: int) -> None:
        """Removes what ended before."""
        ...
