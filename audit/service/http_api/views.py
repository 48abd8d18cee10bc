"""GET /v1/views: who saw what, the newest first; of one session, of one person, of some kinds (`action`), of a time."""

from typing import Annotated, cast

from fastapi import APIRouter, Query
from pydantic import BaseModel

from audit.service.http_api.caller import TheServices, needs
from audit.service.http_api.journal import UnixMs
from audit.service.people import Permission
from audit.service.views import Action
from serving.http.numbers import LARGEST

router = APIRouter()


class ViewAnswer(BaseModel):
    """`commitment` is SHA-256("consentry/view/v1" ‖ 0 ‖ salt ‖ JSON of [session, user, action, purpose, time])."""

    view_id: int
    session_id: str
    user_name: str
    action: Action
    purpose: str
    seen_at_ms: int
    commitment: str
    salt: str


class ViewsAnswer(BaseModel):
    views: list[ViewAnswer]


@router.get("/v1/views", dependencies=[needs(Permission.WHO_SAW)])
async def views(
    services: TheServices,
    session_id: Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$")] = None,
    user_name: Annotated[str | None, Query(max_length=63)] = None,
    before_id: Annotated[int | None, Query(ge=0, le=LARGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    action: Annotated[list[Action] | None, Query(max_length=10)] = None,
    since_ms: UnixMs = None,
    until_ms: UnixMs = None,
) -> ViewsAnswer:
    """Who saw what, and why; the newest first. `until_ms` is the first moment after."""
    found = await services.view_store.newest(
        session_id=bytes.fromhex(session_id) if session_id else None,
        user_name=user_name,
        before_id=before_id,
        limit=limit,
        actions=action or (),
        since_ms=since_ms,
        until_ms=until_ms,
    )
    return ViewsAnswer(
        views=[
            ViewAnswer(
                view_id=view.view_id,
                session_id=view.session_id.hex(),
                user_name=view.user_name,
                action=cast("Action", view.action),
                purpose=view.purpose,
                seen_at_ms=view.seen_at_ms,
                commitment=view.commitment.hex(),
                salt=view.salt.hex(),
            )
            for view in found
        ]
    )
