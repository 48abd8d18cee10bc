"""The customer's questions on a terminal: who asks for what, what allows, and what never does."""

import asyncio
import dataclasses
from typing import Any

import pytest

from agent_client.faces import notices
from agent_client.faces.face import DENIED, ConsentAnswer
from protocol.grants import Scope
from tests.agent_client.faces.terminal_customer import QUESTION, START_MS, go_live, settle


async def test_request_and_allow(sit: Any) -> None:
    """Everything that is asked stands on the screen; Allow counts only after the pause."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await customer.sees("Ann Example", "staff no. 1042", "8841: receipts never arrive", "[x] type in it", "30 minutes")
    await customer.sees("files: only in /home/ann", "Everything is recorded", "3 s …")
    customer.press("a")
    customer.now_ms += 2_999
    customer.press("a")
    await customer.sees("1 s …")
    assert not deciding.done()
    customer.now_ms += 1
    customer.press("a")
    assert await deciding == ConsentAnswer(allowed=True, scopes=QUESTION.scopes, minutes=30)


@pytest.mark.parametrize("key", [b"\r", b"n", b"N", b"\x03", b"\x04"])
async def test_default_is_no(sit: Any, key: bytes) -> None:
    """Enter, n and Ctrl-C say no."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await settle(customer, deciding, "Allow?")
    customer.press(key)
    assert await deciding == DENIED


@pytest.mark.parametrize(
    "bytes_in",
    [
        b"\x1b]11;rgb:aaaa/aaaa/aaaa\x07",
        b"\x1bP>|name a(1)\x1b\\",
        b"\x1b[?62;22c",
        b"\x1b[24;80R",
        b"\x1b[200~a\nallow\x1b[201~",
        b"\x1ba",
        b"\x1b[97u",
        b"y ",
    ],
)
async def test_answers_of_the_terminal_and_pastes_never_allow(sit: Any, bytes_in: bytes) -> None:
    """Nothing but the key itself says yes: not a terminal's answer, not a paste, not Alt-a, not another letter."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await settle(customer, deciding, "Allow?")
    for byte in bytes_in:
        customer.press(bytes([byte]))
        await asyncio.sleep(0)
    customer.press("c")  # a key that shows, so that we know that all before was taken
    await customer.sees("choose")
    assert not deciding.done()
    deciding.cancel()


async def test_narrowing_before_allowing(sit: Any) -> None:
    """Scopes can be taken out and minutes cut; who may not see cannot type either."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await settle(customer, deciding, "Allow?")
    customer.press("c")
    await customer.sees("choose")
    customer.press(" ")
    await customer.sees("[ ] see your terminal", "[ ] type in it", "[x] read files")
    customer.press("--")
    await customer.sees("20 minutes")
    customer.press("+++++")
    await customer.sees("30 minutes")
    customer.press("----------")
    await customer.sees("5 minutes")
    customer.press("ca")
    assert await deciding == ConsentAnswer(allowed=True, scopes=frozenset({Scope.FILES_READ}), minutes=5)


async def test_a_raise_asks_like_the_first_request(sit: Any) -> None:
    """It says that it is more, and what more time is for; Allow waits three seconds, and Enter is no."""
    customer = await sit()
    raised = dataclasses.replace(QUESTION, scopes=frozenset({Scope.FILES_WRITE}), is_raise=True)
    deciding = asyncio.create_task(customer.face.decide(raised))
    await customer.sees(
        "wants more, because", "[x] change files", "everything that is allowed: for 30 minutes from now"
    )
    customer.now_ms += 2_000
    customer.press("a")
    await customer.sees("1 s …")
    customer.now_ms += 1_000
    customer.press("\r")
    assert await deciding == DENIED


@pytest.mark.parametrize(
    ("keys", "scopes", "minutes"),
    [("------ca", {Scope.FILES_WRITE}, 0), (" ----ca", set(), 10), ("a", {Scope.FILES_WRITE}, 30)],
)
async def test_of_a_raise_either_can_be_allowed_alone(sit: Any, keys: str, scopes: set[Scope], minutes: int) -> None:
    """The new scope for the time that is left, or time alone for what is allowed already; never nothing of both."""
    customer = await sit()
    raised = dataclasses.replace(QUESTION, scopes=frozenset({Scope.FILES_WRITE}), is_raise=True)
    deciding = asyncio.create_task(customer.face.decide(raised))
    await settle(customer, deciding, "wants more")
    customer.press("c ------c" + "a")
    await customer.sees("[ ] change files", "the time stays as it is", "Allow?")
    customer.press("c ++++++" + keys)
    assert await deciding == ConsentAnswer(allowed=True, scopes=frozenset(scopes), minutes=minutes)


