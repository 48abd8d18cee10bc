"""The quality desk, every use case through its database."""

import asyncio
from typing import Any

import msgspec
import pytest

from audit.quality.desk import QualityDesk
from audit.quality.desk_calibration import CalibrationUnusable
from audit.quality.desk_core import NotReviewable, ReviewerUnknown, ScorecardUnknown
from audit.quality.desk_sampling import PlanUnknown
from audit.quality.people import NotYours, RoleNeeded
from audit.quality.reports import parse_period
from audit.quality.reviews import DecidedBefore, DisputedBefore, ReviewSubmitted, ReviewUnknown
from audit.quality.sampling import SamplingPlan
from audit.quality.scorecards import AnswersUnusable
from audit.quality.store import CaseChoice, PlanTaken, VersionTaken
from audit.storage.quality import SqlQuality
from tests.audit.quality.builders import DAY_MS, GOOD, NOW_MS, answers, both, scorecard, session
from tests.audit.quality.conftest import ADA, ANA, BEN, OUT, SAM, OwnedClock

PERIOD = parse_period(None, None, "UTC", NOW_MS)


async def keep(store: SqlQuality, *numbers: int, **changes: Any) -> list[str]:
    facts = [session(number, **changes) for number in numbers]
    for each in facts:
        await store.put_session(each, "stamp")
    return [each.session_id for each in facts]


def plan(**changes: Any) -> SamplingPlan:
    fields: dict[str, Any] = {"name": "monthly", "kind": "random", "scorecard": "short", "reviewers": ("ana", "ben")}
    return SamplingPlan(**fields | {"per_stratum": 2} | changes)


async def test_a_version_of_a_scorecard_never_changes(desk: QualityDesk) -> None:
    """The same again is fine, other content needs another version; reviews get the newest."""
    await desk.add_scorecard(ADA, scorecard())
    with pytest.raises(VersionTaken, match="Raise its version"):
        await desk.add_scorecard(ADA, scorecard(title=both("Other")))
    await desk.add_scorecard(ADA, scorecard(title=both("Other"), version=2))
    assert (await desk.scorecard("short")).version == 2
    assert (await desk.scorecard("short", 1)).title == both("Short")
    with pytest.raises(ScorecardUnknown):
        await desk.scorecard("short", 3)


async def test_from_next_to_submitted(desk: QualityDesk, store: SqlQuality, clock: OwnedClock) -> None:
    """Assigned, drafted, taken up again, submitted; then it is somebody else's turn, and nothing changes any more."""
    (session_id,) = await keep(store, 1, chain_hash="ab" * 32)
    made = await desk.assign(SAM, session_id, "ana", await desk.scorecard("short"), due_days=3)
    assert made.due_at_ms == clock.now_ms + 3 * DAY_MS
    assert await desk.next_case(BEN) is None
    case = await desk.next_case(ANA)
    assert case is not None
    case_id = case.assignment.assignment_id
    await desk.save(ANA, case_id[:6], GOOD[:1], "half way")
    draft = await desk.next_case(ANA)
    assert draft is not None
    assert (draft.status, draft.answers) == ("draft", GOOD[:1])
    with pytest.raises(AnswersUnusable, match="not answered yet"):
        await desk.submit(ANA, case_id, GOOD[:1], "")
    submitted = await desk.submit(ANA, case_id, GOOD, "well done")
    assert submitted.review is not None
    assert submitted.review.chain_hash == "ab" * 32
    assert await desk.next_case(ANA) is None
    with pytest.raises(ReviewSubmitted):
        await desk.save(ANA, case_id, GOOD, "")
    with pytest.raises(ReviewUnknown):
        await desk.case(ANA, "")


async def test_what_is_due_first_is_next(desk: QualityDesk, store: SqlQuality) -> None:
    """Not what was assigned first."""
    late, soon = await keep(store, 1, 2)
    card = await desk.scorecard("short")
    await desk.assign(SAM, late, "ana", card, due_days=9)
    await desk.assign(SAM, soon, "ana", card, due_days=2)
    case = await desk.next_case(ANA)
    assert case is not None
    assert case.assignment.session_id == soon


