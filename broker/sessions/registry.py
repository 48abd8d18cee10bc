"""Opens, attaches, admits and ends sessions; gives up agents that do not come back; survives a restart.

What must not be lost is in the store before anyone is told of it. In memory are only the sessions that have not ended,
and since when their agents are away. All methods run on one event loop.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace

import structlog

from broker.organisation.engineers import Engineer
from broker.sessions.goodbyes import Goodbyes
from broker.sessions.legs import SessionLegs, SessionRelay, TicketIssuer
from broker.sessions.lines import Line, Lines
from broker.sessions.session import (
    EngineerBusy,
    GatewayNotGranted,
    Participation,
    Session,
    SessionOver,
    SessionState,
    SessionStore,
    SessionTokenWrong,
    SessionUnknown,
    Stop,
    TooManySessions,
)
from protocol.grants import Scope
from protocol.messages.agent import EndRequested, StopRequested
from protocol.messages.fields import EndReason, Language
from serving.bells import Bells, Listener
from serving.clock import Clock

log = structlog.get_logger(__name__)

END_GRACE_MS = 20_000
"""How long an agent that was asked to end may take to seal its recording and say so; then its legs are cut."""

UNPAIRED_LIFE_MS = 60 * 60_000
"""A session that no engineer ever joined ends after this."""


@dataclass(frozen=True)
class SessionLimits:
    """How many, how many for one engineer, how long at most, and how long without the agent."""

    max_sessions: int
    max_sessions_per_engineer: int
    max_session_ms: int
    resume_window_ms: int


@dataclass
class _Live:
    session: Session
    away_since_ms: int | None
    cut_at_ms: int | None = None
    ending: EndReason | None = None


Ended = Callable[[Session], Awaitable[None]]
Admitted = Callable[[Session, Engineer], Awaitable[None]]


class Sessions:
    """All sessions of this broker, of which those that have not ended are at hand."""

    def __init__(
        self,
        store: SessionStore,
        relay: SessionRelay,
        tickets: TicketIssuer,
        lines: Lines,
        clock: Clock,
        limits: SessionLimits,
    ) -> None:
        self._store = store
        self._legs = SessionLegs(relay, tickets, limits.max_session_ms + limits.resume_window_ms)
        self._lines = lines
        self._clock = clock
        self._limits = limits
        self._live: dict[bytes, _Live] = {}
        self._ending: dict[bytes, Session] = {}
        self._being_noted: dict[bytes, asyncio.Event] = {}
        """Sessions that have ended, and of whose end not everybody in `_when_ended` has been told yet."""
        self._opening = 0
        self._goodbyes = Goodbyes()
        self._when_ended: list[Ended] = []
        self._when_admitted: list[Admitted] = []
        self._bells: Bells[int | bytes | None] = Bells()

    def __len__(self) -> int:
        return len(self._live)

    def count(self, state: SessionState) -> int:
        return sum(1 for live in self._live.values() if live.session.state == state)

    def engineers(self) -> set[int]:
        """User ids of everybody who takes part in a session that has not ended."""
        return {p.user_id for live in self._live.values() for p in live.session.participants}

    def when_ended(self, callback: Ended) -> None:
        self._when_ended.append(callback)

    def when_admitted(self, callback: Admitted) -> None:
        """Is told of everybody who has proved the code of a session."""
        self._when_admitted.append(callback)

    def listen(self, to: int | bytes | None) -> Listener:
        """Hears of whatever changes about the session with this number, or about those that the engineer with this user
        id takes part in; None: about any."""
        return self._bells.listen(to)

    def kept_beside(self, session_id: bytes) -> None:
        """A note or a rating of it was kept: who looks at this session hears of it."""
        self._bells.ring(session_id)

    def close(self) -> None:
        """The broker stops: nobody waits any more."""
        self._bells.close()

    def _changed(self, session: Session) -> None:
        for whom in {None, session.session_id, *(participant.user_id for participant in session.participants)}:
            self._bells.ring(whom)

    async def start(self) -> None:
        """After a restart every unended session waits for its agent again; the relay admits its legs at once."""
        now_ms = self._clock.monotonic_ms()
        for session in await self._store.unended():
            self._live[session.session_id] = _Live(session, away_since_ms=now_ms)
            self._legs.let_in(session)
        if self._live:
            log.info("sessions_taken_up", count=len(self._live))

    # ── the agent ───────────────────────────────────────────────────────────────────────────────────────────────

    async def open(self, agent_key: bytes, language: Language) -> tuple[Session, bytes]:
        """A new session and its token, which is kept nowhere here. Raises TooManySessions."""
        if len(self._live) + self._opening >= self._limits.max_sessions:
            raise TooManySessions
        token = secrets.token_bytes(32)
        session = Session(
            session_id=secrets.token_bytes(16),
            agent_key=agent_key,
            token_hash=hashlib.sha256(token).digest(),
            language=language,
            opened_at_ms=self._clock.unix_ms(),
        )
        self._opening += 1
        try:
            await self._store.add(session)
        finally:
            self._opening -= 1
        # Not before: whatever ends a session, a jump of the clock among others, has to find it in the store.
        self._live[session.session_id] = _Live(session, away_since_ms=self._clock.monotonic_ms())
        self._legs.let_in(session)
        log.info("session_opened", session=session.session_id.hex())
        self._changed(session)
        return session, token

    async def check_token(self, session_id: bytes, token: bytes) -> Session:
        """The session of an agent or recorder that comes back, ended or not. Raises SessionTokenWrong."""
        live = self._live.get(session_id)
        # Between the two, the store would still call it live: whoever reads that would never see it end.
        session = live.session if live else self._ending.get(session_id) or await self._store.find(session_id)
        digest = hashlib.sha256(token).digest()
        if session is None or not hmac.compare_digest(digest, session.token_hash):
            raise SessionTokenWrong
        return session

    def check_open(self, session: Session) -> None:
        """Raises SessionOver for one that has ended or was asked to."""
        self._going_on(session.session_id)

    def _going_on(self, session_id: bytes) -> _Live:
        live = self._live.get(session_id)
        if live is None or live.ending:
            raise SessionOver
        return live

    def agent_ticket(self, session: Session) -> str:
        return self._legs.agent_ticket(session)

    def connect(self, session: Session, line: Line) -> EndRequested | StopRequested | None:
        """The agent speaks on this line from now on. Answers what to tell it of the session's end, if it is ending."""
        self._lines.connect(session.session_id, line)
        live = self._live.get(session.session_id)
        if live is None:
            return self._goodbyes.of(session, session.end_reason or "broker-ended")
        live.away_since_ms = None
        self._changed(live.session)
        return self._goodbyes.of(live.session, live.ending) if live.ending else None

    def disconnect(self, session_id: bytes, line: Line) -> bool:
        """False if another line took over. Starts the resume window otherwise."""
        if not self._lines.disconnect(session_id, line):
            return False
        live = self._live.get(session_id)
        if live is not None:
            live.away_since_ms = self._clock.monotonic_ms()
            self._changed(live.session)
        return True

    # ── engineers ───────────────────────────────────────────────────────────────────────────────────────────────

    def check_room_for(self, engineer: Engineer) -> None:
        """Raises EngineerBusy."""
        count = sum(1 for live in self._live.values() if live.session.participant(engineer.user_id))
        if count >= self._limits.max_sessions_per_engineer:
            raise EngineerBusy(count=count)

    async def admit(self, session_id: bytes, engineer: Engineer, login: bytes | None = None) -> str:
        """A participant more, on disk, and the ticket for their legs. Raises SessionOver.

        `login` is the hash of the token under which they paired: their legs last no longer than that is not revoked.
        """
        session = self._going_on(session_id).session
        participant = Participation(
            number=len(session.participants) + 1,
            user_id=engineer.user_id,
            name=engineer.name,
            staff_number=engineer.staff_number,
            team=engineer.team,
            paired_at_ms=self._clock.unix_ms(),
            login=login,
        )
        session.participants.append(participant)
        if session.state == "waiting":
            session.state = "paired"
        await self._store.add_participant(session_id, participant)
        self._changed(session)
        log.info(
            "engineer_paired", session=session_id.hex(), engineer=engineer.user_name, participant=participant.number
        )
        for callback in self._when_admitted:
            await callback(session, engineer)
        return self._legs.engineer_ticket(session, participant)

    def allows(self, session_id: bytes, user_id: int, scope: Scope) -> bool:
        """Does the customer allow this engineer that now, as far as their agent has reported? The agent decides."""
        live = self._live.get(session_id)
        participant = live.session.participant(user_id) if live and not live.ending else None
        return participant is not None and scope in participant.scopes

    def gateway_ticket(self, session_id: bytes, user_id: int) -> str:
        """One more ticket for the legs of an engineer who is in. Raises SessionOver, GatewayNotGranted."""
        live = self._going_on(session_id)
        participant = live.session.participant(user_id)
        if participant is None or Scope.GATEWAY not in participant.scopes:
            raise GatewayNotGranted
        return self._legs.engineer_ticket(live.session, participant)

    async def report_grant(
        self, session_id: bytes, staff_number: str, scopes: tuple[Scope, ...], expires_at_ms: int
    ) -> None:
        """What the customer allowed. Raises PeerError for an engineer who never paired."""
        live = self._live.get(session_id)
        if live is None:
            return
        session = live.session
        participant = session.paired_as(staff_number)
        session.participants[participant.number - 1] = replace(participant, scopes=scopes, expires_at_ms=expires_at_ms)
        if scopes:
            session.state = "live"
        await self._store.keep_grant(session_id, participant.number, scopes, expires_at_ms)
        self._changed(session)
        log.info("grant_reported", session=session_id.hex(), participant=participant.number, scopes=[*scopes])

    async def serves(self, session_id: bytes, tier: str) -> None:
        """Whose turn it was came out of the queue: the session is of that request's tier from now on."""
        live = self._live.get(session_id)
        if live:
            live.session.tier = tier
        await self._store.keep_tier(session_id, tier)
        if live:
            self._changed(live.session)

    async def find_for(self, engineer: Engineer, session_id: bytes, *, anybodys: bool = False) -> Session:
        """Raises SessionUnknown, the same for those that do not exist and those of others, unless `anybodys` counts."""
        live = self._live.get(session_id)
        session = live.session if live else await self._store.find(session_id)
        if session is None or not (anybodys or session.participant(engineer.user_id)):
            raise SessionUnknown
        return session

    def logins(self) -> set[bytes]:
        """Hashes of the tokens under which somebody takes part in a session that has not ended."""
        return {p.login for live in self._live.values() for p in live.session.participants if p.login is not None}

    def shut_out(self, user_id: int) -> None:
        """Cuts the legs of an engineer who may no longer act, in every session."""
        self._revoke(lambda participant: participant.user_id == user_id)

    def shut_out_logins(self, logins: Collection[bytes]) -> None:
        """Cuts the legs of everybody who paired under one of these logins."""
        self._revoke(lambda participant: participant.login in logins)

    def _revoke(self, chosen: Callable[[Participation], bool]) -> None:
        for live in self._live.values():
            for participant in live.session.participants:
                if chosen(participant):
                    self._legs.cut(live.session, participant)

    # ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def ask_to_end(self, session_id: bytes, reason: EndReason) -> None:
        """Tells the agent to end, cleanly and soon; an agent that is away or does not obey is cut off."""
        live = self._live.get(session_id)
        if live is None or live.ending:
            return
        live.ending = reason
        if self._lines.send(session_id, self._goodbyes.of(live.session, reason)):
            live.cut_at_ms = self._clock.monotonic_ms() + END_GRACE_MS
        else:
            await self.end(session_id, reason)

    async def stop(self, session_id: bytes, stop: Stop) -> None:
        """As `ask_to_end`, by a supervisor: who and why is on the disk before anybody hears of it.

        Raises SessionOver.
        """
        live = self._going_on(session_id)
        await self._store.keep_stop(session_id, stop)
        if live.ending is None:  # nobody was faster meanwhile
            live.session.stop = stop
        self._changed(live.session)
        await self.ask_to_end(session_id, "supervisor-ended")

    async def end(self, session_id: bytes, reason: EndReason, record_count: int | None = None) -> None:
        """The session is over: legs closed at once, then kept. A second end changes nothing."""
        live = self._live.pop(session_id, None)
        if live is None:
            return
        session = live.session
        self._legs.cut_all(session)
        session.state = "ended"
        session.end_reason = reason
        session.record_count = record_count
        session.ended_at_ms = self._clock.unix_ms()
        self._ending[session_id] = session
        noted = self._being_noted[session_id] = asyncio.Event()
        try:
            try:
                await self._store.end(session_id, reason, record_count, session.ended_at_ms)
            finally:
                del self._ending[session_id]
            self._changed(session)
            log.info("session_ended", session=session_id.hex(), reason=reason, records=record_count)
            for callback in self._when_ended:
                await callback(session)
        finally:
            del self._being_noted[session_id]
            noted.set()

    async def end_noted(self, session_id: bytes) -> None:
        """Waits while a session's end is just being noted: whoever reads that it has ended finds all of it then."""
        if (noted := self._being_noted.get(session_id)) is not None:
            await noted.wait()

    async def handle_time(self) -> None:
        """Ends what has waited too long: agents away, ends not obeyed, sessions past their hard limit."""
        now_ms, unix_ms = self._clock.monotonic_ms(), self._clock.unix_ms()
        for session_id, live in list(self._live.items()):
            away_ms = 0 if live.away_since_ms is None else now_ms - live.away_since_ms
            age_ms = unix_ms - live.session.opened_at_ms
            if live.cut_at_ms is not None and now_ms >= live.cut_at_ms:
                await self.end(session_id, live.ending or "broker-ended")
            elif away_ms >= self._limits.resume_window_ms:
                await self.end(session_id, "abandoned")
            elif age_ms >= self._limits.max_session_ms:
                await self.ask_to_end(session_id, "expired")
            elif not live.session.participants and age_ms >= UNPAIRED_LIFE_MS:
                await self.ask_to_end(session_id, "idle")
