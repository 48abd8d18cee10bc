"""Who reviews what, and how a review goes from a draft to a decided dispute."""

from collections.abc import Mapping, Sequence

import msgspec

from audit.quality.desk_core import DAY_MS, DeskCore, NotReviewable
from audit.quality.people import NotYours, Reviewer, check_leads, is_own_session
from audit.quality.reviews import (
    Assignment,
    Case,
    Dispute,
    Outcome,
    Review,
    ReviewAmbiguous,
    ReviewUnknown,
    check_decision,
    check_disputable,
    check_editable,
    visible_cases,
)
from audit.quality.sampling import (
    SampleReason,
)
from audit.quality.scorecards import Answer, Scorecard, check_answers, score_of
from audit.quality.store import ALL_CASES, CaseChoice


class ReviewDesk(DeskCore):
    """What reviewers, and those who lead them, do with single reviews."""

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

        Raises RoleNeeded, NotYours, ScorecardRetired, ReviewerUnknown or NotReviewable.
        """
        await self._check_offered(scorecard.id)
        if reviewer != who.name or who.role == "external-reviewer":
            check_leads(who)
        facts = await self.session(who, session_id)
        if not facts.can_be_reviewed:
            problem = "it is not over yet" if not facts.is_over else "there is nothing of it that could be read"
            raise NotReviewable(session=session_id[:12], problem=problem)
        if is_own_session(reviewer, await self._check_known(reviewer), facts.engineer):
            raise NotReviewable(session=session_id[:12], problem="nobody reviews a session of their own")
        due_at_ms = self._clock.unix_ms() + due_days * DAY_MS
        assignment = self._assignment(who, session_id, reviewer, scorecard, reason, due_at_ms, detail)
        await self._store.add_assignments([assignment])
        return assignment

    async def cases(self, who: Reviewer, choice: CaseChoice = ALL_CASES) -> list[Case]:
        """Every case that they may see and that fits, by due date."""
        return await self._visible(who, await self._cases(choice))

    async def page_of_cases(
        self, who: Reviewer, choice: CaseChoice, *, after: str | None, limit: int
    ) -> tuple[list[Case], str | None]:
        """As `cases`, so many after the review of that number; and where the next page goes on, if there is one.

        Raises ReviewUnknown.
        """
        last = (await self.case(who, after)).assignment if after else None
        found: list[Case] = []
        while len(found) <= limit:
            read = await self._cases(choice, after=last, limit=limit + 1)
            found += await self._visible(who, read)
            if len(read) <= limit:
                break
            last = read[-1].assignment
        page = found[:limit]
        return page, page[-1].assignment.assignment_id if len(found) > limit else None

    async def _visible(self, who: Reviewer, cases: Sequence[Case]) -> list[Case]:
        """Whether somebody may see one goes by all of its session."""
        beside = CaseChoice(sessions=tuple({case.assignment.session_id for case in cases}))
        seen = {case.assignment.assignment_id for case in visible_cases(who, await self._cases(beside))}
        return [case for case in cases if case.assignment.assignment_id in seen]

    async def case(self, who: Reviewer, text: str) -> Case:
        """By the beginning of its number. Raises ReviewUnknown or ReviewAmbiguous."""
        found = await self.cases(who, CaseChoice(beginning=text.lower())) if text else []
        if not found:
            raise ReviewUnknown(text=text)
        if len(found) > 1:
            raise ReviewAmbiguous(count=len(found), text=text)
        return found[0]

    async def next_case(self, who: Reviewer) -> Case | None:
        """What is theirs to do and due first."""
        theirs = await self._cases(CaseChoice(reviewer=who.name, is_open=True), limit=1)
        return theirs[0] if theirs else None

    async def open_reviews(self, who: Reviewer) -> Mapping[str, tuple[int, int]]:
        """By reviewer, how many are theirs to do, and how many of those are late. Raises RoleNeeded."""
        check_leads(who)
        return await self._store.open_reviews(self._clock.unix_ms())

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

    async def _put(self, case: Case, answers: Sequence[Answer], comment: str, *, submitted: bool) -> Case:
        now_ms = self._clock.unix_ms()
        session_id = case.assignment.session_id
        session = (await self._store.facts_of([session_id])).get(session_id)
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
