"""What a customer allowed: every state with every input, and examples of each rule."""

import pytest

from protocol.grants import (
    ALLOW_DELAY_MS,
    ANSWER_TIMEOUT_MS,
    REFUSAL_LIMIT,
    SESSION_LIMIT_MS,
    AllowTooMuch,
    AllowTooSoon,
    AskedTooOften,
    Grant,
    GrantMachine,
    NothingAsked,
    NotYourTurn,
    Scope,
    ScopeNotAllowed,
    SessionTooOld,
    TooLongAsked,
    with_implied,
)

NOW_MS = 1_795_000_000_000
READY_MS = NOW_MS + ALLOW_DELAY_MS
MINUTE_MS = 60_000
SHELL_AND_FILES = frozenset({Scope.VIEW, Scope.SHELL, Scope.FILES_READ, Scope.FILES_WRITE})


def new_machine() -> GrantMachine:
    return GrantMachine(1, max_scopes=SHELL_AND_FILES, max_minutes=120)


def granted_machine() -> GrantMachine:
    """Shell for 30 minutes."""
    machine = new_machine()
    machine.ask({Scope.SHELL}, 30, NOW_MS)
    machine.allow({Scope.SHELL}, 30, READY_MS)
    return machine


def test_nothing_is_allowed_before_somebody_says_so() -> None:
    """Not new, not asked for."""
    machine = new_machine()
    assert not any(machine.allows(scope, NOW_MS) for scope in Scope)
    machine.ask(SHELL_AND_FILES, 30, NOW_MS)
    assert not any(machine.allows(scope, READY_MS) for scope in Scope)
    assert machine.grant is None


def test_allowing_what_was_asked() -> None:
    """Exactly the scopes, from now for the minutes, to the millisecond."""
    machine = granted_machine()
    until_ms = READY_MS + 30 * MINUTE_MS
    assert machine.grant == Grant(1, frozenset({Scope.VIEW, Scope.SHELL}), until_ms)
    assert machine.allows(Scope.SHELL, until_ms - 1)
    assert not machine.allows(Scope.SHELL, until_ms)
    assert not machine.allows(Scope.FILES_READ, READY_MS)


def test_allowing_a_part() -> None:
    """The customer may cut scopes and minutes."""
    machine = new_machine()
    machine.ask(SHELL_AND_FILES, 60, NOW_MS)
    machine.allow({Scope.FILES_READ}, 5, NOW_MS)
    assert machine.grant == Grant(1, frozenset({Scope.FILES_READ}), NOW_MS + 5 * MINUTE_MS)


@pytest.mark.parametrize(
    ("scopes", "minutes"),
    [({Scope.FILES_READ}, 30), ({Scope.SHELL}, 31), ({Scope.SHELL}, 0), ({Scope.SHELL}, -1), (set(), 30)],
)
def test_nobody_allows_what_was_not_asked(scopes: set[Scope], minutes: int) -> None:
    """Also the customer's own end cannot grant more than stood on the screen; the request stays open."""
    machine = new_machine()
    machine.ask({Scope.SHELL}, 30, NOW_MS)
    with pytest.raises(AllowTooMuch):
        machine.allow(scopes, minutes, READY_MS)
    assert machine.state == "asking"
    assert machine.grant is None


@pytest.mark.parametrize("scope", [Scope.SHELL, Scope.FILES_WRITE, Scope.FORWARD, Scope.ROOT])
def test_powerful_scopes_wait_three_seconds(scope: Scope) -> None:
    """Allow pressed by reflex does nothing; the sentence says how long to wait."""
    machine = GrantMachine(1, max_scopes=frozenset(Scope), max_minutes=120)
    machine.ask({scope}, 30, NOW_MS)
    assert machine.ask_pending is not None
    assert machine.ask_pending.allow_not_before_ms == READY_MS
    with pytest.raises(AllowTooSoon, match="in 1 s"):
        machine.allow({scope}, 30, READY_MS - 1)
    assert machine.allow({scope}, 30, READY_MS) == "granted"


