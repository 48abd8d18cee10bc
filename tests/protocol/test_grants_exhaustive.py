"""Consent cannot be bypassed: every input in every state that can be reached, against the table in `grants.py`.

The first test walks all states that sequences of inputs reach (breadth first, each state once) and tries every input in
each of them; the table that it checks against is read out of the module's own documentation, so that table cannot lie.
The second lets Hypothesis play with arbitrary scopes and times against a model which knows nothing but the rules.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import protocol.grants
from protocol.errors import ConsentryError
from protocol.grants import (
    ALLOW_DELAY_MS,
    ANSWER_TIMEOUT_MS,
    POWERFUL_SCOPES,
    SESSION_LIMIT_MS,
    Grant,
    GrantMachine,
    Scope,
    with_implied,
)

NOW_MS = 1_795_000_000_000
MAX_SCOPES = frozenset({Scope.VIEW, Scope.SHELL, Scope.FILES_READ, Scope.FILES_WRITE})
MAX_MINUTES = 60
PLACE_MS = 5 * 60_000
DEPTH = 12
"""Inputs in a row: enough for refused, asked again, allowed, raised, narrowed, allowed, revoked."""


def read_table() -> dict[tuple[str, str], str]:
    """(state, input) → the table's cell."""
    documentation = protocol.grants.__doc__
    assert documentation is not None
    lines = [line.split() for line in documentation.splitlines()]
    start = next(index for index, line in enumerate(lines) if line[:1] == ["state"])
    inputs = lines[start][1:]
    rows = lines[start + 1 :]
    rows = rows[: rows.index([])]
    return {(row[0], name): cell for row in rows for name, cell in zip(inputs, row[1:], strict=True)}


TABLE = read_table()


@dataclass(frozen=True)
class Input:
    """One thing that can happen. `column` names it in the table; inputs that must always be refused have none."""

    name: str
    column: str | None
    apply: Callable[[GrantMachine, int], object]


def allow_all(machine: GrantMachine, now_ms: int) -> None:
    ask = machine.ask_pending
    machine.allow(ask.scopes if ask else {Scope.VIEW}, ask.minutes if ask else 1, now_ms)


def allow_least(machine: GrantMachine, now_ms: int) -> None:
    """One scope, one minute (or, for a raise that asks for time alone, that)."""
    ask = machine.ask_pending
    scopes = sorted(ask.scopes)[:1] if ask else [Scope.VIEW]
    machine.allow(scopes, min(1, ask.minutes) if ask else 1, now_ms)


def allow_scopes_alone(machine: GrantMachine, now_ms: int) -> None:
    """Of a raise: what is new, for the time that is left. Of a first request that is nothing."""
    ask = machine.ask_pending
    machine.allow(ask.scopes if ask else {Scope.VIEW}, 0, now_ms)


def allow_time_alone(machine: GrantMachine, now_ms: int) -> None:
    """Of a raise: more time for what is allowed already. Of a first request that is nothing."""
    ask = machine.ask_pending
    machine.allow((), ask.minutes if ask else 1, now_ms)


def allow_unasked(machine: GrantMachine, now_ms: int) -> None:
    ask = machine.ask_pending
    excess = sorted(frozenset(Scope) - (ask.scopes if ask else frozenset()))
    machine.allow({*excess[:1]}, 1, now_ms)


def ask_place(scopes: frozenset[Scope]) -> Callable[[GrantMachine, int], object]:
    """Of participant 2, who has these scopes for five minutes."""
    return lambda machine, now_ms: machine.ask_place(Grant(2, scopes, now_ms + PLACE_MS), now_ms)


