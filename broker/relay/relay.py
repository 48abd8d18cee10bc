"""Which sessions are open, which leg waits for which, and which are piped together.

    engineer's leg ──► an agent's leg waits?  yes: piped, and the agent is asked for a new spare
                                              no:  the agent is asked for a leg; 10 s, then CLOSE_NO_AGENT
    agent's leg    ──► an engineer's waits?   yes: piped            no: waits as the spare
    one of a pair ends ──► its partner is closed with CLOSE_PARTNER_GONE; the ends dial again

Which stream a leg carries is none of the relay's business: any agent leg serves any engineer leg of the same session.
All of it happens on one event loop; nothing here waits.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from broker.relay.pump import Payload
from broker.relay.tickets import LegRole, LegTicket, LegTickets, TicketRefused
from protocol.legs import (
    CLOSE_NO_AGENT,
    CLOSE_PARTNER_GONE,
    CLOSE_REVOKED,
    CLOSE_SESSION_OVER,
    CLOSE_SILENT,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RelayLimits:
    """Numbers that an operator may change, and tests do."""

    waiting_agent_legs: int = 4
    """Spare legs of one session. One is the rule; a burst of `ssh` commands asks for a few at once."""
    waiting_engineer_legs: int = 16
    """Of one session, waiting for the agent: as many commands at once as one agent is asked for legs."""
    paired_legs: int = 128
    """Of one session: 64 streams at a time."""
    partner_seconds: float = 10.0
    """An engineer's leg that found no agent's leg by then is told so. Its user has waited long enough."""
    silence_seconds: float = 60.0
    """Both ends say ALIVE every 15 s. Who has said nothing for this long has gone without a word."""
    stalled_seconds: float = 60.0
    """Who has not read for this long is told of, once: an attack, a pause, or a program that hangs."""


class Leg(Protocol):
    """What the relay asks of a connected leg. `close` ends it, after which `Relay.leg_ended` has to be called."""

    ticket: LegTicket

    @property
    def forwarded_bytes(self) -> int:
        """Payload that came from this leg and went to its partner."""

    def forward(self, payload: Payload) -> int:
        """Sends what its partner has brought; how many bytes."""

    def pipe_to(self, partner: "Leg") -> None:
        """From now on, what this leg sends goes to `partner`. Called once on either leg of a pair."""

    def partner_full(self) -> None:
        """The partner takes no more for now: this leg is not read from until `partner_drained`."""

    def partner_drained(self) -> None: ...

    def close(self, code: int) -> None: ...

    def is_silent(self, now_seconds: float, limit_seconds: float) -> bool:
        """True if nothing came for that long although we were ready to read."""

    def stalled_seconds(self, now_seconds: float) -> float:
        """For how long it has not read what waits for it; 0 if nothing waits."""


class LegNotAdmitted(Exception):
    """The handshake is answered with this HTTP status instead of an upgrade; see `protocol/legs.py`."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass
class _Session:
    agent_legs: deque[Leg] = field(default_factory=deque)
    engineer_legs: dict[Leg, asyncio.TimerHandle] = field(default_factory=dict)
    """Waiting, oldest first, each with the timer that ends its wait."""
    partners: dict[Leg, Leg] = field(default_factory=dict)
    revoked: set[bytes] = field(default_factory=set)
    stalled: set[Leg] = field(default_factory=set)

    def legs(self) -> list[Leg]:
        return [*self.agent_legs, *self.engineer_legs, *self.partners]


