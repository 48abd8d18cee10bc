"""What a review is made of, from the assignment to the last word, and which step may follow which.

    assigned ──save──▶ draft ──submit──▶ submitted ──dispute──▶ disputed ──decide──▶ kept, amended or struck
        └──────────────submit──────────────▲

A submitted review never changes. A dispute is raised once, with grounds; somebody other than the reviewer decides it,
once, with words. `amended` puts other answers beside the first ones, `struck` takes the review out of every figure.

In a calibration two assignments share a number, and neither score is shown to anybody before both are in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta, Struct

from audit.quality.people import Reviewer
from audit.quality.sampling import SampleReason, StratumDrawn
from audit.quality.scorecards import Answer, Identifier, Score, Scorecard, score_of
from audit.quality.sessions import SessionIdText
from protocol.errors import InputError, RefusedError
from protocol.messages.fields import LongText, ShortText, UnixMs

Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{12}$")]
Outcome = Literal["kept", "amended", "struck"]
Status = Literal["assigned", "draft", "submitted", "disputed", "kept", "amended", "struck"]


class ReviewUnknown(InputError):
    sentence = "No review has a number that begins with {text}. `consentry review list` shows them."


class ReviewAmbiguous(InputError):
    sentence = "{count} reviews have numbers that begin with {text}. Give more of it."


class ReviewSubmitted(RefusedError):
    sentence = "This review is submitted and cannot be changed. It can be disputed, once."


class ReviewNotSubmitted(RefusedError):
    sentence = "This review is not submitted yet."


class NotYourReview(RefusedError):
    sentence = "This review is assigned to {reviewer}."


class DisputedBefore(RefusedError):
    sentence = "This review was disputed before, and that can be done once."


class NotDisputed(RefusedError):
    sentence = "Nobody disputes this review."


class DecidedBefore(RefusedError):
    sentence = "This dispute is decided already: {outcome}."


class DecidedByReviewer(RefusedError):
    sentence = "Somebody other than the reviewer has to decide the dispute."


class DecisionUnusable(InputError):
    sentence = "This decision cannot be used: {problem}."


class Assignment(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody is to review one session by one version of a scorecard; never changes."""

    assignment_id: Id
    session_id: SessionIdText
    reviewer: ShortText
    scorecard: Identifier
    scorecard_version: int
    reason: SampleReason
    detail: str = ""
    run_id: str | None = None
    calibration_id: str | None = None
    assigned_by: ShortText
    assigned_at_ms: UnixMs
    due_at_ms: UnixMs


