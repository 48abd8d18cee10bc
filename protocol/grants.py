"""Scopes, and what a customer allowed to whom until when.

One machine for each engineer of a session. Only `granted` and `raising` allow anything, and only what was asked for, is
within the engineer's certificate, and was allowed by the customer.

    state     ask      ask_more  ask_place  allow     deny      silence   moot      narrow     revoke    expiry    end
    idle      asking   -         asking     -         -         ·         ·         ·          ·         ·         ended
    asking    -        -         -          granted   denied    denied    denied    ·          denied    ·         ended
    granted   -        raising   raising    -         -         ·         ·         granted*   lapsed    lapsed    ended
    raising   -        -         -          granted   granted   granted   granted   raising*   lapsed    lapsed    ended
    denied    asking   -         asking     -         -         ·         ·         ·          ·         ·         ended
    lapsed    asking   -         asking     -         -         ·         ·         ·          ·         ·         ended
    ended     -        -         -          -         -         ·         ·         ·          ·         ·         ·

    -  refused with an error, nothing changes           * `lapsed` where nothing is left
    ·  cannot happen, or changes nothing

`ask`, `ask_more`, `ask_place` come from the engineer; `allow`, `deny`, `narrow`, `revoke` from the customer; `end` from
either; `silence` (120 s without an answer) and `expiry` from time; `moot` from the session, when what the question is
about has changed. What takes away works at once and in every state.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from protocol.details import Detail
from protocol.errors import InputError, PeerError, RefusedError


class Scope(StrEnum):
    """One thing that an engineer may do on the customer's machine. Each is asked for and granted by name."""

    VIEW = "view"
    """See the shared terminal."""
    SHELL = "shell"
    """Type in the shared terminal and run commands."""
    FILES_READ = "files:r"
    """List and read files in the granted folders."""
    FILES_WRITE = "files:w"
    """Create, change, rename and remove files in the granted folders."""
    FORWARD = "forward"
    """Open TCP connections from the customer's machine."""
    ROOT = "root"
    """Any of the above as the system's administrator."""
    GATEWAY = "gateway"
    """Any of the above with an SSH program of their own, through the broker's SSH gateway; see `AdmitSshKey`."""


POWERFUL_SCOPES = frozenset({Scope.SHELL, Scope.FILES_WRITE, Scope.FORWARD, Scope.ROOT})
"""What can change the machine: Allow is not to be had for these by a reflex."""

ALLOW_DELAY_MS = 3_000
"""How long a request for powerful scopes stands before it can be allowed (OWASP ASVS 5.0, 2.4.2)."""

ANSWER_TIMEOUT_MS = 120_000
"""A customer who has not answered by then is not there: the answer is no."""

REFUSAL_LIMIT = 3
"""So many refusals in a row and the engineer cannot ask any more: nobody is worn down until they say yes."""

SESSION_LIMIT_MS = 8 * 60 * 60 * 1000
"""However often it is extended, a grant ends so long after the first Allow."""

DeniedBy = Literal["customer", "timeout", "moot"]

GrantState = Literal["idle", "asking", "granted", "raising", "denied", "lapsed", "ended"]


class NotYourTurn(PeerError):
    """The engineer's end asked when it could not ask."""

    sentence = "The engineer's program asked for access out of turn: {problem}."


class ScopeNotAllowed(RefusedError):
    """More was asked for than the certificate allows."""

    sentence = "This engineer's certificate does not allow to ask for: {scopes}."


class TooLongAsked(RefusedError):
    """More time was asked for than the organisation's profile allows."""

    sentence = "At most {limit} minutes can be asked for at a time, and {minutes} were. Ask for less."


class AskedTooOften(RefusedError):
    """The customer has said no, or nothing, too often."""

    sentence = "The customer has refused {limit} times. Talk to them; a new code is needed to ask again."


class SessionTooOld(RefusedError):
    """The longest time that a grant may last, with all its extensions, is over."""

    sentence = "A session lasts at most {hours} hours. Ask for a new code to go on."


