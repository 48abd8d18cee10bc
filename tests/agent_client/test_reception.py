"""Consent cannot be bypassed: every way into a session leads through a yes, and what led to it is recorded."""

import asyncio
from hashlib import sha256

from agent_client.faces import notices
from agent_client.recorder.errors import RecordingNotOpened
from protocol.events import (
    ChannelClosed,
    ConsentAnswered,
    ConsentAsked,
    GrantChanged,
    OutputAttested,
    ParticipantJoined,
    ParticipantLeft,
)
from protocol.grants import ALLOW_DELAY_MS, Scope
from protocol.messages.control import Attested, Denied, Granted, RequestMore
from tests.agent_client.house import House
from tests.agent_client.people import (
    EngineerAtTest,
)

MORE = RequestMore(scopes=(Scope.FILES_WRITE,), minutes=0, reason="to put the fixed file in place")


async def test_nobody_is_in_before_a_yes_and_an_open_recording(house: House, engineer: EngineerAtTest) -> None:
    """Paired, asking, allowed, recording being opened: none of these is in. Only all of them together are."""
    pairing_id = engineer.keys.pairing_id
    house.may_open.clear()
    assert house.attendance.admitted(pairing_id) is None
    asking = house.ask(engineer, engineer.request())
    question = await house.face.asked()
    assert house.attendance.admitted(pairing_id) is None
    house.face.allow(question)
    await house.opening.wait()
    assert house.attendance.admitted(pairing_id) is None
    assert not house.attendance.participants[0].allows(Scope.FILES_READ)
    house.may_open.set()
    assert isinstance(await asking, Granted)
    admitted = house.attendance.admitted(pairing_id)
    assert admitted is not None
    assert admitted.allows(Scope.FILES_READ)


async def test_what_led_to_a_grant_is_recorded_in_order(house: House, engineer: EngineerAtTest) -> None:
    """Who came, what was asked, what was answered: before anything else can happen."""
    granted = await house.let_in(engineer, Scope.FILES_READ)
    joined, asked, answered = house.recording.events
    assert isinstance(joined, ParticipantJoined)
    assert joined.certificate == engineer.certificate
    assert isinstance(asked, ConsentAsked)
    assert (asked.scopes, asked.minutes, asked.reason) == ((Scope.FILES_READ,), 30, "receipts never arrive")
    assert isinstance(answered, ConsentAnswered)
    assert (answered.answer, answered.expires_at_ms) == ("allowed", granted.expires_at_ms)
    assert house.reports[-1].scopes == (Scope.FILES_READ,)


async def test_a_no_lets_nobody_in_and_ends_the_session(house: House, engineer: EngineerAtTest) -> None:
    """Nothing was opened, nothing is recorded, nothing is left to be for."""
    asking = house.ask(engineer, engineer.request())
    house.face.deny(await house.face.asked())
    assert await asking == Denied(reason="customer")
    assert (house.opened, house.ends) == (0, ["denied"])
    assert house.attendance.admitted(engineer.keys.pairing_id) is None


async def test_silence_lets_nobody_in(house: House, engineer: EngineerAtTest) -> None:
    """After two minutes the question is gone, and so is the session."""
    asking = house.ask(engineer, engineer.request())
    await house.face.asked()
    house.pass_time(120_000)
    assert await asking == Denied(reason="timeout")
    assert (house.opened, house.ends) == (0, ["denied"])
    assert house.face.withdrawn == house.face.questions


async def test_without_a_recording_nobody_is_in(house: House, engineer: EngineerAtTest) -> None:
    """A yes whose record 0 is not on the broker's disk is of no use; one sentence says so."""
    house.refuses_to_open = True
    asking = house.ask(engineer, engineer.request())
    house.face.allow(await house.face.asked())
    assert await asking is None  # what the engineer hears is the goodbye: it could not be recorded
    assert house.ends == ["recorder-failed"]
    assert house.attendance.admitted(engineer.keys.pairing_id) is None
    assert house.face.of(notices.Failed)[0].sentence == str(RecordingNotOpened())


