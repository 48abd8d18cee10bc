"""Consent cannot be bypassed: every way into a session leads through a yes, and every way out is told and recorded."""

import asyncio
from dataclasses import replace
from hashlib import sha256

import pytest

from agent_client.attendance import PARTICIPANTS_LIMIT
from agent_client.conversation import Conversation
from agent_client.faces import notices
from agent_client.recorder.errors import RecordingNotOpened
from protocol.control_channel import ControlChannel
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
from protocol.messages.control import Attested, Denied, Ended, Granted, GrantMoved, RequestMore
from tests.agent_client.house import House
from tests.agent_client.joined_streams import joined_streams
from tests.agent_client.people import (
    EngineerAtTest,
)

MORE = RequestMore(scopes=(Scope.FILES_WRITE,), minutes=0, reason="to put the fixed file in place")


# ── the way in ──────────────────────────────────────────────────────────────────────────────────────────────────────


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


async def test_only_so_many_pairings_fit_into_one_session(house: House) -> None:
    """Who comes after the last place has keys that open nothing here."""
    engineers = [house.meet(EngineerAtTest()) for _ in range(PARTICIPANTS_LIMIT + 1)]
    assert house.attendance.paired(engineers[-2].keys.pairing_id) is not None
    assert house.attendance.paired(engineers[-1].keys.pairing_id) is None


# ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── changes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── conversations ───────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── attestations ────────────────────────────────────────────────────────────────────────────────────────────────────


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


async def test_a_pairing_that_never_happened_is_nobodys(house: House, engineer: EngineerAtTest) -> None:
    """Keys that the session does not know open no stream."""
    unknown = replace(engineer.paired.keys, pairing_id=bytes(16))
    assert house.attendance.paired(unknown.pairing_id) is None
    assert house.attendance.admitted(unknown.pairing_id) is None
