"""Policies under which recordings are erased when they are due, each decided by two people; and who was told what."""

from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import CursorResult, select, update

from audit.storage.journal import Happening, add_happening
from audit.storage.requests import Request, as_request, request_happening
from audit.storage.sessions import Retention
from audit.storage.tables import ErasePolicyRow, RequestRow, SessionRow
from serving.database import Database

PolicyState = Literal["asked", "confirmed", "refused", "ended"]


@dataclass(frozen=True)
class ErasePolicy:
    """In force while it is `confirmed`."""

    policy_id: int
    retention: Retention
    state: PolicyState
    reason: str
    asked_by: str
    asked_at_ms: int
    answered_by: str | None
    answered_at_ms: int | None
    ended_by: str | None
    ended_at_ms: int | None


class SqlErasePolicies:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, retention: Retention, reason: str, asked_by: str, now_ms: int) -> ErasePolicy:
        row = ErasePolicyRow(retention=retention, state="asked", reason=reason, asked_by=asked_by, asked_at_ms=now_ms)
        async with self._database.writing() as transaction:
            transaction.add(row)
            await transaction.flush()  # gives it its number
            await add_happening(transaction, _happening(row, "asked", asked_by, now_ms))
        return _policy(row)

    async def find(self, policy_id: int) -> ErasePolicy | None:
        async with self._database.reading() as reader:
            row = await reader.get(ErasePolicyRow, policy_id)
        return None if row is None else _policy(row)

    async def newest(self, limit: int) -> list[ErasePolicy]:
        query = select(ErasePolicyRow).order_by(ErasePolicyRow.policy_id.desc()).limit(limit)
        async with self._database.reading() as reader:
            return [_policy(row) for row in await reader.scalars(query)]

    async def in_force(self) -> dict[Retention, ErasePolicy]:
        query = select(ErasePolicyRow).where(ErasePolicyRow.state == "confirmed").order_by(ErasePolicyRow.policy_id)
        async with self._database.reading() as reader:
            return {_policy(row).retention: _policy(row) for row in await reader.scalars(query)}

    async def answer(self, policy_id: int, state: PolicyState, answered_by: str, now_ms: int) -> bool:
        """False if it was answered before, or by the one who asked: also when two race."""
        only = (ErasePolicyRow.state == "asked", ErasePolicyRow.asked_by != answered_by)
        changes = {"state": state, "answered_by": answered_by, "answered_at_ms": now_ms}
        return await self._change(policy_id, only, changes, answered_by, now_ms)

    async def end(self, policy_id: int, ended_by: str, now_ms: int) -> bool:
        """False if it is not in force."""
        changes = {"state": "ended", "ended_by": ended_by, "ended_at_ms": now_ms}
        return await self._change(policy_id, (ErasePolicyRow.state == "confirmed",), changes, ended_by, now_ms)

    async def told_of(self, sessions: dict[bytes, Retention], now_ms: int) -> None:
        """Whoever listens hears that these are due; once for each, with the time from which the notice counts."""
        async with self._database.writing() as transaction:
            for session_id, retention in sessions.items():
                await transaction.execute(
                    update(SessionRow).where(SessionRow.session_id == session_id).values(due_told_at_ms=now_ms)
                )
                happening = Happening(
                    source="audit",
                    source_key=f"due:{session_id.hex()}:{now_ms}",
                    at_ms=now_ms,
                    kind="retention_due",
                    session_id=session_id,
                    facts={"retention": retention},
                )
                await add_happening(transaction, happening)

    async def order(self, policy: ErasePolicy, session_id: bytes, reason: str, now_ms: int) -> Request | None:
        """A confirmed erase on the word of the two who decided on the policy; None where it may not be, at this very
        moment: a hold, another class, an erase that is under way, a policy that was ended."""
        ordered = select(RequestRow.request_id).where(
            RequestRow.session_id == session_id, RequestRow.kind == "erase", RequestRow.state.in_(("confirmed", "done"))
        )
        async with self._database.writing() as transaction:
            session = await transaction.get_one(SessionRow, session_id)
            now = await transaction.get_one(ErasePolicyRow, policy.policy_id)
            if (
                session.held is not None
                or session.erased_at_ms is not None
                or session.retention != policy.retention
                or now.state != "confirmed"
                or await transaction.scalar(ordered) is not None
            ):
                return None
            row = RequestRow(
                kind="erase",
                session_id=session_id,
                state="confirmed",
                reason=reason,
                asked_by=policy.asked_by,
                asked_at_ms=now_ms,
                answered_by=policy.answered_by,
                answered_at_ms=now_ms,
            )
            transaction.add(row)
            await transaction.flush()  # gives it its number
            await add_happening(transaction, request_happening(row, "confirmed", "", now_ms))
        return as_request(row)

    async def _change(
        self, policy_id: int, only: tuple[Any, ...], changes: dict[str, object], actor: str, now_ms: int
    ) -> bool:
        async with self._database.writing() as transaction:
            changed = await transaction.execute(
                update(ErasePolicyRow).where(ErasePolicyRow.policy_id == policy_id, *only).values(**changes)
            )
            if cast("CursorResult[Any]", changed).rowcount != 1:
                return False
            row = await transaction.get_one(ErasePolicyRow, policy_id)
            await add_happening(transaction, _happening(row, cast("PolicyState", row.state), actor, now_ms))
            return True


def _happening(row: ErasePolicyRow, state: PolicyState, actor: str, now_ms: int) -> Happening:
    return Happening(
        source="audit",
        source_key=f"policy:{row.policy_id}:{state}@{now_ms}",
        at_ms=now_ms,
        kind=f"policy_{state}",
        actor=actor,
        facts={"policy": row.policy_id, "retention": row.retention, "reason": row.reason},
    )


def _policy(row: ErasePolicyRow) -> ErasePolicy:
    return ErasePolicy(
        policy_id=row.policy_id,
        retention=cast("Retention", row.retention),
        state=cast("PolicyState", row.state),
        reason=row.reason,
        asked_by=row.asked_by,
        asked_at_ms=row.asked_at_ms,
        answered_by=row.answered_by,
        answered_at_ms=row.answered_at_ms,
        ended_by=row.ended_by,
        ended_at_ms=row.ended_at_ms,
    )