@pytest.mark.parametrize("scope", [Scope.VIEW, Scope.FILES_READ])
def test_harmless_scopes_do_not_wait(scope: Scope) -> None:
    """Also out of a request that has powerful ones in it."""
    machine = new_machine()
    machine.ask({Scope.SHELL, Scope.FILES_READ}, 30, NOW_MS)
    assert machine.allow({scope}, 30, NOW_MS) == "granted"


def test_seeing_is_part_of_typing() -> None:
    """SHELL brings VIEW, nothing else brings anything."""
    assert with_implied({Scope.SHELL}) == {Scope.SHELL, Scope.VIEW}
    for scope in set(Scope) - {Scope.SHELL}:
        assert with_implied({scope}) == {scope}


def test_more_than_the_certificate_cannot_be_asked() -> None:
    """The first request and a raise alike."""
    for ask in (new_machine().ask, granted_machine().ask_more):
        with pytest.raises(ScopeNotAllowed, match="root"):
            ask({Scope.SHELL, Scope.ROOT}, 30, READY_MS)


def test_more_time_than_the_profile_cannot_be_asked() -> None:
    """The sentence names the limit."""
    with pytest.raises(TooLongAsked, match="At most 120"):
        new_machine().ask({Scope.SHELL}, 121, NOW_MS)


@pytest.mark.parametrize(("scopes", "minutes"), [(set(), 30), ({Scope.SHELL}, 0)])
def test_nothing_cannot_be_asked(scopes: set[Scope], minutes: int) -> None:
    """A first request has scopes and minutes."""
    with pytest.raises(NotYourTurn):
        new_machine().ask(scopes, minutes, NOW_MS)


def test_a_request_is_asked_once_at_a_time() -> None:
    """A second one cannot replace the first under the customer's finger."""
    machine = new_machine()
    machine.ask({Scope.VIEW}, 30, NOW_MS)
    with pytest.raises(NotYourTurn):
        machine.ask({Scope.SHELL}, 30, NOW_MS)
    with pytest.raises(NotYourTurn):
        machine.ask_more({Scope.SHELL}, 30, NOW_MS)
    assert machine.ask_pending is not None
    assert machine.ask_pending.scopes == {Scope.VIEW}


def test_a_raise_widens_nothing_before_the_answer() -> None:
    """And what was there before goes on meanwhile, whatever the answer is."""
    for answer in ("allow", "deny", "silence"):
        machine = granted_machine()
        machine.ask_more({Scope.FILES_WRITE}, 0, READY_MS)
        assert not machine.allows(Scope.FILES_WRITE, READY_MS)
        assert machine.allows(Scope.SHELL, READY_MS)
        if answer == "allow":
            machine.allow({Scope.FILES_WRITE}, 0, READY_MS + ALLOW_DELAY_MS)
        elif answer == "deny":
            machine.deny(READY_MS)
        else:
            machine.handle_time(READY_MS + ANSWER_TIMEOUT_MS)
        assert machine.state == "granted"
        later_ms = READY_MS + ANSWER_TIMEOUT_MS
        assert machine.allows(Scope.FILES_WRITE, later_ms) == (answer == "allow")
        assert machine.allows(Scope.SHELL, later_ms)
        assert machine.deadline_ms == READY_MS + 30 * MINUTE_MS


def test_more_time_counts_from_the_answer_and_never_shortens() -> None:
    """Half an hour more, asked in the tenth minute, ends in the fortieth; five minutes more change nothing then."""
    machine = granted_machine()
    tenth_ms = READY_MS + 10 * MINUTE_MS
    machine.ask_more((), 30, tenth_ms - ALLOW_DELAY_MS)
    machine.allow((), 30, tenth_ms)
    assert machine.deadline_ms == tenth_ms + 30 * MINUTE_MS
    machine.ask_more((), 5, tenth_ms)
    machine.allow((), 5, tenth_ms + ALLOW_DELAY_MS)
    assert machine.deadline_ms == tenth_ms + 30 * MINUTE_MS


