"""Whoever signs in anew has one login there, and not two: the new one takes the place of the former."""

from pathlib import Path
from typing import Any

import pytest

from serving.identity.tokens import REPLACED_GOOD_FOR_MS
from tests.broker.harness import PASSWORD, FakeClock, RunningBroker, add_user, found, make_settings, running
from tests.broker.http_api.test_api import assert_problem
from tests.helpers.visitor import Visitor

WEI = {"user_name": "wei", "password": PASSWORD}


async def lines(visitor: Visitor) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await visitor.get("/v1/logins")).json["logins"]
    return listed


def token_of(visitor: Visitor) -> str:
    return next(value for name, value in visitor.cookies.items() if not name.endswith("-oidc"))


async def test_a_fresh_sign_in_replaces_the_one_before(broker: RunningBroker) -> None:
    """One line for each browser, however often its owner confirms that it is them; others are not touched."""
    page, other = Visitor(broker), Visitor(broker)
    for visitor in (page, page, other, page):
        assert (await visitor.post("/v1/browser-login", WEI)).status == 200
    assert sorted(one["current"] for one in await lines(page)) == [False, True]
    assert len(await lines(other)) == 2


async def test_what_was_replaced_opens_nothing_once_what_was_under_way_is_answered(tmp_path: Path) -> None:
    """A stolen copy of the former cookie ends with the sign-in; another tab, which asked at that moment, does not."""
    settings = make_settings(tmp_path / "data")
    organisation = found(settings)
    await add_user(settings)
    clock = FakeClock()
    async with running(settings, organisation, clock=clock) as broker:
        page = Visitor(broker)
        await page.post("/v1/browser-login", WEI)
        former = token_of(page)
        await page.post("/v1/browser-login", WEI)
        assert token_of(page) != former
        assert (await broker.request("GET", "/v1/me", token=former)).status == 200
        clock.advance(REPLACED_GOOD_FOR_MS)
        assert_problem(await broker.request("GET", "/v1/me", token=former), 401, "not-logged-in")
        assert await page.user_name() == "wei"


async def test_signing_out_ends_the_former_one_at_once(broker: RunningBroker) -> None:
    """Also within the seconds in which it would still have been answered."""
    page = Visitor(broker)
    await page.post("/v1/browser-login", WEI)
    former = token_of(page)
    await page.post("/v1/browser-login", WEI)
    assert (await page.post("/v1/logout")).status == 204
    assert_problem(await broker.request("GET", "/v1/me", token=former), 401, "not-logged-in")


@pytest.mark.usefixtures("silence_is_heard_out")
async def test_revoking_one_cuts_what_was_begun_under_those_before_it(broker: RunningBroker) -> None:
    """Which were replaced meanwhile, and stand in no list; a fresh sign-in by itself cuts nothing."""
    page, elsewhere = Visitor(broker), await broker.login()
    await page.post("/v1/browser-login", WEI)
    async with broker.dial("/v1/pairing", token=token_of(page)) as begun:
        await page.post("/v1/browser-login", WEI)
        await broker.server.broker.services.cut_off_revoked()
        assert begun.websocket.close_code is None
        (mine,) = [one for one in await lines(page) if one["current"]]
        ended = await broker.request("DELETE", f"/v1/logins/{mine['login_id']}", token=elsewhere)
        assert ended.status == 204
        await begun.closed()
    assert await page.user_name() is None


@pytest.mark.usefixtures("silence_is_heard_out")
async def test_a_new_password_spares_what_goes_on_in_the_page_that_sets_it(broker: RunningBroker) -> None:
    """Also what was begun there before its owner confirmed that it is them."""
    page, other = Visitor(broker), await broker.login()
    await page.post("/v1/browser-login", WEI)
    async with (
        broker.dial("/v1/pairing", token=token_of(page)) as begun,
        broker.dial("/v1/pairing", token=other) as cut,
    ):
        await page.post("/v1/browser-login", WEI)
        body = {"password": PASSWORD, "new_password": "staple battery horse"}
        assert (await page.post("/v1/account/password", body)).status == 204
        await cut.closed()
        assert begun.websocket.close_code is None


async def test_a_program_that_logs_in_again_names_the_login_that_it_had(broker: RunningBroker) -> None:
    """One line for a machine; one that names none, or no login at all, has one of its own."""
    first = await broker.login()
    for former in (first, "cst_nonsense", ""):
        answer = await broker.request("POST", "/v1/login", WEI, headers={"Consentry-Former-Login": former})
        assert answer.status == 200
    listed = (await broker.request("GET", "/v1/logins", token=answer.json["token"])).json["logins"]
    assert len(listed) == 3


async def test_somebody_else_in_the_same_browser_ends_the_login_that_it_forgets(broker: RunningBroker) -> None:
    """Its cookie is theirs from then on: nobody has the one of before any more."""
    await add_user(broker.settings, "kim", "E-2")
    page, elsewhere = Visitor(broker), await broker.login()
    await page.post("/v1/browser-login", WEI)
    await page.post("/v1/browser-login", WEI | {"user_name": "kim"})
    assert await page.user_name() == "kim"
    listed = (await broker.request("GET", "/v1/logins", token=elsewhere)).json["logins"]
    assert [one["current"] for one in listed] == [True]
