"""Puts an engineer's request to the customer, and brings the answer to the grant machine. There is no other way in."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager

from agent_client.faces.face import ConsentAnswer, ConsentQuestion, Face
from agent_client.host import unix_ms
from agent_client.participant import Participant
from protocol.grants import AllowTooMuch, AllowTooSoon, NothingAsked


async def ask_customer(
    face: Face,
    participant: Participant,
    *,
    reason: str,
    ticket: str,
    while_asking: Callable[[], AbstractContextManager[None]],
) -> ConsentAnswer | None:
    """The customer's answer to the request that stands in the participant's machine, once the machine has accepted it.

    None where nobody answered in time or the request went away. `while_asking` surrounds the question: it freezes what
    the engineer runs already, so that nothing of theirs can press a key on the customer's screen.
    """
    machine = participant.machine
    ask = machine.ask_pending
    assert ask is not None, "a question is put only when one was asked"
    question = ConsentQuestion(
        participant=participant.participant,
        name=participant.name,
        staff_number=participant.certificate.staff_number,
        organisation=participant.certificate.organisation,
        reason=reason,
        ticket=ticket,
        scopes=ask.scopes,
        minutes=ask.minutes,
        folders=tuple(str(folder) for folder in participant.folders),
        client=participant.request.client,
        is_raise=ask.is_raise,
        asked_at_ms=ask.asked_at_ms,
        allow_not_before_ms=ask.allow_not_before_ms,
        expires_at_ms=ask.answer_by_ms,
    )
    with while_asking():
        try:
            async with asyncio.timeout((ask.answer_by_ms - unix_ms()) / 1000):
                while True:
                    answer = await face.decide(question)
                    try:
                        return _settle(participant, answer)
                    except (AllowTooSoon, AllowTooMuch):
                        # A face that lets this through has asked too little of the customer: the question stands.
                        continue
        except (TimeoutError, NothingAsked):
            machine.handle_time(unix_ms())
            return None


def _settle(participant: Participant, answer: ConsentAnswer) -> ConsentAnswer:
    """Raises NothingAsked, AllowTooSoon, AllowTooMuch."""
    if answer.allowed:
        participant.machine.allow(answer.scopes, answer.minutes, unix_ms())
    else:
        participant.machine.deny(unix_ms())
    return answer