INPUTS = [
    Input("ask view", "ask", lambda m, now: m.ask({Scope.VIEW}, 5, now)),
    Input("ask shell, files", "ask", lambda m, now: m.ask({Scope.SHELL, Scope.FILES_READ}, 60, now)),
    Input("ask root", None, lambda m, now: m.ask({Scope.ROOT}, 5, now)),
    Input("ask too long", None, lambda m, now: m.ask({Scope.VIEW}, MAX_MINUTES + 1, now)),
    Input("ask more write", "ask_more", lambda m, now: m.ask_more({Scope.FILES_WRITE}, 0, now)),
    Input("ask more time", "ask_more", lambda m, now: m.ask_more((), 30, now)),
    Input("ask more of both", "ask_more", lambda m, now: m.ask_more({Scope.FILES_WRITE}, 30, now)),
    Input("ask more root", None, lambda m, now: m.ask_more({Scope.ROOT}, 30, now)),
    Input("ask place of a shell", "ask_place", ask_place(frozenset(Scope) - {Scope.FILES_READ})),
    Input("ask place of root", None, ask_place(frozenset({Scope.ROOT}))),
    Input("ask own place", None, lambda m, now: m.ask_place(Grant(1, MAX_SCOPES, now + PLACE_MS), now)),
    Input("ask place that is over", None, lambda m, now: m.ask_place(Grant(2, MAX_SCOPES, now), now)),
    Input("moot", "moot", lambda m, now: m.moot(now)),
    Input("allow all", "allow", allow_all),
    Input("allow least", "allow", allow_least),
    Input("allow scopes alone", "allow", allow_scopes_alone),
    Input("allow time alone", "allow", allow_time_alone),
    Input("allow unasked", None, allow_unasked),
    Input("allow nothing", None, lambda m, now: m.allow((), 0, now)),
    Input("deny", "deny", lambda m, now: m.deny(now)),
    Input("narrow to view", "narrow", lambda m, now: m.narrow({Scope.VIEW}, now)),
    Input("narrow to files", "narrow", lambda m, now: m.narrow({Scope.FILES_READ, Scope.FILES_WRITE}, now)),
    Input("revoke", "revoke", lambda m, now: m.revoke(now)),
    Input("end", "end", lambda m, now: m.end(now)),
]


def situation(machine: GrantMachine, now_ms: int) -> tuple[object, ...]:
    """What decides how a machine goes on, with times as they are from now."""
    grant, ask = machine.grant, machine.ask_pending
    return (
        machine.state,
        grant and (grant.scopes, grant.expires_at_ms - now_ms),
        ask and (ask.scopes, ask.minutes, ask.asked_at_ms - now_ms, ask.answer_by_ms - now_ms, ask.is_raise),
        ask and ask.place and ask.place.expires_at_ms - now_ms,
        machine._refusals,
        machine._hard_end_ms and min(machine._hard_end_ms - now_ms, SESSION_LIMIT_MS),
    )


def moments(machine: GrantMachine, now_ms: int) -> Iterator[tuple[str | None, int]]:
    """Instants that matter from here, and which column of the table they belong to."""
    ask, grant = machine.ask_pending, machine.grant
    if ask is not None:
        yield None, max(now_ms, ask.allow_not_before_ms)
        if grant is None or ask.answer_by_ms < grant.expires_at_ms:
            yield "silence", ask.answer_by_ms
    if grant is not None and (ask is None or grant.expires_at_ms <= ask.answer_by_ms):
        yield "expiry", grant.expires_at_ms


def check_cell(before: GrantMachine, column: str, after: GrantMachine, error: ConsentryError | None) -> None:
    cell = TABLE[before.state, column]
    if cell == "-":
        assert error is not None
        assert after.state == before.state
    elif cell == "·":
        assert error is None
        assert after.state == before.state
    elif error is not None:
        # Refused for a reason of its own (too soon, too often, for nothing): then nothing has changed.
        assert after.state == before.state
        assert (after.grant, after.ask_pending) == (before.grant, before.ask_pending)
    else:
        assert after.state == cell.rstrip("*") or (cell.endswith("*") and after.state == "lapsed")


