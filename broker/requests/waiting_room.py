"""The queue of those who ask for help: each request is given to one engineer, and ends by what becomes of it.

A customer who shares may ask from their own machine: then the request belongs to their session. Whoever comes into that
session has taken it, and serves it; when the session ends before, the customer has given up. A request that came over
the API has no session: whoever took it says what became of it.
"""

import secrets
from collections.abc import Callable

import structlog

from broker.organisation.engineers import Engineer
from broker.requests.figures import QueueFigures, figures_of
from broker.requests.request import (
    Asked,
    HelpRequest,
    QueueFull,
    RequestNotYours,
    RequestOver,
    RequestState,
    RequestStore,
    RequestTaken,
    RequestUnknown,
    TierUnknown,
    as_ended,
    in_turn,
)
from broker.sessions.session import Session
from protocol.messages.agent import BrokerToAgent, HelpTaken
from serving.bells import Bells, Listener
from serving.clock import Clock
from serving.waiting import EndedRequests

log = structlog.get_logger(__name__)

KEPT_MS = 90 * 24 * 3_600_000
"""How long it is known who asked for what. Figures look back no further."""

FORGETTING_EVERY_MS = 24 * 3_600_000

Tell = Callable[[bytes, BrokerToAgent], object]
"""Tells a session's agent who has taken its request."""


