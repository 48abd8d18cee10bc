"""There is one way from a request to a grant: the customer's answer to the question that stands on their screen."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from agent_client.consent import ask_customer, standing_wish
from agent_client.faces.face import ConsentAnswer
from agent_client.participant import Participant
from protocol.certificates import read_certificate
from protocol.grants import ALLOW_DELAY_MS, ANSWER_TIMEOUT_MS, GrantMachine, Scope
from tests.agent_client.people import CA_KEY, NOW_MS, CustomerAtTest, EngineerAtTest, FakeClock


class Asking:
    """One engineer whose requests are put to the customer."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.face = CustomerAtTest()
        self.frozen = 0
        engineer = EngineerAtTest()
        certificate = read_certificate(engineer.certificate, CA_KEY.public_key().public_bytes_raw(), NOW_MS)
        self.machine = GrantMachine(1, max_scopes=certificate.max_scopes, max_minutes=60)
        self.engineer = engineer
        self.participant = Participant(1, certificate, engineer.request(), self.machine, (folder,), clock=self.clock)

    @contextmanager
    def while_asking(self) -> Iterator[None]:
        self.frozen += 1
        try:
            yield
        finally:
            self.frozen -= 1

    @asynccontextmanager
    async def question(self, *scopes: Scope) -> AsyncIterator["asyncio.Task[ConsentAnswer | None]"]:
        self.participant.ask(self.engineer.request(*scopes))
        async with self.standing() as asking:
            yield asking

    @asynccontextmanager
    async def standing(self) -> AsyncIterator["asyncio.Task[ConsentAnswer | None]"]:
        earlier = len(self.face.questions)
        asking = asyncio.create_task(
            ask_customer(
                self.face,
                standing_wish(self.participant, "because"),
                while_asking=self.while_asking,
                clock=self.clock,
            )
        )
        await self.face.asked(earlier + 1)
        yield asking
        asking.cancel()
        await asyncio.wait([asking])


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    return Asking(tmp_path)


async def test_the_customer_sees_exactly_what_is_asked(asking: Asking, tmp_path: Path) -> None:
    """Name and number come from the certificate; reason, scopes, time and folders are the request's."""
    async with asking.question(Scope.SHELL):
        question = await asking.face.asked()
        assert (question.name, question.staff_number, question.organisation) == (
            "Wei Example",
            "E-7",
            "Example Support",
        )
        assert question.scopes == {Scope.SHELL, Scope.VIEW}
        assert (question.reason, question.ticket, question.minutes) == ("because", "8841", 30)
        assert question.folders == (str(tmp_path),)
        assert question.allow_not_before_ms == NOW_MS + ALLOW_DELAY_MS


async def test_a_yes_grants_what_was_allowed_and_no_more(asking: Asking) -> None:
    """A customer who allows a part of it for less time gives just that."""
    async with asking.question(Scope.FILES_READ, Scope.VIEW) as result:
        asking.face.allow(await asking.face.asked(), Scope.VIEW, minutes=5)
        await result
    assert asking.machine.grant is not None
    assert asking.machine.grant.scopes == {Scope.VIEW}
    assert asking.machine.grant.expires_at_ms == NOW_MS + 5 * 60_000


async def test_an_answer_that_comes_too_soon_does_not_count(asking: Asking) -> None:
    """A powerful scope cannot be allowed by a reflex, whatever the face lets through: the question is put again."""
    async with asking.question(Scope.SHELL) as result:
        asking.face.allow(await asking.face.asked())
        question = await asking.face.asked(2)
        assert asking.machine.grant is None
        asking.clock.advance(ALLOW_DELAY_MS)
        asking.face.allow(question)
        await result
    assert asking.machine.grant is not None


@pytest.mark.parametrize(("scope", "minutes"), [(Scope.FILES_WRITE, 30), (Scope.FILES_READ, 31), (Scope.FILES_READ, 0)])
async def test_an_answer_of_more_than_was_asked_does_not_count(asking: Asking, scope: Scope, minutes: int) -> None:
    """More scopes, more time or no time at all: nothing is granted, and the question stands."""
    async with asking.question(Scope.FILES_READ) as result:
        asking.face.allow(await asking.face.asked(), scope, minutes=minutes)
        await asking.face.asked(2)
        assert asking.machine.grant is None
        assert not result.done()


async def test_silence_is_a_no(asking: Asking) -> None:
    """When the time for an answer is over, the question leaves the screen and nothing is granted."""
    async with asking.question(Scope.FILES_READ) as result:
        asking.machine.handle_time(NOW_MS + ANSWER_TIMEOUT_MS)
        asking.participant.changed()
        assert await result is None
    assert asking.face.withdrawn == asking.face.questions
    assert asking.machine.denied_by == "timeout"


async def test_a_yes_that_comes_too_late_is_no_yes(asking: Asking) -> None:
    """The face may not have noticed that the time is over; the machine has."""
    async with asking.question(Scope.FILES_READ) as result:
        asking.clock.advance(ANSWER_TIMEOUT_MS)
        asking.face.allow(await asking.face.asked())
        assert await result is None
    assert asking.machine.grant is None


async def test_who_leaves_takes_their_question_along(asking: Asking) -> None:
    """A question of somebody who has gone is off the screen, and nobody can say yes to it any more."""
    async with asking.question(Scope.FILES_READ) as result:
        result.cancel()
        await asyncio.wait([result])
        assert result.cancelled()
    assert asking.face.withdrawn == asking.face.questions
    assert asking.machine.state == "denied"
    assert asking.frozen == 0


async def test_asking_and_leaving_wears_nobody_down(asking: Asking) -> None:
    """A question that was withdrawn counts as refused, so that the number of questions stays bounded."""
    for _ in range(3):
        async with asking.question(Scope.FILES_READ):
            """Ask, and leave."""
    with pytest.raises(Exception, match="refused 3 times"):
        asking.participant.ask(asking.engineer.request(Scope.FILES_READ))


async def test_a_question_leaves_the_screen_with_the_session(asking: Asking) -> None:
    """When everything ends, nothing is left to answer."""
    async with asking.question(Scope.FILES_READ) as result:
        asking.machine.end(NOW_MS)
        asking.participant.changed()
        assert await result is None
    assert asking.face.withdrawn == asking.face.questions


async def test_a_question_for_more_goes_with_the_grant_that_it_would_extend(asking: Asking) -> None:
    """Who lost everything while they asked for more is not let in by a late yes."""
    asking.participant.ask(asking.engineer.request(Scope.FILES_READ, minutes=1))
    asking.machine.allow({Scope.FILES_READ}, 1, NOW_MS)
    asking.machine.ask_more((), 30, NOW_MS)
    async with asking.standing() as result:
        asking.machine.handle_time(NOW_MS + 60_000)
        asking.participant.changed()
        assert await result is None
    assert asking.machine.grant is None


async def test_other_changes_leave_the_question_where_it_is(asking: Asking) -> None:
    """`changed` is told for many reasons; only a request that is gone takes the question away."""
    async with asking.question(Scope.FILES_READ) as result:
        asking.participant.changed()
        asking.face.allow(await asking.face.asked())
        assert await result is not None


async def test_what_runs_stands_still_while_the_question_stands(asking: Asking) -> None:
    """A program that the engineer started earlier cannot press the key that answers the question about itself."""
    async with asking.question(Scope.FILES_READ) as result:
        assert asking.frozen == 1
        asking.face.deny(await asking.face.asked())
        answer = await result
    assert answer is not None
    assert not answer.allowed
    assert (asking.frozen, asking.machine.state) == (0, "denied")
