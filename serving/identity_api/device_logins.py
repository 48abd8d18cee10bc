"""A program is logged in through the browser: serving/identity/device_logins.py tells how.

POST /v1/device-login          begins; the field names are those of RFC 8628, section 3.2
GET  /v1/device-logins/{code}  what waits behind a user code
POST /v1/device-logins/{code}  allows or denies it

Whether somebody has allowed it is asked at POST /v1/device-login/token, which is each server's own: `ThroughBrowser`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, StringConstraints

from serving.http.encoding import Strict
from serving.identity.device_logins import INTERVAL_MS, LIFE_MS, DeviceLoginDenied
from serving.identity.events import EventKind
from serving.identity.freshness import check_fresh
from serving.identity.login import Login
from serving.identity.roles import ACCOUNT
from serving.identity_api.account import note
from serving.identity_api.caller import TheCaller, needs
from serving.identity_api.devices import address_of, visit_of
from serving.identity_api.services import ThePages, TheSignIn

router = APIRouter()

CONFIRMING = needs(ACCOUNT)

UserCode = Annotated[str, StringConstraints(max_length=40)]


class DeviceLoginAnswer(BaseModel):
    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class DevicePollBody(Strict):
    device_code: Annotated[str, StringConstraints(max_length=100)]


class WaitingDeviceAnswer(BaseModel):
    """Who asks to be logged in as the caller; `here` says that they come from the caller's own network address."""

    user_code: str
    device: str
    address: str
    here: bool
    waiting_ms: int
    login_hours: int


class DeviceDecisionBody(Strict):
    allow: bool


@router.post("/v1/device-login")
async def begin(request: Request, pages: ThePages, services: TheSignIn) -> DeviceLoginAnswer:
    """A program asks to be logged in: a code for it, and one for a person to type (RFC 8628)."""
    begun = services.device_logins.begin(visit_of(request), services.clock.monotonic_ms())
    link = f"{pages.origin_of(request)}{pages.path}#/link"
    return DeviceLoginAnswer(
        device_code=begun.device_code,
        user_code=begun.user_code,
        verification_uri=link,
        verification_uri_complete=f"{link}/{begun.user_code}",
        expires_in=LIFE_MS // 1000,
        interval=INTERVAL_MS // 1000,
    )


async def browser_login(body: DevicePollBody, services: TheSignIn) -> Login[Any]:
    """For `Depends`: the login that somebody has allowed meanwhile. Raises AuthorizationPending, SlowDown, …"""
    allowed = services.device_logins.poll(body.device_code, services.clock.monotonic_ms())
    found = await services.users.find(allowed.allowed_by or "")
    if found is None or found[0].disabled:  # in the seconds since they allowed it
        raise DeviceLoginDenied
    login: Login[Any] = await services.logins.issue(found[0], "browser", allowed.visit)
    services.count_login("ok")
    return login


ThroughBrowser = Annotated[Login[Any], Depends(browser_login)]


@router.get("/v1/device-logins/{user_code}", dependencies=[CONFIRMING])
async def waiting(user_code: UserCode, caller: TheCaller, request: Request, services: TheSignIn) -> WaitingDeviceAnswer:
    """What asks to be logged in under a code, for whoever is to allow it."""
    now_ms = services.clock.monotonic_ms()
    one = services.device_logins.find(user_code, caller.user.user_id, now_ms)
    return WaitingDeviceAnswer(
        user_code=one.user_code,
        device=one.visit.device,
        address=one.visit.address,
        here=one.visit.address == address_of(request),
        waiting_ms=now_ms - one.begun_at_ms,
        login_hours=services.settings.login_hours,
    )


@router.post("/v1/device-logins/{user_code}", status_code=204, dependencies=[CONFIRMING])
async def decide(
    user_code: UserCode, body: DeviceDecisionBody, caller: TheCaller, request: Request, services: TheSignIn
) -> None:
    """Allows it, or does not."""
    one = services.device_logins.find(user_code, caller.user.user_id, services.clock.monotonic_ms())
    if body.allow:
        # The program's login counts as one that its owner was just asked for.
        check_fresh(caller, services.clock.unix_ms(), services.settings.fresh_minutes)
        one.allowed_by = caller.user.user_name
    else:
        one.denied = True
    kind: EventKind = "browser_login_allowed" if body.allow else "browser_login_denied"
    await note(services, request, kind, caller, device=one.visit.device, device_address=one.visit.address)