class Relay:
    """`request_legs(session_id, count)` asks the session's agent to dial; `clock` gives Unix milliseconds.

    `on_stalled` is called once for each time that a leg does not read for `RelayLimits.stalled_seconds`.
    """

    def __init__(
        self,
        tickets: LegTickets,
        *,
        request_legs: Callable[[bytes, int], None],
        clock: Callable[[], int],
        limits: RelayLimits = RelayLimits(),
        on_stalled: Callable[[], None] = lambda: None,
    ) -> None:
        self.pairs_made = 0
        self.legs_refused = 0
        self._tickets = tickets
        self._request_legs = request_legs
        self._clock = clock
        self._limits = limits
        self._on_stalled = on_stalled
        self._sessions: dict[bytes, _Session] = {}
        self._sweep: asyncio.TimerHandle | None = None
        self._forwarded_by_ended_legs_bytes = 0

    # ── sessions ────────────────────────────────────────────────────────────────────────────────────────────────

    def session_opened(self, session_id: bytes) -> None:
        """Legs of this session are admitted from now on. Harmless if they were already."""
        self._sessions.setdefault(session_id, _Session())

    def session_closed(self, session_id: bytes) -> None:
        """Closes every leg of the session at once and admits no more."""
        session = self._sessions.pop(session_id, None)
        if session is not None:
            self._close_all(session.legs(), CLOSE_SESSION_OVER)
            for timer in session.engineer_legs.values():
                timer.cancel()

    def revoke(self, session_id: bytes, participant: bytes) -> None:
        """Closes this engineer's legs at once and admits no more of theirs, whatever ticket they hold."""
        session = self._sessions.get(session_id)
        if session is not None:
            session.revoked.add(participant)
            theirs = [leg for leg in session.legs() if leg.ticket.participant == participant]
            self._close_all([leg for leg in theirs if leg.ticket.role == "engineer"], CLOSE_REVOKED)

    # ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def bytes_forwarded(self) -> int:
        """Payload piped since the start, both directions."""
        live = sum(leg.forwarded_bytes for session in self._sessions.values() for leg in session.partners)
        return self._forwarded_by_ended_legs_bytes + live

    @property
    def pairs(self) -> int:
        """Piped together at this time."""
        return sum(len(session.partners) for session in self._sessions.values()) // 2

    @property
    def waiting(self) -> int:
        """Legs without a partner at this time."""
        return sum(len(session.agent_legs) + len(session.engineer_legs) for session in self._sessions.values())

    # ── legs ────────────────────────────────────────────────────────────────────────────────────────────────────

    def admit(self, ticket_text: str, role: LegRole) -> LegTicket:
        """Before the upgrade: may this leg come in? Raises LegNotAdmitted."""
        try:
            return self._admit(ticket_text, role)
        except LegNotAdmitted as refusal:
            self.legs_refused += 1
            log.info("leg_refused", role=role, status=refusal.status, reason=refusal.reason)
            raise

    def _admit(self, ticket_text: str, role: LegRole) -> LegTicket:
        try:
            ticket = self._tickets.check(ticket_text, self._clock())
        except TicketRefused as error:
            raise LegNotAdmitted(401, str(error)) from None
        if ticket.role != role:
            raise LegNotAdmitted(401, "The ticket is for the other end.")
        session = self._sessions.get(ticket.session_id)
        if session is None:
            raise LegNotAdmitted(410, "The session is not open.")
        if role == "engineer" and ticket.participant in session.revoked:
            raise LegNotAdmitted(403, "Access was revoked.")
        if role == "agent":
            too_many = len(session.agent_legs) >= self._limits.waiting_agent_legs
        else:
            too_many = len(session.engineer_legs) >= self._limits.waiting_engineer_legs
        if too_many or len(session.partners) >= self._limits.paired_legs:
            raise LegNotAdmitted(429, "Too many connections of this session wait already.")
        return ticket

    def leg_connected(self, leg: Leg) -> None:
        """After the upgrade: pipes the leg to a partner, or lets it wait for one."""
        session = self._sessions.get(leg.ticket.session_id)
        if session is None:
            leg.close(CLOSE_SESSION_OVER)
            return
        self._keep_sweeping()
        if leg.ticket.role == "agent":
            waiting = next(iter(session.engineer_legs), None)
            if waiting is None:
                session.agent_legs.append(leg)
            else:
                session.engineer_legs.pop(waiting).cancel()
                self._pair(session, waiting, leg)
        elif session.agent_legs:
            self._pair(session, leg, session.agent_legs.popleft())
            if not session.agent_legs:
                self._request_legs(leg.ticket.session_id, 1)
        else:
            loop = asyncio.get_running_loop()
            session.engineer_legs[leg] = loop.call_later(self._limits.partner_seconds, leg.close, CLOSE_NO_AGENT)
            self._request_legs(leg.ticket.session_id, 1)

    def leg_ended(self, leg: Leg) -> None:
        """The leg's connection is closed or closing. Called once for each leg that connected."""
        self._forwarded_by_ended_legs_bytes += leg.forwarded_bytes
        session = self._sessions.get(leg.ticket.session_id)
        if session is None:
            return
        timer = session.engineer_legs.pop(leg, None)
        if timer is not None:
            timer.cancel()
        if leg in session.agent_legs:
            session.agent_legs.remove(leg)
        session.stalled.discard(leg)
        partner = session.partners.pop(leg, None)
        if partner is not None:
            session.partners.pop(partner, None)
            partner.close(CLOSE_PARTNER_GONE)

    def _pair(self, session: _Session, engineer_leg: Leg, agent_leg: Leg) -> None:
        session.partners[engineer_leg] = agent_leg
        session.partners[agent_leg] = engineer_leg
        self.pairs_made += 1
        agent_leg.pipe_to(engineer_leg)
        engineer_leg.pipe_to(agent_leg)

    @staticmethod
    def _close_all(legs: list[Leg], code: int) -> None:
        for leg in legs:
            leg.close(code)

    def _keep_sweeping(self) -> None:
        if self._sweep is None:
            seconds = self._limits.silence_seconds / 4
            self._sweep = asyncio.get_running_loop().call_later(seconds, self._sweep_silent_legs)

    def _sweep_silent_legs(self) -> None:
        """Closes who has gone without a word: TCP alone would not notice for hours. Tells of who does not read."""
        self._sweep = None
        now = asyncio.get_running_loop().time()
        legs = [leg for session in self._sessions.values() for leg in session.legs()]
        for session in self._sessions.values():
            self._tell_of_stalled_legs(session, now)
        silent = [leg for leg in legs if leg.is_silent(now, self._limits.silence_seconds)]
        self._close_all(silent, CLOSE_SILENT)
        if len(legs) > len(silent):
            self._keep_sweeping()

    def _tell_of_stalled_legs(self, session: _Session, now_seconds: float) -> None:
        for leg in session.partners:
            if leg.stalled_seconds(now_seconds) < self._limits.stalled_seconds:
                session.stalled.discard(leg)
            elif leg not in session.stalled:
                session.stalled.add(leg)
                self._on_stalled()
