"""What the quality desk needs to have kept. A method that changes something returns when the change is on the disk."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from audit.quality.marks import Mark
from audit.quality.reviews import Assignment, Dispute, MysteryFlag, Review, RunSummary, SampleRun
from audit.quality.sampling import SamplingPlan
from audit.quality.scorecards import Scorecard
from audit.quality.sessions import SessionFacts
from protocol.errors import RefusedError


class VersionTaken(RefusedError):
    sentence = "Version {version} of the scorecard {name} is kept already, with other content. Raise its version."


class PlanTaken(RefusedError):
    sentence = "There is a sampling plan {name} already. A plan never changes, so that its draws can be checked."


class KeptCase(Struct, frozen=True):
    """One assignment with what hangs on it."""

    assignment: Assignment
    review: Review | None
    dispute: Dispute | None


class CaseChoice(Struct, frozen=True, kw_only=True):
    """Which cases are wanted: those that fit all that is said. `beginning` is of their numbers, `is_open`: not
    submitted; `latest_first`: what is due last comes first. `ended_ms`: of sessions that ended from one moment until
    before another, in Unix milliseconds; `calibrations`: both parts of calibrations."""

    reviewer: str | None = None
    sessions: tuple[str, ...] | None = None
    beginning: str = ""
    is_open: bool | None = None
    latest_first: bool = False
    ended_ms: tuple[int, int] | None = None
    calibrations: bool = False


ALL_CASES = CaseChoice()


class QualityStore(Protocol):
    # ── scorecards: a version never changes ──

    async def add_scorecard(self, scorecard: Scorecard, now_ms: int) -> None:
        """Keeping the same content again is done already. Raises VersionTaken."""
        ...

    async def scorecards(self) -> list[Scorecard]:
        """Every version, in order."""
        ...

    async def retire_scorecard(self, scorecard_id: str, retired_at_ms: int | None) -> bool:
        """All versions that there are; None offers it again. False if there is none."""
        ...

    async def retired_scorecards(self) -> Mapping[str, int]:
        """Since when, by id: those whose newest version is retired."""
        ...

    # ── sessions: what was gathered from recordings ──

    async def put_session(self, facts: SessionFacts, stamp: str) -> None:
        """Nothing is kept of a session that was erased meanwhile."""
        ...

    async def session_stamps(self) -> Mapping[str, str]:
        """By session id: unchanged files need not be read again."""
        ...

    async def sessions(self, ended_ms: tuple[int, int] | None = None) -> list[SessionFacts]:
        """All of them, or those that ended from one moment until before another, in Unix milliseconds."""
        ...

    async def facts_of(self, session_ids: Sequence[str]) -> Mapping[str, SessionFacts]:
        """By session id, of those that were gathered. `mystery` is left out: it is not for everybody."""
        ...

    async def mysteries(self, session_ids: Sequence[str]) -> set[str]:
        """Those of them that are planted visits."""
        ...

    async def marks(self, session_id: str) -> tuple[Mark, ...]:
        """What rules noticed of one session; none of one that was not gathered."""
        ...

    async def forget_session(self, session_id: str) -> None:
        """After an erase: facts, reviews with their words, disputes and flags of it are gone."""
        ...

    async def flag_mystery(self, flag: MysteryFlag) -> None: ...

    async def unflag_mystery(self, session_id: str) -> None: ...

    async def mystery_flags(self) -> list[MysteryFlag]:
        """The newest first; none of a session that was erased."""
        ...

    # ── sampling ──

    async def add_plan(self, plan: SamplingPlan) -> None:
        """Raises PlanTaken."""
        ...

    async def plans(self) -> list[SamplingPlan]: ...

    async def add_run(self, run: SampleRun, assignments: Sequence[Assignment]) -> None:
        """Both or neither."""
        ...

    async def runs(self, beginning: str = "") -> list[SampleRun]:
        """In order, those whose numbers begin so: each with its whole population."""
        ...

    async def run_summaries(self) -> list[RunSummary]:
        """In order, without their sessions."""
        ...

    async def given_by(self, plan: str) -> set[str]:
        """The sessions that a plan has given to reviewers."""
        ...

    # ── reviews ──

    async def add_assignments(self, assignments: Sequence[Assignment]) -> None:
        """All or none."""
        ...

    async def cases(
        self, choice: CaseChoice = ALL_CASES, *, after: Assignment | None = None, limit: int | None = None
    ) -> list[KeptCase]:
        """By due date; `after` is the last one of the page before."""
        ...

    async def is_assigned(self, reviewer: str, session_id: str) -> bool:
        """Whether it ever was."""
        ...

    async def open_reviews(self, now_ms: int) -> Mapping[str, tuple[int, int]]:
        """By reviewer, how many are theirs to do, and how many of those are past their day."""
        ...

    async def put_review(self, review: Review) -> None:
        """A draft takes the place of a draft. Raises ReviewSubmitted over a submitted one, even when two race."""
        ...

    async def add_dispute(self, dispute: Dispute) -> None:
        """Raises DisputedBefore."""
        ...

    async def decide_dispute(self, dispute: Dispute) -> None:
        """Raises DecidedBefore if there is an outcome, even when two race."""
        ...
