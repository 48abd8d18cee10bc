"""Calibration: two reviewers score one session without seeing each other, then see where they differ.

For each pair of reviewers and for each criterion: how often they agree, Cohen's κ, and the mean difference of their
scores in points of a hundred. A good pair stays within 5 points and at κ ≥ 0.6 (see docs/operating/quality.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from msgspec import Struct

from audit.quality.reviews import Case
from audit.quality.scorecards import Answer, BothLanguages, Scorecard, score_of
from audit.quality.sessions import SessionFacts
from audit.quality.statistics import cohen_kappa

POINTS_APART_LIMIT = 5
KAPPA_WANTED = 0.6

NOT_APPLICABLE = "n/a"


@dataclass(frozen=True, slots=True)
class BothScores:
    """One session, scored by two reviewers on the same version of a scorecard. `first` < `second` by name."""

    session_id: str
    scorecard: Scorecard
    first: str
    second: str
    first_answers: tuple[Answer, ...]
    second_answers: tuple[Answer, ...]


class Agreement(Struct, frozen=True):
    """`count` lines were judged by both; `kappa` None: undefined, for both always gave the same."""

    count: int
    agreed: int
    kappa: float | None


class PairAgreement(Struct, frozen=True):
    """`points_apart` is the mean absolute difference of the quality scores, 0 to 100."""

    first: str
    second: str
    sessions: tuple[str, ...]
    points_apart: float
    lines: Agreement


class CriterionAgreement(Struct, frozen=True):
    """How far apart reviewers were at one criterion of one scorecard, over the sessions that two of them scored.

    `title` and `scorecard_title` are what people read of `criterion` and `scorecard`.
    """

    scorecard: str
    scorecard_title: BothLanguages
    criterion: str
    title: BothLanguages
    sessions: tuple[str, ...]
    lines: Agreement


class CalibratedReview(Struct, frozen=True):
    """One reviewer's part of a calibration; `score` is a share in [0, 1], null before both are in."""

    review_id: str
    reviewer: str
    is_in: bool
    score: float | None


class CalibratedSession(Struct, frozen=True):
    """What two reviewers were given to score; `points_apart` is null before both are in."""

    session_id: str
    session: SessionFacts | None
    scorecard_title: BothLanguages
    due_at_ms: int
    reviews: tuple[CalibratedReview, CalibratedReview]
    points_apart: float | None


def calibrated_session(pair: tuple[Case, Case], session: SessionFacts | None) -> CalibratedSession:
    """Shows no score before both are in."""
    first = pair[0]
    are_in = all(case.is_submitted for case in pair)
    scores = [given_score(case) if are_in else None for case in pair]
    reviews = [
        CalibratedReview(case.assignment.assignment_id, case.assignment.reviewer, case.is_submitted, score)
        for case, score in zip(pair, scores, strict=True)
    ]
    apart = None if scores[0] is None or scores[1] is None else abs(scores[0] - scores[1]) * 100
    due_at_ms = max(case.assignment.due_at_ms for case in pair)
    return CalibratedSession(
        first.assignment.session_id, session, first.scorecard.title, due_at_ms, (reviews[0], reviews[1]), apart
    )


def given_score(case: Case) -> float | None:
    """As the reviewer gave it, whatever a dispute made of it later."""
    return None if case.review is None else float(score_of(case.scorecard, case.review.answers).share)


def categories(scores: BothScores) -> dict[str, tuple[str, str]]:
    """By criterion, what either gave, as a share of the best level: so that scales of different lengths compare."""

    def given(answers: Sequence[Answer]) -> dict[str, str]:
        found = {}
        for answer in answers:
            criterion = scores.scorecard.criterion(answer.criterion)
            if criterion is not None:
                best = scores.scorecard.scale_of(criterion).best_points
                found[answer.criterion] = (
                    NOT_APPLICABLE if answer.points is None else str(Fraction(answer.points, best))
                )
        return found

    first, second = given(scores.first_answers), given(scores.second_answers)
    return {criterion: (first[criterion], second[criterion]) for criterion in first if criterion in second}


def points_apart(scores: BothScores) -> float:
    """The difference of the two quality scores, first minus second, in points of a hundred."""
    first, second = (
        score_of(scores.scorecard, answers).share for answers in (scores.first_answers, scores.second_answers)
    )
    return float(100 * (first - second))


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    return Agreement(len(pairs), sum(a == b for a, b in pairs), cohen_kappa(pairs))


def by_pair(every: Sequence[BothScores]) -> list[PairAgreement]:
    found: dict[tuple[str, str], list[BothScores]] = {}
    for scores in every:
        found.setdefault((scores.first, scores.second), []).append(scores)
    return [
        PairAgreement(
            first,
            second,
            tuple(scores.session_id for scores in group),
            sum(abs(points_apart(scores)) for scores in group) / len(group),
            agreement([pair for scores in group for pair in categories(scores).values()]),
        )
        for (first, second), group in sorted(found.items())
    ]


def by_criterion(every: Sequence[BothScores]) -> list[CriterionAgreement]:
    """Over all pairs: a criterion on which nobody agrees needs better words, not other reviewers."""
    found: dict[tuple[str, str], list[tuple[str, tuple[str, str]]]] = {}
    cards = {scores.scorecard.name: scores.scorecard for scores in every}
    for scores in every:
        for criterion, pair in categories(scores).items():
            found.setdefault((scores.scorecard.name, criterion), []).append((scores.session_id, pair))
    return [
        CriterionAgreement(
            name,
            cards[name].title,
            criterion.id,
            criterion.title,
            tuple(session for session, _ in found[name, criterion.id]),
            agreement([pair for _, pair in found[name, criterion.id]]),
        )
        for name in cards
        for criterion in cards[name].criteria
        if (name, criterion.id) in found
    ]
