"""What browsers get: a cookie that no script can read, and that no page of somebody else can use."""

from http.cookies import SimpleCookie

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from broker.http_api.origins import COOKIE
from protocol.messages.wire import SUBPROTOCOL
from tests.broker.harness import ORIGIN, PASSWORD, Answer, RunningBroker
from tests.broker.http_api.test_api import LOGIN, assert_problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

OURS = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ORIGIN + ".evil.example"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
]


async def signed_in(broker: RunningBroker) -> tuple[Answer, dict[str, str]]:
    """The answer, and what the browser sends from then on."""
    answer = await broker.request("POST", "/v1/browser-login", LOGIN, headers=OURS)
    assert answer.status == 200, answer.body
    token = SimpleCookie(answer.headers["set-cookie"])[COOKIE].value
    return answer, {"Cookie": f"{COOKIE}={token}"}


async def test_a_browser_gets_its_token_in_a_cookie_alone(shared_broker: RunningBroker) -> None:
    """HttpOnly, Secure, SameSite=Strict, for this host only; the answer says who signed in, and nothing secret."""
    answer, cookie = await signed_in(shared_broker)
    attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "secure", "samesite=strict", "path=/"} <= attributes
    assert not any(attribute.startswith("domain") for attribute in attributes)
    assert cookie["Cookie"].startswith("__Host-")
    assert "cst_" not in answer.body.decode()
    me = await shared_broker.request("GET", "/v1/me", headers=cookie)
    assert me.json["user_name"] == answer.json["user_name"] == "wei"


@pytest.mark.parametrize("headers", [{}, *FOREIGN])
async def test_no_other_page_signs_anybody_in(shared_broker: RunningBroker, headers: dict[str, str]) -> None:
    """Nor a page that does not say whose it is: signing somebody in as somebody else is an attack, too."""
    answer = await shared_broker.request("POST", "/v1/browser-login", LOGIN, headers=headers)
    assert_problem(answer, 403, "origin-foreign")
    # Often it is our own page, under a name that somebody has at hand: they read which one to open.
    assert shared_broker.organisation.profile.broker_origin in answer.json["detail"]
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("headers", FOREIGN)
async def test_a_cookie_counts_for_our_own_pages_alone(shared_broker: RunningBroker, headers: dict[str, str]) -> None:
    """Reading and writing; with the cookie that a browser would send along."""
    _, cookie = await signed_in(shared_broker)
    for method, path, body in (("GET", "/v1/sessions", None), ("POST", "/v1/logout", {})):
        answer = await shared_broker.request(method, path, body, headers=cookie | headers)
        assert_problem(answer, 403, "origin-foreign")
    assert (await shared_broker.request("GET", "/v1/me", headers=cookie)).status == 200


async def test_what_changes_something_names_its_origin(shared_broker: RunningBroker) -> None:
    """A browser always does for a POST; whoever does not is none, and has a bearer token."""
    _, cookie = await signed_in(shared_broker)
    assert_problem(await shared_broker.request("POST", "/v1/logout", {}, headers=cookie), 403, "origin-foreign")


async def test_signing_out_ends_the_token_and_takes_the_cookie(shared_broker: RunningBroker) -> None:
    """The token is worth nothing afterwards, whoever kept it."""
    _, cookie = await signed_in(shared_broker)
    answer = await shared_broker.request("POST", "/v1/logout", {}, headers=cookie | OURS)
    assert answer.status == 204
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert_problem(await shared_broker.request("GET", "/v1/me", headers=cookie), 401, "not-logged-in")
    stolen = cookie["Cookie"].partition("=")[2]
    assert_problem(await shared_broker.request("GET", "/v1/me", token=stolen), 401, "not-logged-in")


async def test_a_wrong_bearer_token_is_not_helped_by_a_cookie(shared_broker: RunningBroker) -> None:
    """Who names a token in the header means that one."""
    _, cookie = await signed_in(shared_broker)
    answer = await shared_broker.request("GET", "/v1/me", headers=cookie | {"Authorization": "Bearer nonsense"})
    assert_problem(answer, 401, "not-logged-in")


@pytest.mark.parametrize(
    ("origin", "with_cookie", "status"),
    [(ORIGIN, True, 101), (None, True, 403), ("https://evil.example", True, 403), (ORIGIN, False, 401)],
)
async def test_a_websocket_takes_the_cookie_from_our_pages_alone(
    shared_broker: RunningBroker, origin: str | None, with_cookie: bool, status: int
) -> None:
    """A page of another site could open a websocket to us, and its browser would send the cookie along."""
    _, cookie = await signed_in(shared_broker)
    opening = connect(
        f"wss://localhost:{shared_broker.server.port}/v1/pairing",
        ssl=shared_broker.tls,
        subprotocols=[Subprotocol(SUBPROTOCOL)],
        origin=None if origin is None else Origin(origin),
        additional_headers=cookie if with_cookie else {},
    )
    try:
        async with opening:
            said = 101
    except InvalidStatus as error:
        said = error.response.status_code
    assert said == status


async def test_the_password_still_counts(shared_broker: RunningBroker) -> None:
    """The same door as for programs: the same refusals, and the same words for them."""
    wrong = LOGIN | {"password": PASSWORD + "x"}
    answer = await shared_broker.request("POST", "/v1/browser-login", wrong, headers=OURS)
    assert_problem(answer, 401, "login-refused")
