"""Erases by itself what is due, where two people decided that it shall: a policy for a class of retention.

What is past its floor is told once (journal, security monitors, `consentry desk due`). Under a policy it is erased
NOTICE_DAYS later, so that whoever has a reason can still put a hold on it. A policy takes two people, ending one takes
one; a hold wins over everything, at every moment until the first key is destroyed. The `erase` leaf in the log commits
to the policy's number and to the two who decided on it.
"""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from audit.service.people import Auditor
from audit.service.retention import DAY_MS, FLOOR_DAYS, ReasonMissing, Retainer, SecondPersonNeeded
from audit.storage.erase_policies import ErasePolicy, PolicyState, SqlErasePolicies
from audit.storage.sessions import KnownSession, Retention
from protocol.errors import RefusedError
from serving.clock import Clock

log = structlog.get_logger(__name__)

NOTICE_DAYS = 7
LOOK_AGAIN_SECONDS = 3600.0
REASON_LIMIT_CHARACTERS = 300


class PolicyNotOpen(RefusedError):
    sentence = "There is no such policy, or it was answered or ended already."


class PolicyInForce(RefusedError):
    sentence = "Recordings of the class {retention} are erased when due already, by policy {policy}."


@dataclass(frozen=True)
class Scheduled:
    """A session that is due. `erase_at_ms` is the earliest time at which its policy erases it; None: somebody asks."""

    session: KnownSession
    due_at_ms: int
    policy_id: int | None
    erase_at_ms: int | None


class ScheduledErase:
    """Looks now and then for what is due, announces it, and erases it when its notice is over."""

    def __init__(self, policies: SqlErasePolicies, retainer: Retainer, clock: Clock) -> None:
        self._policies = policies
        self._retainer = retainer
        self._clock = clock

    # ── policies ──

    async def ask(self, who: Auditor, retention: Retention, reason: str) -> ErasePolicy:
        """Raises ReasonMissing, PolicyInForce."""
        reason = " ".join(reason.split())[:REASON_LIMIT_CHARACTERS]
        if not reason:
            raise ReasonMissing
        in_force = (await self._policies.in_force()).get(retention)
        if in_force is not None:
            raise PolicyInForce(retention=retention, policy=in_force.policy_id)
        policy = await self._policies.add(retention, reason, who.user_name, self._clock.unix_ms())
        log.info("policy_asked", policy=policy.policy_id, retention=retention, user=who.user_name)
        return policy

    async def confirm(self, who: Auditor, policy_id: int) -> ErasePolicy:
        """Raises SecondPersonNeeded, PolicyNotOpen, PolicyInForce."""
        return await self._answer(who, policy_id, "confirmed")

    async def refuse(self, who: Auditor, policy_id: int) -> ErasePolicy:
        """Raises SecondPersonNeeded, PolicyNotOpen."""
        return await self._answer(who, policy_id, "refused")

    async def end(self, who: Auditor, policy_id: int) -> ErasePolicy:
        """Anybody who may confirm one: keeping needs no second person. Raises PolicyNotOpen."""
        if not await self._policies.end(policy_id, who.user_name, self._clock.unix_ms()):
            raise PolicyNotOpen
        log.info("policy_ended", policy=policy_id, user=who.user_name)
        return await self._found(policy_id)

    async def newest(self, limit: int) -> list[ErasePolicy]:
        return await self._policies.newest(limit)

    async def _answer(self, who: Auditor, policy_id: int, state: PolicyState) -> ErasePolicy:
        policy = await self._found(policy_id)
        if policy.asked_by == who.user_name:
            raise SecondPersonNeeded
        in_force = (await self._policies.in_force()).get(policy.retention)
        if state == "confirmed" and in_force is not None:
            raise PolicyInForce(retention=policy.retention, policy=in_force.policy_id)
        if not await self._policies.answer(policy_id, state, who.user_name, self._clock.unix_ms()):
            raise PolicyNotOpen
        log.info("policy_answered", policy=policy_id, user=who.user_name, state=state)
        return await self._found(policy_id)

    async def _found(self, policy_id: int) -> ErasePolicy:
        policy = await self._policies.find(policy_id)
        if policy is None:
            raise PolicyNotOpen
        return policy

    # ── what is due ──

    async def schedule(self) -> list[Scheduled]:
        """Everything past its floor that is not held, the longest due first."""
        policies = await self._policies.in_force()
        due = [_scheduled(session, policies.get(session.retention)) for session in await self._retainer.due()]
        return sorted(due, key=lambda one: one.due_at_ms)

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                await self.look()
            except SQLAlchemyError:
                log.exception("scheduled_erase_failed")  # the next look tries again
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def look(self) -> None:
        """Tells what has become due, and erases what a policy says, as far as its notice is over."""
        now_ms = self._clock.unix_ms()
        due = await self._retainer.due()
        news = {one.session_id: one.retention for one in due if one.due_told_at_ms is None}
        if news:
            await self._policies.told_of(news, now_ms)
            log.info("retention_due", sessions=len(news))
        policies = await self._policies.in_force()
        for one in await self.schedule():
            policy = policies.get(one.session.retention)
            if policy is not None and one.erase_at_ms is not None and one.erase_at_ms <= now_ms:
                await self._erase(policy, one.session)

    async def _erase(self, policy: ErasePolicy, session: KnownSession) -> None:
        reason = f"policy {policy.policy_id}: {policy.retention}, {FLOOR_DAYS[policy.retention]} days: {policy.reason}"
        request = await self._policies.order(policy, session.session_id, reason, self._clock.unix_ms())
        if request is not None:
            log.info("erase_ordered_by_policy", policy=policy.policy_id, session=session.session_id.hex())
            await self._retainer.carry_out(request)


def _scheduled(session: KnownSession, policy: ErasePolicy | None) -> Scheduled:
    """The notice counts from when both are known: that the recording is due, and that the policy is in force."""
    assert session.ended_at_ms is not None
    due_at_ms = session.ended_at_ms + FLOOR_DAYS[session.retention] * DAY_MS
    if policy is None or session.due_told_at_ms is None or policy.answered_at_ms is None:
        return Scheduled(session, due_at_ms, None if policy is None else policy.policy_id, None)
    known_at_ms = max(session.due_told_at_ms, policy.answered_at_ms)
    return Scheduled(session, due_at_ms, policy.policy_id, known_at_ms + NOTICE_DAYS * DAY_MS)