def check_no_bypass(before: GrantMachine, name: str, after: GrantMachine, now_ms: int) -> None:
    """The heart: a grant comes into being or grows by the customer's Allow of what was asked, and in no other way."""
    had = before.grant.scopes if before.grant else frozenset()
    has = after.grant.scopes if after.grant else frozenset()
    gained = has - had
    until_before = before.grant.expires_at_ms if before.grant else 0
    is_longer = after.grant is not None and after.grant.expires_at_ms > until_before
    if gained or is_longer:
        assert name.startswith("allow")
        ask = before.ask_pending
        assert ask is not None
        assert gained <= ask.scopes
        assert now_ms < ask.answer_by_ms
        if (gained | (has if is_longer else frozenset())) & POWERFUL_SCOPES:
            assert now_ms >= ask.asked_at_ms + ALLOW_DELAY_MS
        if ask.place is not None:
            assert has <= ask.place.scopes
            assert after.grant is not None
            assert after.grant.expires_at_ms <= ask.place.expires_at_ms
    assert has <= MAX_SCOPES
    assert with_implied(has) == has
    assert (after.grant is not None) == (after.state in {"granted", "raising"})
    assert (after.ask_pending is not None) == (after.state in {"asking", "raising"})
    if name in {"revoke", "end"}:
        assert not any(after.allows(scope, now_ms) for scope in Scope)
    for scope in Scope:
        assert after.allows(scope, now_ms) == (scope in has)
        assert after.grant is None or not after.allows(scope, after.grant.expires_at_ms)


def test_every_input_in_every_state() -> None:
    """Each reachable situation meets each input: it does what the table says, and never more than was allowed."""
    start = GrantMachine(1, max_scopes=MAX_SCOPES, max_minutes=MAX_MINUTES)
    seen = {situation(start, NOW_MS)}
    frontier = [(start, NOW_MS)]
    cells_met = set()
    for _ in range(DEPTH):
        reached = []
        for machine, now_ms in frontier:
            followers: list[tuple[GrantMachine, int]] = []
            for an_input in INPUTS:
                after = copy.copy(machine)
                error = None
                try:
                    an_input.apply(after, now_ms)
                except ConsentryError as raised:
                    error = raised
                if an_input.column is None:
                    assert error is not None, an_input.name
                    assert situation(after, now_ms) == situation(machine, now_ms)
                else:
                    check_cell(machine, an_input.column, after, error)
                    cells_met.add((machine.state, an_input.column))
                check_no_bypass(machine, an_input.name, after, now_ms)
                followers.append((after, now_ms))
            for column, moment_ms in moments(machine, now_ms):
                after = copy.copy(machine)
                after.handle_time(moment_ms)
                if column is not None:
                    check_cell(machine, column, after, None)
                    cells_met.add((machine.state, column))
                check_no_bypass(machine, column or "wait", after, moment_ms)
                followers.append((after, moment_ms))
            for after, moment_ms in followers:
                key = situation(after, moment_ms)
                if key not in seen:
                    seen.add(key)
                    reached.append((after, moment_ms))
        frontier = reached
    can_happen = {place for place in TABLE if place[1] not in {"silence", "expiry"} or TABLE[place] != "·"}
    assert cells_met == can_happen
    assert len(seen) > 1000, "too few situations to mean anything"


scope_sets = st.one_of(
    st.frozensets(st.sampled_from(sorted(MAX_SCOPES)), min_size=1), st.frozensets(st.sampled_from(Scope))
)
extras = st.one_of(st.just(frozenset[Scope]()), scope_sets)
minute_counts = st.one_of(st.integers(1, MAX_MINUTES), st.integers(-1, 500))


