"""The same session to two reviewers, blind, and how far apart they were."""

import msgspec

from audit.quality.calibration import BothScores, CalibratedSession, calibrated_session
from audit.quality.desk_core import DAY_MS, DeskCore, NotReviewable
from audit.quality.people import Reviewer, check_leads, is_own_session
from audit.quality.reviews import (
    Assignment,
    Case,
)
from audit.quality.scorecards import Scorecard
from audit.quality.store import CaseChoice
from protocol.errors import InputError


class CalibrationUnusable(InputError):
    sentence = "A calibration takes two reviewers who did not serve the session and have not reviewed it: {problem}."


class CalibrationDesk(DeskCore):
    """What whoever leads does to compare two reviewers."""

    async def calibrate(
        self, who: Reviewer, session_id: str, reviewers: tuple[str, str], scorecard: Scorecard, *, due_days: int = 7
    ) -> list[Assignment]:
        """The same session to two reviewers, blind.

        Raises RoleNeeded, NotYours, ScorecardRetired, NotReviewable, ReviewerUnknown, CalibrationUnusable.
        """
        check_leads(who)
        await self._check_offered(scorecard.id)
        facts = await self.session(who, session_id)
        if not facts.can_be_reviewed:
            raise NotReviewable(session=session_id[:12], problem="it is not over, or cannot be read")
        full_names = await self._check_known(*reviewers)
        own = any(is_own_session(name, full_names, facts.engineer) for name in reviewers)
        if own or len({name.casefold() for name in reviewers}) != 2:
            raise CalibrationUnusable(problem=", ".join(reviewers))
        before = {case.assignment.reviewer for case in await self._store.cases(CaseChoice(sessions=(session_id,)))}
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
        return [
            BothScores(
                first.assignment.session_id,
                first.scorecard,
                first.assignment.reviewer,
                second.assignment.reviewer,
                # The answers as they were given: what a dispute amended later is not what the reviewer saw.
                *(case.review.answers if case.review else () for case in (first, second)),
            )
            for first, second in await self._pairs(who)
            if first.is_submitted and second.is_submitted
        ]

    async def calibrated_sessions(self, who: Reviewer) -> list[CalibratedSession]:
        """Every calibration with its session, the newest first. Of those that wait for somebody, no score. Raises
        RoleNeeded."""
        pairs = sorted(await self._pairs(who), key=lambda pair: pair[0].assignment.assigned_at_ms, reverse=True)
        facts = await self.sessions_of(who, [first.assignment.session_id for first, _ in pairs])
        return [calibrated_session(pair, facts.get(pair[0].assignment.session_id)) for pair in pairs]

    async def _pairs(self, who: Reviewer) -> list[tuple[Case, Case]]:
        """The two parts of each calibration, by reviewer. Raises RoleNeeded."""
        check_leads(who)
        groups: dict[str, list[Case]] = {}
        for case in await self._cases(CaseChoice(calibrations=True)):
            groups.setdefault(case.assignment.calibration_id or "", []).append(case)
        by_reviewer = (sorted(group, key=lambda case: case.assignment.reviewer) for group in groups.values())
        return [(group[0], group[1]) for group in by_reviewer if len(group) == 2]
