"""What reviewers ask: scorecards, what is theirs to do, reviews and disputes.

GET  /v1/scorecards                      every version; POST keeps a new one (administrators)
POST /v1/scorecards/check                a scorecard's file: what it says, or what is wrong in which line
PUT  /v1/scorecards/{name}/retired       no new review goes by it; DELETE offers it again
GET  /v1/mark-rules                      what marks are called
GET  /v1/reviews                         those that they may see, by due date: of a session, a person, open or done
GET  /v1/reviews/next                    what is theirs and due first, or null
GET  /v1/reviews/{review_id}             one, with its scorecard and its session
PUT  /v1/reviews/{review_id}             a draft
POST /v1/reviews/{review_id}/submit      for good
POST /v1/reviews/{review_id}/dispute     once; POST …/decision by who leads
POST /v1/reviews                         assigns
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from msgspec import Meta, Struct
from starlette.responses import Response

from audit.quality.desk import QualityDesk
from audit.quality.marks import MarkRule, RuleKind
from audit.quality.people import Reviewer
from audit.quality.reviews import Assignment, Case, Dispute, Outcome, Status
from audit.quality.scorecard_files import LineProblem, check_text
from audit.quality.scorecards import Answer, BothLanguages, Identifier, Scorecard
from audit.quality.sessions import SessionFacts, SessionIdText
from audit.quality.store import CaseChoice
from audit.service.http_api.caller import ERASES_LEARNED, TheCaller, TheServices, needs
from audit.service.http_api.sessions import LIST_LIMIT, SessionIdQuery
from audit.service.http_api.struct_bodies import answer, body_of
from audit.service.people import Permission
from protocol.messages.fields import LongText, ShortText
from serving.http.openapi import gives_struct

router = APIRouter(prefix="/v1", dependencies=[ERASES_LEARNED])

MAY_REVIEW = [needs(Permission.REVIEW)]
MAY_LEAD = [needs(Permission.LEAD)]
MAY_CHANGE_SCORECARDS = [needs(Permission.SCORECARDS)]


def reviewer_of(caller: TheCaller) -> Reviewer:
    return Reviewer(caller.user.user_name, caller.user.role)


def desk_of(services: TheServices) -> QualityDesk:
    return services.quality


TheReviewer = Annotated[Reviewer, Depends(reviewer_of)]
TheDesk = Annotated[QualityDesk, Depends(desk_of)]


class AssignBody(Struct, frozen=True, forbid_unknown_fields=True):
    session_id: SessionIdText
    reviewer: ShortText
    scorecard: Identifier
    due_days: Annotated[int, Meta(ge=1, le=365)] = 7


class ReviewBody(Struct, frozen=True, forbid_unknown_fields=True):
    answers: Annotated[tuple[Answer, ...], Meta(max_length=100)]
    comment: LongText = ""


class DisputeBody(Struct, frozen=True, forbid_unknown_fields=True):
    grounds: Annotated[LongText, Meta(min_length=1)]
    raised_by: ShortText = ""


class DecisionBody(Struct, frozen=True, forbid_unknown_fields=True):
    outcome: Outcome
    words: LongText = ""
    answers: Annotated[tuple[Answer, ...], Meta(max_length=100)] = ()


class ReviewAnswer(Struct, frozen=True):
    """One review; `score` is the share in [0, 1] of a submitted one. `answers` are those that stand by now, `given` the
    reviewer's own, which no decision changes. `names` are the full names of those whom it mentions, by user name.
    """

    review_id: str
    status: Status
    assignment: Assignment
    answers: tuple[Answer, ...]
    given: tuple[Answer, ...]
    comment: str
    score: float | None
    auto_fails: tuple[str, ...]
    dispute: Dispute | None
    session: SessionFacts | None
    names: Mapping[str, str]


class WholeReviewAnswer(ReviewAnswer, frozen=True):
    scorecard: Scorecard


class ReviewsAnswer(Struct, frozen=True):
    """`after` asks for the next page; null: there is none."""

    reviews: tuple[ReviewAnswer, ...]
    after: str | None


class ScorecardsAnswer(Struct, frozen=True):
    """Every version, in order; `retired` says since when, by id."""

    scorecards: tuple[Scorecard, ...]
    retired: Mapping[str, int]


SCORECARD_LIMIT_CHARACTERS = 60_000
"""What fits into a body, see serving/http/guards.py; larger files are read on the audit service's machine."""


class ScorecardFileBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`text` is TOML, as docs/operating/quality.md has it."""

    text: Annotated[str, Meta(max_length=SCORECARD_LIMIT_CHARACTERS)]


class ScorecardCheckAnswer(Struct, frozen=True):
    """Either a scorecard, or its problems."""

    scorecard: Scorecard | None
    problems: tuple[LineProblem, ...]


class MarkRuleAnswer(Struct, frozen=True):
    """A rule as audit/quality/marks.py has it: `kind` is what it watches, with that kind's own fields."""

    id: str
    title: BothLanguages
    kind: RuleKind
    scopes: tuple[str, ...]
    limit: int | None
    states: tuple[str, ...]
    redaction: tuple[str, ...]
    pattern: str


class MarkRulesAnswer(Struct, frozen=True):
    rules: tuple[MarkRuleAnswer, ...]


def _fields(case: Case, session: SessionFacts | None, full_names: Mapping[str, str]) -> dict[str, Any]:
    score = case.score
    dispute = case.dispute
    mentioned = {case.assignment.reviewer, *((dispute.raised_by, dispute.decided_by) if dispute else ())}
    return {
        "review_id": case.assignment.assignment_id,
        "status": case.status,
        "assignment": case.assignment,
        "answers": case.answers,
        "given": case.review.answers if case.review else (),
        "comment": case.review.comment if case.review else "",
        "score": None if score is None else float(score.share),
        "auto_fails": () if score is None else score.auto_fails,
        "dispute": dispute,
        "session": session,
        "names": {name: full_names[name] for name in sorted(mentioned) if name in full_names},
    }


async def _whole(desk: QualityDesk, who: Reviewer, case: Case, status: HTTPStatus = HTTPStatus.OK) -> Response:
    session = await desk.session(who, case.assignment.session_id)
    fields = _fields(case, session, await desk.full_names())
    return answer(WholeReviewAnswer(scorecard=case.scorecard, **fields), status)


@router.get("/scorecards", dependencies=MAY_REVIEW, **gives_struct(ScorecardsAnswer))
async def scorecards(desk: TheDesk) -> Response:
    """All scorecards, in all versions."""
    return answer(ScorecardsAnswer(tuple(await desk.scorecards()), await desk.retired_scorecards()))


@router.get("/mark-rules", dependencies=MAY_REVIEW, **gives_struct(MarkRulesAnswer))
async def mark_rules(services: TheServices) -> Response:
    """The rules by which recordings are marked."""
    rules = services.mark_rules.current().rule
    return answer(MarkRulesAnswer(tuple(_rule(one) for one in rules)))


def _rule(rule: MarkRule) -> MarkRuleAnswer:
    return MarkRuleAnswer(
        rule.id, rule.title, rule.kind, rule.scopes, rule.limit, rule.states, rule.redaction, rule.pattern
    )


@router.post("/scorecards", dependencies=MAY_CHANGE_SCORECARDS, **gives_struct(Scorecard, HTTPStatus.CREATED))
async def add_scorecard(
    desk: TheDesk, who: TheReviewer, body: Annotated[Scorecard, Depends(body_of(Scorecard))]
) -> Response:
    """Keeps a version of a scorecard. It cannot be changed afterwards."""
    return answer(await desk.add_scorecard(who, body), HTTPStatus.CREATED)


@router.post("/scorecards/check", dependencies=MAY_CHANGE_SCORECARDS, **gives_struct(ScorecardCheckAnswer))
def check_file(body: Annotated[ScorecardFileBody, Depends(body_of(ScorecardFileBody))]) -> Response:
    """Reads the file of a scorecard, and says everything that is wrong with it. Nothing is kept."""
    scorecard, problems = check_text(body.text)
    return answer(ScorecardCheckAnswer(scorecard, tuple(problems)))


@router.put("/scorecards/{name}/retired", dependencies=MAY_CHANGE_SCORECARDS, status_code=204)
async def retire_scorecard(name: str, desk: TheDesk, who: TheReviewer) -> None:
    """No new review goes by it. Those that do, go on."""
    await desk.retire_scorecard(who, name, retired=True)


@router.delete("/scorecards/{name}/retired", dependencies=MAY_CHANGE_SCORECARDS, status_code=204)
async def offer_scorecard(name: str, desk: TheDesk, who: TheReviewer) -> None:
    """Offers a retired scorecard again."""
    await desk.retire_scorecard(who, name, retired=False)


