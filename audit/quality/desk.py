"""The quality desk: every use case, for the command line and the API alike. Who asks is given with each."""

import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from audit.quality.calibration import BothScores
from audit.quality.people import NotYours, Reviewer, check_administers, check_leads, is_own_session, may_see_session
from audit.quality.previews import StratumPreview, preview
from audit.quality.reports import Grouping, Period, Report, make_report
from audit.quality.reviews import (
    Assignment,
    Case,
    Dispute,
    MysteryFlag,
    Outcome,
    Review,
    ReviewAmbiguous,
    ReviewUnknown,
    SampleRun,
    check_decision,
    check_disputable,
    check_editable,
    due_order,
    visible_cases,
)
from audit.quality.sampling import (
    Draw,
    SampleReason,
    SamplingPlan,
    StratumDrawn,
    check_plan,
    draw,
    draw_random,
    pick_for_a_reason,
    share_out,
)
from audit.quality.scorecards import Answer, Scorecard, check_answers, check_scorecard, score_of, standard_scorecards
from audit.quality.sessions import SessionFacts
from audit.quality.store import KeptCase, QualityStore
from protocol.errors import InputError, RefusedError
from serving.clock import Clock

DAY_MS = 24 * 60 * 60 * 1000
ID_BYTES = 6


class ScorecardUnknown(InputError):
    sentence = "There is no scorecard {name}. `consentry review scorecards` lists them."


class ScorecardRetired(RefusedError):
    sentence = "The scorecard {name} is retired: no new review goes by it. Choose another, or bring it back first."


class PlanUnknown(InputError):
    sentence = "There is no sampling plan {name}. `consentry review sample list` lists them."


class RunUnknown(InputError):
    sentence = "No drawing has a number that begins with {text}. `consentry review sample list` lists them."


class NotReviewable(RefusedError):
    sentence = "Session {session} cannot be reviewed: {problem}."


class CalibrationUnusable(InputError):
    sentence = "A calibration takes two reviewers who did not serve the session and have not reviewed it: {problem}."


def new_id() -> str:
    return secrets.token_hex(ID_BYTES)


async def nobody_known() -> Mapping[str, str]:
    """Where people go by their full names, or none are known."""
    return {}


