"""GET /v1/siem: how each target of siem.toml stands, what waits for it and what is wrong."""

from fastapi import APIRouter
from pydantic import BaseModel

from audit.service.http_api.caller import TheServices, TheWording, needs
from audit.service.people import Permission

router = APIRouter(prefix="/v1", dependencies=[needs(Permission.WHO_SAW)])


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


@router.get("/siem")
async def siem(services: TheServices, wording: TheWording) -> SiemAnswer:
    """How security monitors are told."""
    return SiemAnswer(
        targets=[
            SiemTargetAnswer(**vars(one) | {"problem": wording.say_error(one.problem) if one.problem else ""})
            for one in await services.siem.status()
        ]
    )
