"""Plans by which sessions are drawn, drawings, and drawing them again as proof."""

import secrets
from collections.abc import Sequence

import msgspec

from audit.quality.desk_core import DAY_MS, DeskCore
from audit.quality.people import Reviewer, check_leads
from audit.quality.previews import StratumPreview, preview
from audit.quality.reports import Period
from audit.quality.reviews import Assignment, RunSummary, SampleRun
from audit.quality.sampling import (
    Draw,
    SamplingPlan,
    StratumDrawn,
    check_plan,
    draw,
    draw_random,
    pick_for_a_reason,
    share_out,
)
from audit.quality.sessions import SessionFacts
from protocol.errors import InputError


class PlanUnknown(InputError):
    sentence = "There is no sampling plan {name}. `consentry review sample list` lists them."


class RunUnknown(InputError):
    sentence = "No drawing has a number that begins with {text}. `consentry review sample list` lists them."


class SamplingDesk(DeskCore):
    """What whoever leads does to have sessions drawn."""

    async def add_plan(self, who: Reviewer, plan: SamplingPlan) -> SamplingPlan:
        """Keeps the plan, a random one with a fresh seed. Raises RoleNeeded, PlanUnusable or PlanTaken."""
        check_leads(who)
        await self.scorecard(plan.scorecard)
        await self._check_offered(plan.scorecard)
        seed = secrets.token_hex(32) if plan.kind == "random" else ""
        made = msgspec.structs.replace(plan, seed=seed, made_by=who.name, made_at_ms=self._clock.unix_ms())
        await self._store.add_plan(check_plan(made))
        return made

    async def plans(self, who: Reviewer) -> list[SamplingPlan]:
        check_leads(who)
        return await self._store.plans()

    async def runs(self, who: Reviewer) -> list[SampleRun]:
        check_leads(who)
        return await self._store.runs()

    async def run_summaries(self, who: Reviewer) -> list[RunSummary]:
        """As `runs`, without their sessions. Raises RoleNeeded."""
        check_leads(who)
        return await self._store.run_summaries()

    async def run(self, who: Reviewer, text: str) -> SampleRun:
        """By the beginning of its number. Raises RoleNeeded, RunUnknown."""
        check_leads(who)
        found = await self._store.runs(text.lower()) if text else []
        if len(found) != 1:
            raise RunUnknown(text=text)
        return found[0]

    async def plan(self, who: Reviewer, name: str) -> SamplingPlan:
        """Raises RoleNeeded, PlanUnknown."""
        check_leads(who)
        plan = next((plan for plan in await self._store.plans() if plan.name == name), None)
        if plan is None:
            raise PlanUnknown(name=name)
        return plan

    async def preview_plan(self, who: Reviewer, plan: SamplingPlan, period: Period) -> list[StratumPreview]:
        """What drawing by it would come to; nothing is kept. The plan need not be kept either, nor have a seed.

        Raises RoleNeeded, ScorecardUnknown, ScorecardRetired, PlanUnusable.
        """
        check_leads(who)
        await self.scorecard(plan.scorecard)
        await self._check_offered(plan.scorecard)
        return preview(plan, await self._ended_in(period), await self._store.given_by(plan.name))

    async def run_plan(self, who: Reviewer, name: str, period: Period) -> tuple[SampleRun, list[Assignment]]:
        """Draws, and assigns what this plan has not assigned before.

        Raises RoleNeeded, PlanUnknown, ScorecardRetired or PlanUnusable.
        """
        plan = await self.plan(who, name)
        await self._check_offered(plan.scorecard)
        sessions = await self._ended_in(period)
        strata = draw_random(plan, sessions) if plan.kind == "random" else []
        draws = [Draw(session_id, "random", stratum.name) for stratum in strata for session_id in stratum.drawn]
        draws += pick_for_a_reason(plan, sessions) if plan.kind != "random" else []
        run = SampleRun(
            run_id=self._make_id(),
            plan=name,
            start_ms=period.start_ms,
            end_ms=period.end_ms,
            ran_by=who.name,
            ran_at_ms=self._clock.unix_ms(),
            strata=tuple(strata),
        )
        assignments = await self._assignments_for(who, plan, run, draws, sessions)
        await self._store.add_run(run, assignments)
        return run, assignments

    async def redraw(self, who: Reviewer, text: str) -> tuple[SampleRun, SamplingPlan, bool]:
        """Draws a run again from its seed: whether the same sessions come out. Raises RunUnknown."""
        run = await self.run(who, text)
        plan = next(plan for plan in await self._store.plans() if plan.name == run.plan)
        again = [
            StratumDrawn(s.name, s.population, draw(bytes.fromhex(plan.seed), s.population, len(s.drawn)))
            for s in run.strata
        ]
        return run, plan, tuple(again) == run.strata

    async def _assignments_for(
        self,
        who: Reviewer,
        plan: SamplingPlan,
        run: SampleRun,
        draws: Sequence[Draw],
        sessions: Sequence[SessionFacts],
    ) -> list[Assignment]:
        scorecard = await self.scorecard(plan.scorecard)
        done = await self._store.given_by(plan.name)
        fresh = [picked for picked in draws if picked.session_id not in done]
        load = {name: count for name, (count, _late) in (await self._store.open_reviews(run.ran_at_ms)).items()}
        engineers = {facts.session_id: facts.engineer for facts in sessions}
        due_at_ms = run.ran_at_ms + plan.due_days * DAY_MS
        return [
            self._assignment(
                who, picked.session_id, reviewer, scorecard, picked.reason, due_at_ms, picked.detail, run.run_id
            )
            for picked, reviewer in share_out(fresh, plan.reviewers, engineers, load, await self._full_names())
        ]

    async def _ended_in(self, period: Period) -> list[SessionFacts]:
        return [facts for facts in await self._store.sessions(period.span_ms) if facts.is_over]
