"""The customer: reads the code out, answers when asked, sometimes changes their mind. What they said is written down.

`Ledger` is the observer's own book of consent: what the customer said, not what any machine made of it.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from agent_client.faces.face import (
    DENIED,
    ConsentAnswer,
    ConsentQuestion,
    CustomerCommand,
    End,
    Narrow,
    NewCode,
    Pause,
    Rating,
    Resume,
    Say,
)
from agent_client.faces.notices import ChatSaid, CodeShown, Notice, TakenOver
from protocol.grants import Scope, with_implied
from simulation.chatting import WORDS, ChatReader, SaidLine
from simulation.loop import VirtualLoop
from simulation.observer import Observer

MINUTE_SECONDS = 60.0
SLACK_SECONDS = 2.0
"""A grant's end is acted upon within this."""

THINKING_SECONDS = (0.5, 4.0, 8.0, 30.0, 130.0)
"""Before an answer: too soon to count, as it should be, and too late."""

PATIENCE_SECONDS = 240.0
"""Once everything works again, a customer ends a session that nobody else has ended by then."""


@dataclass
class Consent:
    """What one engineer may do, as the customer said it, and until when on the one true clock.

    `agreed_to` is what they said yes to, whatever they have taken away since.
    """

    agreed_to: frozenset[Scope]
    scopes: frozenset[Scope]
    until_seconds: float


class Ledger:
    """By session and number of the participant."""

    def __init__(self, loop: VirtualLoop, observer: Observer) -> None:
        self._loop = loop
        self._observer = observer
        self._consents: dict[tuple[bytes, int], Consent] = {}

    def allowed(self, session_id: bytes, participant: int, scopes: frozenset[Scope], minutes: int) -> None:
        until = self._loop.now + minutes * MINUTE_SECONDS + SLACK_SECONDS
        self._consents[session_id, participant] = Consent(with_implied(scopes), with_implied(scopes), until)

    def handed_over(self, session_id: bytes, taker: int, leaver: int, scopes: frozenset[Scope]) -> None:
        """The agent has done it: the one has these scopes of the other, who has nothing, as long as that lasts."""
        given = with_implied(scopes)
        consent = self._consents[session_id, leaver]
        if not given <= consent.scopes:
            self._observer.fail(f"{sorted(given - consent.scopes)} were handed over by somebody who did not have them")
        self._consents[session_id, taker] = Consent(given, given, consent.until_seconds)
        self.narrowed(session_id, leaver, frozenset())

    def narrowed(self, session_id: bytes, participant: int, scopes: frozenset[Scope]) -> None:
        """The agent has heard it."""
        consent = self._consents.get((session_id, participant))
        if consent is not None:
            consent.scopes &= scopes

    def check_granted(self, session_id: bytes, participant: int, scopes: frozenset[Scope]) -> None:
        """An engineer hears of a grant, perhaps long after it was made: the customer may have narrowed it meanwhile."""
        consent = self._consents.get((session_id, participant))
        if consent is None or not scopes <= consent.agreed_to:
            self._observer.fail(f"{sorted(scopes)} were granted, to which the customer did not agree")

    def check_was_let_in(self, session_id: bytes, participant: int, what: str) -> None:
        if (session_id, participant) not in self._consents:
            self._observer.fail(f"{what} to participant {participant}, who was never let in")

    def check(self, session_id: bytes, participant: int, scopes: frozenset[Scope], what: str) -> None:
        """`what` is done at this moment under these scopes: the customer must have said yes to them."""
        consent = self._consents.get((session_id, participant))
        if consent is None:
            self._observer.fail(f"{what} for participant {participant}, who was never let in")
        elif not scopes <= consent.scopes:
            self._observer.fail(f"{what} under {sorted(scopes - consent.scopes)}, to which the customer did not agree")
        elif self._loop.now > consent.until_seconds:
            late = self._loop.now - consent.until_seconds
            self._observer.fail(f"{what} {late:.0f} s after what the customer had agreed to was over")


class Customer:
    """A `Face`. `tell_code` is the telephone; `calm` says whether the faults have stopped."""

    room_size = None

    def __init__(
        self,
        session_id: bytes,
        loop: VirtualLoop,
        ledger: Ledger,
        chat: ChatReader,
        *,
        tell_code: Callable[[str], None],
        calm: Callable[[], bool],
    ) -> None:
        self._session_id = session_id
        self._loop = loop
        self._dice: random.Random = loop.dice
        self._ledger = ledger
        self._chat = chat
        self._tell_code = tell_code
        self._calm = calm
        self._present: list[int] = []
        self._places: dict[int, frozenset[Scope]] = {}
        """What they said yes to last when somebody wanted to take over."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """There is no terminal to give back."""

    def show(self, notice: Notice) -> None:
        if isinstance(notice, CodeShown):
            self._loop.note(f"{self._session_id.hex()[:8]}: a code is shown, {notice.code[:4]}…")
            self._tell_code(notice.code)
        elif isinstance(notice, ChatSaid):
            self._chat.told(notice.number, SaidLine(notice.participant, notice.text))
        elif isinstance(notice, TakenOver):
            self._loop.note(f"{self._session_id.hex()[:8]}: {notice.participant} takes over from {notice.leaver}")
            scopes = self._places.pop(notice.participant)
            self._ledger.handed_over(self._session_id, notice.participant, notice.leaver, scopes)

    def room_output(self, data: bytes) -> None:
        """Looks at it."""

    async def decide(self, question: ConsentQuestion) -> ConsentAnswer:
        await asyncio.sleep(self._dice.choices(THINKING_SECONDS, (4, 8, 4, 2, 1))[0] * self._dice.uniform(0.8, 1.2))
        if self._dice.random() < 0.1:
            return DENIED
        scopes = question.scopes
        if self._dice.random() < 0.2:
            scopes = frozenset(scope for scope in sorted(scopes) if self._dice.random() < 0.8)
        minutes = self._dice.randint(1, question.minutes) if question.minutes else 0
        if not scopes:
            return DENIED
        if question.takes_over is None:
            self._ledger.allowed(self._session_id, question.participant, scopes, minutes)
        else:
            self._places[question.participant] = scopes
        self._present.append(question.participant)
        return ConsentAnswer(allowed=True, scopes=scopes, minutes=minutes)

    async def commands(self) -> AsyncIterator[CustomerCommand]:
        calm_since: float | None = None
        while calm_since is None or self._loop.now - calm_since < PATIENCE_SECONDS:
            await asyncio.sleep(self._dice.uniform(2.0, 60.0))
            if self._calm() and calm_since is None:
                calm_since = self._loop.now
            match self._dice.randrange(20):
                case 0 | 1:
                    yield Pause()
                    await asyncio.sleep(self._dice.uniform(0.1, 10.0))
                    yield Resume()
                case 2 | 8 | 9:
                    yield NewCode()
                case 3 if self._present:
                    number = self._dice.choice(self._present)
                    yield Narrow(number, frozenset())
                    self._ledger.narrowed(self._session_id, number, frozenset())
                    self._loop.note(f"{self._session_id.hex()[:8]}: the customer takes everything from {number}")
                case 5 | 6 | 7:
                    yield Say(self._dice.choice(WORDS))
                case 4 if self._dice.random() < 0.3:
                    yield End()
                case _:
                    pass
        yield End()

    async def rate(self) -> Rating | None:
        await asyncio.sleep(self._dice.uniform(0.5, 5.0))
        return Rating(5, True, "thanks") if self._dice.random() < 0.7 else None
