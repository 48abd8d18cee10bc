"""Customer and engineer talk in a session that runs: messages, a pause, more scopes and fewer; in the real Chromium."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

from playwright.async_api import Page, expect

from tests.helpers.deployment import AS_ROOT, PASSWORD, Broker, Customer
from tests.helpers.waiting import wait_until
from tests.web.chromium import Eye, chromium, new_context

SCOPES = ("shell", "root") if AS_ROOT else ("shell",)


async def go_in(page: Page, broker: Broker, customer: Customer) -> None:
    """From sign-in to a terminal."""
    await page.goto(f"{broker.origin}/console/")
    await page.locator("#user").fill("sam")
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator("#code").fill(customer.code)
    await page.locator("#reason").fill("receipts never arrive")
    for scope in SCOPES:
        await page.locator(f"input[value={scope}]").check()
    await page.get_by_role("button", name="Use the code and ask").click()
    await allow(customer, 1)
    await expect(page.locator(".terminal .xterm-rows")).to_contain_text("#" if AS_ROOT else "$")


async def allow(customer: Customer, number: int, **answer: Any) -> dict[str, Any]:
    """As soon as it can be allowed."""
    question = await asyncio.to_thread(customer.heard, "consent-question", count=number)
    earliest = question["allow_not_before_ms"] / 1000
    await asyncio.to_thread(wait_until, lambda: time.time() > earliest, "the customer may allow it")
    customer.say("answer", question=question["question"], allow=True, **answer)
    return question


ASKS_TO_JOIN = {
    "whispers": [
        {
            "number": 1,
            "name": "Su \u202eExample",
            "staff_number": "S-1",
            "said_at_ms": 0,
            "text": "",
            "kind": "join",
            "mine": False,
        }
    ],
    "is_over": False,
}


async def test_a_talk_and_a_raise(broker: Broker, new_customer: Callable[..., Customer]) -> None:
    """By keyboard; each side reads the other at once, nothing of a message acts, and whatever the customer changes is
    seen at once. Axe finds nothing serious, light and dark, wide and narrow."""
    customer = new_customer(broker, decide=lambda _question: None)
    async with chromium() as browser:
        context = await new_context(
            browser, locale="en-GB", color_scheme="light", viewport={"width": 1440, "height": 900}
        )
        page = await context.new_page()
        eye = Eye(page, "chat")
        # A supervisor's wish to join, as the broker tells it; the first question alone is answered so.
        await page.route("**/whispers?after=0&*", lambda route: route.fulfill(json=ASKS_TO_JOIN))
        await go_in(page, broker, customer)
        await expect(page.get_by_text("Su \\u202eExample asks to join")).to_be_visible()
        await eye.look("chat-0-whisper")
        await page.get_by_role("button", name="Make a code").press("Enter")
        shown = await asyncio.to_thread(customer.heard, "code-shown", count=2)
        invited = page.get_by_role("dialog", name="Invite a colleague")
        await expect(invited).to_contain_text(shown["code"].replace("-", " - "))
        assert (await asyncio.to_thread(customer.heard, "colleague-invited"))["participant"] == 1
        await eye.look("chat-0-invite")
        await invited.get_by_role("button", name="Close").press("Enter")
        await expect(page.locator(".messages", has_text="asks to join")).to_have_count(0)
        lines = page.locator("#pane-chat li")

        customer.say("say", text="Is it the \u202eprinter?\n<b>It blinks</b>")
        await expect(lines.first).to_contain_text("Is it the \\u202eprinter?")
        await expect(lines.first).to_contain_text("<b>It blinks</b>")
        await page.keyboard.press("Alt+Shift+KeyM")
        await expect(page.locator("#message")).to_be_focused()
        await page.keyboard.type("Yes. I restart its queue now.")
        await page.keyboard.press("Enter")
        await expect(lines.nth(1)).to_contain_text("Yes. I restart its queue now.")
        await expect(page.locator("#message")).to_have_value("")
        said = await asyncio.to_thread(customer.heard, "chat-said", number=2)
        assert (said["participant"], said["text"]) == (1, "Yes. I restart its queue now.")

        # What comes while the notes are in front is counted until it is read.
        await page.keyboard.press("Alt+Shift+KeyN")
        await expect(page.locator("#note")).to_be_focused()
        customer.say("say", text="Thank you")
        await expect(page.get_by_role("button", name="1 new message")).to_be_visible()
        await expect(page).to_have_title("(1) Consentry")
        await eye.look("chat-1-unread")
        await page.get_by_role("button", name="1 new message").press("Enter")
        await expect(page.locator("#message")).to_be_focused()
        await expect(page.get_by_text("1 new message")).to_have_count(0)
        await eye.look("chat-2-talk")

        customer.say("pause")
        await expect(page.get_by_text("The customer has paused everything")).to_be_visible()
        customer.say("resume")
        await expect(page.get_by_text("The customer has paused everything")).to_have_count(0)

        await page.keyboard.press("Alt+Shift+KeyA")
        await page.locator("dialog[open] input[value='files:r']").check()
        await page.locator("#more-minutes").select_option("60")
        await page.locator("#more-reason").fill("to read the log of the queue")
        await eye.look("chat-3-more")
        await page.get_by_role("button", name="Ask the customer").press("Enter")
        await expect(page.get_by_text("They see your question now")).to_be_visible()
        await expect(page.get_by_text("The customer reads a question")).to_be_visible()
        question = await allow(customer, 2, minutes=45)
        assert (question["is_raise"], question["scopes"], question["minutes"]) == (True, ["files:r"], 60)
        await expect(page.get_by_text("The customer allows now:")).to_contain_text("read files")
        await expect(page.locator("dialog[open]")).to_have_count(0)
        await expect(page.locator(".clock")).to_contain_text(re.compile(r"\b4[0-4]:"))  # of 45; it was less than 30

        # A question that is withdrawn leaves the customer's screen.
        await page.keyboard.press("Alt+Shift+KeyA")
        await page.locator("dialog[open] input[value='files:w']").check()
        await page.locator("#more-reason").fill("to mend it")
        await page.get_by_role("button", name="Ask the customer").click()
        withdrawn = await asyncio.to_thread(customer.heard, "consent-question", count=3)
        await page.get_by_role("button", name="Withdraw the question").click()
        await asyncio.to_thread(customer.heard, "consent-question-withdrawn", question=withdrawn["question"])

        customer.say("narrow", participant=1, scopes=["view", *SCOPES])
        await expect(page.get_by_text("The customer changed what you may do")).to_be_visible()
        await expect(page.locator("header .pill", has_text="read files")).to_have_count(0)
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.emulate_media(color_scheme="dark")
        await eye.look("chat-4-narrow")

        customer.say("narrow", participant=1, scopes=[])
        await expect(page.locator("#pane-chat")).to_contain_text("This session has ended")
        await expect(page.locator("#message")).to_have_count(0)
        await expect(page.get_by_role("button", name="Back to the desk")).to_be_visible()
        await eye.look("chat-5-out")
    assert eye.foreign == []
    assert eye.complaints == []
