"""One engineer takes over from another: with the customer's yes, in one step, and nothing that was not given before."""

import asyncio

import pytest

from agent_client.conversation import Conversation
from agent_client.faces import notices
from agent_client.faces.face import ConsentQuestion
from protocol.control_channel import ControlChannel
from protocol.events import (
    ConsentAnswered,
    ConsentAsked,
    GrantChanged,
    ParticipantJoined,
    ParticipantLeft,
    TakenOver,
)
from protocol.grants import ALLOW_DELAY_MS, Grant, Scope
from protocol.messages.agent import TakeOverReported
from protocol.messages.control import AgentToEngineer, Denied, FollowSession, Granted, GrantMoved, RequestMore, TakeOver
from protocol.messages.control import TakenOver as TakenOverToldToEngineer
from tests.agent_client.house import House
from tests.agent_client.joined_streams import cut, join_again, joined_streams
from tests.agent_client.people import EngineerAtTest

WISH = TakeOver(staff_number="", reason="end of shift")
MINUTE_MS = 60_000


@pytest.fixture
async def wei(house: House) -> EngineerAtTest:
    """In, with a shell for thirty minutes."""
    engineer = house.meet(EngineerAtTest())
    await house.let_in(engineer, Scope.SHELL, Scope.FILES_READ)
    return engineer


@pytest.fixture
async def ana(house: House, wei: EngineerAtTest) -> EngineerAtTest:
    """In beside Wei, to look on for an hour."""
    engineer = house.meet(a_supervisor())
    await house.let_in(engineer, Scope.VIEW, minutes=60)
    return engineer


def a_supervisor() -> EngineerAtTest:
    return EngineerAtTest(name="Ana Example", staff_number="S-1")


def grant_of(house: House, engineer: EngineerAtTest) -> Grant | None:
    participant = house.attendance.admitted(engineer.keys.pairing_id)
    return participant.machine.grant if participant else None


async def asked_to_take_over(
    house: House, engineer: EngineerAtTest, wish: TakeOver = WISH
) -> "tuple[asyncio.Task[AgentToEngineer | None], ConsentQuestion]":
    count = len(house.face.questions)
    asking = house.ask(engineer, wish)
    return asking, await house.face.asked(count + 1)


async def allowed(house: House, asking: "asyncio.Task[AgentToEngineer | None]", question: ConsentQuestion) -> Granted:
    house.clock.advance(ALLOW_DELAY_MS)
    house.face.allow(question)
    granted = await asking
    assert isinstance(granted, Granted)
    return granted


# ── the act ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_customer_reads_who_takes_what_over_from_whom(
    house: House, wei: EngineerAtTest, ana: EngineerAtTest
) -> None:
    """One question: the scopes and the time of the one who would leave; no Allow by reflex where they are powerful."""
    _, question = await asked_to_take_over(house, ana)
    had = grant_of(house, wei)
    assert had is not None
    assert (question.name, question.staff_number, question.reason) == ("Ana Example", "S-1", "end of shift")
    assert question.takes_over is not None
    assert (question.takes_over.name, question.takes_over.staff_number) == ("Wei Example", "E-7")
    assert (question.scopes, question.minutes) == (had.scopes, 0)
    assert question.takes_over.expires_at_ms == had.expires_at_ms
    assert question.allow_not_before_ms == question.asked_at_ms + ALLOW_DELAY_MS


async def test_nothing_changes_before_the_answer(house: House, wei: EngineerAtTest, ana: EngineerAtTest) -> None:
    """Both have what they had while the question stands, and after a no."""
    before = grant_of(house, wei), grant_of(house, ana)
    asking, question = await asked_to_take_over(house, ana)
    assert (grant_of(house, wei), grant_of(house, ana)) == before
    house.face.deny(question)
    assert await asking == Denied(reason="customer")
    assert (grant_of(house, wei), grant_of(house, ana)) == before


async def test_a_yes_gives_the_place_and_sends_the_other_out(
    house: House, wei: EngineerAtTest, ana: EngineerAtTest
) -> None:
    """The grant is the other's to the millisecond; what the other runs hears of it first."""
    had = grant_of(house, wei)
    assert had is not None
    leaver, taker = house.attendance.participants
    heard: list[tuple[bool, bool]] = []
    leaver.on_change(lambda: heard.append((leaver.allows(Scope.SHELL), house.clock() < had.expires_at_ms)))
    asking, question = await asked_to_take_over(house, ana)
    granted = await allowed(house, asking, question)
    assert (frozenset(granted.scopes), granted.expires_at_ms) == (had.scopes, had.expires_at_ms)
    assert taker.allows(Scope.SHELL)
    assert grant_of(house, wei) is None
    assert heard == [(False, True)]
    assert house.ends == []


