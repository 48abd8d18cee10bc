"""Puts an engineer's request to the customer, and brings the answer to the grant machine. There is no other way in."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from agent_client.faces.face import ConsentAnswer, ConsentQuestion, Face
from agent_client.participant import Participant
from protocol.grants import AllowTooMuch, AllowTooSoon, Ask, NothingAsked


@dataclass(frozen=True, slots=True)
class Wish:
    """What an engineer wants: `ask` stands in their machine, `reason` is their own. `leaver` is whose place it is."""

    participant: Participant
    ask: Ask
    reason: str
    leaver: Participant | None = None


def standing_wish(participant: Participant, reason: str, leaver: Participant | None = None) -> Wish:
    """Of somebody whose request their machine has just accepted."""
    ask = participant.machine.ask_pending
    assert ask is not None, "a question is put only when one was asked"
    return Wish(participant, ask, reason, leaver)


async def ask_customer(
    face: Face,
    wish: Wish,
    *,
    while_asking: Callable[[], AbstractContextManager[None]],
    clock: Callable[[], int],
) -> ConsentAnswer | None:
    """The customer's answer to a wish, once the engineer's machine has accepted it.

    None where nobody answered in time or the request went away: the question is off the screen at once then. Who
    cancels this (the engineer left) takes the request along; it counts as refused. `while_asking` surrounds the
    question: it freezes what the engineer runs already, so that nothing of theirs can press a key on the customer's
    screen. `clock` gives Unix milliseconds.
    """
    participant, ask = wish.participant, wish.ask
    machine = participant.machine
    question = _question(wish)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as standing:

            def look() -> None:
                if machine.ask_pending is not ask and not standing.expired():
                    standing.reschedule(loop.time())

            forget = participant.on_change(look)
            try:
                with while_asking():
                    return await _decide(face, question, participant, clock)
            finally:
                forget()
    except (TimeoutError, NothingAsked):
        return None
    finally:
        if machine.ask_pending is ask:
            machine.deny(clock())


def _question(wish: Wish) -> ConsentQuestion:
    participant, ask = wish.participant, wish.ask
    return ConsentQuestion(
        participant=participant.participant,
        name=participant.name,
        staff_number=participant.certificate.staff_number,
        organisation=participant.certificate.organisation,
        reason=wish.reason,
        ticket=participant.request.ticket,
        scopes=ask.scopes,
        minutes=ask.minutes,
        folders=tuple(str(folder) for folder in participant.folders),
        client=participant.request.client,
        is_raise=ask.is_raise,
        asked_at_ms=ask.asked_at_ms,
        allow_not_before_ms=ask.allow_not_before_ms,
        expires_at_ms=ask.answer_by_ms,
        takes_over=wish.leaver.present() if wish.leaver else None,
    )


async def _decide(
    face: Face, question: ConsentQuestion, participant: Participant, clock: Callable[[], int]
) -> ConsentAnswer:
    """Raises NothingAsked."""
    while True:
        answer = await face.decide(question)
        try:
            if answer.allowed:
                participant.machine.allow(answer.scopes, answer.minutes, clock())
            else:
                participant.machine.deny(clock())
        except (AllowTooSoon, AllowTooMuch):
            # A face that lets this through has asked too little of the customer: the question stands.
            continue
        return answer