def test_more_time_for_powerful_scopes_waits_too() -> None:
    """Half an hour more of a shell is as weighty as a shell."""
    machine = granted_machine()
    machine.ask_more((), 30, READY_MS)
    with pytest.raises(AllowTooSoon):
        machine.allow((), 30, READY_MS + ALLOW_DELAY_MS - 1)


def test_asking_for_what_one_has_is_out_of_turn() -> None:
    """The customer is not disturbed for nothing."""
    with pytest.raises(NotYourTurn):
        granted_machine().ask_more({Scope.VIEW}, 0, READY_MS)


def test_a_raise_may_bring_back_what_was_narrowed_away() -> None:
    """SHELL brings VIEW again, even if VIEW was taken away while the request stood there."""
    machine = new_machine()
    machine.ask({Scope.VIEW, Scope.FILES_READ}, 30, NOW_MS)
    machine.allow({Scope.VIEW, Scope.FILES_READ}, 30, NOW_MS)
    machine.ask_more({Scope.SHELL}, 0, NOW_MS)
    machine.narrow({Scope.FILES_READ}, NOW_MS)
    machine.allow({Scope.SHELL}, 0, READY_MS)
    assert machine.grant is not None
    assert machine.grant.scopes == {Scope.VIEW, Scope.SHELL, Scope.FILES_READ}


def test_narrowing_works_at_once() -> None:
    """Scopes go one by one, the time stays; nothing is ever added; the last one ends the grant."""
    machine = new_machine()
    machine.ask(SHELL_AND_FILES, 30, NOW_MS)
    machine.allow({Scope.SHELL, Scope.FILES_READ}, 30, READY_MS)
    machine.narrow({Scope.VIEW, Scope.FILES_READ, Scope.FILES_WRITE, Scope.ROOT}, READY_MS)
    assert machine.grant == Grant(1, frozenset({Scope.VIEW, Scope.FILES_READ}), READY_MS + 30 * MINUTE_MS)
    assert machine.narrow((), READY_MS) == "lapsed"
    assert machine.grant is None
    assert machine.lapsed_by == "customer"


def test_narrowing_away_the_view_of_a_shell_is_not_possible() -> None:
    """Who may type sees what they type: take the shell away to take the view away."""
    machine = granted_machine()
    machine.narrow({Scope.SHELL}, READY_MS)
    assert machine.grant is not None
    assert machine.grant.scopes == {Scope.SHELL, Scope.VIEW}


def test_silence_is_no() -> None:
    """120 s without an answer, to the millisecond; Allow comes too late then."""
    machine = new_machine()
    machine.ask({Scope.SHELL}, 30, NOW_MS)
    assert machine.deadline_ms == NOW_MS + ANSWER_TIMEOUT_MS
    assert machine.handle_time(NOW_MS + ANSWER_TIMEOUT_MS - 1) == "asking"
    with pytest.raises(NothingAsked):
        machine.allow({Scope.SHELL}, 30, NOW_MS + ANSWER_TIMEOUT_MS)
    assert (machine.state, machine.denied_by) == ("denied", "timeout")


def test_revoking_takes_all_and_withdraws_the_question() -> None:
    """Also a raise that is being asked at that moment; Allow afterwards answers nothing."""
    machine = granted_machine()
    machine.ask_more({Scope.FILES_WRITE}, 0, READY_MS)
    assert machine.revoke(READY_MS) == "lapsed"
    assert not any(machine.allows(scope, READY_MS) for scope in Scope)
    with pytest.raises(NothingAsked):
        machine.allow({Scope.FILES_WRITE}, 0, READY_MS + ALLOW_DELAY_MS)


def test_after_a_revocation_only_a_new_request_helps() -> None:
    """Asking for more has nothing to stand on; a new first request is asked from nothing."""
    machine = granted_machine()
    machine.revoke(READY_MS)
    with pytest.raises(NotYourTurn):
        machine.ask_more({Scope.VIEW}, 0, READY_MS)
    machine.ask({Scope.VIEW}, 5, READY_MS)
    machine.allow({Scope.VIEW}, 5, READY_MS)
    assert machine.grant == Grant(1, frozenset({Scope.VIEW}), READY_MS + 5 * MINUTE_MS)


