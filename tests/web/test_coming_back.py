"""Who was refused, sent out or cut off, in the real Chromium: what they read, and how they come back."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.async_api import Page, Route, WebSocketRoute, expect

from protocol.legs import FINAL_CLOSE_CODES
from tests.helpers.deployment import ALL_SCOPES, AS_ROOT, PASSWORD, SAM, Broker, Customer
from tests.helpers.waiting import wait_until
from tests.web.chromium import chromium
from tests.web.test_administration import NARROW, WIDE, sign_in, visit

PROMPT = "#" if AS_ROOT else "$"
WHO_IS_IN = re.compile(r"/v1/sessions/[0-9a-f]{32}\?after=")


@pytest.fixture(scope="module")
def broker(founded: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One for both: each has a customer of its own."""
    broker = Broker(tmp_path_factory.mktemp("coming-back") / "organisation", like=founded)
    broker.start()
    yield broker
    broker.stop()


class Decider:
    """The customer, who answers each question when the test says so."""

    def __init__(self, customer: Customer) -> None:
        self._customer = customer
        self._count = 0

    async def question(self) -> dict[str, Any]:
        self._count += 1
        return await asyncio.to_thread(self._customer.heard, "consent-question", count=self._count)

    async def answer(self, *, allow: bool) -> dict[str, Any]:
        question = await self.question()
        if allow:
            earliest = question["allow_not_before_ms"] / 1000
            await asyncio.to_thread(wait_until, lambda: time.time() > earliest, "the customer may allow it")
        self._customer.say("answer", question=question["question"], allow=allow)
        return question


async def continued_after(event: asyncio.Event, route: Route) -> None:
    await event.wait()
    await route.continue_()


async def lost_at_first(page: Page, part: str) -> None:
    """The first answer that has this part of the page never arrives.

    The route stays: one that is taken away lets go of what it holds, which then arrives after all.
    """
    held: list[str] = []

    async def route(asked: Route) -> None:
        held.append(asked.request.url)
        await (asked.abort("connectionreset") if len(held) == 1 else asked.continue_())

    await page.route(part, route)


async def take_code(page: Page, code: str, why: str, button: str) -> None:
    await page.locator("#code").fill(code)
    await page.locator("#reason").fill(why)
    for scope in ALL_SCOPES[1:]:
        if await page.locator(f"input[value='{scope}']").count():
            await page.locator(f"input[value='{scope}']").press("Space")
    await page.get_by_role("button", name=button).press("Enter")


async def reads_prompt(page: Page) -> None:
    await expect(page.locator(".xterm-rows")).to_contain_text(PROMPT)


async def test_nobody_needs_a_new_code_while_the_session_goes_on(
    broker: Broker, new_customer: Callable[..., Customer]
) -> None:
    """A take-over that was refused is asked for again; who was taken over asks to come back, and is in the terminal
    again; whose line was cut connects again, with nobody being asked. A line that is cut while the terminal is
    fetched is no reason to go without it."""
    customer = new_customer(broker, decide=lambda _question: None)
    decider = Decider(customer)
    console = f"{broker.origin}/console/"
    legs: list[WebSocketRoute] = []
    async with chromium() as browser:
        sam, sam_eye = await visit(browser, console, "en-GB", "light", WIDE)
        await sam.route_web_socket("**/relay/**", lambda leg: (legs.append(leg), leg.connect_to_server())[0])
        await lost_at_first(sam, "**/assets/terminal-*.js")
        await sign_in(sam, "sam", PASSWORD)
        await take_code(sam, customer.code, "The till does not print.", "Use the code and ask")
        await decider.answer(allow=True)
        await reads_prompt(sam)

        kim, kim_eye = await visit(browser, f"{console}#/take-over", "zh-CN", "dark", NARROW)
        await sign_in(kim, "kim", PASSWORD)
        loads = asyncio.Event()
        await kim.route(WHO_IS_IN, lambda route: continued_after(loads, route))
        await take_code(kim, await asyncio.to_thread(customer.new_code), "换班", "使用连接码并请求")
        await decider.answer(allow=False)
        await expect(kim.get_by_role("alert")).to_contain_text("客户拒绝了")
        await expect(kim.get_by_text("不需要新的连接码")).to_be_visible()
        await expect(kim.locator("#code")).to_have_count(0)
        # At once, before the page has heard in whose place that would be.
        await kim.get_by_role("button", name="再次请求").press("Enter")
        loads.set()
        await decider.answer(allow=False)
        await expect(kim.get_by_role("alert")).to_contain_text("客户拒绝了")
        await expect(kim.get_by_label("接替谁")).to_have_value(SAM[2])
        await kim_eye.look("coming-back-1-refused")
        await kim.get_by_role("button", name="再次请求").press("Enter")
        question = await decider.answer(allow=True)
        assert question["takes_over"]["name"] == SAM[1]
        await reads_prompt(kim)

        await expect(sam.get_by_role("alert")).to_contain_text("no new code is needed")
        await sam_eye.look("coming-back-2-taken-over")
        await sam.get_by_role("button", name="Ask again").press("Enter")
        await expect(sam.locator("#more-minutes")).to_have_value("30")
        await sam.locator("#more-reason").fill("I know the printer.")
        await sam_eye.look("coming-back-3-again")
        await sam.get_by_role("button", name="Ask the customer").press("Enter")
        question = await decider.answer(allow=True)
        assert (question["is_raise"], question["reason"]) == (False, "I know the printer.")
        await expect(sam.get_by_text("no new code is needed")).to_have_count(0)
        await reads_prompt(sam)

        for leg in legs:
            await leg.close(code=min(FINAL_CLOSE_CODES))
        await expect(sam.get_by_role("alert")).to_contain_text("the session may go on")
        await sam_eye.look("coming-back-4-cut-off")
        await sam.get_by_role("button", name="Connect again").press("Enter")
        await reads_prompt(sam)
        assert [one["event"] for one in customer.events].count("consent-question") == 5
        for eye in (sam_eye, kim_eye):
            assert (eye.complaints, eye.foreign) == ([], [])


