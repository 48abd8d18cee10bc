"""What was decided or noticed, and how security monitors are told of it.

GET  /v1/journal      the broker's decisions and this service's, the newest first
GET  /v1/siem         how each target of siem.toml stands: what waits, and what is wrong
"""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from audit.service.http_api.caller import TheServices, needs
from audit.service.people import Permission

router = APIRouter(prefix="/v1", dependencies=[needs(Permission.WHO_SAW)])


class JournalEntryAnswer(BaseModel):
    """`actor` did it, to `subject` or to a session; empty where nobody is known. `facts` depend on the kind."""

    entry_id: int
    source: str
    source_key: str
    at_ms: int
    kind: str
    actor: str
    subject: str
    address: str
    session_id: str | None
    facts: dict[str, str | int | bool]


class JournalAnswer(BaseModel):
    """`before` asks for the next page; null: there is none."""

    entries: list[JournalEntryAnswer]
    before: int | None


class SiemTargetAnswer(BaseModel):
    """`problem` is empty while it delivers. What waits: entries of the journal, and sessions to look at."""

    name: str
    to: str
    format: str
    problem: str
    failing_since_ms: int | None
    delivered_at_ms: int | None
    waiting_entries: int
    waiting_sessions: int
    oldest_waiting_ms: int | None


class SiemAnswer(BaseModel):
    targets: list[SiemTargetAnswer]


@router.get("/journal")
async def journal(
    services: TheServices,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JournalAnswer:
    """What was decided or noticed, the newest first."""
    found = await services.journal.newest(before, limit + 1)
    page = found[:limit]
    entries = [
        JournalEntryAnswer(
            **vars(one.happening)
            | {"session_id": one.happening.session_id.hex() if one.happening.session_id else None},
            entry_id=one.entry_id,
        )
        for one in page
    ]
    return JournalAnswer(entries=entries, before=page[-1].entry_id if len(found) > limit else None)


@router.get("/siem")
async def siem(services: TheServices) -> SiemAnswer:
    """How security monitors are told."""
    return SiemAnswer(targets=[SiemTargetAnswer(**vars(one)) for one in await services.siem.status()])
