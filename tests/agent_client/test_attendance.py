"""Every change of a grant is told and recorded, what runs first: whoever made it, and time too."""

import asyncio
from dataclasses import replace

import pytest

from agent_client.attendance import PARTICIPANTS_LIMIT
from agent_client.conversation import Conversation
from agent_client.faces import notices
from protocol.control_channel import ControlChannel
from protocol.events import (
    GrantChanged,
    ParticipantLeft,
)
from protocol.grants import Scope
from protocol.messages.control import Denied, Ended, Granted, GrantMoved, RequestMore
from tests.agent_client.house import House
from tests.agent_client.joined_streams import joined_streams
from tests.agent_client.people import (
    EngineerAtTest,
)

MORE = RequestMore(scopes=(Scope.FILES_WRITE,), minutes=0, reason="to put the fixed file in place")


async def test_only_so_many_pairings_fit_into_one_session(house: House) -> None:
    """Who comes after the last place has keys that open nothing here."""
    engineers = [house.meet(EngineerAtTest()) for _ in range(PARTICIPANTS_LIMIT + 1)]
    assert house.attendance.paired(engineers[-2].keys.pairing_id) is not None
    assert house.attendance.paired(engineers[-1].keys.pairing_id) is None


async def test_narrowing_works_at_once_and_is_told_to_everybody(house: House, engineer: EngineerAtTest) -> None:
    """What runs hears of it first; recording, broker and screen follow."""
    await house.let_in(engineer, Scope.FILES_READ, Scope.FILES_WRITE)
    participant = house.attendance.participants[0]
    heard: list[frozenset[Scope]] = []
    participant.on_change(lambda: heard.append(participant.scopes))
    house.attendance.narrow(1, frozenset({Scope.FILES_READ}))
    assert heard == [{Scope.FILES_READ}]
    assert not participant.allows(Scope.FILES_WRITE)
    changed = house.recording.events[-1]
    assert isinstance(changed, GrantChanged)
    assert (changed.scopes, changed.by) == ((Scope.FILES_READ,), "customer")
    assert house.reports[-1].scopes == (Scope.FILES_READ,)
    assert house.face.of(notices.GrantChanged)[-1].scopes == {Scope.FILES_READ}
    assert house.ends == []


async def test_narrowing_to_nothing_is_the_way_out(house: House, engineer: EngineerAtTest) -> None:
    """Who has nothing left has left: recorded, shown, and the session of the last one ends."""
    await house.let_in(engineer)
    house.attendance.narrow(1, frozenset())
    assert house.recorded()[-2:] == [GrantChanged, ParticipantLeft]
    assert house.attendance.admitted(engineer.keys.pairing_id) is None
    assert house.ends == ["customer-ended"]
    assert house.reports[-1].scopes == ()


async def test_narrowing_somebody_else_changes_nobody(house: House, engineer: EngineerAtTest) -> None:
    """A number that nobody has is no reason to touch anybody's grant."""
    await house.let_in(engineer)
    house.attendance.narrow(7, frozenset())
    assert house.attendance.participants[0].scopes == {Scope.FILES_READ}


async def test_time_takes_everything_back(house: House, engineer: EngineerAtTest) -> None:
    """At the end of the minutes the grant is over, by time, and the session with it."""
    await house.let_in(engineer, minutes=1)
    house.pass_time(59_999)
    assert house.ends == []
    house.pass_time(1)
    changed, left = house.recording.events[-2:]
    assert isinstance(changed, GrantChanged)
    assert (changed.scopes, changed.by) == ((), "time")
    assert isinstance(left, ParticipantLeft)
    assert house.ends == ["expired"]


@pytest.mark.parametrize("whoever", ["asks for more", "asks anew", "narrows"])
async def test_an_expiry_is_told_by_whoever_notices_it_first(
    house: House, engineer: EngineerAtTest, whoever: str
) -> None:
    """A machine that slept has expired grants and late timers: what still runs is told before anything else."""
    await house.let_in(engineer, minutes=1)
    told: list[bool] = []
    house.attendance.participants[0].on_change(lambda: told.append(house.attendance.participants[0].scopes == set()))
    house.clock.advance(3_600_000)
    if whoever == "narrows":
        house.attendance.narrow(1, frozenset({Scope.FILES_READ}))
    elif whoever == "asks anew":
        house.ask(engineer, engineer.request())
        await house.face.asked(2)
    else:
        assert await house.ask(engineer, MORE) == Denied(reason="policy")
    assert told[:1] == [True]
    assert house.recorded()[3:5] == [GrantChanged, ParticipantLeft]
    assert not house.attendance.participants[0].is_admitted