async def test_two_submissions_at_once_are_one(desk: QualityDesk, store: SqlQuality) -> None:
    """One wins, the other is told; the same for disputes and their decisions."""
    (session_id,) = await keep(store, 1)
    made = await desk.assign(SAM, session_id, "ana", await desk.scorecard("short"))

    def outcomes(found: list[Any], error: type[Exception]) -> list[bool]:
        return sorted(isinstance(each, error) for each in found)

    case_id = made.assignment_id
    tried = [desk.submit(ANA, case_id, GOOD, word) for word in ("one", "two")]
    assert outcomes(await asyncio.gather(*tried, return_exceptions=True), ReviewSubmitted) == [False, True]
    raised = [desk.dispute(BEN, case_id, word) for word in ("one", "two")]
    assert outcomes(await asyncio.gather(*raised, return_exceptions=True), DisputedBefore) == [False, True]
    decided = [desk.decide(SAM, case_id, "kept", word) for word in ("one", "two")]
    assert outcomes(await asyncio.gather(*decided, return_exceptions=True), DecidedBefore) == [False, True]


async def test_a_dispute_can_amend_the_score(desk: QualityDesk, store: SqlQuality) -> None:
    """Raised in the engineer's name, decided by who leads; the first answers stay."""
    (session_id,) = await keep(store, 1)
    made = await desk.assign(SAM, session_id, "ana", await desk.scorecard("short"))
    await desk.submit(ANA, made.assignment_id, answers(found=0, told=2, consent=1), "")
    disputed = await desk.dispute(SAM, made.assignment_id, "it is at 3:10", raised_by="Mei Example")
    assert disputed.status == "disputed"
    with pytest.raises(RoleNeeded):
        await desk.decide(BEN, made.assignment_id, "kept", "")
    decided = await desk.decide(SAM, made.assignment_id, "amended", "overlooked", answers(found=2))
    assert decided.score is not None
    assert decided.review is not None
    assert (float(decided.score.share), decided.review.answers[0].points) == (1.0, 0)


async def test_an_external_reviewer_sees_only_what_was_assigned(desk: QualityDesk, store: SqlQuality) -> None:
    """No other session, no plan, no report; nor can they assign themselves one."""
    mine, other = await keep(store, 1, 2)
    await desk.assign(SAM, mine, "out", await desk.scorecard("short"))
    assert [facts.session_id for facts in await desk.sessions(OUT)] == [mine]
    card = await desk.scorecard("short")
    with pytest.raises(RoleNeeded):
        await desk.assign(OUT, other, "out", card)
    with pytest.raises(NotYours):
        await desk.session(OUT, other)
    for refused in (desk.plans(OUT), desk.runs(OUT), desk.calibrations(OUT), desk.report(OUT, PERIOD, "all", 1)):
        with pytest.raises(RoleNeeded):
            await refused
    with pytest.raises(RoleNeeded):
        await desk.add_scorecard(SAM, scorecard(version=9))


async def test_mystery_sessions_are_told_to_those_who_lead(desk: QualityDesk, store: SqlQuality) -> None:
    """Others see a session like any other; customer figures leave it out. A flag may come before the session."""
    await desk.flag_mystery(SAM, session(1).session_id, "asks for a password")
    (flagged, _) = await keep(store, 1, 2, stars=5)
    assert [facts.mystery for facts in await desk.sessions(SAM)] == [True, False]
    assert [facts.mystery for facts in await desk.sessions(ANA)] == [False, False]
    report = await desk.report(SAM, PERIOD, "all", 60_000)
    assert report.groups[0].figure("csat").count == 1
    with pytest.raises(RoleNeeded):
        await desk.flag_mystery(ANA, flagged)
    await desk.unflag_mystery(SAM, flagged)
    assert (await desk.report(SAM, PERIOD, "all", 60_000)).groups[0].figure("csat").count == 2


