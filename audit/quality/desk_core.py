"""What all use cases of the desk stand on: scorecards, sessions, and who may see them."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from audit.quality.people import NotYours, Reviewer, check_administers, check_leads, may_see_session
from audit.quality.reviews import Assignment, Case, MysteryFlag
from audit.quality.sampling import SampleReason
from audit.quality.scorecards import Scorecard, check_scorecard, standard_scorecards
from audit.quality.sessions import SessionFacts
from audit.quality.store import ALL_CASES, CaseChoice, QualityStore
from protocol.errors import InputError, RefusedError
from serving.clock import Clock
from serving.waiting import EndedRequest

DAY_MS = 24 * 60 * 60 * 1000
ID_BYTES = 6


class ScorecardUnknown(InputError):
    sentence = "There is no scorecard {name}. `consentry review scorecards` lists them."


class ScorecardRetired(RefusedError):
    sentence = "The scorecard {name} is retired: no new review goes by it. Choose another, or bring it back first."


class ReviewerUnknown(InputError):
    sentence = "Nobody here has the user name {name}. Choose somebody who works at this audit service."


class NotReviewable(RefusedError):
    sentence = "Session {session} cannot be reviewed: {problem}."


def new_id() -> str:
    return secrets.token_hex(ID_BYTES)


async def nobody_known() -> Mapping[str, str]:
    """Where people go by their full names, or none are known."""
    return {}


async def nobody_asked(_start_ms: int, _end_ms: int) -> Sequence[EndedRequest]:
    """Where no broker's queue was followed."""
    return ()


class DeskCore:
    """`full_names` answers who the people of the desk are, by what they log in with; `ended_requests` which requests
    for help have ended at the broker, from one moment until before another, in Unix milliseconds."""

    def __init__(
        self,
        store: QualityStore,
        clock: Clock,
        *,
        make_id: Callable[[], str] = new_id,
        full_names: Callable[[], Awaitable[Mapping[str, str]]] = nobody_known,
        ended_requests: Callable[[int, int], Awaitable[Sequence[EndedRequest]]] = nobody_asked,
    ) -> None:
        self._store = store
        self._clock = clock
        self._make_id = make_id
        self._full_names = full_names
        self._ended_requests = ended_requests

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

    # ── people ──

    async def full_names(self) -> Mapping[str, str]:
        """Of those who work here, by what they log in with."""
        return await self._full_names()

    async def _check_known(self, *reviewers: str) -> Mapping[str, str]:
        """The full names. Where people are known, nobody else is given work: they would never see it.

        Raises ReviewerUnknown.
        """
        names = await self._full_names()
        for reviewer in reviewers if names else ():
            if reviewer not in names:
                raise ReviewerUnknown(name=reviewer)
        return names

    # ── sessions ──

    async def sessions(self, who: Reviewer) -> list[SessionFacts]:
        """Those that they may see, oldest first; `mystery` only for those who lead."""
        sessions = await self._store.sessions()
        assigned = await self._assigned_to(who) if who.role == "external-reviewer" else ()
        seen = [facts for facts in sessions if may_see_session(who, facts.session_id, assigned)]
        return seen if who.leads else [msgspec.structs.replace(facts, mystery=False) for facts in seen]

    async def session(self, who: Reviewer, session_id: str) -> SessionFacts:
        """Raises NotYours."""
        assigned = [session_id] if await self._store.is_assigned(who.name, session_id) else ()
        facts = (await self.sessions_of(who, [session_id])).get(session_id)
        if facts is None or not may_see_session(who, session_id, assigned):
            raise NotYours
        return facts

    async def sessions_of(self, who: Reviewer, session_ids: Sequence[str]) -> Mapping[str, SessionFacts]:
        """As `facts_of`, with `mystery` for those who lead."""
        found = await self._store.facts_of(session_ids)
        planted = await self._store.mysteries(session_ids) if who.leads else set()
        return {key: msgspec.structs.replace(facts, mystery=key in planted) for key, facts in found.items()}

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

    # ── what the use cases share ──

    async def _cases(
        self, choice: CaseChoice = ALL_CASES, *, after: Assignment | None = None, limit: int | None = None
    ) -> list[Case]:
        cards = {(card.id, card.version): card for card in await self._store.scorecards()}
        return [
            Case(
                kept.assignment,
                cards[kept.assignment.scorecard, kept.assignment.scorecard_version],
                kept.review,
                kept.dispute,
            )
            for kept in await self._store.cases(choice, after=after, limit=limit)
        ]

    async def assigned(self, user_name: str, session_id: str) -> bool:
        """Whether a session was ever assigned to somebody: what external reviewers may see goes by this."""
        return await self._store.is_assigned(user_name, session_id)

    async def _assigned_to(self, who: Reviewer) -> set[str]:
        return {case.assignment.session_id for case in await self._store.cases(CaseChoice(reviewer=who.name))}

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