async def test_everybody_is_told_once_and_in_order(house: House, wei: EngineerAtTest, ana: EngineerAtTest) -> None:
    """Recording, customer, broker: what was asked, what was answered, who took over, and how both grants moved."""
    recorded, shown = len(house.recording.events), len(house.face.notices)
    house.reports.clear()
    await allowed(house, *await asked_to_take_over(house, ana))
    asked, answered, taken_over, *moved = house.recording.events[recorded:]
    assert isinstance(asked, ConsentAsked)
    assert (asked.participant, asked.takes_over, asked.minutes) == (2, 1, 0)
    assert isinstance(answered, ConsentAnswered)
    assert isinstance(taken_over, TakenOver)
    assert (taken_over.participant, taken_over.leaver) == (2, 1)
    assert [(type(event), getattr(event, "participant", 0)) for event in moved] == [
        (GrantChanged, 1),
        (ParticipantLeft, 1),
        (GrantChanged, 2),
    ]
    assert house.face.notices[shown:][-1] == notices.TakenOver(2, "Ana Example", 1, "Wei Example")
    assert house.take_overs == [TakeOverReported(staff_number="S-1", from_staff_number="E-7")]
    assert [(report.staff_number, bool(report.scopes)) for report in house.reports] == [("E-7", False), ("S-1", True)]


async def test_who_is_out_reads_who_took_over(house: House, wei: EngineerAtTest, ana: EngineerAtTest) -> None:
    """First that nothing is left, which every program knows; then why."""
    near, far = await joined_streams(wei.keys.stream_key, wei.keys.pairing_id)
    channel = ControlChannel("engineer", wei.keys.control_key, near.stream_id)
    running = asyncio.create_task(house.attendance.converse(Conversation(far, wei.paired, house.reception)))
    near.write(channel.seal(FollowSession(after=0)))
    heard = channel.receive_data(await near.read())
    await allowed(house, *await asked_to_take_over(house, ana))
    while not isinstance(heard[-1], TakenOverToldToEngineer):
        heard += channel.receive_data(await near.read())
    assert heard[-2:] == [
        GrantMoved(scopes=(), expires_at_ms=0),
        TakenOverToldToEngineer(name="Ana Example", staff_number="S-1"),
    ]
    near.close()
    await running


async def test_joining_and_taking_over_is_one_question(house: House, wei: EngineerAtTest) -> None:
    """Who comes in to take over is asked about once, comes in as everybody does, and never has more than the other."""
    had = grant_of(house, wei)
    assert had is not None
    ana = house.meet(a_supervisor())
    recorded = len(house.recording.events)
    asking = house.ask(ana, ana.request(Scope.SHELL, Scope.FILES_WRITE, takes_over="E-7"))
    question = await house.face.asked(2)
    assert not question.is_raise
    assert question.scopes == {Scope.SHELL, Scope.VIEW}, "what was asked for, of what the other has"
    granted = await allowed(house, asking, question)
    assert (frozenset(granted.scopes), granted.expires_at_ms) == ({Scope.SHELL, Scope.VIEW}, had.expires_at_ms)
    assert grant_of(house, wei) is None
    kinds = [ParticipantJoined, ConsentAsked, ConsentAnswered, TakenOver, GrantChanged, ParticipantLeft]
    assert house.recorded()[recorded:] == kinds
    assert len(house.face.questions) == 2


# ── never more than was given ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_certificate_bounds_what_can_be_taken_over(house: House, wei: EngineerAtTest) -> None:
    """What it does not allow stays behind; where nothing is left, nobody is asked."""
    ana = house.meet(EngineerAtTest(staff_number="S-1", max_scopes=frozenset({Scope.VIEW, Scope.FILES_WRITE})))
    await house.let_in(ana, Scope.VIEW)
    granted = await allowed(house, *await asked_to_take_over(house, ana))
    assert granted.scopes == (Scope.VIEW,)
    writer = house.meet(EngineerAtTest(staff_number="S-2", max_scopes=frozenset({Scope.FILES_WRITE})))
    await house.let_in(writer, Scope.FILES_WRITE)
    assert await house.ask(writer, TakeOver(staff_number="S-1", reason="mine")) == Denied(reason="scope")