async def test_a_random_plan_draws_the_same_again(desk: QualityDesk, store: SqlQuality) -> None:
    """Its seed is made with it and kept; a second run assigns only what is new."""
    await keep(store, *range(1, 9))
    made = await desk.add_plan(SAM, plan())
    assert len(made.seed) == 64
    assert (await desk.add_plan(SAM, plan(name="other"))).seed != made.seed
    with pytest.raises(PlanTaken):
        await desk.add_plan(SAM, plan())
    run, assignments = await desk.run_plan(SAM, "monthly", PERIOD)
    assert [len(stratum.population) for stratum in run.strata] == [8]
    assert sorted(made.reviewer for made in assignments) == ["ana", "ben"]
    assert all(made.reason == "random" and made.run_id == run.run_id for made in assignments)
    again, nothing = await desk.run_plan(SAM, "monthly", PERIOD)
    assert (again.strata, nothing) == (run.strata, [])
    assert (await desk.redraw(SAM, run.run_id[:5]))[2]


async def test_a_run_whose_list_was_changed_does_not_draw_the_same(desk: QualityDesk, store: SqlQuality) -> None:
    """Somebody took a session out of the list of those that could be drawn."""
    await keep(store, *range(1, 9))
    await desk.add_plan(SAM, plan())
    run, _ = await desk.run_plan(SAM, "monthly", PERIOD)
    (stratum,) = run.strata
    others = tuple(each for each in stratum.population if each not in stratum.drawn)
    forged = msgspec.structs.replace(
        run, run_id="f" * 12, strata=(msgspec.structs.replace(stratum, drawn=(stratum.drawn[0], others[0])),)
    )
    await store.add_run(forged, [])
    assert not (await desk.redraw(SAM, "ffff"))[2]


async def test_a_plan_for_a_reason_assigns_everything_that_it_finds(desk: QualityDesk, store: SqlQuality) -> None:
    """Once, with the reason."""
    await keep(store, 1, stars=1)
    await keep(store, 2, stars=5)
    await desk.add_plan(SAM, plan(name="low", kind="low-rating", per_stratum=None))
    _, assignments = await desk.run_plan(SAM, "low", PERIOD)
    assert [(made.session_id, made.reason, made.detail) for made in assignments] == [
        (session(1).session_id, "low-rating", "1")
    ]
    assert (await desk.run_plan(SAM, "low", PERIOD))[1] == []
    with pytest.raises(PlanUnknown):
        await desk.run_plan(SAM, "none", PERIOD)


async def test_calibration_is_blind_until_both_are_in(desk: QualityDesk, store: SqlQuality) -> None:
    """Then both scores, and how far they are apart, are there."""
    (session_id,) = await keep(store, 1)
    first, second = await desk.calibrate(SAM, session_id, ("ana", "ben"), await desk.scorecard("short"))
    await desk.submit(ANA, first.assignment_id, GOOD, "")
    with pytest.raises(ReviewUnknown):
        await desk.case(BEN, first.assignment_id)
    assert await desk.calibrations(SAM) == []
    (waiting,) = await desk.calibrated_sessions(SAM)
    assert [(part.reviewer, part.is_in, part.score) for part in waiting.reviews] == [
        ("ana", True, None),
        ("ben", False, None),
    ]
    assert (waiting.session_id, waiting.points_apart) == (session_id, None)
    await desk.submit(BEN, second.assignment_id, answers(found=1, told=2, consent=1), "")
    assert (await desk.case(BEN, first.assignment_id)).answers == GOOD
    (scores,) = await desk.calibrations(SAM)
    assert (scores.first, scores.second) == ("ana", "ben")
    (compared,) = await desk.calibrated_sessions(SAM)
    apart = 100 * abs(compared.reviews[0].score - compared.reviews[1].score)  # type: ignore[operator]  # both are in
    assert (compared.points_apart, compared.session is not None) == (apart, True)
    await desk.dispute(ANA, second.assignment_id, "too hard")
    await desk.decide(SAM, second.assignment_id, "amended", "right", answers(found=2))
    assert await desk.calibrated_sessions(SAM) == [compared]  # as they were given


async def test_work_is_given_to_nobody_who_is_not_here(store: SqlQuality, desk: QualityDesk) -> None:
    """Where people are known, a name that was mistyped is refused: nobody would ever see what was given to it."""

    async def people() -> dict[str, str]:
        return {"ana": "Ana", "sam": "Sam"}

    (session_id,) = await keep(store, 1)
    known, card = QualityDesk(store, OwnedClock(), full_names=people), await desk.scorecard("short")
    with pytest.raises(ReviewerUnknown, match="bem"):
        await known.assign(SAM, session_id, "bem", card)
    with pytest.raises(ReviewerUnknown, match="bem"):
        await known.calibrate(SAM, session_id, ("ana", "bem"), card)
    assert await known.assign(SAM, session_id, "ana", card)


