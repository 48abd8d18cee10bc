"""QualityStore of audit/quality/, in SQL."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import ColumnElement, CursorResult, and_, case, delete, func, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from audit.quality.brokers_word import read_word
from audit.quality.marks import Mark
from audit.quality.reviews import (
    Assignment,
    DecidedBefore,
    Dispute,
    DisputedBefore,
    MysteryFlag,
    Review,
    ReviewSubmitted,
    RunSummary,
    SampleRun,
)
from audit.quality.sampling import SamplingPlan
from audit.quality.scorecards import Scorecard
from audit.quality.sessions import SessionFacts
from audit.quality.store import ALL_CASES, CaseChoice, KeptCase, PlanTaken, VersionTaken
from audit.storage.log_entries import add_committed
from audit.storage.quality_tables import (
    AssignmentRow,
    DisputeRow,
    MysteryRow,
    PlanRow,
    QualitySessionRow,
    ReviewRow,
    RunRow,
    ScorecardRow,
)
from audit.storage.seals import Seal, Unsealed
from audit.storage.tables import LogEntryRow, SessionRow
from serving.database import Database

S = TypeVar("S", bound=msgspec.Struct)

ROWS_AT_ONCE = 500
"""A statement takes so many numbers and not any number."""


class SqlQuality:
    def __init__(self, database: Database, seal: Seal | None = None) -> None:
        self._database = database
        self._seal = seal or Unsealed()

    async def add_scorecard(self, scorecard: Scorecard, now_ms: int) -> None:
        async with self._database.writing() as transaction:
            kept = await transaction.get(ScorecardRow, (scorecard.id, scorecard.version))
            if kept is None:
                transaction.add(
                    ScorecardRow(
                        scorecard=scorecard.id,
                        version=scorecard.version,
                        digest=scorecard.digest(),
                        kept_at_ms=now_ms,
                        body=_body(scorecard),
                    )
                )
            elif kept.digest != scorecard.digest():
                raise VersionTaken(name=scorecard.id, version=str(scorecard.version))

    async def scorecards(self) -> list[Scorecard]:
        query = select(ScorecardRow.body).order_by(ScorecardRow.scorecard, ScorecardRow.version)
        async with self._database.reading() as reader:
            return [_struct(body, Scorecard) for body in await reader.scalars(query)]

    async def retire_scorecard(self, scorecard_id: str, retired_at_ms: int | None) -> bool:
        chosen = update(ScorecardRow).where(ScorecardRow.scorecard == scorecard_id)
        async with self._database.writing() as transaction:
            changed = await transaction.execute(chosen.values(retired_at_ms=retired_at_ms))
            return cast("CursorResult[Any]", changed).rowcount > 0

    async def retired_scorecards(self) -> Mapping[str, int]:
        query = select(ScorecardRow.scorecard, ScorecardRow.retired_at_ms).order_by(ScorecardRow.version)
        async with self._database.reading() as reader:
            newest = {row.scorecard: row.retired_at_ms for row in await reader.execute(query)}
        return {name: retired_at_ms for name, retired_at_ms in newest.items() if retired_at_ms is not None}

    async def put_session(self, facts: SessionFacts, stamp: str) -> None:
        plain = msgspec.structs.replace(facts, mystery=False, team="", tier="")
        async with self._database.writing() as transaction:
            known = await transaction.get(SessionRow, bytes.fromhex(facts.session_id))
            if known is not None and known.erased_at_ms is not None:
                return
            sealed = await self._sealed(facts.session_id, plain)
            values = {"ended_at_ms": facts.ended_at_ms, "stamp": stamp, "sealed": sealed}
            statement = insert(QualitySessionRow).values(session_id=facts.session_id, **values)
            await transaction.execute(statement.on_conflict_do_update(index_elements=["session_id"], set_=values))

    async def session_stamps(self) -> Mapping[str, str]:
        async with self._database.reading() as reader:
            rows = await reader.execute(select(QualitySessionRow.session_id, QualitySessionRow.stamp))
            return {row.session_id: row.stamp for row in rows}

    async def sessions(self, ended_ms: tuple[int, int] | None = None) -> list[SessionFacts]:
        query = (
            select(QualitySessionRow.session_id, QualitySessionRow.sealed, MysteryRow.session_id.label("flagged"))
            .join(MysteryRow, MysteryRow.session_id == QualitySessionRow.session_id, isouter=True)
            .order_by(QualitySessionRow.ended_at_ms, QualitySessionRow.session_id)
        )
        if ended_ms is not None:
            query = query.where(_ended_within(ended_ms))
        async with self._database.reading() as reader:
            rows = (await reader.execute(query)).all()
            told = await _brokers_words(reader, None if ended_ms is None else [row.session_id for row in rows])

        def opened() -> list[SessionFacts]:
            found = [(self._facts(row.session_id, row.sealed, told), row.flagged is not None) for row in rows]
            return [msgspec.structs.replace(facts, mystery=flagged) for facts, flagged in found if facts is not None]

        return await asyncio.to_thread(opened)

    async def facts_of(self, session_ids: Sequence[str]) -> Mapping[str, SessionFacts]:
        query = select(QualitySessionRow.session_id, QualitySessionRow.sealed).where(
            QualitySessionRow.session_id.in_(session_ids)
        )
        async with self._database.reading() as reader:
            rows = (await reader.execute(query)).all()
            told = await _brokers_words(reader, session_ids)
        opened = {row.session_id: self._facts(row.session_id, row.sealed, told) for row in rows}
        return {session_id: facts for session_id, facts in opened.items() if facts is not None}

    async def mysteries(self, session_ids: Sequence[str]) -> set[str]:
        query = select(MysteryRow.session_id).where(MysteryRow.session_id.in_(session_ids))
        async with self._database.reading() as reader:
            return set(await reader.scalars(query))

    async def marks(self, session_id: str) -> tuple[Mark, ...]:
        facts = (await self.facts_of([session_id])).get(session_id)
        return facts.marks if facts is not None else ()

    async def forget_session(self, session_id: str) -> None:
        theirs = select(AssignmentRow.assignment_id).where(AssignmentRow.session_id == session_id)
        async with self._database.writing() as transaction:
            await transaction.execute(delete(DisputeRow).where(DisputeRow.assignment_id.in_(theirs)))
            await transaction.execute(delete(ReviewRow).where(ReviewRow.assignment_id.in_(theirs)))
            # Without the salt the log's entry says nothing of the review any more.
            mine = LogEntryRow.kind == "qa", LogEntryRow.session_id == bytes.fromhex(session_id)
            await transaction.execute(update(LogEntryRow).where(*mine).values(salt=None))
            for table in (AssignmentRow, QualitySessionRow, MysteryRow):
                await transaction.execute(delete(table).where(table.session_id == session_id))

    async def flag_mystery(self, flag: MysteryFlag) -> None:
        sealed = await self._sealed(flag.session_id, flag)
        async with self._database.writing() as transaction:
            await transaction.merge(MysteryRow(session_id=flag.session_id, sealed=sealed))

    async def unflag_mystery(self, session_id: str) -> None:
        async with self._database.writing() as transaction:
            await transaction.execute(delete(MysteryRow).where(MysteryRow.session_id == session_id))

    async def mystery_flags(self) -> list[MysteryFlag]:
        async with self._database.reading() as reader:
            rows = (await reader.execute(select(MysteryRow.session_id, MysteryRow.sealed))).all()
        opened = (self._opened(session_id, sealed, MysteryFlag) for session_id, sealed in rows)
        return sorted((flag for flag in opened if flag is not None), key=lambda flag: -flag.flagged_at_ms)

    async def add_plan(self, plan: SamplingPlan) -> None:
        async with self._database.writing() as transaction:
            if await transaction.get(PlanRow, plan.name) is not None:
                raise PlanTaken(name=plan.name)
            transaction.add(PlanRow(name=plan.name, body=_body(plan)))

    async def plans(self) -> list[SamplingPlan]:
        async with self._database.reading() as reader:
            bodies = await reader.scalars(select(PlanRow.body).order_by(PlanRow.name))
            return [_struct(body, SamplingPlan) for body in bodies]

    async def add_run(self, run: SampleRun, assignments: Sequence[Assignment]) -> None:
        async with self._database.writing() as transaction:
            transaction.add(RunRow(run_id=run.run_id, plan=run.plan, ran_at_ms=run.ran_at_ms, body=_body(run)))
            _add_assignments(transaction, assignments)

    async def runs(self, beginning: str = "") -> list[SampleRun]:
        query = select(RunRow.body).where(_begins(RunRow.run_id, beginning))
        async with self._database.reading() as reader:
            bodies = await reader.scalars(query.order_by(RunRow.ran_at_ms, RunRow.run_id))
            return [_struct(body, SampleRun) for body in bodies]

    async def run_summaries(self) -> list[RunSummary]:
        # Counted where they lie: a year of drawings names every session of it many times.
        stratum = func.json_each(RunRow.body, "$.strata").table_valued("value")
        counts = [
            select(func.coalesce(func.sum(func.json_array_length(stratum.c.value, f"$.{which}")), 0)).scalar_subquery()
            for which in ("population", "drawn")
        ]
        query = select(
            RunRow.run_id,
            RunRow.plan,
            func.json_extract(RunRow.body, "$.start_ms").label("start_ms"),
            func.json_extract(RunRow.body, "$.end_ms").label("end_ms"),
            func.json_extract(RunRow.body, "$.ran_by").label("ran_by"),
            RunRow.ran_at_ms,
            func.json_array_length(RunRow.body, "$.strata").label("strata"),
            counts[0].label("population"),
            counts[1].label("drawn"),
        ).order_by(RunRow.ran_at_ms, RunRow.run_id)
        async with self._database.reading() as reader:
            return [RunSummary(**row._mapping) for row in await reader.execute(query)]

    async def given_by(self, plan: str) -> set[str]:
        runs = select(RunRow.run_id).where(RunRow.plan == plan)
        async with self._database.reading() as reader:
            return set(await reader.scalars(select(AssignmentRow.session_id).where(AssignmentRow.run_id.in_(runs))))

    async def add_assignments(self, assignments: Sequence[Assignment]) -> None:
        async with self._database.writing() as transaction:
            _add_assignments(transaction, assignments)

    async def cases(
        self, choice: CaseChoice = ALL_CASES, *, after: Assignment | None = None, limit: int | None = None
    ) -> list[KeptCase]:
        order = (AssignmentRow.due_at_ms, AssignmentRow.assignment_id)
        query = (
            select(AssignmentRow.body, ReviewRow.sealed, DisputeRow.sealed)
            .join(ReviewRow, ReviewRow.assignment_id == AssignmentRow.assignment_id, isouter=True)
            .join(DisputeRow, DisputeRow.assignment_id == AssignmentRow.assignment_id, isouter=True)
            .where(*_conditions(choice))
            .order_by(*(column.desc() if choice.latest_first else column for column in order))
            .limit(limit)
        )
        if after is not None:
            here, there = tuple_(*order), tuple_(after.due_at_ms, after.assignment_id)
            query = query.where(here < there if choice.latest_first else here > there)
        async with self._database.reading() as reader:
            rows = (await reader.execute(query)).all()
        found = []
        for body, review, dispute in rows:
            assignment = _struct(body, Assignment)
            session_id = assignment.session_id
            found.append(
                KeptCase(
                    assignment, self._opened(session_id, review, Review), self._opened(session_id, dispute, Dispute)
                )
            )
        return found

    async def is_assigned(self, reviewer: str, session_id: str) -> bool:
        theirs = select(AssignmentRow.assignment_id).where(
            AssignmentRow.session_id == session_id, AssignmentRow.reviewer == reviewer
        )
        async with self._database.reading() as reader:
            return await reader.scalar(theirs.limit(1)) is not None

    async def open_reviews(self, now_ms: int) -> Mapping[str, tuple[int, int]]:
        is_late = case((AssignmentRow.due_at_ms < now_ms, 1), else_=0)
        query = (
            select(AssignmentRow.reviewer, func.count(), func.sum(is_late))
            .join(ReviewRow, ReviewRow.assignment_id == AssignmentRow.assignment_id, isouter=True)
            .where(ReviewRow.submitted_at_ms.is_(None))
            .group_by(AssignmentRow.reviewer)
        )
        async with self._database.reading() as reader:
            return {reviewer: (count, late) for reviewer, count, late in await reader.execute(query)}

    async def put_review(self, review: Review) -> None:
        session_id = await self._session_of(review.assignment_id)
        sealed = await self._sealed(session_id, review)
        async with self._database.writing() as transaction:
            kept = await transaction.get(ReviewRow, review.assignment_id)
            if kept is not None and kept.submitted_at_ms is not None:
                raise ReviewSubmitted
            await transaction.merge(
                ReviewRow(assignment_id=review.assignment_id, submitted_at_ms=review.submitted_at_ms, sealed=sealed)
            )
            if review.submitted_at_ms is not None:
                content = msgspec.json.encode(review, order="sorted")
                await add_committed(transaction, "qa", review.assignment_id, bytes.fromhex(session_id), content)

    async def add_dispute(self, dispute: Dispute) -> None:
        sealed = await self._sealed(await self._session_of(dispute.assignment_id), dispute)
        async with self._database.writing() as transaction:
            if await transaction.get(DisputeRow, dispute.assignment_id) is not None:
                raise DisputedBefore
            transaction.add(DisputeRow(assignment_id=dispute.assignment_id, sealed=sealed))

    async def decide_dispute(self, dispute: Dispute) -> None:
        sealed = await self._sealed(await self._session_of(dispute.assignment_id), dispute)
        async with self._database.writing() as transaction:
            row = await transaction.get_one(DisputeRow, dispute.assignment_id)
            if row.outcome is not None:
                raise DecidedBefore(outcome=row.outcome)
            row.outcome, row.sealed = dispute.outcome, sealed

    def _facts(self, session_id: str, sealed: bytes, told: Mapping[bytes, bytes]) -> SessionFacts | None:
        """With what the broker alone can say of it; `told` are its words, sealed."""
        facts, key = self._opened(session_id, sealed, SessionFacts), bytes.fromhex(session_id)
        if facts is None or key not in told:
            return facts
        said = read_word(self._seal.open(key, told[key]))
        return msgspec.structs.replace(facts, team=said.team_of(facts.staff_number), tier=said.tier)

    async def _session_of(self, assignment_id: str) -> str:
        async with self._database.reading() as reader:
            return (await reader.get_one(AssignmentRow, assignment_id)).session_id

    async def _sealed(self, session_id: str, struct: msgspec.Struct) -> bytes:
        data = msgspec.json.encode(struct)
        return await asyncio.to_thread(self._seal.seal, bytes.fromhex(session_id), data)

    def _opened(self, session_id: str, sealed: bytes | None, kind: type[S]) -> S | None:
        """None also for what an erase has closed for ever."""
        data = None if sealed is None else self._seal.open(bytes.fromhex(session_id), sealed)
        return None if data is None else msgspec.json.decode(data, type=kind)


def _conditions(choice: CaseChoice) -> Iterator[ColumnElement[bool]]:
    if choice.reviewer is not None:
        yield AssignmentRow.reviewer == choice.reviewer
    if choice.sessions is not None:
        yield AssignmentRow.session_id.in_(choice.sessions)
    if choice.beginning:
        yield _begins(AssignmentRow.assignment_id, choice.beginning)
    if choice.is_open is not None:
        is_open = ReviewRow.submitted_at_ms.is_(None)
        yield is_open if choice.is_open else ~is_open
    if choice.ended_ms is not None:
        ended = select(QualitySessionRow.session_id).where(_ended_within(choice.ended_ms))
        yield AssignmentRow.session_id.in_(ended)
    if choice.calibrations:
        yield AssignmentRow.calibration_id.is_not(None)


def _begins(number: InstrumentedAttribute[str], beginning: str) -> ColumnElement[bool]:
    # Numbers are hexadecimal: `g` comes after all that begin so.
    return number.between(beginning, f"{beginning}g")


async def _brokers_words(reader: AsyncSession, session_ids: Sequence[str] | None = None) -> dict[bytes, bytes]:
    """Sealed, by session; of all sessions, or of these. A data folder without an audit service has none."""
    query = select(SessionRow.session_id, SessionRow.facts).where(SessionRow.facts.is_not(None))
    if session_ids is None:
        return {row.session_id: row.facts for row in await reader.execute(query)}
    wanted = [bytes.fromhex(one) for one in session_ids]
    found: dict[bytes, bytes] = {}
    for first in range(0, len(wanted), ROWS_AT_ONCE):
        page = query.where(SessionRow.session_id.in_(wanted[first : first + ROWS_AT_ONCE]))
        found |= {row.session_id: row.facts for row in await reader.execute(page)}
    return found


def _ended_within(ended_ms: tuple[int, int]) -> ColumnElement[bool]:
    start_ms, end_ms = ended_ms
    return and_(QualitySessionRow.ended_at_ms >= start_ms, QualitySessionRow.ended_at_ms < end_ms)


def _add_assignments(transaction: AsyncSession, assignments: Sequence[Assignment]) -> None:
    transaction.add_all(
        AssignmentRow(
            assignment_id=assignment.assignment_id,
            session_id=assignment.session_id,
            reviewer=assignment.reviewer,
            due_at_ms=assignment.due_at_ms,
            body=_body(assignment),
            run_id=assignment.run_id,
            calibration_id=assignment.calibration_id,
        )
        for assignment in assignments
    )


def _body(struct: msgspec.Struct) -> str:
    return msgspec.json.encode(struct).decode()


def _struct(body: str, kind: type[S]) -> S:
    return msgspec.json.decode(body, type=kind)
