"""Whether anybody is at the page: a login with which nobody does anything ends (`login_idle_minutes`).

GET  /v1/presence   how long the login lasts; a question that a page asks by itself, and that keeps nothing alive
POST /v1/presence   somebody is here: they have typed, pointed, or said that they stay
"""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from serving.identity.login import Caller
from serving.identity.roles import ACCOUNT
from serving.identity_api.caller import TheCaller, needs
from serving.identity_api.services import SignInServices, TheSignIn

router = APIRouter(prefix="/v1", dependencies=[needs(ACCOUNT)])


class PresenceAnswer(BaseModel):
    """`idle_left_ms`: until the login ends if nobody does anything; `left_ms`: until it ends whatever they do."""

    idle_left_ms: int
    left_ms: int
    idle_minutes: int


@router.get("/presence")
async def look(caller: TheCaller, services: TheSignIn) -> PresenceAnswer:
    """How long the login that asks lasts. Pages may ask this as often as they like: it keeps no login alive."""
    return _answer(caller, services)


@router.post("/presence")
async def stay(caller: TheCaller, services: TheSignIn) -> PresenceAnswer:
    """Says that somebody is at the page, which is what a login lives on."""
    return _answer(caller, services)


def _answer(caller: Caller[Any], services: SignInServices) -> PresenceAnswer:
    now_ms = services.clock.unix_ms()
    left_ms = max(caller.expires_at_ms - now_ms, 0)
    idle_left_ms = left_ms if caller.idle_ends_at_ms is None else max(caller.idle_ends_at_ms - now_ms, 0)
    return PresenceAnswer(
        idle_left_ms=min(idle_left_ms, left_ms), left_ms=left_ms, idle_minutes=services.settings.login_idle_minutes
    )