async def test_the_customer_may_give_a_part(house: House, wei: EngineerAtTest, ana: EngineerAtTest) -> None:
    """As with every question; the other leaves all the same."""
    asking, question = await asked_to_take_over(house, ana)
    house.face.allow(question, Scope.VIEW)
    granted = await asking
    assert isinstance(granted, Granted)
    assert granted.scopes == (Scope.VIEW,)
    assert grant_of(house, wei) is None


async def test_only_who_is_in_takes_over_and_only_from_who_is_in(
    house: House, wei: EngineerAtTest, ana: EngineerAtTest
) -> None:
    """A code alone is nothing; a number that nobody has, one's own, or that of somebody who left, is nobody's."""
    stranger = house.meet(EngineerAtTest())
    assert await house.ask(stranger, WISH) == Denied(reason="policy")
    for number in ("S-1", "E-99"):
        assert await house.ask(ana, TakeOver(staff_number=number, reason="")) == Denied(reason="nobody")
    house.attendance.narrow(1, frozenset())
    assert await house.ask(ana, WISH) == Denied(reason="nobody")
    assert len(house.face.questions) == 2
    assert not house.face.of(notices.Failed), "the customer is not disturbed for it"


async def test_with_several_inside_it_has_to_be_said_whose_place(
    house: House, wei: EngineerAtTest, ana: EngineerAtTest
) -> None:
    """The staff number says it."""
    third = house.meet(EngineerAtTest(name="Third Example", staff_number="E-8"))
    await house.let_in(third)
    assert await house.ask(third, WISH) == Denied(reason="several")
    _, question = await asked_to_take_over(house, third, TakeOver(staff_number="S-1", reason="mine"))
    assert question.takes_over is not None
    assert question.takes_over.name == "Ana Example"


# ── what happens meanwhile ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scopes", [frozenset[Scope](), frozenset({Scope.VIEW})])
async def test_a_place_that_is_gone_or_another_is_not_given(
    house: House, wei: EngineerAtTest, ana: EngineerAtTest, scopes: frozenset[Scope]
) -> None:
    """What stood on the screen is no longer so: the question leaves it, which is no refusal, and may be put again."""
    asking, question = await asked_to_take_over(house, ana)
    house.attendance.narrow(1, scopes)
    assert await asking == Denied(reason="nobody")
    assert house.face.withdrawn == [question]
    assert grant_of(house, ana) is not None
    assert house.attendance.participants[1].machine._refusals == 0


async def test_the_others_time_runs_out_under_the_question(
    house: House, wei: EngineerAtTest, ana: EngineerAtTest
) -> None:
    """Nothing is left to take over; who only looked on, still does."""
    house.pass_time(30 * MINUTE_MS - 5_000)
    asking, question = await asked_to_take_over(house, ana)
    assert question.expires_at_ms < question.asked_at_ms + 120_000
    house.pass_time(5_000)
    assert await asking == Denied(reason="nobody")
    assert house.face.withdrawn == [question]
    assert (grant_of(house, wei), house.ends) == (None, [])
    assert grant_of(house, ana) is not None


async def test_ones_own_time_runs_out_under_the_question(house: House, wei: EngineerAtTest) -> None:
    """The question goes with whoever asked; the other stays."""
    ana = house.meet(a_supervisor())
    await house.let_in(ana, Scope.VIEW, minutes=1)
    asking, question = await asked_to_take_over(house, ana)
    house.pass_time(MINUTE_MS)
    assert await asking == Denied(reason="timeout")
    assert house.face.withdrawn == [question]
    assert grant_of(house, wei) is not None


async def test_silence_is_no(house: House, wei: EngineerAtTest, ana: EngineerAtTest) -> None:
    """As for every question."""
    asking, _ = await asked_to_take_over(house, ana)
    house.pass_time(120_000)
    assert await asking == Denied(reason="timeout")
    assert grant_of(house, wei) is not None


async def test_who_hangs_up_takes_the_question_along(house: House, wei: EngineerAtTest, ana: EngineerAtTest) -> None:
    """A stream that is closed: nobody would hear the answer."""
    asking, question = await asked_to_take_over(house, ana)
    asking.cancel()
    await asyncio.wait([asking])
    assert house.face.withdrawn == [question]
    assert grant_of(house, wei) is not None
    assert house.ends == []


