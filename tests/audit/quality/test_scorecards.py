"""Scorecards: what may stand in one, and the algebra of the score."""

from fractions import Fraction
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.quality.scorecards import (
    STANDARD_FOLDER,
    Answer,
    AnswersUnusable,
    Scorecard,
    ScorecardUnusable,
    check_answers,
    check_scorecard,
    missing_criteria,
    read_scorecard,
    score_of,
    standard_scorecards,
)
from tests.audit.quality.builders import GOOD, answers, criterion, scale, scorecard

SCALES = {"met": scale(0, 1, 2), "kept": scale(0, 1), "five": scale(0, 1, 2, 3, 4)}


@st.composite
def filled(draw: st.DrawFn, *, fails: bool | None = None) -> tuple[Scorecard, tuple[Answer, ...]]:
    """A scorecard and answers to all of it, of which at least one with weight applies."""
    count = draw(st.integers(1, 8))
    criteria, given_answers = [], []
    for number in range(count):
        name = draw(st.sampled_from(sorted(SCALES)))
        auto_fail = draw(st.booleans())
        not_applicable = number > 0 and draw(st.booleans())
        weight = draw(st.integers(1, 50))
        criteria.append(
            criterion(f"c{number}", weight=weight, scale=name, auto_fail=auto_fail, not_applicable=not_applicable)
        )
        levels = [level.points for level in SCALES[name].levels]
        if fails is False and auto_fail:
            levels = levels[1:]
        points = None if not_applicable and draw(st.booleans()) else draw(st.sampled_from(levels))
        given_answers.append(Answer(f"c{number}", points))
    return check_scorecard(scorecard(*criteria, scales=SCALES)), tuple(given_answers)


@given(filled())
def test_a_score_lies_between_zero_and_one(made: tuple[Scorecard, tuple[Answer, ...]]) -> None:
    """Whatever the weights and scales; an auto-fail makes it 0 and is named."""
    card, given_answers = made
    score = score_of(card, given_answers)
    assert 0 <= score.without_auto_fail <= 1
    assert score.share == (0 if score.auto_fails else score.without_auto_fail)
    failed = {
        a.criterion for a in given_answers if a.points == 0 and (c := card.criterion(a.criterion)) and c.auto_fail
    }
    assert set(score.auto_fails) == failed