class ArbitraryConsent(RuleBasedStateMachine):
    """Hypothesis against a model: what was last asked, and what the customer has said yes to since."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = GrantMachine(1, max_scopes=MAX_SCOPES, max_minutes=MAX_MINUTES)
        self.now_ms = NOW_MS
        self.asked: frozenset[Scope] = frozenset()
        self.permitted: frozenset[Scope] = frozenset()
        self.until_ms = 0

    @rule(ms=st.one_of(st.integers(0, 10_000), st.sampled_from([ALLOW_DELAY_MS, ANSWER_TIMEOUT_MS, 60_000])))
    def wait(self, ms: int) -> None:
        self.now_ms += ms
        self.machine.handle_time(self.now_ms)

    @rule(scopes=scope_sets, minutes=minute_counts, more=st.booleans())
    def ask(self, scopes: frozenset[Scope], minutes: int, more: bool) -> None:
        try:
            (self.machine.ask_more if more else self.machine.ask)(scopes, minutes, self.now_ms)
        except ConsentryError:
            return
        self.asked = with_implied(scopes)
        assert self.asked <= MAX_SCOPES
        assert minutes <= MAX_MINUTES

    @rule(scopes=scope_sets, minutes=st.integers(-1, MAX_MINUTES), participant=st.integers(1, 2))
    def ask_place(self, scopes: frozenset[Scope], minutes: int, participant: int) -> None:
        place = Grant(participant, with_implied(scopes), self.now_ms + minutes * 60_000)
        try:
            self.machine.ask_place(place, self.now_ms)
        except ConsentryError:
            return
        assert participant == 2
        self.asked = place.scopes

    @rule()
    def moot(self) -> None:
        refusals = self.machine._refusals
        self.machine.handle_time(self.now_ms)
        assert self.machine.moot(self.now_ms) not in {"asking", "raising"}
        assert self.machine._refusals == refusals

    @precondition(lambda self: self.machine.ask_pending is not None)
    @rule(
        keep=scope_sets, extra=extras, cut_minutes=st.integers(0, 2), is_patient=st.booleans(), half=st.integers(0, 5)
    )
    def answer(
        self, keep: frozenset[Scope], extra: frozenset[Scope], cut_minutes: int, is_patient: bool, half: int
    ) -> None:
        """All of what is asked, or a part, or something else too; scopes or time alone; after the delay or before."""
        ask = self.machine.ask_pending
        assert ask is not None
        if is_patient:
            self.wait(ALLOW_DELAY_MS)
        if half == 0:
            self.allow(ask.scopes & keep, 0)
        elif half == 1:
            self.allow(frozenset(), ask.minutes)
        else:
            self.allow((ask.scopes & keep or ask.scopes) | extra, ask.minutes - cut_minutes)

    @rule(scopes=scope_sets, minutes=minute_counts)
    def allow(self, scopes: frozenset[Scope], minutes: int) -> None:
        if not self.machine.allows(Scope.VIEW, self.now_ms) and self.machine.grant is None:
            self.permitted, self.until_ms = frozenset(), 0
        ask = self.machine.ask_pending
        try:
            self.machine.allow(scopes, minutes, self.now_ms)
        except ConsentryError:
            return
        if ask is not None and ask.place is not None:
            self.permitted, self.until_ms = with_implied(scopes) & self.asked, ask.place.expires_at_ms
            return
        self.permitted |= with_implied(scopes) & self.asked
        self.until_ms = max(self.until_ms, self.now_ms + minutes * 60_000)

    @rule()
    def deny(self) -> None:
        try:
            self.machine.deny(self.now_ms)
        except ConsentryError:
            return

    @rule(scopes=scope_sets)
    def narrow(self, scopes: frozenset[Scope]) -> None:
        self.machine.narrow(scopes, self.now_ms)
        self.permitted = with_implied(self.permitted & scopes)

    @rule()
    def revoke(self) -> None:
        self.machine.revoke(self.now_ms)
        self.permitted = frozenset()

    @precondition(lambda self: self.now_ms > NOW_MS + 300_000)
    @rule()
    def end(self) -> None:
        self.machine.end(self.now_ms)
        self.permitted = frozenset()

    @invariant()
    def nothing_beyond_what_was_permitted(self) -> None:
        for scope in Scope:
            if self.machine.allows(scope, self.now_ms):
                assert scope in self.permitted
                assert scope in MAX_SCOPES
                assert self.now_ms < self.until_ms
            assert not self.machine.allows(scope, self.now_ms + SESSION_LIMIT_MS)


TestArbitraryConsent = ArbitraryConsent.TestCase
TestArbitraryConsent.settings = settings(max_examples=250, stateful_step_count=30)


def test_the_documentation_shows_the_same_table() -> None:
    """docs/protocol/pairing.md repeats the table for those who write another agent."""
    page = (Path(__file__).parents[2] / "docs" / "protocol" / "pairing.md").read_text(encoding="utf-8")
    shown = {tuple(line.split()) for line in page.splitlines()}
    for state in {state for state, _ in TABLE}:
        inputs = [name for row, name in TABLE if row == state]
        assert (state, *(TABLE[state, name] for name in inputs)) in shown
