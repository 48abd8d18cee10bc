"""What those who lead ask: sampling, calibration, mystery sessions.

GET  /v1/sampling                        plans with their seeds, and how much was drawn
POST /v1/sampling                        a new plan; POST /v1/sampling/{name}/runs draws by it
POST /v1/sampling/preview                how many a plan would draw; /v1/sampling/{name}/preview: one that is kept
GET  /v1/reviewers                       who can be given reviews, and how many they have
GET  /v1/sampling/runs/{run_id}          one drawing with all its sessions; /check draws again from the seed
GET  /v1/calibrations                    how far reviewers agree; POST gives one session to two, blind
GET  /v1/mystery                         the planted visits
PUT  /v1/mystery/{session_id}            flags a planted visit; DELETE takes the flag away
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi import Path as PathParameter
from msgspec import Meta, Struct
from starlette.responses import Response

from audit.quality.calibration import (
    CalibratedSession,
    CriterionAgreement,
    PairAgreement,
    by_criterion,
    by_pair,
)
from audit.quality.previews import StratumPreview
from audit.quality.reports import parse_period
from audit.quality.reviews import Assignment, MysteryFlag, RunSummary, SampleRun
from audit.quality.sampling import PlanBody, SamplingPlan
from audit.quality.scorecards import Identifier
from audit.quality.sessions import SessionIdText
from audit.service.http_api.caller import ERASES_LEARNED, TheServices
from audit.service.http_api.reviews import MAY_LEAD, TheDesk, TheReviewer
from audit.service.http_api.staff import people_who_may
from audit.service.http_api.struct_bodies import answer, body_of
from audit.service.people import Permission
from protocol.messages.fields import LongText, ShortText
from serving.http.openapi import gives_struct

router = APIRouter(prefix="/v1", dependencies=[*MAY_LEAD, ERASES_LEARNED])

SessionPath = Annotated[str, PathParameter(pattern=r"^[0-9a-f]{32}$")]


class RunBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Days as 2026-11-30, both included; left out, the 30 days up to today."""

    first: str | None = None
    last: str | None = None
    zone: str = "UTC"