def test_nobody_is_worn_down() -> None:
    """After three refusals in a row, silence included, there is nothing more to ask; an Allow begins the count anew."""
    machine = new_machine()
    for _ in range(REFUSAL_LIMIT - 1):
        machine.ask({Scope.VIEW}, 5, NOW_MS)
        machine.deny(NOW_MS)
    machine.ask({Scope.VIEW}, 5, NOW_MS)
    machine.allow({Scope.VIEW}, 5, NOW_MS)
    for _ in range(REFUSAL_LIMIT - 1):
        machine.ask_more({Scope.SHELL}, 0, NOW_MS)
        machine.deny(NOW_MS)
    machine.ask_more({Scope.SHELL}, 0, NOW_MS)
    machine.handle_time(NOW_MS + ANSWER_TIMEOUT_MS)
    with pytest.raises(AskedTooOften):
        machine.ask_more({Scope.SHELL}, 0, NOW_MS + ANSWER_TIMEOUT_MS)
    machine.revoke(NOW_MS + ANSWER_TIMEOUT_MS)
    with pytest.raises(AskedTooOften):
        machine.ask({Scope.VIEW}, 5, NOW_MS + ANSWER_TIMEOUT_MS)


def test_eight_hours_are_the_end() -> None:
    """However often it is extended; afterwards a new code is needed."""
    machine = GrantMachine(1, max_scopes=SHELL_AND_FILES, max_minutes=480)
    machine.ask({Scope.VIEW}, 480, NOW_MS)
    machine.allow({Scope.VIEW}, 480, NOW_MS)
    seventh_hour_ms = NOW_MS + 7 * 60 * MINUTE_MS
    machine.ask_more((), 480, seventh_hour_ms)
    machine.allow((), 480, seventh_hour_ms)
    assert machine.deadline_ms == NOW_MS + SESSION_LIMIT_MS
    assert machine.handle_time(NOW_MS + SESSION_LIMIT_MS) == "lapsed"
    assert machine.lapsed_by == "time"
    with pytest.raises(SessionTooOld):
        machine.ask({Scope.VIEW}, 5, NOW_MS + SESSION_LIMIT_MS)


def test_a_request_across_the_end_of_the_eight_hours() -> None:
    """Cannot be allowed when the time has come: it runs out with it."""
    machine = GrantMachine(1, max_scopes=SHELL_AND_FILES, max_minutes=480)
    machine.ask({Scope.VIEW}, 1, NOW_MS)
    machine.allow({Scope.VIEW}, 1, NOW_MS)
    machine.ask({Scope.VIEW}, 5, NOW_MS + SESSION_LIMIT_MS - 1)
    with pytest.raises(NothingAsked):
        machine.allow({Scope.VIEW}, 5, NOW_MS + SESSION_LIMIT_MS)


def test_a_clock_that_jumps_back_brings_nothing_back() -> None:
    """What has run out stays so, and a request is not younger than it was."""
    machine = granted_machine()
    machine.handle_time(READY_MS + 30 * MINUTE_MS)
    assert not machine.allows(Scope.SHELL, READY_MS)
    assert machine.handle_time(READY_MS) == "lapsed"


def test_the_end_is_the_end() -> None:
    """Nothing can be asked, answered or allowed after it."""
    machine = granted_machine()
    machine.ask_more({Scope.FILES_WRITE}, 0, READY_MS)
    assert machine.end(READY_MS) == "ended"
    assert (machine.grant, machine.ask_pending, machine.deadline_ms) == (None, None, None)
    with pytest.raises(NotYourTurn):
        machine.ask({Scope.VIEW}, 5, READY_MS)
    with pytest.raises(NothingAsked):
        machine.deny(READY_MS)
    assert machine.revoke(READY_MS) == machine.narrow((), READY_MS) == machine.end(READY_MS) == "ended"
