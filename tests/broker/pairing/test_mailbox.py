"""The mailbox machine, exhaustively: every input in every state that can be reached."""

import copy
from collections.abc import Callable, Iterator
from typing import get_args

import pytest

from broker.pairing.mailbox import (
    CODE_LIFE_MS,
    MAIL,
    RUN_LIFE_MS,
    VERDICTS,
    CodeEnded,
    Event,
    Mailbox,
    ToAgent,
    ToEngineer,
)
from protocol.messages.agent import CodeClosed
from protocol.messages.pairing import PairingFailed, PairingMail, PairingOutcome, PairingPhase, PairingStarted

SESSION_ID = b"\x01" * 16
START_MS = 1_000
BEFORE_ANY_DEADLINE_MS = START_MS + 1
AFTER_ANY_DEADLINE_MS = START_MS + CODE_LIFE_MS

Input = Callable[[Mailbox], list[Event]]

INPUTS: dict[str, Input] = {
    "claim": lambda box: box.claim(b"\x03" * 16, BEFORE_ANY_DEADLINE_MS),
    "cancel": lambda box: box.agent_cancelled(),
    "agent lost": lambda box: box.agent_lost(),
    "engineer lost": lambda box: box.engineer_lost(),
    "too early": lambda box: box.handle_time(BEFORE_ANY_DEADLINE_MS),
    "too late": lambda box: box.handle_time(AFTER_ANY_DEADLINE_MS),
    "mail for another nameplate": lambda box: box.receive_mail(
        "engineer", PairingMail(nameplate="999", phase="ya", body=b"")
    ),
}
for _phase in get_args(PairingPhase):
    INPUTS[f"engineer {_phase}"] = lambda box, phase=_phase: box.receive_mail("engineer", mail(phase))  # type: ignore[misc]
    INPUTS[f"agent {_phase}"] = lambda box, phase=_phase: box.receive_mail("agent", mail(phase))  # type: ignore[misc]
for _outcome in get_args(PairingOutcome):
    INPUTS[f"verdict {_outcome}"] = lambda box, outcome=_outcome: box.receive_verdict(outcome)  # type: ignore[misc]


def mail(phase: PairingPhase) -> PairingMail:
    return PairingMail(nameplate="482", phase=phase, body=phase.encode())


def new_mailbox() -> Mailbox:
    return Mailbox(SESSION_ID, "482", b"\x02" * 16, now_ms=START_MS)


Step = tuple[str, str, str, list[Event]]
"""State before, input, state after, events."""


