"""GET /v1/events: what was decided about people and their logins; for administrators, and programs that they trust."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from serving.http.numbers import LARGEST
from serving.identity.events import EventKind
from serving.identity.kept_events import KeptEvent
from serving.identity.roles import EVENTS
from serving.identity_api.caller import needs
from serving.identity_api.services import TheSignIn

router = APIRouter(prefix="/v1/events", dependencies=[needs(EVENTS)])

PAGE_LIMIT_EVENTS = 500


class EventEntry(BaseModel):
    """`actor` did it to `user`: user names; empty where nobody is known. `facts` depend on the kind."""

    event_id: int
    at_ms: int
    kind: EventKind
    actor: str
    user: str
    address: str
    facts: dict[str, str | int | bool]


class EventsAnswer(BaseModel):
    """The newest first. `before` asks for the next page; null: there is none."""

    events: list[EventEntry]
    before: int | None


@router.get("")
async def events(
    services: TheSignIn,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    user: Annotated[str | None, Query(max_length=63)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT_EVENTS)] = 100,
) -> EventsAnswer:
    """What was decided about people and their logins, the newest first."""
    found = await services.events.newest(before, limit + 1, user)
    page = found[:limit]
    return EventsAnswer(
        events=[entry_of(one) for one in page],
        before=page[-1].event_id if len(found) > limit else None,
    )


def entry_of(kept: KeptEvent) -> EventEntry:
    return EventEntry(
        event_id=kept.event_id,
        at_ms=kept.at_ms,
        kind=kept.event.kind,
        actor=kept.event.actor,
        user=kept.event.subject,
        address=kept.event.address,
        facts=dict(kept.event.facts),
    )
