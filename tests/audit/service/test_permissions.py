"""What each role may do, on every route that there is."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from fastapi.routing import APIRoute
from starlette.routing import Mount

from audit.service.people import PERMISSIONS, TOKENS_MAY, Permission, Role
from serving.http.permissions import permissions_of
from serving.http.routes import routes_of
from tests.audit.service.harness import RunningAudit, add_people, make_audit_settings, running_audit, set_up_alone

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITNESS = {"/witness/add-checkpoint", "/witness/{origin_hash:str}/checkpoint"}
"""Asked by logs, of which none has a login: what they ask with is signed, or public (audit/witness/)."""

SIGNING_IN = {
    "/v1/sign-in-ways",
    "/v1/login",
    "/v1/browser-login",
    "/v1/passkey-login/begin",
    "/v1/passkey-login",
    "/v1/oidc/begin",
    "/v1/device-login",
    "/v1/device-login/token",
}
CALLBACK = "/v1/oidc/callback"
"""Where browsers come back to from a provider: no page of ours asks it, so it is not in the description."""

OPEN_TO_ALL = {"/healthz", "/readyz", "/v1/openapi.json", CALLBACK} | SIGNING_IN | WITNESS
FOR_WHOEVER_IS_LOGGED_IN = {"/v1/me"}
PARTS = {
    "session_id": "0" * 32,
    "request_id": "1",
    "login_id": "0" * 64,
    "passkey_id": "0",
    "user_code": "x",
    "token_id": "0" * 64,
    "user_name": "nobody",
    "name": "nothing",
    "review_id": "0" * 32,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def audit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningAudit]:
    settings = make_audit_settings(tmp_path_factory.mktemp("audit") / "data")
    set_up_alone(settings)
    await add_people(settings)
    async with running_audit(settings) as audit:
        yield audit


PAGES = "/desk/{path:path}"
"""Files for browsers: public, and no part of the API (test_desk.py)."""


def path_of(route: APIRoute) -> str:
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: PARTS.get(found[1], "x"), route.path)


def routes(audit: RunningAudit) -> list[APIRoute]:
    return [route for route in routes_of(audit.server.service.app) if route.path != PAGES]


async def test_all_routes_are_walked(audit: RunningAudit) -> None:
    """Those that FastAPI's own description of the service has, no fewer; and what is mounted is the witness alone."""
    app = audit.server.service.app
    mounts = [mount for mount in app.routes if isinstance(mount, Mount)]
    assert {mount.path + getattr(route, "path", "?") for mount in mounts for route in mount.routes} == WITNESS
    described = set(app.openapi()["paths"])
    assert {route.path for route in routes(audit)} == described | {CALLBACK}
    assert described > OPEN_TO_ALL - WITNESS - {CALLBACK} | FOR_WHOEVER_IS_LOGGED_IN


async def test_every_route_but_the_door_asks_for_a_permission(audit: RunningAudit) -> None:
    """A route that somebody adds and forgets to guard is found here."""
    for route in routes(audit):
        if route.path not in OPEN_TO_ALL | FOR_WHOEVER_IS_LOGGED_IN:
            assert permissions_of(route), f"{route.path} asks for nothing"


async def test_no_route_answers_a_stranger(audit: RunningAudit) -> None:
    """Without a login there is nothing but the door."""
    for route in routes(audit):
        if route.path in OPEN_TO_ALL:
            continue
        path = path_of(route)
        for method in route.methods:
            assert (await audit.request(method, path)).status == 401, route.path


@pytest.mark.parametrize("role", PERMISSIONS)
async def test_every_route_refuses_the_roles_that_lack_its_permission(audit: RunningAudit, role: Role) -> None:
    """Asked over the network, as that role, before anything else is looked at."""
    token = await audit.login(role)
    for route in routes(audit):
        needed = permissions_of(route)
        if all(PERMISSIONS[role].intersection(any_of) for any_of in needed):
            continue
        path = path_of(route)
        for method in route.methods:
            answer = await audit.request(method, path, {} if method in ("POST", "PUT") else None, token=token)
            assert answer.status == 403, (route.path, answer.body)


async def test_no_api_token_can_be_given_what_shows_contents_or_decides(audit: RunningAudit) -> None:
    """Whatever may be given to one opens routes that answer, and of those that show contents none."""
    assert not TOKENS_MAY & {Permission.VIEW, Permission.VIEW_OWN, Permission.SEARCH}
    opened = [
        route
        for route in routes(audit)
        if (needed := permissions_of(route)) and all(TOKENS_MAY.intersection(any_of) for any_of in needed)
    ]
    assert {route.path for route in opened} == {
        "/v1/sessions",
        "/v1/report",
        "/v1/report.csv",
        "/v1/report/sessions",
        "/v1/views",
        "/v1/journal",
        "/v1/journal.csv",
        "/v1/journal.ndjson",
        "/v1/siem",
        "/v1/events",
    }
    assert {method for route in opened for method in route.methods} == {"GET"}


async def test_an_external_reviewer_sees_only_what_is_assigned(audit: RunningAudit) -> None:
    """No list, no other's recording; and who they are is told to them."""
    assert PERMISSIONS["external-reviewer"] == {Permission.ACCOUNT, Permission.VIEW_OWN, Permission.REVIEW}
    token = await audit.login("external-reviewer")
    answer = await audit.request("GET", "/v1/me", token=token)
    assert (answer.status, answer.json["role"]) == (200, "external-reviewer")