@router.get("/reviews", dependencies=MAY_REVIEW, **gives_struct(ReviewsAnswer))
async def reviews(
    desk: TheDesk,
    who: TheReviewer,
    session_id: Annotated[list[SessionIdQuery] | None, Query(max_length=LIST_LIMIT)] = None,
    reviewer: Annotated[str | None, Query(max_length=200)] = None,
    state: Literal["open", "done"] | None = None,
    after: Annotated[str | None, Query(pattern=r"^[0-9a-f]{12}$")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Response:
    """Reviews that the caller may see, the last due first; those that are `open` in the order in which they are due.
    `after` of a page asks for the next."""
    choice = CaseChoice(
        reviewer=reviewer if who.role != "external-reviewer" else who.name,
        sessions=None if session_id is None else tuple(session_id),
        is_open=None if state is None else state == "open",
        latest_first=state != "open",
    )
    page, last = await desk.page_of_cases(who, choice, after=after, limit=limit)
    sessions = await desk.sessions_of(who, [case.assignment.session_id for case in page])
    names = await desk.full_names()
    found = (ReviewAnswer(**_fields(case, sessions.get(case.assignment.session_id), names)) for case in page)
    return answer(ReviewsAnswer(tuple(found), last))


@router.post("/reviews", dependencies=MAY_REVIEW, **gives_struct(Assignment, HTTPStatus.CREATED))
async def assign(
    desk: TheDesk, who: TheReviewer, body: Annotated[AssignBody, Depends(body_of(AssignBody))]
) -> Response:
    """Gives a session to a reviewer."""
    scorecard = await desk.scorecard(body.scorecard)
    made = await desk.assign(who, body.session_id, body.reviewer, scorecard, due_days=body.due_days)
    return answer(made, HTTPStatus.CREATED)


@router.get("/reviews/next", dependencies=MAY_REVIEW, **gives_struct(WholeReviewAnswer | None))
async def next_review(desk: TheDesk, who: TheReviewer) -> Response:
    """The review to do next; null: there is none."""
    case = await desk.next_case(who)
    return answer(None) if case is None else await _whole(desk, who, case)


@router.get("/reviews/{review_id}", dependencies=MAY_REVIEW, **gives_struct(WholeReviewAnswer))
async def review(review_id: str, desk: TheDesk, who: TheReviewer) -> Response:
    """One review, with its scorecard and session."""
    return await _whole(desk, who, await desk.case(who, review_id))


@router.put("/reviews/{review_id}", dependencies=MAY_REVIEW, **gives_struct(WholeReviewAnswer))
async def save(
    review_id: str, desk: TheDesk, who: TheReviewer, body: Annotated[ReviewBody, Depends(body_of(ReviewBody))]
) -> Response:
    """Keeps answers, without submitting them."""
    return await _whole(desk, who, await desk.save(who, review_id, body.answers, body.comment))


@router.post("/reviews/{review_id}/submit", dependencies=MAY_REVIEW, **gives_struct(WholeReviewAnswer))
async def submit(
    review_id: str, desk: TheDesk, who: TheReviewer, body: Annotated[ReviewBody, Depends(body_of(ReviewBody))]
) -> Response:
    """Submits the review. It cannot be changed afterwards."""
    return await _whole(desk, who, await desk.submit(who, review_id, body.answers, body.comment))


@router.post(
    "/reviews/{review_id}/dispute", dependencies=MAY_REVIEW, **gives_struct(WholeReviewAnswer, HTTPStatus.CREATED)
)
async def dispute(
    review_id: str, desk: TheDesk, who: TheReviewer, body: Annotated[DisputeBody, Depends(body_of(DisputeBody))]
) -> Response:
    """Disputes a submitted review."""
    case = await desk.dispute(who, review_id, body.grounds, raised_by=body.raised_by)
    return await _whole(desk, who, case, HTTPStatus.CREATED)


@router.post("/reviews/{review_id}/decision", dependencies=MAY_LEAD, **gives_struct(WholeReviewAnswer))
async def decide(
    review_id: str, desk: TheDesk, who: TheReviewer, body: Annotated[DecisionBody, Depends(body_of(DecisionBody))]
) -> Response:
    """Decides a dispute."""
    return await _whole(desk, who, await desk.decide(who, review_id, body.outcome, body.words, body.answers))