class QualityDesk:
    """`full_names` answers who the people of the desk are, by what they log in with."""

    def __init__(
        self,
        store: QualityStore,
        clock: Clock,
        *,
        make_id: Callable[[], str] = new_id,
        full_names: Callable[[], Awaitable[Mapping[str, str]]] = nobody_known,
    ) -> None:
        self._store = store
        self._clock = clock
        self._make_id = make_id
        self._full_names = full_names

    async def open(self) -> None:
        """Keeps the scorecards that come along, so that the first reviewer has something to go by."""
        for scorecard in standard_scorecards():
            await self._store.add_scorecard(scorecard, self._clock.unix_ms())

    # ── scorecards ──

    async def scorecards(self) -> list[Scorecard]:
        return await self._store.scorecards()

    async def scorecard(self, name: str, version: int | None = None) -> Scorecard:
        """The newest version, or the given one. Raises ScorecardUnknown."""
        fit = [card for card in await self._store.scorecards() if card.id == name and version in (None, card.version)]
        if not fit:
            raise ScorecardUnknown(name=name if version is None else f"{name} {version}")
        return fit[-1]

    async def add_scorecard(self, who: Reviewer, scorecard: Scorecard) -> Scorecard:
        """Raises RoleNeeded, ScorecardUnusable or VersionTaken."""
        check_administers(who)
        await self._store.add_scorecard(check_scorecard(scorecard), self._clock.unix_ms())
        return scorecard

    async def retire_scorecard(self, who: Reviewer, name: str, *, retired: bool) -> None:
        """No new review goes by it; those that do, go on. A newer version that is added later is not retired.

        Raises RoleNeeded, ScorecardUnknown.
        """
        check_administers(who)
        if not await self._store.retire_scorecard(name, self._clock.unix_ms() if retired else None):
            raise ScorecardUnknown(name=name)

    async def retired_scorecards(self) -> Mapping[str, int]:
        """Since when, by id."""
        return await self._store.retired_scorecards()

    async def _check_offered(self, name: str) -> None:
        """Raises ScorecardRetired."""
        if name in await self._store.retired_scorecards():
            raise ScorecardRetired(name=name)

    # ── sessions ──

    async def sessions(self, who: Reviewer) -> list[SessionFacts]:
        """Those that they may see, oldest first; `mystery` only for those who lead."""
        sessions = await self._store.sessions()
        assigned = await self._assigned_to(who.name)
        seen = [facts for facts in sessions if may_see_session(who, facts.session_id, assigned)]
        return seen if who.leads else [msgspec.structs.replace(facts, mystery=False) for facts in seen]

    async def session(self, who: Reviewer, session_id: str) -> SessionFacts:
        """Raises NotYours."""
        found = [facts for facts in await self.sessions(who) if facts.session_id == session_id]
        if not found:
            raise NotYours
        return found[0]

    async def facts_of(self, session_ids: Sequence[str]) -> Mapping[str, SessionFacts]:
        """By session id. Whoever asks has seen to it that the sessions are theirs to see."""
        return await self._store.facts_of(session_ids)

    async def flag_mystery(self, who: Reviewer, session_id: str, note: str = "") -> None:
        """Raises RoleNeeded. The session may still be going on, or not be known yet."""
        check_leads(who)
        now_ms = self._clock.unix_ms()
        await self._store.flag_mystery(
            MysteryFlag(session_id=session_id, flagged_by=who.name, flagged_at_ms=now_ms, note=note)
        )

    async def unflag_mystery(self, who: Reviewer, session_id: str) -> None:
        check_leads(who)
        await self._store.unflag_mystery(session_id)

    async def mystery_flags(self, who: Reviewer) -> list[MysteryFlag]:
        """The newest first. Raises RoleNeeded."""
        check_leads(who)
        return await self._store.mystery_flags()

    # ── sampling ──

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
        return preview(plan, await self._ended_in(period), await self._given_by(plan.name))

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
        check_leads(who)
        found = [run for run in await self._store.runs() if run.run_id.startswith(text) and text]
        if len(found) != 1:
            raise RunUnknown(text=text)
        run = found[0]
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
        cases = await self._store.cases()
        done = await self._given_by(plan.name)
        fresh = [picked for picked in draws if picked.session_id not in done]
        load = Counter(case.assignment.reviewer for case in cases if not _submitted(case))
        engineers = {facts.session_id: facts.engineer for facts in sessions}
        due_at_ms = run.ran_at_ms + plan.due_days * DAY_MS
        return [
            self._assignment(
                who, picked.session_id, reviewer, scorecard, picked.reason, due_at_ms, picked.detail, run.run_id
            )
            for picked, reviewer in share_out(fresh, plan.reviewers, engineers, load, await self._full_names())
        ]

    async def _ended_in(self, period: Period) -> list[SessionFacts]:
        every = await self._store.sessions()
        return [facts for facts in every if facts.is_over and period.holds(facts.ended_at_ms or 0)]

    async def _given_by(self, plan: str) -> set[str]:
        """The sessions that a plan has given to reviewers already."""
        runs = {run.run_id for run in await self._store.runs() if run.plan == plan}
        cases = await self._store.cases()
        return {case.assignment.session_id for case in cases if case.assignment.run_id in runs}

    # ── assignments and reviews ──

    async def assign(
        self,
        who: Reviewer,
        session_id: str,
        reviewer: str,
        scorecard: Scorecard,
        *,
        due_days: int = 7,
        reason: SampleReason = "request",
        detail: str = "",
    ) -> Assignment:
        """To somebody else only by those who lead; to oneself by everybody who may see the session.

        Raises RoleNeeded, NotYours, ScorecardRetired or NotReviewable.
        """
        await self._check_offered(scorecard.id)
        if reviewer != who.name or who.role == "external-reviewer":
            check_leads(who)
        facts = await self.session(who, session_id)
        if not facts.can_be_reviewed:
            problem = "it is not over yet" if not facts.is_over else "there is nothing of it that could be read"
            raise NotReviewable(session=session_id[:12], problem=problem)
        if is_own_session(reviewer, await self._full_names(), facts.engineer):
            raise NotReviewable(session=session_id[:12], problem="nobody reviews a session of their own")
        due_at_ms = self._clock.unix_ms() + due_days * DAY_MS
        assignment = self._assignment(who, session_id, reviewer, scorecard, reason, due_at_ms, detail)
        await self._store.add_assignments([assignment])
        return assignment

    async def cases(self, who: Reviewer) -> list[Case]:
        """Every case that they may see, by due date."""
        return sorted(visible_cases(who, await self._every_case()), key=due_order)

    async def case(self, who: Reviewer, text: str) -> Case:
        """By the beginning of its number. Raises ReviewUnknown or ReviewAmbiguous."""
        found = [case for case in await self.cases(who) if case.assignment.assignment_id.startswith(text.lower())]
        if not found or not text:
            raise ReviewUnknown(text=text)
        if len(found) > 1:
            raise ReviewAmbiguous(count=len(found), text=text)
        return found[0]

    async def next_case(self, who: Reviewer) -> Case | None:
        """What is theirs to do and due first."""
        theirs = [case for case in await self.cases(who) if case.assignment.reviewer == who.name]
        return next((case for case in theirs if not case.is_submitted), None)

    async def save(self, who: Reviewer, case_id: str, answers: Sequence[Answer], comment: str) -> Case:
        """A draft, with gaps if need be. Raises what `check_editable` and `check_answers` raise."""
        case = await self.case(who, case_id)
        check_editable(case, who)
        check_answers(case.scorecard, answers)
        return await self._put(case, answers, comment, submitted=False)

    async def submit(self, who: Reviewer, case_id: str, answers: Sequence[Answer], comment: str) -> Case:
        """For good. Raises what `check_editable` and `score_of` raise."""
        case = await self.case(who, case_id)
        check_editable(case, who)
        score_of(case.scorecard, answers)
        return await self._put(case, answers, comment, submitted=True)

    async def dispute(self, who: Reviewer, case_id: str, grounds: str, *, raised_by: str = "") -> Case:
        """Raises ReviewNotSubmitted or DisputedBefore; NotYours for external reviewers, who answer to nobody here."""
        if who.role == "external-reviewer":
            raise NotYours
        case = await self.case(who, case_id)
        check_disputable(case)
        await self._store.add_dispute(
            Dispute(
                assignment_id=case.assignment.assignment_id,
                raised_by=raised_by or who.name,
                raised_at_ms=self._clock.unix_ms(),
                grounds=grounds,
            )
        )
        return await self.case(who, case.assignment.assignment_id)

    async def decide(
        self, who: Reviewer, case_id: str, outcome: Outcome, words: str, amended: Sequence[Answer] = ()
    ) -> Case:
        """Raises RoleNeeded and what `check_decision` raises."""
        check_leads(who)
        case = await self.case(who, case_id)
        check_decision(case, who, outcome, amended)
        assert case.dispute is not None
        decided = msgspec.structs.replace(
            case.dispute,
            outcome=outcome,
            decided_by=who.name,
            decided_at_ms=self._clock.unix_ms(),
            words=words,
            amended_answers=tuple(amended),
        )
        await self._store.decide_dispute(decided)
        return await self.case(who, case.assignment.assignment_id)

    # ── calibration ──

    async def calibrate(
        self, who: Reviewer, session_id: str, reviewers: tuple[str, str], scorecard: Scorecard, *, due_days: int = 7
    ) -> list[Assignment]:
        """The same session to two reviewers, blind.

        Raises RoleNeeded, NotYours, ScorecardRetired, NotReviewable, CalibrationUnusable.
        """
        check_leads(who)
        await self._check_offered(scorecard.id)
        facts = await self.session(who, session_id)
        if not facts.can_be_reviewed:
            raise NotReviewable(session=session_id[:12], problem="it is not over, or cannot be read")
        full_names = await self._full_names()
        own = any(is_own_session(name, full_names, facts.engineer) for name in reviewers)
        if own or len({name.casefold() for name in reviewers}) != 2:
            raise CalibrationUnusable(problem=", ".join(reviewers))
        before = {
            case.assignment.reviewer for case in await self._store.cases() if case.assignment.session_id == session_id
        }
        if before & set(reviewers):
            raise CalibrationUnusable(problem=", ".join(sorted(before & set(reviewers))))
        calibration_id, due_at_ms = self._make_id(), self._clock.unix_ms() + due_days * DAY_MS
        assignments = [
            msgspec.structs.replace(
                self._assignment(who, session_id, reviewer, scorecard, "request", due_at_ms, "calibration"),
                calibration_id=calibration_id,
            )
            for reviewer in reviewers
        ]
        await self._store.add_assignments(assignments)
        return assignments

    async def calibrations(self, who: Reviewer) -> list[BothScores]:
        """Those of which both scores are in. Raises RoleNeeded."""
        check_leads(who)
        groups: dict[str, list[Case]] = {}
        for case in await self._every_case():
            if case.assignment.calibration_id is not None and case.is_submitted:
                groups.setdefault(case.assignment.calibration_id, []).append(case)
        found = []
        for group in groups.values():
            if len(group) == 2:
                first, second = sorted(group, key=lambda case: case.assignment.reviewer)
                # The answers as they were given: what a dispute amended later is not what the reviewer saw.
                given = [case.review.answers if case.review else () for case in (first, second)]
                found.append(
                    BothScores(
                        first.assignment.session_id,
                        first.scorecard,
                        first.assignment.reviewer,
                        second.assignment.reviewer,
                        *given,
                    )
                )
        return found

    # ── reports ──

    async def report(self, who: Reviewer, period: Period, grouping: Grouping, service_target_ms: int) -> Report:
        """Raises RoleNeeded."""
        check_leads(who)
        return make_report(
            await self._store.sessions(),
            await self._every_case(),
            period,
            now_ms=self._clock.unix_ms(),
            grouping=grouping,
            service_target_ms=service_target_ms,
        )

    # ── what the use cases share ──

    async def _every_case(self) -> list[Case]:
        cards = {(card.id, card.version): card for card in await self._store.scorecards()}
        return [
            Case(
                kept.assignment,
                cards[kept.assignment.scorecard, kept.assignment.scorecard_version],
                kept.review,
                kept.dispute,
            )
            for kept in await self._store.cases()
        ]

    async def assigned(self, user_name: str, session_id: str) -> bool:
        """Whether a session was ever assigned to somebody: what external reviewers may see goes by this."""
        return session_id in await self._assigned_to(user_name)

    async def _assigned_to(self, name: str) -> set[str]:
        cases = await self._store.cases()
        return {case.assignment.session_id for case in cases if case.assignment.reviewer == name}

    async def _put(self, case: Case, answers: Sequence[Answer], comment: str, *, submitted: bool) -> Case:
        now_ms = self._clock.unix_ms()
        session = next((s for s in await self._store.sessions() if s.session_id == case.assignment.session_id), None)
        review = Review(
            assignment_id=case.assignment.assignment_id,
            answers=tuple(answers),
            comment=comment,
            saved_at_ms=now_ms,
            submitted_at_ms=now_ms if submitted else None,
            chain_hash=session.chain_hash if session else "",
        )
        await self._store.put_review(review)
        return Case(case.assignment, case.scorecard, review, case.dispute)

    def _assignment(
        self,
        who: Reviewer,
        session_id: str,
        reviewer: str,
        scorecard: Scorecard,
        reason: SampleReason,
        due_at_ms: int,
        detail: str,
        run_id: str | None = None,
    ) -> Assignment:
        return Assignment(
            assignment_id=self._make_id(),
            session_id=session_id,
            reviewer=reviewer,
            scorecard=scorecard.id,
            scorecard_version=scorecard.version,
            reason=reason,
            detail=detail,
            run_id=run_id,
            assigned_by=who.name,
            assigned_at_ms=self._clock.unix_ms(),
            due_at_ms=due_at_ms,
        )


def _submitted(case: KeptCase) -> bool:
    return case.review is not None and case.review.submitted_at_ms is not None
