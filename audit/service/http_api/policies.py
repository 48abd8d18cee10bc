"""Erasing by itself what is due: policies, which take two people, and what they come to.

GET  /v1/retention/schedule                    what is past its floor, and when a policy erases it
GET  /v1/retention/policies                    those that there are and were
POST /v1/retention/policies                    ask for one
POST /v1/retention/policies/{policy_id}/confirm   be the second person
POST /v1/retention/policies/{policy_id}/refuse
POST /v1/retention/policies/{policy_id}/end       from then on nothing is erased by it
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from audit.service.http_api.caller import TheCaller, TheServices, needs
from audit.service.http_api.requests import Reason
from audit.service.people import Permission
from audit.service.scheduled_erase import NOTICE_DAYS
from audit.storage.erase_policies import ErasePolicy, PolicyState
from audit.storage.sessions import Retention
from serving.http.encoding import Strict
from serving.http.numbers import RowNumber
from serving.identity.freshness import check_fresh

router = APIRouter(prefix="/v1/retention")


class PolicyBody(Strict):
    """`erase_when_due` is said in full, so that nobody asks for this by mistake."""

    retention: Retention
    erase_when_due: Literal[True]
    reason: Reason


class PolicyAnswer(BaseModel):
    """In force while `confirmed`."""

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


class PoliciesAnswer(BaseModel):
    """`notice_days`: for how long a recording is kept after it is due and under a policy, both."""

    policies: list[PolicyAnswer]
    notice_days: int


class ScheduledAnswer(BaseModel):
    """`erase_at_ms`: the earliest time at which the policy erases it; null: no policy does, somebody has to ask."""

    session_id: str
    retention: Retention
    due_at_ms: int
    policy_id: int | None
    erase_at_ms: int | None


class ScheduleAnswer(BaseModel):
    sessions: list[ScheduledAnswer]


@router.get("/schedule", dependencies=[needs(Permission.REQUEST)])
async def schedule(services: TheServices) -> ScheduleAnswer:
    """What is past its floor and not held, the longest due first."""
    return ScheduleAnswer(
        sessions=[
            ScheduledAnswer(
                session_id=one.session.session_id.hex(),
                retention=one.session.retention,
                due_at_ms=one.due_at_ms,
                policy_id=one.policy_id,
                erase_at_ms=one.erase_at_ms,
            )
            for one in await services.scheduled_erase.schedule()
        ]
    )


@router.get("/policies", dependencies=[needs(Permission.REQUEST, Permission.CONFIRM)])
async def policies(services: TheServices, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> PoliciesAnswer:
    """Policies that there are and were, the newest first."""
    return PoliciesAnswer(
        policies=[_answer(one) for one in await services.scheduled_erase.newest(limit)],
        notice_days=NOTICE_DAYS,
    )


@router.post("/policies", dependencies=[needs(Permission.RETAIN)], status_code=201)
async def ask(body: PolicyBody, caller: TheCaller, services: TheServices) -> PolicyAnswer:
    """Asks that what is due in a class is erased by itself. Somebody else has to confirm it."""
    return _answer(await services.scheduled_erase.ask(caller.user, body.retention, body.reason))


@router.post("/policies/{policy_id}/confirm", dependencies=[needs(Permission.CONFIRM)])
async def confirm(policy_id: RowNumber, caller: TheCaller, services: TheServices) -> PolicyAnswer:
    """Confirms somebody else's policy; it is in force then. Takes a sign-in that is only minutes old."""
    check_fresh(caller, services.clock.unix_ms(), services.settings.fresh_minutes)
    return _answer(await services.scheduled_erase.confirm(caller.user, policy_id))


@router.post("/policies/{policy_id}/refuse", dependencies=[needs(Permission.CONFIRM)])
async def refuse(policy_id: RowNumber, caller: TheCaller, services: TheServices) -> PolicyAnswer:
    """Refuses somebody else's policy."""
    return _answer(await services.scheduled_erase.refuse(caller.user, policy_id))


@router.post("/policies/{policy_id}/end", dependencies=[needs(Permission.CONFIRM)])
async def end(policy_id: RowNumber, caller: TheCaller, services: TheServices) -> PolicyAnswer:
    """Ends a policy that is in force: keeping needs no second person."""
    return _answer(await services.scheduled_erase.end(caller.user, policy_id))


def _answer(policy: ErasePolicy) -> PolicyAnswer:
    return PolicyAnswer(**vars(policy))