async def test_a_cut_line_keeps_the_question_and_its_answer(
    house: House, wei: EngineerAtTest, ana: EngineerAtTest
) -> None:
    """The stream comes back on another leg; what was answered meanwhile is heard then."""
    near, far = await joined_streams(ana.keys.stream_key, ana.keys.pairing_id)
    channel = ControlChannel("engineer", ana.keys.control_key, near.stream_id)
    running = asyncio.create_task(house.attendance.converse(Conversation(far, ana.paired, house.reception)))
    near.write(channel.seal(WISH))
    question = await house.face.asked(3)
    cut(near, far)
    house.clock.advance(ALLOW_DELAY_MS)
    house.face.allow(question)
    await house.face.shown(notices.TakenOver)
    await join_again(near, far)
    heard: list[AgentToEngineer] = []
    while not any(isinstance(message, Granted) for message in heard):
        heard += channel.receive_data(await near.read())
    assert [type(message) for message in heard] == [GrantMoved, Granted]
    near.close()
    await running


async def test_both_want_the_others_place(house: House, wei: EngineerAtTest, ana: EngineerAtTest) -> None:
    """Two questions; a yes to one of them is the end of the other."""
    asking, question = await asked_to_take_over(house, ana)
    other, other_question = await asked_to_take_over(house, wei)
    await allowed(house, asking, question)
    assert isinstance(await other, Denied)
    assert house.face.withdrawn == [other_question]
    assert grant_of(house, wei) is None
    assert grant_of(house, ana) is not None


async def test_two_want_the_same_place(house: House, wei: EngineerAtTest, ana: EngineerAtTest) -> None:
    """The first yes gives it; the other question is moot, and its engineer stays as they are."""
    third = house.meet(EngineerAtTest(name="Third Example", staff_number="E-8"))
    await house.let_in(third)
    wish = TakeOver(staff_number="E-7", reason="mine")
    first, question = await asked_to_take_over(house, ana, wish)
    second, moot = await asked_to_take_over(house, third, wish)
    await allowed(house, first, question)
    assert await second == Denied(reason="nobody")
    assert house.face.withdrawn == [moot]
    assert grant_of(house, third) is not None


async def test_a_question_of_the_one_who_leaves_goes_with_them(
    house: House, wei: EngineerAtTest, ana: EngineerAtTest
) -> None:
    """Nothing can be raised that was given away."""
    more = house.ask(wei, RequestMore(scopes=(Scope.FILES_WRITE,), minutes=0, reason="more"))
    raising = await house.face.asked(3)
    await allowed(house, *await asked_to_take_over(house, ana))
    assert isinstance(await more, Denied)
    assert house.face.withdrawn == [raising]
    assert grant_of(house, wei) is None


async def test_who_was_sent_out_needs_another_yes(house: House, wei: EngineerAtTest, ana: EngineerAtTest) -> None:
    """Their streams open nothing any more; they may ask like anybody, or take over in turn, as the same participant."""
    await allowed(house, *await asked_to_take_over(house, ana))
    assert house.attendance.admitted(wei.keys.pairing_id) is None
    assert await house.ask(wei, WISH) == Denied(reason="policy")
    count = len(house.face.questions)
    asking = house.ask(wei, wei.request(Scope.SHELL, takes_over="S-1"))
    await allowed(house, asking, await house.face.asked(count + 1))
    assert grant_of(house, ana) is None
    assert [participant.participant for participant in house.attendance.participants] == [1, 2]
    assert [(take.staff_number, take.from_staff_number) for take in house.take_overs] == [
        ("S-1", "E-7"),
        ("E-7", "S-1"),
    ]


async def test_the_end_leaves_nothing_to_take_over(house: House, wei: EngineerAtTest, ana: EngineerAtTest) -> None:
    """The session's goodbye is the answer."""
    asking, question = await asked_to_take_over(house, ana)
    house.attendance.end_all()
    assert await asking is None
    assert house.face.withdrawn == [question]


async def test_a_second_first_request_of_somebody_who_is_in_is_out_of_turn(
    house: House, wei: EngineerAtTest, ana: EngineerAtTest
) -> None:
    """Who is in takes over with the message for it; coming in twice is nobody's."""
    assert await house.ask(ana, ana.request(Scope.SHELL, takes_over="E-7")) == Denied(reason="policy")
    assert grant_of(house, wei) is not None