class PreviewBody(RunBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    plan: PlanBody


class PreviewAnswer(Struct, frozen=True):
    strata: tuple[StratumPreview, ...]


class ReviewerAnswer(Struct, frozen=True):
    """`open` reviews are assigned to them and not submitted; `late` ones are past their day."""

    user_name: str
    name: str
    open: int
    late: int


class ReviewersAnswer(Struct, frozen=True):
    reviewers: tuple[ReviewerAnswer, ...]


class MysteryAnswer(Struct, frozen=True):
    flags: tuple[MysteryFlag, ...]


class CalibrationBody(Struct, frozen=True, forbid_unknown_fields=True):
    session_id: SessionIdText
    reviewers: tuple[ShortText, ShortText]
    scorecard: Identifier
    due_days: Annotated[int, Meta(ge=1, le=365)] = 7


class MysteryBody(Struct, frozen=True, forbid_unknown_fields=True):
    note: LongText = ""


class CalibrationsAnswer(Struct, frozen=True):
    """`pairs` and `criteria` are over those of which both scores are in; `sessions` has the others, too, the newest
    first. `names` are the reviewers' full names, by user name."""

    pairs: tuple[PairAgreement, ...]
    criteria: tuple[CriterionAgreement, ...]
    sessions: tuple[CalibratedSession, ...]
    names: Mapping[str, str]


class RunAnswer(Struct, frozen=True):
    run: SampleRun
    assignments: tuple[Assignment, ...]


class RedrawnAnswer(Struct, frozen=True):
    """`same`: the seed and the population bring out the same sessions again."""

    run_id: str
    plan: str
    seed: str
    same: bool


class SamplingAnswer(Struct, frozen=True):
    plans: tuple[SamplingPlan, ...]
    runs: tuple[RunSummary, ...]


class AssignmentsAnswer(Struct, frozen=True):
    assignments: tuple[Assignment, ...]


@router.get("/sampling", **gives_struct(SamplingAnswer))
async def sampling(desk: TheDesk, who: TheReviewer) -> Response:
    """Plans of sampling, and how much was drawn by them."""
    return answer(SamplingAnswer(tuple(await desk.plans(who)), tuple(await desk.run_summaries(who))))


@router.post("/sampling", **gives_struct(SamplingPlan, HTTPStatus.CREATED))
async def add_plan(desk: TheDesk, who: TheReviewer, body: Annotated[PlanBody, Depends(body_of(PlanBody))]) -> Response:
    """Keeps a plan. It cannot be changed afterwards."""
    return answer(await desk.add_plan(who, _plan_of(body)), HTTPStatus.CREATED)


@router.post("/sampling/preview", **gives_struct(PreviewAnswer))
async def preview(
    desk: TheDesk, who: TheReviewer, services: TheServices, body: Annotated[PreviewBody, Depends(body_of(PreviewBody))]
) -> Response:
    """How many sessions a plan would draw over a period. Nothing is kept."""
    period = parse_period(body.first, body.last, body.zone, services.clock.unix_ms())
    return answer(PreviewAnswer(tuple(await desk.preview_plan(who, _plan_of(body.plan), period))))


@router.post("/sampling/{name}/preview", **gives_struct(PreviewAnswer))
async def preview_kept(
    name: str,
    desk: TheDesk,
    who: TheReviewer,
    services: TheServices,
    body: Annotated[RunBody, Depends(body_of(RunBody))],
) -> Response:
    """How many sessions drawing by a plan would come to, and how many of them are new to it. Nothing is kept."""
    period = parse_period(body.first, body.last, body.zone, services.clock.unix_ms())
    return answer(PreviewAnswer(tuple(await desk.preview_plan(who, await desk.plan(who, name), period))))


@router.post("/sampling/{name}/runs", **gives_struct(RunAnswer, HTTPStatus.CREATED))
async def run_plan(
    name: str,
    desk: TheDesk,
    who: TheReviewer,
    services: TheServices,
    body: Annotated[RunBody, Depends(body_of(RunBody))],
) -> Response:
    """Draws sessions by a plan, and gives them to reviewers."""
    period = parse_period(body.first, body.last, body.zone, services.clock.unix_ms())
    run, assignments = await desk.run_plan(who, name, period)
    return answer(RunAnswer(run, tuple(assignments)), HTTPStatus.CREATED)


@router.get("/sampling/runs/{run_id}", **gives_struct(SampleRun))
async def run(run_id: str, desk: TheDesk, who: TheReviewer) -> Response:
    """One drawing: every session that could have been drawn, and those that were."""
    return answer(await desk.run(who, run_id))


@router.get("/sampling/runs/{run_id}/check", **gives_struct(RedrawnAnswer))
async def check(run_id: str, desk: TheDesk, who: TheReviewer) -> Response:
    """Draws again what was drawn, and says whether it is the same."""
    run, plan, same = await desk.redraw(who, run_id)
    return answer(RedrawnAnswer(run.run_id, plan.name, plan.seed, same))


@router.get("/calibrations", **gives_struct(CalibrationsAnswer))
async def calibrations(desk: TheDesk, who: TheReviewer) -> Response:
    """How alike reviewers score, by pair and by criterion."""
    every, sessions = await desk.calibrations(who), await desk.calibrated_sessions(who)
    known = await desk.full_names()
    names = {review.reviewer: known.get(review.reviewer, "") for one in sessions for review in one.reviews}
    return answer(CalibrationsAnswer(tuple(by_pair(every)), tuple(by_criterion(every)), tuple(sessions), names))


@router.post("/calibrations", **gives_struct(AssignmentsAnswer, HTTPStatus.CREATED))
async def calibrate(
    desk: TheDesk, who: TheReviewer, body: Annotated[CalibrationBody, Depends(body_of(CalibrationBody))]
) -> Response:
    """Gives one session to several reviewers."""
    scorecard = await desk.scorecard(body.scorecard)
    made = await desk.calibrate(who, body.session_id, body.reviewers, scorecard, due_days=body.due_days)
    return answer(AssignmentsAnswer(tuple(made)), HTTPStatus.CREATED)


@router.get("/reviewers", **gives_struct(ReviewersAnswer))
async def reviewers(desk: TheDesk, who: TheReviewer, services: TheServices) -> Response:
    """Who can be given reviews, and how many are theirs to do."""
    waiting = await desk.open_reviews(who)
    found = [
        ReviewerAnswer(person.user_name, person.name, *waiting.get(person.user_name, (0, 0)))
        for person in await people_who_may(Permission.REVIEW, services)
    ]
    return answer(ReviewersAnswer(tuple(found)))


@router.get("/mystery", **gives_struct(MysteryAnswer))
async def flags(desk: TheDesk, who: TheReviewer) -> Response:
    """The sessions that are flagged as planted visits."""
    return answer(MysteryAnswer(tuple(await desk.mystery_flags(who))))


@router.put("/mystery/{session_id}", status_code=204)
async def flag(
    session_id: SessionPath,
    desk: TheDesk,
    who: TheReviewer,
    body: Annotated[MysteryBody, Depends(body_of(MysteryBody))],
) -> None:
    """Marks a session as one of a mystery customer."""
    await desk.flag_mystery(who, session_id, body.note)


@router.delete("/mystery/{session_id}", status_code=204)
async def unflag(session_id: SessionPath, desk: TheDesk, who: TheReviewer) -> None:
    """Takes the mark away."""
    await desk.unflag_mystery(who, session_id)


def _plan_of(body: PlanBody) -> SamplingPlan:
    return SamplingPlan(**{name: getattr(body, name) for name in body.__struct_fields__})
