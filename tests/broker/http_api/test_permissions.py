"""What each role may do, on every route and websocket that there is."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from fastapi.routing import APIRoute
from websockets.exceptions import InvalidStatus

from broker.organisation.people import PERMISSIONS, TOKENS_MAY, Permission, Role
from broker.websockets import pairing
from serving.http.permissions import permissions_of
from serving.http.routes import routes_of, websockets_of
from tests.broker.harness import RunningBroker, add_user, found, make_settings, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPEN_TO_ALL = {
    "/v1/login": "where one logs in",
    "/v1/browser-login": "where one logs in; for our own pages",
    "/v1/sign-in-ways": "what the sign-in page shows",
    "/v1/passkey-login/begin": "where one logs in; for our own pages",
    "/v1/passkey-login": "where one logs in; for our own pages",
    "/v1/oidc/begin": "where one logs in; for our own pages",
    "/v1/oidc/callback": "where one comes back to from there",
    "/v1/device-login": "a program begins to log in through the browser",
    "/v1/device-login/token": "its device code says who asks",
    "/v1/profile": "what the organisation signed for everybody",
    "/v1/sessions/{session_id}/receipt-proof": "what the log says to everybody",
    "/v1/sessions/{session_id}/rating": "the customer's signature says who asks",
    "/log/checkpoint": "the log is there to be audited by anybody",
    "/log/tile/{name:path}": "the log is there to be audited by anybody",
    "/console/{path:path}": "the console's files",
    "/v1/openapi.json": "the API's description, the same everywhere",
    "/healthz": "the process answers",
    "/readyz": "it takes sessions",
    "/metrics": "a token of its own, or this machine alone",
}
FOR_WHOEVER_IS_LOGGED_IN = {"/v1/me"}
FOR_THE_AUDIT_SERVICE = "/v1/audit/"
WEBSOCKETS = {
    "/v1/agent": None,  # the customer's: a session's token says whose
    "/v1/records": None,  # the same
    "/v1/pairing": pairing.NEEDED,
}
PARTS = {
    "session_id": "0" * 32,
    "request_id": "999999",
    "note_id": "1",
    "login_id": "0" * 64,
    "token_id": "0" * 64,
    "user_name": "nobody",
    "passkey_id": "0",
    "user_code": "x",
    "webhook_id": "0" * 32,
    "message_id": "msg_" + "0" * 32,
}


@dataclass
class House:
    broker: RunningBroker
    tokens: dict[Role, str]

    @property
    def guarded(self) -> list[APIRoute]:
        return [
            route
            for route in routes_of(self.broker.server.broker.app)
            if route.path not in OPEN_TO_ALL and not route.path.startswith(FOR_THE_AUDIT_SERVICE)
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    settings = make_settings(tmp_path_factory.mktemp("roles") / "data")
    organisation = found(settings)
    for number, role in enumerate(PERMISSIONS):
        await add_user(settings, role, f"E-{number}", role=role)
    async with running(settings, organisation) as broker:
        yield House(broker, {role: await broker.login(role) for role in PERMISSIONS})


def path_of(route: APIRoute) -> str:
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: PARTS[found[1]], route.path)


async def test_every_route_asks_for_a_permission_or_is_a_door_that_is_named_here(house: House) -> None:
    """A route that somebody adds and forgets to guard is found here."""
    routes = routes_of(house.broker.server.broker.app)
    assert {route.path for route in routes} > OPEN_TO_ALL.keys() | FOR_WHOEVER_IS_LOGGED_IN
    described = set(house.broker.server.broker.app.openapi()["paths"])
    assert {route.path_format for route in routes} >= described
    for route in house.guarded:
        if route.path not in FOR_WHOEVER_IS_LOGGED_IN:
            assert permissions_of(route), f"{route.path} asks for nothing"


async def test_no_guarded_route_answers_a_stranger(house: House) -> None:
    """Nor one who has an audit service's door in mind."""
    for route in routes_of(house.broker.server.broker.app):
        if route.path not in OPEN_TO_ALL:
            for method in route.methods:
                path = re.sub(r"\{\w+\}", "0" * 32, route.path)
                assert (await house.broker.request(method, path)).status == 401, route.path


@pytest.mark.parametrize("role", PERMISSIONS)
async def test_every_route_refuses_the_roles_that_lack_its_permission(house: House, role: Role) -> None:
    """Asked over the network, as that role, before anything else is looked at; and lets the others come further."""
    for route in house.guarded:
        may = all(PERMISSIONS[role].intersection(any_of) for any_of in permissions_of(route))
        for method in route.methods - {"DELETE"} if may else route.methods:
            if may and route.path == "/v1/logout":
                continue
            body = {} if method in ("POST", "PUT", "PATCH", "DELETE") else None
            answer = await house.broker.request(method, path_of(route), body, token=house.tokens[role])
            refused = answer.status == 403 and answer.json["type"] == "urn:consentry:not-allowed"
            assert refused is not may, (method, route.path, answer.body)


@pytest.mark.parametrize("role", PERMISSIONS)
async def test_every_websocket_refuses_the_roles_that_lack_its_permission(house: House, role: Role) -> None:
    """Before it is a websocket."""
    assert {route.path for route in websockets_of(house.broker.server.broker.app)} == WEBSOCKETS.keys()
    for path, needed in WEBSOCKETS.items():
        if needed is None or needed in PERMISSIONS[role]:
            async with house.broker.dial(path, token=house.tokens[role]):
                continue
        with pytest.raises(InvalidStatus) as refused:
            async with house.broker.dial(path, token=house.tokens[role]):
                pass
        assert refused.value.response.status_code == 403


async def test_whoever_is_not_an_engineer_gets_no_certificate_and_no_code(house: House) -> None:
    """Said apart from the walk, because all else hangs on it: administrators and reviewers come to no customer."""
    may = {role for role, theirs in PERMISSIONS.items() if Permission.CONNECT in theirs}
    assert may == {"engineer", "supervisor"}
    assert Permission.CONNECT not in TOKENS_MAY
    assert {role for role, theirs in PERMISSIONS.items() if Permission.PEOPLE in theirs} == {"administrator"}
    assert Permission.PEOPLE not in TOKENS_MAY
    assert Permission.ACCOUNT not in TOKENS_MAY