class NothingAsked(InputError):
    """The customer answers, but there is no request; it may have been withdrawn or have run out."""

    sentence = "There is no request to answer any more."


class AllowTooSoon(InputError):
    """Allow came before a person could have read the request."""

    sentence = "Read the request first. It can be allowed in {seconds} s."


class AllowTooMuch(InputError):
    """The answer holds what nobody asked for."""

    sentence = "Only what was asked for can be allowed: at most {minutes} minutes and {scopes}."


def with_implied(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """The scopes and what they bring along: who may type sees what they type."""
    named = frozenset(scopes)
    return named | {Scope.VIEW} if Scope.SHELL in named else named


@dataclass(frozen=True)
class Grant:
    """What is allowed, to whom, until when (exclusive)."""

    participant: int
    scopes: frozenset[Scope]
    expires_at_ms: int


@dataclass(frozen=True)
class Ask:
    """A request that waits for the customer. For a raise, `scopes` are the new ones and 0 `minutes` keep the time.

    With `place`, the grant of somebody else is asked for, in place of one's own: its time comes with it, and `minutes`
    are 0.
    """

    scopes: frozenset[Scope]
    minutes: int
    asked_at_ms: int
    allow_not_before_ms: int
    answer_by_ms: int
    is_raise: bool
    place: Grant | None = None


class GrantMachine:
    """What one engineer may do. Times are Unix milliseconds of a clock that nobody can set back: the time at the start
    plus what a monotonic clock has counted since.

    Every input is judged at its `now_ms`, and at the latest time seen if that is later. Every verb returns the state
    afterwards; one that raises has changed nothing but what time alone had changed.
    """

    def __init__(self, participant: int, *, max_scopes: frozenset[Scope], max_minutes: int) -> None:
        self.participant = participant
        self.max_scopes = with_implied(max_scopes)
        self.max_minutes = max_minutes
        self._state: GrantState = "idle"
        self._latest_ms = 0
        self._ask: Ask | None = None
        self._grant: Grant | None = None
        self._hard_end_ms = 0
        self._refusals = 0
        self._denied_by: DeniedBy | None = None
        self._lapsed_by: Literal["customer", "time"] | None = None

    # ── what is the case ───────────────────────────────────────────────────────────────────────────────────────

    @property
    def state(self) -> GrantState:
        return self._state

    @property
    def ask_pending(self) -> Ask | None:
        """What stands on the customer's screen."""
        return self._ask

    @property
    def grant(self) -> Grant | None:
        """What is allowed as of the latest input; None where nothing is."""
        return self._grant

    @property
    def denied_by(self) -> DeniedBy | None:
        """Who answered the last request with no; None if it was allowed or is still open. `moot`: nobody did."""
        return self._denied_by

    @property
    def lapsed_by(self) -> Literal["customer", "time"] | None:
        """Who took the last grant back; None while one is in force."""
        return self._lapsed_by

    @property
    def deadline_ms(self) -> int | None:
        """When to call `handle_time`."""
        moments = [self._ask.answer_by_ms] if self._ask else []
        if self._grant:
            moments.append(self._grant.expires_at_ms)
        return min(moments, default=None)

    def allows(self, scope: Scope, now_ms: int) -> bool:
        """May this be done now? True to the millisecond even if nobody called `handle_time`."""
        now_ms = max(now_ms, self._latest_ms)
        return self._grant is not None and scope in self._grant.scopes and now_ms < self._grant.expires_at_ms

    # ── from the engineer ──────────────────────────────────────────────────────────────────────────────────────

    def ask(self, scopes: Iterable[Scope], minutes: int, now_ms: int) -> GrantState:
        """Asks for access. Raises NotYourTurn, ScopeNotAllowed, TooLongAsked, AskedTooOften, SessionTooOld."""
        self.handle_time(now_ms)
        if self._state not in {"idle", "denied", "lapsed"}:
            raise NotYourTurn(problem=Detail("a first request while the state is {state}", state=self._state))
        wanted = self._checked(scopes, minutes)
        if not wanted or minutes < 1:
            raise NotYourTurn(problem="a request for nothing")
        self._put(wanted, minutes, is_raise=False)
        self._state = "asking"
        return self._state

    def ask_more(self, scopes: Iterable[Scope], minutes: int, now_ms: int) -> GrantState:
        """Asks for scopes more, or for time (counted from the answer; 0 keeps it). What is allowed stays as it is.

        Raises NotYourTurn, ScopeNotAllowed, TooLongAsked, AskedTooOften.
        """
        self.handle_time(now_ms)
        if self._state != "granted" or self._grant is None:
            raise NotYourTurn(problem=Detail("a request for more while the state is {state}", state=self._state))
        wanted = with_implied(self._checked(scopes, minutes) - self._grant.scopes)
        if not wanted and minutes < 1:
            raise NotYourTurn(problem="a request for what is allowed already")
        self._put(wanted, minutes, is_raise=True)
        self._state = "raising"
        return self._state

    def ask_place(self, place: Grant, now_ms: int) -> GrantState:
        """Asks to have the grant of somebody else, who leaves: what of it the certificate allows, until it ends.

        Whoever is in asks for it in place of what they have. Raises NotYourTurn, ScopeNotAllowed, AskedTooOften,
        SessionTooOld.
        """
        self.handle_time(now_ms)
        is_in = self._grant is not None
        if self._state not in {"idle", "denied", "lapsed", "granted"}:
            raise NotYourTurn(problem=Detail("a request to take over while the state is {state}", state=self._state))
        if place.participant == self.participant or self._latest_ms >= place.expires_at_ms:
            raise NotYourTurn(problem="a request to take over from nobody")
        wanted = self._checked(place.scopes & self.max_scopes, 0)
        if not wanted:
            raise ScopeNotAllowed(scopes=", ".join(sorted(place.scopes)) or "-")
        self._put(wanted, 0, is_raise=is_in, place=place)
        self._state = "raising" if is_in else "asking"
        return self._state

    def moot(self, now_ms: int) -> GrantState:
        """Withdraws what is asked, because it is no longer what stands on the customer's screen. It is no refusal."""
        self.handle_time(now_ms)
        if self._ask is not None:
            self._close_ask("moot")
        return self._state

    # ── from the customer ──────────────────────────────────────────────────────────────────────────────────────

    def allow(self, scopes: Iterable[Scope], minutes: int, now_ms: int) -> GrantState:
        """Allows all or a part of what is asked. Raises NothingAsked, AllowTooSoon, AllowTooMuch.

        For a raise, `scopes` are the new ones only, and `minutes` 0 keeps the time. A place is given as it is now: what
        was allowed here before goes, and so does the one whose place it was, at the same moment, which is the caller's.
        """
        self.handle_time(now_ms)
        ask = self._ask
        if ask is None:
            raise NothingAsked
        allowed = with_implied(scopes)
        takes_both = not ask.is_raise and ask.place is None
        is_something = (allowed and minutes) if takes_both else (allowed or minutes)
        if not allowed <= ask.scopes or not 0 <= minutes <= ask.minutes or not is_something:
            raise AllowTooMuch(minutes=ask.minutes, scopes=", ".join(sorted(ask.scopes)) or "-")
        in_force = self._grant.scopes if self._grant else frozenset()
        gained = allowed | in_force if minutes else allowed
        left_ms = ask.asked_at_ms + ALLOW_DELAY_MS - self._latest_ms
        if gained & POWERFUL_SCOPES and left_ms > 0:
            raise AllowTooSoon(seconds=-(-left_ms // 1000))
        if ask.place is not None:
            self._give(allowed, ask.place.expires_at_ms)
        else:
            until_ms = self._grant.expires_at_ms if self._grant else 0
            self._give(allowed | in_force, max(until_ms, self._latest_ms + minutes * 60_000))
        return self._state

    def deny(self, now_ms: int) -> GrantState:
        """Says no to what is asked; what was allowed before stays. Raises NothingAsked."""
        self.handle_time(now_ms)
        if self._ask is None:
            raise NothingAsked
        self._refuse("customer")
        return self._state

    def narrow(self, scopes: Iterable[Scope], now_ms: int) -> GrantState:
        """Leaves only those of the granted scopes that are in `scopes`; never adds one."""
        self.handle_time(now_ms)
        if self._grant is None:
            return self._state
        kept = self._grant.scopes & frozenset(scopes)
        left = with_implied(kept)
        if not left:
            self._lapse("customer")
        else:
            self._grant = Grant(self.participant, left, self._grant.expires_at_ms)
        return self._state

    def revoke(self, now_ms: int) -> GrantState:
        """Takes everything back and withdraws what is asked."""
        self.handle_time(now_ms)
        if self._grant is not None:
            self._lapse("customer")
        elif self._ask is not None:
            self._refuse("customer")
        return self._state

    # ── from either, and from time ─────────────────────────────────────────────────────────────────────────────

    def end(self, now_ms: int) -> GrantState:
        """Over, for good."""
        self.handle_time(now_ms)
        self._grant = None
        self._ask = None
        self._state = "ended"
        return self._state

    def handle_time(self, now_ms: int) -> GrantState:
        """Lets time do its work: expiry takes all, silence means no."""
        self._latest_ms = max(self._latest_ms, now_ms)
        if self._grant is not None and self._latest_ms >= self._grant.expires_at_ms:
            self._lapse("time")
        if self._ask is not None and self._latest_ms >= self._ask.answer_by_ms:
            place = self._ask.place
            if place is not None and self._latest_ms >= place.expires_at_ms:
                self._close_ask("moot")
            else:
                self._refuse("timeout")
        return self._state

    # ── how ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _checked(self, scopes: Iterable[Scope], minutes: int) -> frozenset[Scope]:
        if self._refusals >= REFUSAL_LIMIT:
            raise AskedTooOften(limit=REFUSAL_LIMIT)
        if self._hard_end_ms and self._latest_ms >= self._hard_end_ms:
            raise SessionTooOld(hours=SESSION_LIMIT_MS // 3_600_000)
        wanted = with_implied(scopes)
        excess = wanted - self.max_scopes
        if excess:
            raise ScopeNotAllowed(scopes=", ".join(sorted(excess)))
        if minutes > self.max_minutes:
            raise TooLongAsked(minutes=minutes, limit=self.max_minutes)
        return wanted

    def _put(self, wanted: frozenset[Scope], minutes: int, *, is_raise: bool, place: Grant | None = None) -> None:
        in_force = self._grant.scopes if self._grant and minutes else frozenset()
        delay_ms = ALLOW_DELAY_MS if (wanted | in_force) & POWERFUL_SCOPES else 0
        now_ms = self._latest_ms
        answer_by_ms = now_ms + ANSWER_TIMEOUT_MS
        if self._hard_end_ms:
            answer_by_ms = min(answer_by_ms, self._hard_end_ms)
        if place is not None:
            answer_by_ms = min(answer_by_ms, place.expires_at_ms)
        self._ask = Ask(wanted, minutes, now_ms, now_ms + delay_ms, answer_by_ms, is_raise, place)

    def _give(self, scopes: frozenset[Scope], until_ms: int) -> None:
        if not self._hard_end_ms:
            self._hard_end_ms = self._latest_ms + SESSION_LIMIT_MS
        expires_at_ms = min(until_ms, self._hard_end_ms)
        self._ask = None
        self._refusals = 0
        self._denied_by = self._lapsed_by = None
        self._grant = Grant(self.participant, scopes, expires_at_ms)
        self._state = "granted"

    def _refuse(self, by: Literal["customer", "timeout"]) -> None:
        self._refusals += 1
        self._close_ask(by)

    def _close_ask(self, by: DeniedBy) -> None:
        self._ask = None
        self._denied_by = by
        self._state = "denied" if self._grant is None else "granted"

    def _lapse(self, by: Literal["customer", "time"]) -> None:
        if self._ask is not None:
            self._denied_by = "customer" if by == "customer" else "timeout"
        self._ask = None
        self._grant = None
        self._lapsed_by = by
        self._state = "lapsed"
