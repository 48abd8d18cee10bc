"""One engineer in the session: what they may do, asked anew every time."""

from pathlib import Path

import pytest

from agent_client.participant import Participant
from protocol.certificates import read_certificate
from protocol.grants import GrantMachine, NotYourTurn, Scope
from tests.agent_client.people import CA_KEY, NOW_MS, EngineerAtTest, FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def engineer() -> EngineerAtTest:
    return EngineerAtTest()


@pytest.fixture
def participant(engineer: EngineerAtTest, clock: FakeClock, tmp_path: Path) -> Participant:
    certificate = read_certificate(engineer.certificate, CA_KEY.public_key().public_bytes_raw(), NOW_MS)
    machine = GrantMachine(1, max_scopes=certificate.max_scopes, max_minutes=60)
    return Participant(1, certificate, engineer.request(), machine, (tmp_path,), clock=clock)


def allow(participant: Participant, engineer: EngineerAtTest) -> None:
    participant.ask(engineer.request(Scope.FILES_READ, minutes=1))
    participant.machine.allow({Scope.FILES_READ}, 1, NOW_MS)


def test_a_yes_alone_lets_nobody_do_anything(participant: Participant, engineer: EngineerAtTest) -> None:
    """A grant counts from `admit` on, when the recording that holds it is open."""
    allow(participant, engineer)
    assert participant.scopes == {Scope.FILES_READ}
    assert not participant.allows(Scope.FILES_READ)
    participant.admit()
    assert participant.allows(Scope.FILES_READ)
    assert not participant.allows(Scope.FILES_WRITE)


def test_the_last_millisecond_is_the_last(participant: Participant, engineer: EngineerAtTest, clock: FakeClock) -> None:
    """Nobody needs to notice that a grant has expired for it to be over."""
    allow(participant, engineer)
    participant.admit()
    clock.advance(59_999)
    assert participant.allows(Scope.FILES_READ)
    clock.advance(1)
    assert not participant.allows(Scope.FILES_READ)


def test_who_left_needs_to_be_let_in_again(participant: Participant, engineer: EngineerAtTest) -> None:
    """A second yes does not count before the recording knows that they are back."""
    allow(participant, engineer)
    participant.admit()
    participant.machine.revoke(NOW_MS)
    participant.leave()
    allow(participant, engineer)
    assert not participant.allows(Scope.FILES_READ)
    participant.admit()
    assert participant.allows(Scope.FILES_READ)


def test_everything_that_runs_hears_of_a_change_until_it_has_ended(
    participant: Participant, engineer: EngineerAtTest
) -> None:
    """Who no longer listens is not called, and may stop listening twice."""
    heard: list[str] = []
    stop_first = participant.on_change(lambda: heard.append("first"))
    participant.on_change(lambda: heard.append("second"))
    participant.changed()
    stop_first()
    stop_first()
    participant.changed()
    assert heard == ["first", "second", "second"]


def test_the_receipt_will_name_what_was_granted_at_any_time(participant: Participant, engineer: EngineerAtTest) -> None:
    """A scope that was taken back was there all the same; one that never took effect was not."""
    allow(participant, engineer)
    participant.changed()
    assert participant.granted_ever == frozenset()
    participant.admit()
    participant.machine.revoke(NOW_MS)
    participant.changed()
    assert participant.granted_ever == {Scope.FILES_READ}


def test_a_request_out_of_turn_changes_nothing(participant: Participant, engineer: EngineerAtTest) -> None:
    """What stands on the screen, and the key that would be admitted, stay those of the first request."""
    first = engineer.request(Scope.FILES_READ)
    participant.ask(first)
    with pytest.raises(NotYourTurn):
        participant.ask(engineer.request(Scope.SHELL))
    assert participant.request is first
    assert participant.machine.ask_pending is not None
    assert participant.machine.ask_pending.scopes == {Scope.FILES_READ}


def test_an_engineer_is_told_what_they_may_do_and_where(
    participant: Participant, engineer: EngineerAtTest, tmp_path: Path
) -> None:
    """`Granted` holds the scopes in a fixed order, the end, the folders."""
    participant.ask(engineer.request(Scope.FILES_WRITE, Scope.FILES_READ))
    participant.machine.allow({Scope.FILES_WRITE, Scope.FILES_READ}, 30, NOW_MS + 3_000)
    told = participant.granted(user_name="mei", host_label="till-3", language="en")
    assert told.scopes == (Scope.FILES_READ, Scope.FILES_WRITE)
    assert told.expires_at_ms == NOW_MS + 3_000 + 30 * 60_000
    assert told.folders == (str(tmp_path),)
    assert participant.present().scopes == set(told.scopes)