class WaitingRoom:
    """All requests that have not ended, and everybody who waits for news of them."""

    def __init__(
        self, store: RequestStore, clock: Clock, tell: Tell, *, target_ms_of: dict[str, int], max_waiting: int
    ) -> None:
        """`target_ms_of` by tier: within how many milliseconds a request of it is to be taken."""
        self._store = store
        self._clock = clock
        self._tell = tell
        self._max_waiting = max_waiting
        self._bells: Bells[None] = Bells()
        self._asking: dict[bytes, int] = {}
        self._forgets_at_ms = 0
        self.change = secrets.randbelow(2**31)
        """Another one whenever the queue is another one; after a restart, any."""
        self.target_ms_of = target_ms_of

    async def start(self) -> list[bytes]:
        """Sessions whose customers have asked, and may have ended since."""
        await self.handle_time()
        for request in await self._store.open_requests():
            if request.asked.session_id is not None:
                self._asking[request.asked.session_id] = request.request_id
        return list(self._asking)

    async def handle_time(self) -> None:
        """Once a day, forgets what has ended long ago."""
        now_ms = self._clock.unix_ms()
        if now_ms >= self._forgets_at_ms:
            await self._store.forget_before(now_ms - KEPT_MS)
            self._forgets_at_ms = now_ms + FORGETTING_EVERY_MS

    async def ask(self, asked: Asked) -> HelpRequest:
        """One request more; the same one again for a session that has asked before. Raises QueueFull, TierUnknown."""
        if asked.tier not in self.target_ms_of:
            raise TierUnknown(tier=repr(asked.tier[:40]), tiers=", ".join(self.target_ms_of))
        if asked.session_id is not None and (known := await self._store.of_session(asked.session_id)):
            return known
        if len(await self._store.open_requests()) >= self._max_waiting:
            raise QueueFull
        request = await self._store.add(asked, self._clock.unix_ms())
        if asked.session_id is not None:
            self._asking[asked.session_id] = request.request_id
        log.info("help_asked", request=request.request_id, tier=asked.tier)
        self._changed()
        return request

    async def open_requests(self) -> list[HelpRequest]:
        """Whose turn it is, first."""
        return in_turn(await self._store.open_requests(), self.target_ms_of)

    async def take(self, request_id: int, engineer: Engineer) -> HelpRequest:
        """Gives it to this engineer, once. Raises RequestUnknown, RequestOver, RequestTaken."""
        request = await self._find_open(request_id)
        if request.taken_by == engineer.user_id and request.state == "taken":
            return request
        now_ms = self._clock.unix_ms()
        taken = await self._store.take(request_id, engineer.user_id, engineer.name, engineer.staff_number, now_ms)
        request = await self._find_open(request_id)
        if not taken:
            raise RequestTaken(name=request.taken_by_name)
        log.info("help_taken", request=request_id, engineer=engineer.user_name)
        self._changed()
        if request.asked.session_id is not None:
            self._tell(request.asked.session_id, told(request))
        return request

    async def give_back(self, request_id: int, engineer: Engineer, *, anybodys: bool) -> HelpRequest:
        """Others may take it again. Raises RequestUnknown, RequestOver, RequestNotYours."""
        request = await self._find_theirs(request_id, engineer, anybodys=anybodys)
        await self._store.give_back(request_id)
        if request.asked.session_id is not None:
            self._tell(request.asked.session_id, HelpTaken(name="", staff_number=""))
        log.info("help_given_back", request=request_id, engineer=engineer.user_name)
        self._changed()
        return await self._find_open(request.request_id)

    async def end(
        self,
        request_id: int,
        engineer: Engineer,
        *,
        served: bool,
        anybodys: bool,
        session_id: bytes | None = None,
    ) -> HelpRequest:
        """Was served, in that session if one is named, or is withdrawn.

        Raises RequestUnknown, RequestOver, RequestNotYours.
        """
        request = await self._find_theirs(request_id, engineer, anybodys=anybodys or not served)
        await self._end(request, served=served, session_id=session_id)
        return request

    async def figures(self, since_ms: int) -> QueueFigures:
        return figures_of([as_ended(one, self.target_ms_of) for one in await self._store.ended_since(since_ms)])

    async def ended_after(self, cursor: int, limit: int) -> EndedRequests:
        """A page of what the audit service has not been told yet."""
        newest = await self._store.newest_end()
        found = await self._store.ended_after(cursor, limit)
        return EndedRequests(
            requests=[as_ended(one, self.target_ms_of) for one in found],
            cursor=found[-1].end_number if found else cursor,
            newest=max(newest, *(one.end_number for one in found)) if found else newest,
        )

    # ── what becomes of the session of whoever asked ────────────────────────────────────────────────────────────

    async def somebody_in(self, session: Session, engineer: Engineer) -> None:
        """An engineer has the session's code right: the customer is served, by whoever that is."""
        number = self._asking.get(session.session_id)
        request = None if number is None else await self._store.find(number)
        if request is None or request.ended_at_ms:
            return
        if request.state == "waiting":
            now_ms = self._clock.unix_ms()
            await self._store.take(request.request_id, engineer.user_id, engineer.name, engineer.staff_number, now_ms)
        await self._end(request, served=True)

    async def session_ended(self, session_id: bytes) -> None:
        number = self._asking.get(session_id)
        request = None if number is None else await self._store.find(number)
        if request is not None and not request.ended_at_ms:
            await self._end(request, served=False)

    # ── waiting for news ────────────────────────────────────────────────────────────────────────────────────────

    def listen(self) -> Listener:
        return self._bells.listen(None)

    def close(self) -> None:
        """The broker stops: nobody waits any more."""
        self._bells.close()

    async def _end(self, request: HelpRequest, *, served: bool, session_id: bytes | None = None) -> None:
        state: RequestState = "served" if served else "abandoned"
        if request.asked.session_id is not None:
            self._asking.pop(request.asked.session_id, None)
        if await self._store.end(request.request_id, state, self._clock.unix_ms(), session_id):
            log.info("help_ended", request=request.request_id, outcome=state)
            self._changed()

    def _changed(self) -> None:
        self.change += 1
        self._bells.ring(None)

    async def _find_open(self, request_id: int) -> HelpRequest:
        request = await self._store.find(request_id)
        if request is None:
            raise RequestUnknown
        if request.ended_at_ms:
            raise RequestOver
        return request

    async def _find_theirs(self, request_id: int, engineer: Engineer, *, anybodys: bool) -> HelpRequest:
        request = await self._find_open(request_id)
        if not anybodys and request.taken_by != engineer.user_id:
            raise RequestNotYours
        return request


def told(request: HelpRequest) -> HelpTaken:
    """What the customer's screen says of it."""
    return HelpTaken(name=request.taken_by_name, staff_number=request.taken_by_number)
