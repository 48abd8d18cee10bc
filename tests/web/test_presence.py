"""Nobody at the page, in the real Chromium: what is said before a sign-in ends, what stays, and how it goes on."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from playwright.async_api import Page, Response, Route, expect

from tests.audit.service.house import arrived, make_house, record
from tests.broker.harness import PASSWORD as DESK_PASSWORD
from tests.helpers.deployment import PASSWORD, Broker, Customer
from tests.helpers.waiting import PATIENCE_SECONDS
from tests.web.chromium import chromium
from tests.web.test_administration import NARROW, WIDE, sign_in, visit
from tests.web.test_coming_back import reads_prompt, take_code

IDLE_MS = 240 * 60_000

PRESENCE = "**/v1/presence"

SOON_MS = 15_000
"""Until a sign-in ends, after the page has heard that it will: a busy machine draws that, too."""


def is_said(answer: Response) -> bool:
    """That somebody is at the page."""
    return answer.url.endswith("/v1/presence") and answer.request.method == "POST"


def is_asked(answer: Response) -> bool:
    """How long is left."""
    return answer.url.endswith("/v1/presence") and answer.request.method == "GET"


async def only_asked(route: Route) -> None:
    await (route.continue_() if route.request.method == "GET" else route.abort())


async def look_again(page: Page) -> None:
    """As a page does when it comes to the front."""
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def nobody_is_there(database: Path, page: Page, *, left_ms: int, idle_ms: int = IDLE_MS) -> None:
    """For so long that no more than this is left, and until `somebody_is_back`.

    A page says up to a minute later that somebody did something, which was the test: that is kept back. It asks one
    thing after another, so what it was saying already has arrived when it is told how long is left.
    """
    await page.route(PRESENCE, only_asked)
    async with page.expect_response(is_asked):
        await look_again(page)
    with closing(sqlite3.connect(database, timeout=PATIENCE_SECONDS)) as tokens, tokens:
        tokens.execute("UPDATE tokens SET last_used_at_ms = ?", (int(time.time() * 1000) - idle_ms + left_ms,))
    await look_again(page)


async def somebody_is_back(page: Page) -> None:
    await page.unroute(PRESENCE)


async def test_a_session_goes_on_under_the_page_of_somebody_who_left(
    broker: Broker, new_customer: Callable[..., Customer]
) -> None:
    """It is told before, and "stay" stays. Where nobody is there, the terminal is covered and not cut: what runs in it
    runs on, and is there again for whoever signs in."""
    customer = new_customer(broker)
    database = broker.data / "broker.sqlite3"
    async with chromium() as browser:
        sam, eye = await visit(browser, f"{broker.origin}/console/", "en-GB", "light", WIDE)
        await sign_in(sam, "sam", PASSWORD)
        await take_code(sam, customer.code, "The till does not print.", "Use the code and ask")
        await reads_prompt(sam)
        await sam.keyboard.type("cd; until [ -e stop ]; do sleep 1; done; echo went-$((40+2))\n")

        await nobody_is_there(database, sam, left_ms=100_000)
        stays = sam.get_by_role("button", name="Stay signed in")
        await expect(stays).to_be_visible()
        await eye.look("presence-1-soon")
        await somebody_is_back(sam)
        await stays.click()
        await expect(stays).to_have_count(0)

        await nobody_is_there(database, sam, left_ms=SOON_MS)
        await expect(stays).to_be_visible()
        over = sam.get_by_role("dialog", name="Sign in")
        await expect(over.get_by_role("alert")).to_contain_text("nobody did anything on this page for 240 minutes")
        await expect(over.locator("#user")).to_be_focused()
        await eye.look("presence-2-covered")
        (customer.home / "stop").touch()
        await somebody_is_back(sam)
        await sign_in(sam, "sam", PASSWORD)
        await expect(over).to_have_count(0)
        await expect(sam.locator(".xterm-rows")).to_contain_text("went-42")
        await sam.locator(".xterm-helper-textarea").focus()
        await sam.keyboard.type("echo still-$((1+1))\n")
        await expect(sam.locator(".xterm-rows")).to_contain_text("still-2")

        kim, kim_eye = await visit(browser, f"{broker.origin}/console/", "zh-CN", "dark", NARROW)
        await sign_in(kim, "kim", PASSWORD)
        async with kim.expect_response(is_said):
            await kim.locator("#reason").fill("收据打不出来")
        await nobody_is_there(database, kim, left_ms=SOON_MS)
        await expect(kim.get_by_role("button", name="保持登录")).to_be_visible()
        await kim_eye.look("presence-3-soon")
        await expect(kim.get_by_role("dialog", name="登录")).to_contain_text("240 分钟无人操作")
        await somebody_is_back(kim)
        await sign_in(kim, "kim", PASSWORD)
        await expect(kim.locator("#reason")).to_have_value("收据打不出来")
    assert [eye.complaints, kim_eye.complaints] == [[], []]


async def ends_soon(database: Path, page: Page, *, left_ms: int) -> None:
    """Every login there is ends so soon whatever anybody does; the page looks again."""
    with closing(sqlite3.connect(database)) as tokens, tokens:
        tokens.execute("UPDATE tokens SET expires_at_ms = ?", (int(time.time() * 1000) + left_ms,))
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def test_a_terminal_goes_on_while_its_engineer_signs_in_before_the_end(
    broker: Broker, new_customer: Callable[..., Customer]
) -> None:
    """Whoever works is told when their sign-in ends; after "not now", which gives the terminal its keys, once more.
    A new sign-in takes the place of the old one, and what is typed next goes where it went."""
    customer = new_customer(broker)
    database = broker.data / "broker.sqlite3"
    async with chromium() as browser:
        sam, eye = await visit(browser, f"{broker.origin}/console/", "en-GB", "light", WIDE)
        await sign_in(sam, "sam", PASSWORD)
        await take_code(sam, customer.code, "The till does not print.", "Use the code and ask")
        await reads_prompt(sam)
        rows, told = sam.locator(".xterm-rows"), sam.get_by_text("Your sign-in ends at")
        await sam.locator(".xterm-helper-textarea").focus()

        await ends_soon(database, sam, left_ms=9 * 60_000)
        await expect(told).to_be_visible()
        await eye.look("presence-6-ending")
        await sam.get_by_role("button", name="Not now").click()
        await expect(told).to_have_count(0)
        await sam.keyboard.type("echo later-$((40+2))\n")
        await expect(rows).to_contain_text("later-42")

        await ends_soon(database, sam, left_ms=100_000)
        await expect(told).to_be_visible()
        await sam.get_by_role("button", name="Sign in again").click()
        again = sam.get_by_role("dialog", name="Sign in again")
        await expect(again.locator("#password")).to_be_focused()
        await eye.look("presence-7-renewing")
        await sam.keyboard.type(PASSWORD)
        await sam.keyboard.press("Enter")
        await expect(again).to_have_count(0)
        await expect(told).to_have_count(0)
        await sam.keyboard.type("echo still-$((1+1))\n")
        await expect(rows).to_contain_text("still-2")

        kim, kim_eye = await visit(browser, f"{broker.origin}/console/", "zh-CN", "dark", NARROW)
        await sign_in(kim, "kim", PASSWORD)
        await kim.locator("#reason").fill("收据打不出来")
        await ends_soon(database, kim, left_ms=6_000)
        await expect(kim.get_by_text("到期，无论您在做什么")).to_be_visible()
        await kim_eye.look("presence-8-ending")
        await expect(kim.get_by_role("dialog", name="登录", exact=True)).to_contain_text("登录已过期")
    assert [eye.complaints, kim_eye.complaints] == [[], []]


async def give_purpose(page: Page) -> None:
    await page.locator("#purpose").fill("quality")
    await page.keyboard.press("Enter")


async def test_a_half_written_review_is_kept_or_asked_about(tmp_path: Path) -> None:
    """Signing out saves it; where that fails, its writer is asked. Where nobody is there it waits under the sign-in
    page, and is saved when its writer is back."""
    async with make_house(tmp_path) as house, house.audit() as audit, chromium() as browser:
        recording = await record(house)
        await arrived(audit, await audit.login("reviewer"), recording.session_id, state="complete", condition="sound")
        place = f"https://127.0.0.1:{audit.server.port}/desk/#/sessions/{recording.session_id.hex()}"
        page, eye = await visit(browser, place, "en-GB", "light", WIDE)
        await sign_in(page, "reviewer", DESK_PASSWORD)
        await give_purpose(page)
        await page.get_by_text("Begin or assign a review").click()
        await page.get_by_role("button", name="Review it myself").click()
        comment = page.locator("#review-comment")
        leaves = page.get_by_role("banner").get_by_role("button", name="Sign out")
        await comment.fill("Asked before they typed")
        await leaves.press("Enter")
        await sign_in(page, "reviewer", DESK_PASSWORD)
        await page.goto(place)
        await give_purpose(page)
        await expect(comment).to_have_value("Asked before they typed")

        await page.route("**/v1/reviews/*", lambda route: route.abort())
        async with page.expect_response(is_said):
            await comment.fill("Asked before they typed; said goodbye")
        await leaves.press("Enter")
        asked = page.get_by_role("dialog", name="Sign out, and lose what you have typed?")
        await expect(asked).to_be_visible()
        await eye.look("presence-4-unsaved")
        await asked.get_by_role("button", name="Go back to it").press("Enter")
        database = audit.settings.database_file
        await nobody_is_there(database, page, left_ms=SOON_MS, idle_ms=60 * 60_000)
        over = page.get_by_role("dialog", name="Sign in")
        await expect(over.get_by_role("alert")).to_contain_text("nobody did anything on this page for 60 minutes")
        await eye.look("presence-5-desk-covered")
        await page.unroute("**/v1/reviews/*")
        await somebody_is_back(page)
        await sign_in(page, "reviewer", DESK_PASSWORD)
        await expect(over).to_have_count(0)
        await expect(page.get_by_text("draft saved")).to_be_visible()
        await expect(comment).to_have_value("Asked before they typed; said goodbye")
    assert eye.complaints == []