@pytest.mark.parametrize("pair", [("ana", "ana"), ("ana", "Mei Example"), ("cat", "ben")])
async def test_a_calibration_needs_two_who_come_to_it_fresh(
    desk: QualityDesk, store: SqlQuality, pair: tuple[str, str]
) -> None:
    """Not one twice, not the session's engineer, not somebody who reviewed it before."""
    (session_id,) = await keep(store, 1)
    card = await desk.scorecard("short")
    await desk.assign(SAM, session_id, "cat", card)
    with pytest.raises(CalibrationUnusable):
        await desk.calibrate(SAM, session_id, pair, card)


@pytest.mark.parametrize(
    ("changes", "reviewer"),
    [
        ({"state": "arriving", "ended_at_ms": None}, "ana"),
        ({"state": "lost"}, "ana"),
        ({"engineer": "Ana"}, "ana"),
    ],
)
async def test_what_cannot_be_reviewed_is_not_assigned(
    desk: QualityDesk, store: SqlQuality, changes: dict[str, Any], reviewer: str
) -> None:
    """A session that goes on, one that is lost, one of one's own."""
    (session_id,) = await keep(store, 1, **changes)
    with pytest.raises(NotReviewable):
        await desk.assign(SAM, session_id, reviewer, await desk.scorecard("short"))


async def test_after_an_erase_nothing_of_the_session_is_left(
    desk: QualityDesk, store: SqlQuality, tmp_path: Any
) -> None:
    """Facts, reviews with their words, the dispute, the flag."""
    (session_id,) = await keep(store, 1, comment="remember-these-words")
    made = await desk.assign(SAM, session_id, "ana", await desk.scorecard("short"))
    await desk.flag_mystery(SAM, session_id, "flag-words")
    await desk.submit(ANA, made.assignment_id, GOOD, "review-words")
    await desk.dispute(BEN, made.assignment_id, "dispute-words")
    await store.forget_session(session_id)
    assert await desk.cases(SAM) == []
    assert await desk.sessions(SAM) == []
    assert await desk.next_case(ANA) is None


async def test_reviews_come_in_pages_of_what_somebody_may_see(desk: QualityDesk, store: SqlQuality) -> None:
    """None twice and none left out; what a calibration hides takes no place."""
    ids = await keep(store, *range(1, 8))
    card = await desk.scorecard("short")
    for number, session_id in enumerate(ids, 1):
        await desk.assign(SAM, session_id, "ana", card, due_days=number)
    (blind,) = await keep(store, 8)
    await desk.calibrate(SAM, blind, ("ana", "ben"), card, due_days=2)
    seen: list[str] = []
    after: str | None = None
    while True:
        page, after = await desk.page_of_cases(BEN, CaseChoice(is_open=True), after=after, limit=3)
        seen += [case.assignment.session_id for case in page]
        if after is None:
            break
        assert len(page) == 3
    assert sorted(seen) == sorted([*ids, blind])
    assert [seen.index(session_id) for session_id in ids] == sorted(seen.index(session_id) for session_id in ids)
    latest, _ = await desk.page_of_cases(ANA, CaseChoice(reviewer="ana", latest_first=True), after=None, limit=1)
    assert [case.assignment.session_id for case in latest] == [ids[-1]]


async def test_who_leads_sees_how_much_everybody_has_to_do(
    desk: QualityDesk, store: SqlQuality, clock: OwnedClock
) -> None:
    """Submitted ones are done; past its day is late."""
    first, second, third = await keep(store, 1, 2, 3)
    card = await desk.scorecard("short")
    await desk.assign(SAM, first, "ana", card, due_days=1)
    await desk.assign(SAM, second, "ana", card, due_days=9)
    done = await desk.assign(SAM, third, "ben", card)
    await desk.submit(BEN, done.assignment_id, GOOD, "")
    clock.now_ms += 2 * DAY_MS
    assert await desk.open_reviews(SAM) == {"ana": (2, 1)}
    with pytest.raises(RoleNeeded):
        await desk.open_reviews(ANA)
