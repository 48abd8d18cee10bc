"""Drives codes: gives out nameplates, leads an engineer to the agent who waits behind one, hands their mail on.

One `Mailbox` per open code. The board adds what the machine must not know: storage, limits, clocks, connections. A code
is on the disk before anybody hears of it and closed on the disk before its nameplate can be given out again; after a
restart all codes that were open are retired, and their agents are told when they come back: one run per code, always.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from broker.organisation.engineers import Engineer
from broker.pairing.limits import BurntCodes
from broker.pairing.mailbox import CODE_LIFE_MS, CodeEnded, Event, Mailbox, ToAgent, ToEngineer
from broker.pairing.nameplates import REST_MS, Nameplates
from broker.sessions.lines import Lines
from broker.sessions.registry import Sessions
from broker.sessions.session import SessionOver
from protocol.errors import RefusedError
from protocol.messages.agent import CodeClosed, CodeOpened
from protocol.messages.pairing import BrokerToEngineer, PairingAdmitted, PairingFailed, PairingMail, PairingOutcome
from serving.clock import Clock
from serving.limits import KeyedBuckets, TokenBucket

log = structlog.get_logger(__name__)

CODES_PER_SESSION = 3
"""One for each engineer who is being called in at the same time; more would only be guesses' targets."""


class CodeUnknown(RefusedError):
    sentence = "No customer is waiting with that code. Ask for the code again; it may have run out."


class CodeCrowded(RefusedError):
    sentence = "Another engineer is using that code at this moment. Ask the customer for a new one."


class CustomerAway(RefusedError):
    sentence = "The customer's connection is interrupted. Try the same code again in a moment."


class TooManyCodes(RefusedError):
    sentence = "This session has too many open codes. Use or cancel one first."


@dataclass(frozen=True)
class ClosedCode:
    """A nameplate that rests, since when in Unix milliseconds."""

    nameplate: str
    closed_at_ms: int


class NameplateStore(Protocol):
    """Each method returns when its change is on the disk. Times are Unix milliseconds."""

    async def opened(self, nameplate: str, session_id: bytes, opened_at_ms: int) -> None: ...

    async def closed(self, nameplate: str, outcome: PairingOutcome, closed_at_ms: int) -> None: ...

    async def close_all(self, outcome: PairingOutcome, closed_at_ms: int) -> list[tuple[str, bytes]]:
        """Closes what is open; answers nameplates and their sessions."""
        ...

    async def closed_since(self, unix_ms: int) -> list[ClosedCode]: ...

    async def forget_before(self, unix_ms: int) -> None: ...


class EngineerEnd(Protocol):
    """The broker's end of one engineer's pairing connection. Neither method blocks."""

    user: Engineer
    login: bytes
    """Hash of the token under which they came."""

    def send(self, message: BrokerToEngineer) -> None: ...

    def finish(self) -> None:
        """Close in order once everything is sent."""
        ...


@dataclass
class _Code:
    mailbox: Mailbox
    engineer: EngineerEnd | None = None