def all_paths(box: Mailbox, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Every row of inputs that changes something at each step, to its end, and every input that changes nothing."""
    for name, give in INPUTS.items():
        after = copy.copy(box)
        events = give(after)
        step = (box.state, name, after.state, events)
        if after.state == box.state:
            yield (*path, step)
        else:
            yield from all_paths(after, (*path, step))


PATHS = list(all_paths(new_mailbox()))


def test_every_state_and_every_input_is_covered() -> None:
    """The walk below reaches all states of the tables and tries all inputs in each."""
    tried = {(before, name) for path in PATHS for before, name, _, _ in path}
    assert tried == {(state, name) for state in VERDICTS for name in INPUTS}


def test_one_run_per_code() -> None:
    """On no path does a code start twice, hand a phase on twice, or out of order, or anything after its end."""
    for path in PATHS:
        events = [event for step in path for event in step[3]]
        started = [e for e in events if isinstance(e, ToAgent) and isinstance(e.message, PairingStarted)]
        handed_on = [
            e.message.phase for e in events if not isinstance(e, CodeEnded) and isinstance(e.message, PairingMail)
        ]
        ends = [index for index, event in enumerate(events) if isinstance(event, CodeEnded)]
        assert len(started) <= 1
        assert handed_on == ["ya", "yb", "ta", "tb"][: len(handed_on)]
        assert len(ends) <= 1
        assert not ends or ends[0] == len(events) - 1


def test_mail_goes_to_the_other_side_unread() -> None:
    """What one side sent is what the other gets, the same message and not a copy of it."""
    for path in PATHS:
        for before, name, _, events in path:
            side, _, phase = name.partition(" ")
            handed_on = (before, side, phase) in MAIL
            expected = ToEngineer if side == "agent" else ToAgent
            assert not handed_on or events == [expected(mail(phase))]  # type: ignore[arg-type]


def test_paired_needs_all_four_messages() -> None:
    """`paired` is only ever the outcome after the agent's confirmation went through."""
    for path in PATHS:
        for before, name, _, events in path:
            if CodeEnded("paired", burnt=False) in events:
                assert (before, name) == ("waiting_for_finish", "verdict paired")


def test_a_confirmation_never_follows_a_verdict() -> None:
    """After `wrong-code` the agent's tag cannot reach the engineer: a guesser learns nothing."""
    for path in PATHS:
        for index, (_, name, _, _) in enumerate(path):
            if name.startswith("verdict"):
                later = [event for step in path[index + 1 :] for event in step[3]]
                assert later == []


def test_whatever_is_not_in_the_tables_breaks_the_code() -> None:
    """Mail and verdicts out of turn end the code as `broken`, and both ends hear it."""
    for path in PATHS:
        for before, name, after, events in path:
            side, _, what = name.partition(" ")
            unexpected_mail = (
                side in ("agent", "engineer") and what in get_args(PairingPhase) and (before, side, what) not in MAIL
            )
            unexpected_verdict = side == "verdict" and what not in VERDICTS[before]  # type: ignore[index]
            if before == "closed" or not (unexpected_mail or unexpected_verdict or name.startswith("mail for")):
                continue
            assert after == "closed"
            assert ToAgent(CodeClosed(nameplate="482", outcome="broken")) in events
            assert before == "waiting_for_engineer" or ToEngineer(PairingFailed(outcome="broken")) in events


def test_what_counts_against_the_engineer() -> None:
    """A run that was used up and that the agent did not leave; never a code that no engineer touched."""
    burnt = {
        (before, name)
        for path in PATHS
        for before, name, _, events in path
        if CodeEnded in map(type, events) and events[-1].burnt
    }  # type: ignore[union-attr]
    assert all(before != "waiting_for_engineer" for before, _ in burnt)
    running = set(VERDICTS) - {"waiting_for_engineer", "closed"}
    for state in running:
        assert (state, "engineer lost") in burnt
        assert (state, "too late") in burnt
        assert (state, "agent lost") not in burnt
        assert (state, "cancel") not in burnt
    assert ("waiting_for_verdict", "verdict wrong-code") in burnt
    assert not any(name.startswith("agent ") for _, name in burnt), "an agent cannot burn an engineer by bad mail"


def test_an_open_code_outlives_its_agents_connection() -> None:
    """Without a run nothing was revealed: the code waits for its agent, and only for ten minutes."""
    box = new_mailbox()
    assert box.agent_lost() == []
    assert box.handle_time(START_MS + CODE_LIFE_MS - 1) == []
    assert box.handle_time(START_MS + CODE_LIFE_MS) == [
        ToAgent(CodeClosed(nameplate="482", outcome="expired")),
        CodeEnded("expired", burnt=False),
    ]


def test_a_run_lasts_thirty_seconds() -> None:
    """From the claim, whenever that was; a claim after the code's own end starts nothing."""
    box = new_mailbox()
    claimed_ms = START_MS + CODE_LIFE_MS - 1
    assert len(box.claim(b"\x03" * 16, claimed_ms)) == 2
    assert box.handle_time(claimed_ms + RUN_LIFE_MS - 1) == []
    assert box.handle_time(claimed_ms + RUN_LIFE_MS)[-1] == CodeEnded("expired", burnt=True)
    assert new_mailbox().claim(b"\x03" * 16, START_MS + CODE_LIFE_MS) == []


@pytest.mark.parametrize("state", [state for state in VERDICTS if state != "closed"])
def test_every_state_leads_out(state: str) -> None:
    """No state waits for ever: time alone closes the code from each."""
    assert any(
        before == state and name == "too late" and after == "closed"
        for path in PATHS
        for before, name, after, _ in path
    )
