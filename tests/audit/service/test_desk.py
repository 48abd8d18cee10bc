"""What a browser meets at the audit service: the page, the cookie, and whose pages count."""

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import pytest
import pytest_asyncio

from audit.service.http_api.origins import COOKIE
from broker.http_api.origins import COOKIE as COOKIE_OF_THE_BROKER
from serving.http.site import CONTENT_SECURITY_POLICY
from tests.audit.service.harness import RunningAudit, add_people, make_audit_settings, running_audit, set_up_alone
from tests.broker.harness import PASSWORD, Answer

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOGIN = {"user_name": "reviewer", "password": PASSWORD}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def audit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningAudit]:
    settings = make_audit_settings(tmp_path_factory.mktemp("audit") / "data")
    set_up_alone(settings)
    await add_people(settings)
    async with running_audit(settings) as audit:
        yield audit


async def signed_in(audit: RunningAudit) -> tuple[Answer, dict[str, str]]:
    """The answer, and what the browser sends from then on."""
    answer = await audit.request("POST", "/v1/browser-login", LOGIN, headers={"Origin": audit.origin})
    assert answer.status == 200, answer.body
    return answer, {"Cookie": f"{COOKIE}={SimpleCookie(answer.headers['set-cookie'])[COOKIE].value}"}


async def test_a_browser_gets_its_token_in_a_cookie_of_this_service_alone(audit: RunningAudit) -> None:
    """No script reads it, no broker on the same host takes it for its own; the answer says what the role allows."""
    answer, cookie = await signed_in(audit)
    attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "secure", "samesite=strict", "path=/"} <= attributes
    assert COOKIE.startswith("__Host-")
    assert COOKIE != COOKIE_OF_THE_BROKER
    assert "cst_" not in answer.body.decode()
    assert {"view", "review"} <= set(answer.json["permissions"])
    assert (await audit.request("GET", "/v1/me", headers=cookie)).json["user_name"] == "reviewer"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://localhost:1"},
    ],
)
async def test_no_other_page_speaks_in_their_name(audit: RunningAudit, headers: dict[str, str]) -> None:
    """Not the broker's either, which is another port of the same host."""
    _, cookie = await signed_in(audit)
    answer = await audit.request("GET", "/v1/sessions", headers=cookie | headers)
    assert (answer.status, answer.json["type"]) == (403, "urn:consentry:origin-foreign")
    answer = await audit.request("POST", "/v1/browser-login", LOGIN, headers=headers)
    assert answer.status == 403
    assert "set-cookie" not in answer.headers


async def test_what_changes_something_names_its_origin(audit: RunningAudit) -> None:
    """And signing out ends the token, whoever kept it."""
    _, cookie = await signed_in(audit)
    assert (await audit.request("POST", "/v1/logout", {}, headers=cookie)).status == 403
    assert (await audit.request("POST", "/v1/logout", {}, headers=cookie | {"Origin": audit.origin})).status == 204
    assert (await audit.request("GET", "/v1/me", headers=cookie)).status == 401


async def test_the_page_runs_scripts_of_its_own_alone(audit: RunningAudit) -> None:
    """Whoever asks for anything else than its files finds nothing."""
    page = await audit.request("GET", "/desk/")
    assert page.status == 200
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "<script>" not in page.body.decode()
    for path in ("/desk/index.html", "/desk/assets/", "/desk/../app.py", "/desk/%2e%2e/app.py"):
        assert (await audit.request("GET", path)).status == 404


async def test_what_marks_are_called(audit: RunningAudit) -> None:
    """In both languages, for whoever sees marks."""
    rules = (await audit.request("GET", "/v1/mark-rules", token=await audit.login("reviewer"))).json["rules"]
    titles = {rule["id"]: rule["title"] for rule in rules}
    assert set(titles["root-scope"]) == {"en", "zh-CN"}