async def test_a_second_engineer_needs_a_yes_of_their_own(house: House, engineer: EngineerAtTest) -> None:
    """A session that is live lets nobody else in; the recording is not opened twice."""
    await house.let_in(engineer)
    second = house.meet(EngineerAtTest(name="Second Example"))
    assert house.attendance.admitted(second.keys.pairing_id) is None
    await house.let_in(second)
    assert house.opened == 1
    assert [participant.participant for participant in house.attendance.participants] == [1, 2]
    assert len(house.face.of(notices.SessionLive)) == 1
    assert [one.participant.name for one in house.face.of(notices.ParticipantJoined)] == ["Second Example"]
    assert house.ends == []


async def test_a_second_engineers_refusal_is_recorded_and_harms_nobody(house: House, engineer: EngineerAtTest) -> None:
    """The first one goes on; the recording says that somebody asked and was refused."""
    await house.let_in(engineer)
    second = house.meet(EngineerAtTest())
    asking = house.ask(second, second.request())
    house.face.deny(await house.face.asked(2))
    assert await asking == Denied(reason="customer")
    assert house.ends == []
    assert house.recorded()[-2:] == [ConsentAsked, ConsentAnswered]
    answered = house.recording.events[-1]
    assert isinstance(answered, ConsentAnswered)
    assert (answered.participant, answered.answer, answered.scopes) == (2, "denied", ())


async def test_who_leaves_while_asking_leaves_nothing_to_say_yes_to(house: House, engineer: EngineerAtTest) -> None:
    """The question is off the screen, and a session that was for nobody else ends."""
    asking = house.ask(engineer, engineer.request())
    await house.face.asked()
    asking.cancel()
    await asyncio.wait([asking])
    assert house.face.withdrawn == house.face.questions
    assert (house.opened, house.ends) == (0, ["engineer-ended"])


async def test_a_question_that_was_taken_along_is_recorded(house: House, engineer: EngineerAtTest) -> None:
    """In a live session the recording says that it was asked, and that nobody answered."""
    await house.let_in(engineer)
    asking = house.ask(engineer, MORE)
    await house.face.asked(2)
    asking.cancel()
    await asyncio.wait([asking])
    answered = house.recording.events[-1]
    assert isinstance(answered, ConsentAnswered)
    assert (answered.answer, answered.scopes) == ("timeout", (Scope.FILES_READ,))
    assert house.ends == []


async def test_who_leaves_while_the_recording_is_opened_is_not_in(house: House, engineer: EngineerAtTest) -> None:
    """A yes to somebody who has gone is taken back."""
    house.may_open.clear()
    asking = house.ask(engineer, engineer.request())
    house.face.allow(await house.face.asked())
    await house.opening.wait()
    asking.cancel()
    await asyncio.wait([asking])
    assert house.attendance.participants[0].machine.grant is None
    assert house.ends == ["engineer-ended"]


async def test_an_end_while_the_recording_is_opened_lets_nobody_in(house: House, engineer: EngineerAtTest) -> None:
    """The customer changed their mind in that moment: nobody was in, and the recording that opened can be closed."""
    house.may_open.clear()
    asking = house.ask(engineer, engineer.request())
    house.face.allow(await house.face.asked())
    await house.opening.wait()
    house.attendance.end_all()
    settling = asyncio.create_task(house.reception.settled())
    house.may_open.set()
    assert await settling is house.attendance.live is not None
    assert await asking is None
    assert house.attendance.admitted(engineer.keys.pairing_id) is None
    assert house.recorded() == [ConsentAsked, ConsentAnswered]


async def test_more_is_granted_only_by_another_yes(house: House, engineer: EngineerAtTest) -> None:
    """While the question stands everything is as before; afterwards the recording knows both."""
    await house.let_in(engineer)
    participant = house.attendance.participants[0]
    asking = house.ask(engineer, MORE)
    question = await house.face.asked(2)
    assert question.is_raise
    assert question.scopes == {Scope.FILES_WRITE}
    assert not participant.allows(Scope.FILES_WRITE)
    assert house.recorded()[3:] == [ConsentAsked], "as soon as it stands on the screen"
    house.clock.advance(ALLOW_DELAY_MS)
    house.face.allow(question, minutes=0)
    granted = await asking
    assert isinstance(granted, Granted)
    assert participant.allows(Scope.FILES_WRITE)
    assert house.recorded()[3:] == [ConsentAsked, ConsentAnswered, GrantChanged]


async def test_more_is_not_asked_for_by_somebody_who_is_not_in(house: House, engineer: EngineerAtTest) -> None:
    """A request for more is no way around the first one."""
    assert await house.ask(engineer, MORE) == Denied(reason="policy")
    assert house.face.questions == []


