"""Which step may follow which, and who sees which review."""

from typing import Any

import pytest

from audit.quality.people import Reviewer
from audit.quality.reviews import (
    DecidedBefore,
    DecidedByReviewer,
    DecisionUnusable,
    DisputedBefore,
    NotDisputed,
    NotYourReview,
    ReviewNotSubmitted,
    ReviewSubmitted,
    check_decision,
    check_disputable,
    check_editable,
    visible_cases,
)
from audit.quality.scorecards import AnswersUnusable
from tests.audit.quality.builders import answers, case, disputed

ANA, BEN = Reviewer("ana", "reviewer"), Reviewer("ben", "reviewer")
OUT, SAM = Reviewer("out", "external-reviewer"), Reviewer("sam", "supervisor")


def test_a_review_has_one_status_at_a_time() -> None:
    """From assigned to the last word."""
    assert case(given=None).status == "assigned"
    assert case().status == "submitted"
    assert disputed(case()).status == "disputed"
    assert disputed(case(), outcome="struck").status == "struck"


def test_only_its_reviewer_edits_and_only_before_it_is_submitted() -> None:
    """Afterwards nobody does."""
    check_editable(case(given=None), ANA)
    with pytest.raises(NotYourReview, match="assigned to ana"):
        check_editable(case(given=None), SAM)
    with pytest.raises(ReviewSubmitted):
        check_editable(case(), ANA)


def test_a_dispute_comes_once_and_after_submission() -> None:
    """Not before, not twice, not even after it was decided."""
    check_disputable(case())
    with pytest.raises(ReviewNotSubmitted):
        check_disputable(case(given=None))
    for again in (disputed(case()), disputed(case(), outcome="kept")):
        with pytest.raises(DisputedBefore):
            check_disputable(again)


@pytest.mark.parametrize(
    ("of", "who", "outcome", "amended", "error"),
    [
        (case(), SAM, "kept", (), NotDisputed),
        (disputed(case(), outcome="kept"), SAM, "struck", (), DecidedBefore),
        (disputed(case(reviewer="sam")), SAM, "kept", (), DecidedByReviewer),
        (disputed(case()), SAM, "kept", answers(found=1), DecisionUnusable),
        (disputed(case()), SAM, "amended", (), DecisionUnusable),
        (disputed(case()), SAM, "amended", answers(found=7), AnswersUnusable),
    ],
)
def test_a_decision_that_cannot_be(of: Any, who: Reviewer, outcome: Any, amended: Any, error: type[Exception]) -> None:
    """Undisputed, decided, one's own, or with answers that nobody could have given."""
    with pytest.raises(error):
        check_decision(of, who, outcome, amended)


def test_an_amended_answer_stands_in_the_place_of_the_first() -> None:
    """The score follows; a struck review counts nowhere; the first answers stay readable."""
    before = case(given=answers(found=0, told=2, consent=1))
    after = disputed(before, outcome="amended", amended_answers=answers(found=2))
    assert before.score is not None
    assert after.score is not None
    assert (float(before.score.share), float(after.score.share)) == (0.25, 1.0)
    assert after.review == before.review
    assert not disputed(before, outcome="struck").counts
    assert disputed(before).counts


def test_the_other_score_of_a_calibration_is_hidden_until_both_are_in() -> None:
    """From the other reviewer, and from everybody else too."""
    calibration = {"calibration_id": "c" * 12, "reason": "request"}
    first, open_second = case(1, **calibration), case(2, reviewer="ben", given=None, **calibration)
    assert visible_cases(BEN, [first, open_second]) == [open_second]
    assert visible_cases(ANA, [first, open_second]) == [first]
    assert visible_cases(SAM, [first, open_second]) == []
    second = case(2, reviewer="ben", **calibration)
    assert visible_cases(BEN, [first, second]) == [first, second]
    assert visible_cases(SAM, [first, second]) == [first, second]


def test_whoever_is_to_calibrate_a_session_sees_no_other_review_of_it() -> None:
    """An ordinary one would tell them as much."""
    ordinary = case(3, reviewer="cat")
    to_do = case(2, reviewer="ben", given=None, calibration_id="c" * 12)
    assert visible_cases(BEN, [ordinary, to_do]) == [to_do]
    assert visible_cases(ANA, [ordinary, to_do]) == [ordinary]


def test_an_external_reviewer_sees_their_own_reviews_alone() -> None:
    """Whatever else there is."""
    theirs, other = case(1, reviewer="out"), case(2)
    assert visible_cases(OUT, [theirs, other]) == [theirs]