async def test_a_question_for_more_goes_when_the_grant_expires(house: House, engineer: EngineerAtTest) -> None:
    """With a colleague still in, the moot question leaves the screen; it does not hold everything still."""
    await house.let_in(engineer, minutes=1)
    colleague = house.meet(EngineerAtTest())
    await house.let_in(colleague)
    asking = house.ask(engineer, MORE)
    question = await house.face.asked(3)
    house.pass_time(60_000)
    assert await asking == Denied(reason="timeout")
    assert house.face.withdrawn == [question]
    assert house.ends == []


async def test_the_end_takes_everything_back_for_good(house: House, engineer: EngineerAtTest) -> None:
    """What runs is told, questions are gone, and no later yes counts; departures are recorded once, in order."""
    await house.let_in(engineer)
    second = house.meet(EngineerAtTest())
    asking = house.ask(second, second.request())
    question = await house.face.asked(2)
    participant = house.attendance.participants[0]
    allowed: list[bool] = []
    participant.on_change(lambda: allowed.append(participant.allows(Scope.FILES_READ)))
    house.attendance.end_all()
    assert allowed == [False]
    assert await asking is None
    assert house.face.withdrawn == [question]
    assert await house.ask(second, second.request()) == Denied(reason="policy")
    assert house.attendance.live is not None
    before = len(house.recording.events)
    house.attendance.record_departures(house.attendance.live)
    house.attendance.record_departures(house.attendance.live)
    assert house.recorded()[before:] == [GrantChanged, ParticipantLeft]
    changed = house.recording.events[before]
    assert isinstance(changed, GrantChanged)
    assert (changed.scopes, changed.by) == ((), "session-end")


async def test_a_broker_that_was_away_hears_what_is_in_force(house: House, engineer: EngineerAtTest) -> None:
    """Only of those who are in."""
    await house.let_in(engineer)
    house.meet(EngineerAtTest())
    house.reports.clear()
    house.attendance.report_all()
    assert [(report.staff_number, report.scopes) for report in house.reports] == [("E-7", (Scope.FILES_READ,))]


async def test_programs_hear_of_changes_and_of_the_end(house: House, engineer: EngineerAtTest) -> None:
    """Every open conversation of the engineer is told; then the agent waits for them to hang up."""
    near, far = await joined_streams(engineer.keys.stream_key, engineer.keys.pairing_id)
    channel = ControlChannel("engineer", engineer.keys.control_key, near.stream_id)
    running = asyncio.create_task(house.attendance.converse(Conversation(far, engineer.paired, house.reception)))
    near.write(channel.seal(engineer.request()))
    house.face.allow(await house.face.asked())
    heard = channel.receive_data(await near.read())
    assert isinstance(heard[0], Granted)
    house.attendance.narrow(1, frozenset())
    assert channel.receive_data(await near.read()) == [GrantMoved(scopes=(), expires_at_ms=0)]
    house.attendance.tell_all(Ended(reason="customer-ended"))
    waiting = asyncio.create_task(house.attendance.hear_last_words(20.0))
    assert channel.receive_data(await near.read()) == [Ended(reason="customer-ended")]
    near.close()
    await waiting
    await running


async def test_a_program_that_does_not_hang_up_is_hung_up_on(house: House, engineer: EngineerAtTest) -> None:
    """The end of a session does not wait for programs that have nothing to say."""
    near, far = await joined_streams(engineer.keys.stream_key, engineer.keys.pairing_id)
    running = asyncio.create_task(house.attendance.converse(Conversation(far, engineer.paired, house.reception)))
    await asyncio.sleep(0)
    await house.attendance.hear_last_words(0.01)
    assert await near.read() == b""
    near.close()
    await running


async def test_a_pairing_that_never_happened_is_nobodys(house: House, engineer: EngineerAtTest) -> None:
    """Keys that the session does not know open no stream."""
    unknown = replace(engineer.paired.keys, pairing_id=bytes(16))
    assert house.attendance.paired(unknown.pairing_id) is None
    assert house.attendance.admitted(unknown.pairing_id) is None