async def test_a_no_to_more_leaves_what_was_granted(house: House, engineer: EngineerAtTest) -> None:
    """Asking costs nothing but the question."""
    await house.let_in(engineer)
    asking = house.ask(engineer, MORE)
    house.face.deny(await house.face.asked(2))
    assert await asking == Denied(reason="customer")
    assert house.attendance.participants[0].scopes == {Scope.FILES_READ}
    assert house.ends == []


async def test_who_came_back_is_the_same_person_with_another_yes(house: House, engineer: EngineerAtTest) -> None:
    """One participant number, two arrivals, and what ran before hears of what is taken back later."""
    await house.let_in(engineer, Scope.FILES_READ)
    colleague = house.meet(EngineerAtTest())
    await house.let_in(colleague)
    participant = house.attendance.participants[0]
    house.attendance.narrow(1, frozenset())
    asking = house.ask(engineer, engineer.request(Scope.VIEW))
    question = await house.face.asked(3)
    assert house.attendance.admitted(engineer.keys.pairing_id) is None
    house.face.allow(question)
    assert isinstance(await asking, Granted)
    assert house.attendance.admitted(engineer.keys.pairing_id) is participant
    assert participant.granted_ever == {Scope.FILES_READ, Scope.VIEW}
    heard: list[frozenset[Scope]] = []
    participant.on_change(lambda: heard.append(participant.scopes))
    house.attendance.narrow(1, frozenset())
    assert heard == [frozenset()]
    comings = [kind for kind in house.recorded() if kind in {ParticipantJoined, ParticipantLeft}]
    assert comings == [ParticipantJoined, ParticipantJoined, ParticipantLeft, ParticipantJoined, ParticipantLeft]


async def test_an_engineer_who_is_in_can_end_the_session(house: House, engineer: EngineerAtTest) -> None:
    """Nobody else can: neither one who only knows a code, nor one whom the customer has sent out."""
    house.reception.end_requested(engineer.paired)
    assert house.ends == []
    await house.let_in(engineer)
    colleague = house.meet(EngineerAtTest())
    await house.let_in(colleague)
    house.attendance.narrow(2, frozenset())
    house.reception.end_requested(colleague.paired)
    assert house.ends == []
    house.reception.end_requested(engineer.paired)
    assert house.ends == ["engineer-ended"]


def a_closed_channel(stream_id: bytes, output: bytes) -> ChannelClosed:
    return ChannelClosed(
        t_ms=1,
        channel=0,
        participant=1,
        stream_id=stream_id,
        exit_status=0,
        input_bytes=0,
        input_sha256=sha256().digest(),
        output_bytes=len(output),
        output_sha256=sha256(output).digest(),
    )


async def test_what_an_engineer_swears_to_have_seen_is_recorded_right_or_wrong(
    house: House, engineer: EngineerAtTest
) -> None:
    """The recording keeps the signed word itself, beside what the agent thinks of it."""
    await house.let_in(engineer)
    assert house.attendance.live is not None
    stream_id, session_id = bytes(range(16)), house.identity.opened.session_id
    house.attendance.live.recording.record(a_closed_channel(stream_id, b"hello"))
    right = engineer.attestation(session_id, stream_id, 5, sha256(b"hello").digest())
    wrong = engineer.attestation(session_id, stream_id, 5, sha256(b"HELLO").digest())
    assert await house.reception.output_attested(engineer.paired, right) == Attested(matches=True)
    assert await house.reception.output_attested(engineer.paired, wrong) == Attested(matches=False)
    kept = house.recording.of(OutputAttested)
    assert [(one.matches, one.signature) for one in kept] == [(True, right.signature), (False, wrong.signature)]


async def test_an_attestation_that_the_engineer_did_not_sign_is_not_recorded(
    house: House, engineer: EngineerAtTest
) -> None:
    """Neither is one of somebody who was never in."""
    await house.let_in(engineer)
    stranger = house.meet(EngineerAtTest())
    theirs = stranger.attestation(house.identity.opened.session_id, bytes(16), 5, bytes(32))
    assert await house.reception.output_attested(engineer.paired, theirs) == Attested(matches=False)
    assert await house.reception.output_attested(stranger.paired, theirs) == Attested(matches=False)
    assert house.recording.of(OutputAttested) == []