@given(filled(fails=False), st.randoms())
def test_the_order_of_answers_does_not_matter(made: tuple[Scorecard, tuple[Answer, ...]], random: object) -> None:
    """A reviewer may fill the lines in any order."""
    card, given_answers = made
    shuffled = list(given_answers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert score_of(card, shuffled) == score_of(card, given_answers)


@given(filled(fails=False), st.integers(2, 9))
def test_only_the_proportion_of_weights_matters(made: tuple[Scorecard, tuple[Answer, ...]], factor: int) -> None:
    """All weights times the same number is the same scorecard."""
    card, given_answers = made
    heavier = msgspec.structs.replace(
        card, criteria=tuple(msgspec.structs.replace(c, weight=c.weight * factor) for c in card.criteria)
    )
    assert score_of(heavier, given_answers).share == score_of(card, given_answers).share


@given(filled(fails=False))
def test_what_does_not_apply_is_as_if_it_were_not_there(made: tuple[Scorecard, tuple[Answer, ...]]) -> None:
    """N/A leaves both sums: without its criterion the score is the same."""
    card, given_answers = made
    applying = tuple(answer for answer in given_answers if answer.points is not None)
    kept = {answer.criterion for answer in applying}
    smaller = msgspec.structs.replace(card, criteria=tuple(c for c in card.criteria if c.id in kept))
    assert score_of(smaller, applying) == score_of(card, given_answers)


@given(filled(fails=False), st.data())
def test_a_better_answer_never_lowers_the_score(
    made: tuple[Scorecard, tuple[Answer, ...]], data: st.DataObject
) -> None:
    """And the best answers everywhere give 1."""
    card, given_answers = made
    chosen = data.draw(st.sampled_from([answer for answer in given_answers if answer.points is not None]))
    found = card.criterion(chosen.criterion)
    assert found is not None
    best = Answer(chosen.criterion, card.scale_of(found).best_points)
    better = tuple(best if answer is chosen else answer for answer in given_answers)
    assert score_of(card, better).share >= score_of(card, given_answers).share
    everything = tuple(Answer(c.id, card.scale_of(c).best_points) for c in card.criteria)
    assert score_of(card, everything).share == 1


def test_the_formula_on_paper() -> None:
    """Σ w·s / Σ w: 30 at half and 10 at full are 25 of 40; without the second, 15 of 30."""
    assert score_of(scorecard(), answers(found=1, told=2, consent=1)).share == Fraction(25, 40)
    assert score_of(scorecard(), answers(found=1, told=None, consent=1)).share == Fraction(15, 30)
    failed = score_of(scorecard(), answers(found=2, told=2, consent=0))
    assert (failed.share, failed.without_auto_fail, failed.auto_fails) == (0, 1, ("consent",))


@pytest.mark.parametrize(
    ("given_answers", "complaint"),
    [
        (answers(found=2, told=2), "not answered yet: consent"),
        (answers(found=3, told=2, consent=1), "found takes 0, 1, 2 points, not 3"),
        (answers(found=None, told=2, consent=1), "found applies to every session"),
        (answers(found=1, other=1), "has no criterion other"),
        ((*GOOD, Answer("found", 1)), "found is answered twice"),
    ],
)
def test_answers_that_do_not_fit_get_a_sentence(given_answers: tuple[Answer, ...], complaint: str) -> None:
    """Which line, and what it takes."""
    with pytest.raises(AnswersUnusable, match=complaint):
        score_of(scorecard(), given_answers)


def test_a_card_on_which_nothing_applies_has_no_score() -> None:
    """Rather than a division by nothing."""
    card = scorecard(
        criterion("told", not_applicable=True), criterion("consent", weight=0, scale="kept", auto_fail=True)
    )
    with pytest.raises(AnswersUnusable, match="no score"):
        score_of(card, answers(told=None, consent=1))


def test_a_draft_may_have_gaps() -> None:
    """They are checked one by one, and what is missing is known."""
    assert set(check_answers(scorecard(), answers(found=1))) == {"found"}
    assert [c.id for c in missing_criteria(scorecard(), answers(found=1))] == ["told", "consent"]


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        (scorecard(criterion("a"), criterion("a")), "criterion a stands twice"),
        (scorecard(criterion("a", scale="odd")), "names the scale odd"),
        (scorecard(criterion("a", section="odd")), "names the section odd"),
        (scorecard(criterion("a", weight=0)), "has weight 0"),
        (scorecard(criterion("a"), scales={"met": scale(0, 2, 1)}), "must rise"),
        (scorecard(criterion("a"), scales={"met": scale(1, 2)}), "must have 0 points"),
        (scorecard(criterion("a", weight=0, auto_fail=True)), "no criterion has a weight"),
    ],
)
def test_a_wrong_scorecard_gets_a_sentence(card: Scorecard, complaint: str) -> None:
    """Before anybody fills it."""
    with pytest.raises(ScorecardUnusable, match=complaint):
        check_scorecard(card)


@pytest.mark.parametrize(
    "text",
    ["", "id = 3", "= =", 'id = "x"\nversion = 0', "\x00", "a=" + "[" * 5000, '\ufeffid = "x"'],
)
def test_a_file_that_is_no_scorecard_gets_a_sentence(tmp_path: Path, text: str) -> None:
    """No trace, whatever stands in it."""
    path = tmp_path / "card.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScorecardUnusable, match=r"card\.toml cannot be used"):
        read_scorecard(path)
    with pytest.raises(ScorecardUnusable, match="cannot be used"):
        read_scorecard(tmp_path / "none.toml")


def test_the_scorecards_that_come_along_are_right_and_weigh_a_hundred() -> None:
    """Three, in both languages, each with an auto-fail and every criterion explained."""
    cards = standard_scorecards()
    assert [card.id for card in cards] == ["customer-communication", "remote-diagnosis", "security-conduct"]
    assert len(list(STANDARD_FOLDER.glob("*.toml"))) == len(cards)
    for card in cards:
        assert sum(c.weight for c in card.criteria) == 100
        assert any(c.auto_fail for c in card.criteria)
        assert all(c.section in card.sections for c in card.criteria)
        assert all(len(c.help.en) > 40 and len(c.help.zh_cn) > 15 for c in card.criteria)


def test_the_digest_is_of_the_content() -> None:
    """The same card read from another file has the same digest, another word gives another one."""
    card = standard_scorecards()[0]
    again = msgspec.json.decode(msgspec.json.encode(card), type=Scorecard)
    assert again.digest() == card.digest()
    assert msgspec.structs.replace(card, version=2).digest() != card.digest()
