"""Calibration: two reviewers score one session without seeing each other, then see where they differ.

For each pair of reviewers and for each criterion: how often they agree, Cohen's κ, and the mean difference of their
scores in points of a hundred. A good pair stays within 5 points and at κ ≥ 0.6 (see docs/operating/quality.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from msgspec import Struct

from audit.quality.scorecards import Answer, Scorecard, score_of
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
    """How far apart reviewers were at one criterion of one scorecard, over the sessions that two of them scored."""

    scorecard: str
    criterion: str
    sessions: tuple[str, ...]
    lines: Agreement


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
    for scores in every:
        for criterion, pair in categories(scores).items():
            found.setdefault((scores.scorecard.name, criterion), []).append((scores.session_id, pair))
    return [
        CriterionAgreement(
            scorecard, criterion, tuple(session for session, _ in lines), agreement([pair for _, pair in lines])
        )
        for (scorecard, criterion), lines in found.items()
    ]