async def test_who_takes_over_from_whom_is_asked_in_one_question(sit: Any) -> None:
    """Names, what there is to have, for how long, and that the other leaves; scopes alone can be cut."""
    customer = await sit()
    bob = notices.Present(2, "Bob\x1b[2J", "1043", QUESTION.scopes, START_MS + 754_000)
    taking_over = dataclasses.replace(QUESTION, minutes=0, is_raise=True, takes_over=bob)
    deciding = asyncio.create_task(customer.face.decide(taking_over))
    await customer.sees(
        "Ann Example", "wants to take over from Bob\\x1b[2J (staff no. 1043), for the 12:34 that are left"
    )
    await customer.sees("leaves: what they run here ends", "[x] type in it")
    assert "minutes" not in customer.text()
    await settle(customer, deciding, "Allow?")
    customer.press("c" + " " + "c" + "a")
    answer = await deciding
    assert (answer.allowed, answer.minutes) == (True, 0)
    assert answer.scopes < QUESTION.scopes


async def test_the_status_line_says_who_has_taken_over(sit: Any) -> None:
    """After everything else that a take-over brings along."""
    customer = await sit()
    await go_live(customer)
    customer.face.show(notices.ParticipantLeft(2, "Bob"))
    customer.face.show(notices.GrantChanged(1, frozenset({Scope.VIEW}), START_MS))
    customer.face.show(notices.TakenOver(1, "Ann Example", 2, "Bob"))
    await customer.sees("Ann Example has taken over from Bob, who is out.")


async def test_hostile_request_texts_are_escaped(sit: Any) -> None:
    """Names and reasons cannot move the cursor, retitle the window or turn text round."""
    evil = "Ann\x1b[2J\x1b]0;owned\x07\u202egnikcah\r\n\x9b31m"
    customer = await sit()
    await customer.sees("not recording")
    question = dataclasses.replace(QUESTION, name=evil, reason=evil, ticket=evil, staff_number=evil, folders=(evil,))
    customer.seen = b""
    deciding = asyncio.create_task(customer.face.decide(question))
    await customer.sees("\\x1b[2J", "\\u202e", "Allow?")
    assert b"\x1b[2J" not in customer.seen
    assert b"\x1b]0" not in customer.seen
    assert "\u202e".encode() not in customer.seen
    deciding.cancel()


async def test_two_questions_one_after_the_other(sit: Any) -> None:
    """A second engineer's question waits until the first is answered, and keys meant for the first do not answer it."""
    customer = await sit()
    first = asyncio.create_task(customer.face.decide(QUESTION))
    second = asyncio.create_task(customer.face.decide(dataclasses.replace(QUESTION, participant=2, name="Bob")))
    await settle(customer, first, "Ann Example")
    customer.press("nnn")
    assert await first == DENIED
    await settle(customer, second, "Bob")
    customer.press("a")
    assert (await second).allowed


async def test_a_question_that_is_being_answered_survives_the_end_of_another(sit: Any) -> None:
    """What was taken out of it stays out, when somebody who waited behind it has left."""
    customer = await sit()
    first = asyncio.create_task(customer.face.decide(QUESTION))
    second = asyncio.create_task(customer.face.decide(dataclasses.replace(QUESTION, participant=2, name="Bob")))
    await settle(customer, first, "Ann Example")
    customer.press("c ")
    await customer.sees("[ ] see your terminal")
    second.cancel()
    await asyncio.wait([second])
    customer.press("ca")
    assert (await first).scopes == {Scope.FILES_READ}


async def test_withdrawn_question_leaves_the_screen(sit: Any) -> None:
    """When the engineer is gone, so is the question."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await customer.sees("Allow?")
    deciding.cancel()
    await customer.sees_no("Allow?")


async def test_a_bell_rings_for_a_question_and_for_what_an_engineer_writes(sit: Any) -> None:
    """Who looks elsewhere hears it; what they do or write themselves rings nothing."""
    customer = await sit()
    deciding = asyncio.create_task(customer.face.decide(QUESTION))
    await customer.rings(1)
    deciding.cancel()
    await go_live(customer)
    customer.face.show(notices.ChatSaid(1, 0, "", START_MS, "my own line"))
    customer.face.show(notices.ChatSaid(2, 1, "Ann", START_MS, "an answer"))
    await customer.sees("an answer")
    await customer.rings(2)
