"""The console's terminal in somebody's hands, in the real Chromium: copying, pasting, text from no key, looking on,
and the way out of the page."""

import asyncio
from collections.abc import Callable

from playwright.async_api import Dialog, ViewportSize, expect

from tests.helpers.deployment import PASSWORD, Broker, Customer
from tests.helpers.waiting import PATIENCE_SECONDS
from tests.web.chromium import chromium
from tests.web.test_administration import NARROW, WIDE, sign_in, visit
from tests.web.test_coming_back import reads_prompt, take_code


async def test_what_is_copied_pasted_composed_or_inserted_arrives_once(
    broker: Broker, new_customer: Callable[..., Customer]
) -> None:
    """Ctrl+Shift+C copies and Ctrl+Shift+V pastes; a picker's text comes without a key; who looks on is told so."""
    customer = new_customer(broker)
    async with chromium() as browser:
        page, eye = await visit(browser, f"{broker.origin}/console/", "en-GB", "light", WIDE)
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await sign_in(page, "sam", PASSWORD)
        await take_code(page, customer.code, "The till does not print.", "Use the code and ask")
        await reads_prompt(page)
        rows = page.locator(".xterm-rows")

        await page.keyboard.type("clear; echo needle-$((40+2))")
        await page.keyboard.press("Enter")
        await expect(rows.locator("> div").first).to_have_text("needle-42")
        corner = await page.locator(".xterm-screen").bounding_box()
        assert corner is not None
        await page.mouse.dblclick(corner["x"] + 20, corner["y"] + 8)
        await page.keyboard.press("Control+Shift+C")
        await page.wait_for_function("navigator.clipboard.readText().then((text) => text === 'needle-42')")
        await page.keyboard.type("echo again-")
        await page.keyboard.press("Control+Shift+V")
        await page.keyboard.press("Enter")
        await expect(rows).to_contain_text("again-needle-42")

        await page.keyboard.type("clear; echo '[")
        await page.keyboard.insert_text("晴☀")
        await page.keyboard.type("|")
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5})
        await devtools.send("Input.insertText", {"text": "你好"})
        await page.keyboard.type("]'")
        await page.keyboard.press("Enter")
        await expect(rows.locator("> div").first).to_have_text("[晴☀|你好]")
        assert (eye.complaints, eye.foreign) == ([], [])

        customer.say("narrow", participant=1, scopes=["view"])
        await expect(page.get_by_text("You look on")).to_be_visible()
        await eye.look("terminal-1-looks-on")


HIDDEN_PX = """() => {
  const edge = document.querySelector(".terminal").getBoundingClientRect().bottom;
  return document.querySelector(".xterm-rows > div:last-child").getBoundingClientRect().bottom - edge;
}"""
"""How far the last row reaches below the terminal's frame."""


async def test_the_last_row_is_whole(broker: Broker, new_customer: Callable[..., Customer]) -> None:
    """Where the prompt stands, in a window that becomes smaller: nothing of it is cut off or scrolled out of sight, and
    the shell knows how many rows there are."""
    customer = new_customer(broker)
    async with chromium() as browser:
        page, _ = await visit(browser, f"{broker.origin}/console/", "en-GB", "light", WIDE)
        await sign_in(page, "sam", PASSWORD)
        await take_code(page, customer.code, "The till does not print.", "Use the code and ask")
        await reads_prompt(page)
        windows: tuple[ViewportSize, ...] = (WIDE, {"width": 1440, "height": 887}, NARROW)
        for window in windows:
            await page.set_viewport_size(window)
            await page.wait_for_function(f"({HIDDEN_PX})() <= 0")
            count = await page.locator(".xterm-rows > div").count()
            await page.locator(".xterm-helper-textarea").focus()
            line = (
                f'clear; seq 99; until [ "$(stty size | cut -d" " -f1)" = {count} ]; do :; done; echo rows-$(({count}))'
            )
            await page.keyboard.type(line)
            await page.keyboard.press("Enter")
            await expect(page.locator(".xterm-rows")).to_contain_text(f"rows-{count}")
            assert await page.evaluate(HIDDEN_PX) <= 0
            assert await page.evaluate("document.querySelector('.terminal').scrollTop") == 0


async def test_the_browser_s_back_button_asks_first(broker: Broker, new_customer: Callable[..., Customer]) -> None:
    """Within the console it leaves the terminal alone; where it would leave the console, the browser asks, and whoever
    stays has the same shell. Afterwards there is nothing to ask."""
    customer = new_customer(broker)
    async with chromium() as browser:
        page, _ = await visit(browser, f"{broker.origin}/console/", "en-GB", "light", WIDE)
        asked: asyncio.Queue[Dialog] = asyncio.Queue()
        page.on("dialog", asked.put_nowait)
        await sign_in(page, "sam", PASSWORD)
        await expect(page.locator("#code")).to_be_visible()
        await page.evaluate("location.hash = '#/account'; location.hash = '#/'")
        await take_code(page, customer.code, "The till does not print.", "Use the code and ask")
        await reads_prompt(page)
        rows = page.locator(".xterm-rows")
        await page.keyboard.type("here=$((40+2)); clear")
        await page.keyboard.press("Enter")
        for _ in range(2):
            await page.evaluate("history.back()")
        await page.wait_for_function("location.hash === ''")
        await page.evaluate("setTimeout(() => history.back())")
        dialog = await asyncio.wait_for(asked.get(), PATIENCE_SECONDS)
        assert dialog.type == "beforeunload"
        await dialog.dismiss()
        await page.locator(".xterm-helper-textarea").focus()
        await page.keyboard.type("echo still-$here")
        await page.keyboard.press("Enter")
        await expect(rows).to_contain_text("still-42")
        await page.keyboard.press("Alt+Shift+KeyE")
        await page.get_by_role("dialog").get_by_role("button", name="End it").press("Enter")
        await expect(page.get_by_text("The session is over")).to_be_visible()
        await page.evaluate("setTimeout(() => history.back())")
        await page.wait_for_url("about:blank")
        assert asked.empty()