class Board:
    """All codes that are open, by nameplate."""

    def __init__(
        self,
        store: NameplateStore,
        sessions: Sessions,
        lines: Lines,
        clock: Clock,
        *,
        max_open_codes: int,
        openings_per_minute: int,
        claims_per_minute: int,
        claims_per_minute_per_engineer: int,
        on_outcome: Callable[[PairingOutcome], None] = lambda _: None,
        on_locked: Callable[[str], None] = lambda _: None,
    ) -> None:
        now_ms = clock.monotonic_ms()
        self._store = store
        self._sessions = sessions
        self._lines = lines
        self._clock = clock
        self._max_open_codes = max_open_codes
        self._nameplates = Nameplates(max_open=max_open_codes)
        self._codes: dict[str, _Code] = {}
        self._retired: dict[bytes, list[str]] = {}
        self._burnt = BurntCodes()
        self._openings = TokenBucket(per_minute=openings_per_minute, burst=2 * openings_per_minute, now_ms=now_ms)
        self._claims = TokenBucket(per_minute=claims_per_minute, burst=2 * claims_per_minute, now_ms=now_ms)
        # Claims of numbers that nobody waits behind burn no code: one engineer could else use up everybody's.
        self._claims_of_engineers: KeyedBuckets[int] = KeyedBuckets(
            per_minute=claims_per_minute_per_engineer, burst=2 * claims_per_minute_per_engineer
        )
        self._on_outcome = on_outcome
        self._on_locked = on_locked

    def __len__(self) -> int:
        return len(self._codes)

    async def start(self) -> None:
        """Retires what a restart left open, and remembers which nameplates are resting."""
        unix_ms, now_ms = self._clock.unix_ms(), self._clock.monotonic_ms()
        for nameplate, session_id in await self._store.close_all("lost", unix_ms):
            self._retired.setdefault(session_id, []).append(nameplate)
        await self._store.forget_before(unix_ms - 2 * REST_MS)
        resting = {
            # A clock that was set back in between must not make a rest longer than it is.
            code.nameplate: now_ms + min(REST_MS, max(0, code.closed_at_ms + REST_MS - unix_ms))
            for code in await self._store.closed_since(unix_ms - REST_MS)
        }
        self._nameplates = Nameplates(max_open=self._max_open_codes, resting=resting)

    # ── the agent ───────────────────────────────────────────────────────────────────────────────────────────────

    def check_opening(self) -> None:
        """Counts one new session or code of the organisation. Raises TooBusy."""
        self._openings.take(self._clock.monotonic_ms())

    async def open_code(self, session_id: bytes, agent_nonce: bytes) -> CodeOpened:
        """Raises TooBusy, TooManyCodes, AllCodesTaken."""
        if len(self._codes_of(session_id)) >= CODES_PER_SESSION:
            raise TooManyCodes
        self.check_opening()
        now_ms, unix_ms = self._clock.monotonic_ms(), self._clock.unix_ms()
        nameplate = self._nameplates.take(now_ms)
        await self._store.opened(nameplate, session_id, unix_ms)
        self._codes[nameplate] = _Code(Mailbox(session_id, nameplate, agent_nonce, now_ms=now_ms))
        log.info("code_opened", session=session_id.hex())
        return CodeOpened(nameplate=nameplate, expires_at_ms=unix_ms + CODE_LIFE_MS)

    async def cancel_code(self, session_id: bytes, nameplate: str) -> None:
        code = self._code_of(session_id, nameplate)
        if code is not None:
            await self._carry_out(code, code.mailbox.agent_cancelled())

    async def mail_from_agent(self, session_id: bytes, mail: PairingMail) -> None:
        """Mail for a code that has ended in the meantime is dropped: the two ends do not hear of it at one instant."""
        code = self._code_of(session_id, mail.nameplate)
        if code is not None:
            await self._carry_out(code, code.mailbox.receive_mail("agent", mail))

    async def verdict(self, session_id: bytes, nameplate: str, outcome: PairingOutcome) -> None:
        code = self._code_of(session_id, nameplate)
        if code is not None:
            await self._carry_out(code, code.mailbox.receive_verdict(outcome))

    async def agent_lost(self, session_id: bytes) -> None:
        """The line broke: runs end, open codes wait for the agent to come back."""
        for code in self._codes_of(session_id):
            await self._carry_out(code, code.mailbox.agent_lost())

    async def session_ended(self, session_id: bytes) -> None:
        for code in self._codes_of(session_id):
            await self._carry_out(code, code.mailbox.agent_cancelled())

    def retired_codes(self, session_id: bytes) -> list[CodeClosed]:
        """What the agent must hear when it comes back after a restart of the broker; said once."""
        nameplates = self._retired.pop(session_id, [])
        return [CodeClosed(nameplate=nameplate, outcome="lost") for nameplate in nameplates]

    # ── the engineer ────────────────────────────────────────────────────────────────────────────────────────────

    async def claim(self, engineer: EngineerEnd, nameplate: str, engineer_nonce: bytes) -> None:
        """Starts the one run of a code.

        Raises EngineerLocked, EngineerBusy, TooBusy, CodeUnknown, CodeCrowded or CustomerAway; none of these burns it.
        """
        now_ms = self._clock.monotonic_ms()
        self._burnt.check(engineer.user.user_id, now_ms, running=self._runs_of(engineer.user))
        self._sessions.check_room_for(engineer.user)
        self._claims_of_engineers.take(engineer.user.user_id, now_ms)
        self._claims.take(now_ms)
        code = self._codes.get(nameplate)
        if code is None or code.mailbox.state == "closed":
            raise CodeUnknown
        if code.engineer is not None:
            raise CodeCrowded
        if not self._lines.connected(code.mailbox.session_id):
            raise CustomerAway
        events = code.mailbox.claim(engineer_nonce, now_ms)
        if not events:
            raise CodeUnknown
        code.engineer = engineer
        log.info("code_claimed", session=code.mailbox.session_id.hex(), engineer=engineer.user.user_name)
        await self._carry_out(code, events)

    async def mail_from_engineer(self, engineer: EngineerEnd, mail: PairingMail) -> None:
        code = self._code_claimed_by(engineer)
        if code is not None:
            await self._carry_out(code, code.mailbox.receive_mail("engineer", mail))

    async def engineer_lost(self, engineer: EngineerEnd) -> None:
        code = self._code_claimed_by(engineer)
        if code is not None:
            await self._carry_out(code, code.mailbox.engineer_lost())

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def handle_time(self) -> None:
        now_ms = self._clock.monotonic_ms()
        for code in list(self._codes.values()):
            if now_ms >= code.mailbox.deadline_ms:
                await self._carry_out(code, code.mailbox.handle_time(now_ms))

    async def _carry_out(self, code: _Code, events: list[Event]) -> None:
        for event in events:
            match event:
                case ToAgent(message):
                    self._lines.send(code.mailbox.session_id, message)
                case ToEngineer(message):
                    if code.engineer is not None:
                        code.engineer.send(message)
                case CodeEnded():
                    await self._close(code, event)

    async def _close(self, code: _Code, ended: CodeEnded) -> None:
        mailbox, engineer = code.mailbox, code.engineer
        self._on_outcome(ended.outcome)
        log.info("code_closed", session=mailbox.session_id.hex(), outcome=ended.outcome)
        if engineer is not None and ended.burnt and self._burnt.burn(engineer.user.user_id, self._clock.monotonic_ms()):
            self._on_locked(engineer.user.user_name)
        await self._store.closed(mailbox.nameplate, ended.outcome, self._clock.unix_ms())
        self._codes.pop(mailbox.nameplate, None)
        self._nameplates.retire(mailbox.nameplate, self._clock.monotonic_ms())
        if engineer is None:
            return
        if ended.outcome == "paired":
            try:
                ticket = await self._sessions.admit(mailbox.session_id, engineer.user, engineer.login)
                engineer.send(PairingAdmitted(leg_ticket=ticket))
            except SessionOver:
                engineer.send(PairingFailed(outcome="lost"))
        engineer.finish()

    def _code_of(self, session_id: bytes, nameplate: str) -> _Code | None:
        """Only an agent's own codes exist for it."""
        code = self._codes.get(nameplate)
        return code if code is not None and code.mailbox.session_id == session_id else None

    def _codes_of(self, session_id: bytes) -> list[_Code]:
        return [code for code in self._codes.values() if code.mailbox.session_id == session_id]

    def _runs_of(self, user: Engineer) -> int:
        return sum(
            code.engineer is not None and code.engineer.user.user_id == user.user_id for code in self._codes.values()
        )

    def _code_claimed_by(self, engineer: EngineerEnd) -> _Code | None:
        return next((code for code in self._codes.values() if code.engineer is engineer), None)
