"""A program is logged in through the browser, over real connections."""

import pytest

from tests.broker.harness import ORIGIN, FakeClock, RunningBroker, add_user, found, make_settings, running
from tests.broker.http_api.test_api import assert_problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

LAPTOP = {"User-Agent": "consentry (ada-laptop)"}


async def test_the_program_gets_a_login_when_somebody_allows_it(shared_broker: RunningBroker) -> None:
    """Who sees before: which device, from where; the login carries the device's name, and how it came about."""
    broker = shared_broker
    begun = (await broker.request("POST", "/v1/device-login", {}, headers=LAPTOP)).json
    assert begun["verification_uri_complete"] == f"{ORIGIN}/console/#/link/{begun['user_code']}"
    poll = {"device_code": begun["device_code"]}
    pending = await broker.request("POST", "/v1/device-login/token", poll)
    assert_problem(pending, 400, "authorization-pending")
    assert pending.headers["retry-after"] == "5"
    token = await broker.login()
    path = f"/v1/device-logins/{begun['user_code']}"
    waiting = (await broker.request("GET", path, token=token)).json
    assert (waiting["device"], waiting["address"], waiting["here"]) == ("consentry, ada-laptop", "127.0.0.1", True)
    assert begun["device_code"] not in str(waiting)
    assert (await broker.request("POST", path, {"allow": True}, token=token)).status == 204
    assert_problem(await broker.request("POST", path, {"allow": True}, token=token), 404, "user-code-unknown")
    answer = (await broker.request("POST", "/v1/device-login/token", poll, headers={"User-Agent": "other"})).json
    assert (answer["user_name"], answer["staff_number"]) == ("wei", "E-1")
    listed = (await broker.request("GET", "/v1/logins", token=answer["token"])).json["logins"]
    (own,) = [one for one in listed if one["current"]]
    assert (own["device"], own["method"]) == ("consentry, ada-laptop", "browser")
    assert_problem(await broker.request("POST", "/v1/device-login/token", poll), 400, "device-login-expired")


async def test_whoever_says_no_ends_it(shared_broker: RunningBroker) -> None:
    """For the program, too."""
    begun = (await shared_broker.request("POST", "/v1/device-login", {})).json
    path, token = f"/v1/device-logins/{begun['user_code']}", await shared_broker.login()
    assert (await shared_broker.request("POST", path, {"allow": False}, token=token)).status == 204
    answer = await shared_broker.request("POST", "/v1/device-login/token", {"device_code": begun["device_code"]})
    assert_problem(answer, 400, "device-login-denied")


async def test_user_codes_are_not_to_be_tried_in_numbers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """By somebody with a login, to allow what a colleague waits for; nor does one address begin without end."""
    settings = make_settings(tmp_path_factory.mktemp("slow") / "data", openings_per_minute_per_address=3)
    organisation = found(settings)
    await add_user(settings)
    async with running(settings, organisation, clock=FakeClock()) as broker:
        token = await broker.login()
        tried = [await broker.request("GET", "/v1/device-logins/BCDF-GHJK", token=token) for _ in range(7)]
        assert [one.status for one in tried] == [404] * 6 + [429]
        begun = [await broker.request("POST", "/v1/device-login", {}) for _ in range(7)]
        assert [one.status for one in begun] == [200] * 6 + [429]