class Review(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the reviewer wrote. `chain_hash` (hex) says at which state of the recording's chain they judged it."""

    assignment_id: Id
    answers: tuple[Answer, ...] = ()
    comment: LongText = ""
    saved_at_ms: UnixMs
    submitted_at_ms: UnixMs | None = None
    chain_hash: str = ""


class Dispute(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An engineer's objection to a review, and what was decided about it."""

    assignment_id: Id
    raised_by: ShortText
    raised_at_ms: UnixMs
    grounds: Annotated[LongText, Meta(min_length=1)]
    outcome: Outcome | None = None
    decided_by: ShortText = ""
    decided_at_ms: UnixMs | None = None
    words: LongText = ""
    amended_answers: tuple[Answer, ...] = ()


class SampleRun(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One drawing of a plan over a period, with everything that is needed to draw it again."""

    run_id: Id
    plan: Identifier
    start_ms: UnixMs
    end_ms: UnixMs
    ran_by: ShortText
    ran_at_ms: UnixMs
    strata: tuple[StratumDrawn, ...] = ()


class RunSummary(Struct, frozen=True, kw_only=True):
    """A drawing without its sessions: of how many strata, how many there were in these, and how many of them were
    drawn."""

    run_id: Id
    plan: Identifier
    start_ms: UnixMs
    end_ms: UnixMs
    ran_by: ShortText
    ran_at_ms: UnixMs
    strata: int
    population: int
    drawn: int


class MysteryFlag(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A planted visit. Engineers are never told; customer statistics leave it out."""

    session_id: SessionIdText
    flagged_by: ShortText
    flagged_at_ms: UnixMs
    note: LongText = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One assignment with all that has become of it."""

    assignment: Assignment
    scorecard: Scorecard
    review: Review | None = None
    dispute: Dispute | None = None

    @property
    def status(self) -> Status:
        if self.review is None:
            return "assigned"
        if self.review.submitted_at_ms is None:
            return "draft"
        if self.dispute is None:
            return "submitted"
        return self.dispute.outcome or "disputed"

    @property
    def is_submitted(self) -> bool:
        return self.review is not None and self.review.submitted_at_ms is not None

    @property
    def counts(self) -> bool:
        """Whether figures count it."""
        return self.is_submitted and self.status != "struck"

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Those that stand: the reviewer's, or what a decision put in the place of some of them."""
        if self.review is None:
            return ()
        amended = (
            {a.criterion: a for a in self.dispute.amended_answers} if self.status == "amended" and self.dispute else {}
        )
        return tuple(amended.get(answer.criterion, answer) for answer in self.review.answers)

    @property
    def score(self) -> Score | None:
        """Of a submitted review."""
        return score_of(self.scorecard, self.answers) if self.is_submitted else None


def check_editable(case: Case, who: Reviewer) -> None:
    """Raises NotYourReview or ReviewSubmitted."""
    if case.assignment.reviewer != who.name:
        raise NotYourReview(reviewer=case.assignment.reviewer)
    if case.is_submitted:
        raise ReviewSubmitted


def check_disputable(case: Case) -> None:
    """Raises ReviewNotSubmitted or DisputedBefore."""
    if not case.is_submitted:
        raise ReviewNotSubmitted
    if case.dispute is not None:
        raise DisputedBefore


def check_decision(case: Case, who: Reviewer, outcome: Outcome, amended: Sequence[Answer]) -> None:
    """Raises NotDisputed, DecidedBefore, DecidedByReviewer, DecisionUnusable, or AnswersUnusable for wrong answers."""
    if case.dispute is None:
        raise NotDisputed
    if case.dispute.outcome is not None:
        raise DecidedBefore(outcome=case.dispute.outcome)
    if case.assignment.reviewer == who.name:
        raise DecidedByReviewer
    if (outcome == "amended") != bool(amended):
        raise DecisionUnusable(problem="other answers are given with the outcome `amended`, and only with it")
    changed = {answer.criterion: answer for answer in amended}
    assert case.review is not None
    answers = tuple(changed.pop(answer.criterion, answer) for answer in case.review.answers)
    score_of(case.scorecard, (*answers, *changed.values()))  # refuses what no reviewer could have answered


def sealed_calibrations(cases: Iterable[Case]) -> set[str]:
    """Calibrations of which not every score is in: nobody is shown any of their scores."""
    return {
        case.assignment.calibration_id
        for case in cases
        if case.assignment.calibration_id is not None and not case.is_submitted
    }


def visible_cases(who: Reviewer, cases: Sequence[Case]) -> list[Case]:
    """Those that somebody may see, out of all.

    Hidden are others' parts of an open calibration, and, from somebody who is still to calibrate a session, every other
    review of that session. An external reviewer sees their own alone.
    """
    sealed = sealed_calibrations(cases)
    blind = {
        case.assignment.session_id
        for case in cases
        if case.assignment.calibration_id is not None and case.assignment.reviewer == who.name and not case.is_submitted
    }

    def is_visible(case: Case) -> bool:
        if case.assignment.reviewer == who.name:
            return True
        if who.role == "external-reviewer" or case.assignment.session_id in blind:
            return False
        return case.assignment.calibration_id not in sealed

    return [case for case in cases if is_visible(case)]
