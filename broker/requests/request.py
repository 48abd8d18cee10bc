"""A request: a customer says what is wrong, and waits. Whose turn it is, and the clock that runs for them.

waiting --an engineer takes it--> taken --they are in the customer's session, or say so--> served
   │ ▲          └── gives it back ──┘ │
   └─┴──── the customer leaves, or it is withdrawn ──> abandoned
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from protocol.errors import RefusedError

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


def in_turn(requests: list[HelpRequest], target_ms_of: dict[str, int]) -> list[HelpRequest]:
    """Who is served next, first: by when each tier's promise runs out. A tier with a shorter promise comes before
    others of the same age, and age brings everybody to the front: nobody starves."""
    return sorted(requests, key=lambda one: (due_at_ms(one, target_ms_of), one.request_id))


def due_at_ms(request: HelpRequest, target_ms_of: dict[str, int]) -> int:
    """By when the tier's promise wants it answered. A tier that was taken out of the settings counts as standard."""
    return request.asked_at_ms + target_ms_of.get(request.asked.tier, target_ms_of[STANDARD_TIER])


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

    async def take(self, request_id: int, user_id: int, name: str, staff_number: str, at_ms: int) -> bool:
        """False unless it waits: of two who are as fast, one has it."""
        ...

    async def give_back(self, request_id: int) -> None: ...

    async def end(self, request_id: int, state: RequestState, at_ms: int) -> bool:
        """False if it has ended before."""
        ...

    async def forget_before(self, unix_ms: int) -> None:
        """Removes what ended before."""
        ...
