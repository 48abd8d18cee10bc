"""How far two reviewers agree."""

import pytest

from audit.quality.calibration import BothScores, by_criterion, by_pair, categories, points_apart
from audit.quality.scorecards import Answer
from tests.audit.quality.builders import answers, scorecard


def both(number: int, first: tuple[Answer, ...], second: tuple[Answer, ...], pair: str = "ana ben") -> BothScores:
    names = pair.split()
    return BothScores(f"{number:032x}", scorecard(), names[0], names[1], first, second)


def test_points_apart_are_those_of_the_scores() -> None:
    """Signed: who was milder. An auto-fail on one side alone is a whole score apart."""
    assert points_apart(both(1, answers(found=2, told=2, consent=1), answers(found=1, told=2, consent=1))) == 37.5
    assert points_apart(both(1, answers(found=2, told=2, consent=0), answers(found=2, told=2, consent=1))) == -100


def test_lines_compare_as_shares_of_the_best_level() -> None:
    """Two of two and one of one are the same full score; not applicable is a category of its own."""
    compared = categories(both(1, answers(found=2, told=None, consent=1), answers(found=0, told=1, consent=1)))
    assert compared == {"found": ("1", "0"), "told": ("n/a", "1/2"), "consent": ("1", "1")}


def test_each_pair_has_its_figures() -> None:
    """Mean distance without sign, κ over all lines of all their sessions."""
    every = [
        both(1, answers(found=2, told=2, consent=1), answers(found=2, told=2, consent=1)),
        both(2, answers(found=0, told=0, consent=1), answers(found=1, told=0, consent=1)),
        both(3, answers(found=2, told=2, consent=1), answers(found=2, told=2, consent=1), "ana cat"),
    ]
    ana_ben, ana_cat = by_pair(every)
    assert (ana_ben.first, ana_ben.second, len(ana_ben.sessions)) == ("ana", "ben", 2)
    assert ana_ben.points_apart == pytest.approx(37.5 / 2)
    assert (ana_ben.lines.agreed, ana_ben.lines.count) == (5, 6)
    # p_o = 5/6; full score 4 and 4 of 6, none 2 and 1, half 0 and 1: p_e = (16 + 2) / 36 = 1/2; κ = (5/6 - 1/2) / (1/2)
    assert ana_ben.lines.kappa == pytest.approx(2 / 3)
    assert (ana_cat.points_apart, ana_cat.lines.kappa) == (0, None)


def test_each_criterion_has_its_figures_over_all_pairs() -> None:
    """A line on which nobody agrees stands out."""
    every = [
        both(1, answers(found=2, told=2, consent=1), answers(found=0, told=2, consent=1)),
        both(2, answers(found=0, told=0, consent=1), answers(found=2, told=0, consent=1), "ana cat"),
    ]
    found = {line.criterion: line.lines for line in by_criterion(every)}
    assert (found["found"].agreed, found["found"].kappa) == (0, -1)
    assert (found["told"].agreed, found["told"].kappa) == (2, 1)
    assert found["consent"].kappa is None
