"""Guessing passwords over HTTP."""

from broker.config import Settings
from tests.broker.harness import FakeClock, add_user, found, running
from tests.broker.http_api.test_api import LOGIN, assert_problem


async def test_who_guesses_is_told_to_wait(settings: Settings) -> None:
    """429 with Retry-After, even with the right password."""
    organisation = found(settings)
    await add_user(settings)
    async with running(settings, organisation, clock=FakeClock()) as broker:
        for _ in range(5):
            await broker.request("POST", "/v1/login", LOGIN | {"password": "wrong password"})
        answer = await broker.request("POST", "/v1/login", LOGIN)
        assert_problem(answer, 429, "login-locked")
        assert answer.headers["retry-after"] == "2"
        figures = (await broker.request("GET", "/metrics")).body
    assert b'consentry_logins_total{result="refused"} 6.0' in figures