async def test_only_a_new_code_helps_whose_page_is_gone_or_who_was_signed_out(
    broker: Broker, new_customer: Callable[..., Customer]
) -> None:
    """The session's page says so; with a new code they are in again."""
    customer = new_customer(broker)
    console = f"{broker.origin}/console/"
    async with chromium() as browser:
        page, eye = await visit(browser, console, "en-GB", "dark", NARROW)
        await sign_in(page, "sam", PASSWORD)
        await take_code(page, customer.code, "The till does not print.", "Use the code and ask")
        await reads_prompt(page)

        elsewhere, elsewhere_eye = await visit(browser, console, "zh-CN", "light", WIDE)
        await sign_in(elsewhere, "sam", PASSWORD)
        await elsewhere.get_by_role("listitem").get_by_role("link").first.press("Enter")
        await expect(elsewhere.get_by_text("只有那里有会话的密钥")).to_be_visible()
        await elsewhere_eye.look("coming-back-5-elsewhere")

        await elsewhere.get_by_role("link", name="账户").press("Enter")
        await elsewhere.get_by_role("button", name="在其他各处退出登录").press("Enter")
        await elsewhere.get_by_role("dialog").get_by_role("button").last.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("ask the customer for a new code")
        await expect(page.get_by_role("button", name="Connect again")).to_have_count(0)
        await eye.look("coming-back-6-signed-out")
        await page.get_by_role("button", name="Back to the desk").press("Enter")
        await sign_in(page, "sam", PASSWORD)
        await expect(page.get_by_role("dialog")).to_have_count(0)  # what lies under it takes no keys before
        await take_code(page, await asyncio.to_thread(customer.new_code), "I was signed out.", "Use the code and ask")
        await reads_prompt(page)
        for each in (eye, elsewhere_eye):
            assert (each.complaints, each.foreign) == ([], [])


async def test_clocks_that_differ_are_called_so_before_the_code_is_used(
    broker: Broker, new_customer: Callable[..., Customer]
) -> None:
    """By how much, and whose to set; with the clock set right, the same code is good."""
    customer = new_customer(broker)
    async with chromium() as browser:
        page, eye = await visit(browser, f"{broker.origin}/console/", "en-GB", "light", WIDE)
        await sign_in(page, "sam", PASSWORD)
        await page.locator("#code").wait_for()
        await page.evaluate("window.rightNow = Date.now; Date.now = () => window.rightNow() - 90 * 60_000")
        await take_code(page, customer.code, "The till does not print.", "Use the code and ask")
        told = page.get_by_role("alert")
        await expect(told).to_contain_text("they are 90 minutes apart. The code was not used.")
        await eye.look("coming-back-9-clocks")
        await page.evaluate("Date.now = window.rightNow")
        await page.get_by_role("button", name="Use the code and ask").press("Enter")
        await reads_prompt(page)
    assert eye.complaints == []
