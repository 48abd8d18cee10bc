"""A login lives on what a person does: a page that is open, and asks by itself, keeps none alive."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.broker.harness import PASSWORD, FakeClock, RunningBroker, add_user, found, make_settings, running
from tests.broker.http_api.test_api import assert_problem
from tests.helpers.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="module")

MINUTE_MS = 60_000
IDLE_MINUTES = 15


@dataclass
class House:
    broker: RunningBroker
    clock: FakeClock

    async def signed_in(self) -> Visitor:
        visitor = Visitor(self.broker)
        answer = await visitor.post("/v1/browser-login", {"user_name": "wei", "password": PASSWORD})
        assert answer.status == 200, answer.body
        return visitor


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    settings = make_settings(tmp_path_factory.mktemp("presence") / "data", login_idle_minutes=IDLE_MINUTES)
    organisation = found(settings)
    await add_user(settings)
    clock = FakeClock()
    async with running(settings, organisation, clock=clock) as broker:
        yield House(broker, clock)


async def test_a_page_that_asks_by_itself_reaches_the_idle_limit(house: House) -> None:
    """However often it asks: who is signed in, which sessions there are, how long is left."""
    page = await house.signed_in()
    for minute in range(IDLE_MINUTES):
        for path in ("/v1/me", "/v1/sessions", "/v1/logins"):
            assert (await page.get(path)).status == 200
        left = (await page.get("/v1/presence")).json
        assert left["idle_left_ms"] == (IDLE_MINUTES - minute) * MINUTE_MS
        assert left["idle_minutes"] == IDLE_MINUTES
        house.clock.advance(MINUTE_MS)
    assert_problem(await page.get("/v1/presence"), 401, "not-logged-in")
    assert_problem(await page.post("/v1/presence"), 401, "not-logged-in")


async def test_whoever_is_at_the_page_stays_signed_in(house: House) -> None:
    """What the page says of its person counts, and whatever changes something; up to the end of the login itself."""
    page = await house.signed_in()
    for path in ("/v1/presence", "/v1/account/totp", "/v1/presence"):
        house.clock.advance((IDLE_MINUTES - 1) * MINUTE_MS)
        assert (await page.post(path)).status == 200
        assert (await page.get("/v1/presence")).json["idle_left_ms"] == IDLE_MINUTES * MINUTE_MS
    left_ms = (await page.get("/v1/presence")).json["left_ms"]
    while left_ms > 0:
        assert (await page.post("/v1/presence")).json["idle_left_ms"] <= left_ms
        house.clock.advance(10 * MINUTE_MS)
        left_ms -= 10 * MINUTE_MS
    assert_problem(await page.post("/v1/presence"), 401, "not-logged-in")


async def test_a_command_was_typed_but_what_waits_for_news_asks_by_itself(house: House) -> None:
    """A command's question counts; one that a command leaves open for what may come does not."""
    token = await house.broker.login()
    house.clock.advance((IDLE_MINUTES - 1) * MINUTE_MS)
    assert (await house.broker.request("GET", "/v1/sessions", token=token)).status == 200
    house.clock.advance((IDLE_MINUTES - 1) * MINUTE_MS)
    assert (await house.broker.request("GET", "/v1/sessions?wait=0", token=token)).status == 200
    house.clock.advance(MINUTE_MS)
    assert_problem(await house.broker.request("GET", "/v1/sessions", token=token), 401, "not-logged-in")
