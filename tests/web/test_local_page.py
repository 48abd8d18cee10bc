"""A customer at their local page in the real Chromium, and a real engineer with stock OpenSSH at the other end."""

import asyncio
import contextlib
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.helpers.deployment import Broker, Engineer, ended
from tests.helpers.page_customer import PageCustomer
from tests.helpers.waiting import PATIENCE_SECONDS, wait_until
from tests.web.chromium import Eye, chromium, new_context

THIEF = """
import sys, time
from websockets.sync.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
address, cookie, log = sys.argv[1:]
origin = address[:address.index("/", 7)]
while True:
    try:
        connect(address.replace("http", "ws") + "live", origin=origin, proxy=None, subprotocols=["consentry.page.v1"],
                additional_headers={"Cookie": "consentry-page=" + cookie})
        outcome = "let in"
    except InvalidStatus as refused:
        outcome = str(refused.response.status_code)
    except (OSError, InvalidMessage, ConnectionClosed):
        outcome = "hung up"
    print(outcome, file=open(log, "a"))
    time.sleep(0.005)
"""
"""What the engineer's shell can try with all that it could read of this same user's browser: to be there first when the
customer's own page is gone for a moment."""


KEEP_WHAT_IS_READ = """() => {
    window.passed = [];
    new MutationObserver(() => passed.push(document.querySelector("main")?.innerText ?? "")).observe(
        document.body, { subtree: true, childList: true, characterData: true }
    );
}"""
"""What stands on the page for too short a time to be waited for."""


@pytest.fixture
def customer(broker: Broker, tmp_path: Path) -> Iterator[PageCustomer]:
    customer = PageCustomer(broker, tmp_path / "customer")
    with ended(customer.process):
        yield customer
    customer.said.close()


async def test_from_the_code_to_the_receipt(broker: Broker, customer: PageCustomer, tmp_path: Path) -> None:
    """The customer narrows, sees the shell live, stops, rates and keeps the receipt, in a page of their own machine."""
    (customer.home / "receipts.log").write_text("14:02 printer jammed\n")
    engineer = await asyncio.to_thread(Engineer, broker, tmp_path / "engineer", "sam")
    async with chromium() as browser:
        context = await new_context(
            browser, locale="en-GB", color_scheme="light", viewport={"width": 1440, "height": 900}
        )
        page = await context.new_page()
        eye = Eye(page, "en-GB-light-1440")
        await page.goto(customer.address)
        await expect(page.get_by_role("heading", name="您的连接码")).to_be_visible()
        await eye.look("page-1-code", seen_as="zh-CN-light-1440")
        await page.get_by_role("button", name="English").click()
        assert "#" not in page.url

        code = await page.locator("[data-code]").get_attribute("data-code")
        assert code
        await page.evaluate(KEEP_WHAT_IS_READ)
        pairing = asyncio.create_task(asyncio.to_thread(engineer.pair, code))
        await _narrow_and_allow(page, eye)
        alias = await pairing

        with _shell(engineer, alias) as shell:
            assert shell.stdin is not None
            shell.stdin.write(b"echo $((6 * 7)) receipts\n")
            shell.stdin.flush()
            rows = page.locator(".xterm-rows")
            await expect(rows).to_contain_text("42 receipts")
            typing = page.get_by_role("switch", name="Type here, too")
            await typing.press("Space")
            await page.keyboard.type("echo me $((2 + 3))")
            await page.keyboard.press("Enter")
            await expect(rows).to_contain_text("me 5")
            await page.keyboard.press("Control+]")
            await expect(typing).not_to_be_checked()
            read = await asyncio.to_thread(engineer.ssh, alias, f"cat {customer.home}/receipts.log")
            assert read.stdout == "14:02 printer jammed\n"
            happened = page.get_by_role("list", name="What happened")
            await expect(happened).to_contain_text("Sam Example runs: cat")
            assert await asyncio.to_thread(_fetch, engineer, alias, tmp_path / "copy") == 0
            await expect(happened).to_contain_text("Sam Example: read")
            await page.get_by_label("Everybody in the session reads it").fill("Is it the cable?")
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("list", name="Messages")).to_contain_text("Is it the cable?")
            await eye.look("page-3-live")
            await _look_as_on_a_telephone(page, eye)

            cookie = next(one["value"] for one in await context.cookies() if one["name"] == "consentry-page")
            thief_log = customer.home / "thief.log"
            thief = engineer.popen(
                "ssh", *engineer.ssh_options, alias,
                shlex.join([sys.executable, "-c", THIEF, page.url, cookie, str(thief_log)]),
            )  # fmt: skip
            await asyncio.to_thread(wait_until, thief_log.exists, "the thief tries")
            await expect(page.get_by_text("a second time, and was refused")).to_be_visible()

            await page.reload()
            await page.get_by_role("button", name="Go on").click()
            await expect(rows).to_contain_text("42 receipts")
            await expect(page.get_by_role("button", name="Pause")).to_be_visible()
            await page.get_by_role("switch", name="read files").press("Space")
            await page.get_by_role("button", name="Take it away").click()
            await expect(page.get_by_role("switch", name="read files")).to_have_count(0)
            assert await asyncio.to_thread(_fetch, engineer, alias, tmp_path / "second") != 0
            await asyncio.to_thread(
                wait_until, lambda: "403" in thief_log.read_text(), "the thief tries the old cookie"
            )
            await page.get_by_role("button", name="Stop now").click()
            await expect(page.get_by_role("heading", name="You have ended the session.")).to_be_visible()
            assert await asyncio.to_thread(shell.wait, PATIENCE_SECONDS) != 0
            assert await asyncio.to_thread(thief.wait, PATIENCE_SECONDS) != 0
            # While the page was there, while everything stood still, and with a cookie that was of use no more. Who
            # stood still himself for long, with half a request said, is hung up on.
            outcomes = thief_log.read_text().split("\n")
            assert {"409", "403"} <= set(outcomes) <= {"409", "503", "403", "hung up", ""}

        async with page.expect_download() as download:
            await page.get_by_role("button", name="Keep the receipt").click()
        kept = tmp_path / "kept.json"
        await (await download.value).save_as(kept)
        await page.get_by_role("radio", name="Very good").check(force=True)
        await page.get_by_role("radio", name="Yes").check(force=True)
        await page.get_by_label("A comment, if you like").fill("thank you / 谢谢")
        await eye.look("page-4-end")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_text("You can close this page.")).to_be_visible()
        assert await asyncio.to_thread(customer.process.wait, PATIENCE_SECONDS) == 0
        (receipt,) = (tmp_path / "customer" / "state" / "agent" / "receipts").iterdir()
        assert kept.read_bytes() == receipt.read_bytes()
    assert eye.foreign == []
    assert eye.complaints == []


async def _narrow_and_allow(page: Page, eye: Eye) -> None:
    """Takes the changing of files away, and says yes when the pause is over."""
    await expect(page.get_by_role("heading", name="Sam Example")).to_be_focused()
    await page.get_by_role("switch", name="change files").press("Space")
    await eye.look("page-2-request")
    await page.set_viewport_size({"width": 320, "height": 640})  # or 1280 at four times the size: WCAG 1.4.10
    await eye.look("page-2-request", seen_as="en-GB-light-320")
    await page.set_viewport_size({"width": 1440, "height": 900})
    await expect(page.get_by_role("button", name="Allow", exact=True)).to_be_visible()
    assert any("Allow (" in text for text in await page.evaluate("passed.splice(0)"))
    await page.get_by_role("button", name="Allow", exact=True).press("Enter")
    await expect(page.get_by_role("switch", name="read files")).to_be_checked()
    passed = await page.evaluate("passed")
    assert any("The recording is being opened" in text for text in passed)
    assert not any("Make a new code" in text for text in passed)
    await expect(page.get_by_role("switch", name="change files")).to_have_count(0)


async def _look_as_on_a_telephone(page: Page, eye: Eye) -> None:
    """Narrow, dark and in Chinese; and back."""
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.emulate_media(color_scheme="dark")
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("button", name="立即停止")).to_be_in_viewport()
    await eye.look("page-3-live", seen_as="zh-CN-dark-390")
    await page.get_by_role("button", name="English").click()
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": 1440, "height": 900})


@contextlib.contextmanager
def _shell(engineer: Engineer, alias: str) -> Iterator["subprocess.Popen[bytes]"]:
    shell = engineer.popen("ssh", *engineer.ssh_options, "-tt", alias, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    with ended(shell):
        yield shell


def _fetch(engineer: Engineer, alias: str, to: Path) -> int:
    """The status of scp."""
    fetching = engineer.popen("scp", *engineer.ssh_options, "-q", f"{alias}:receipts.log", str(to))
    return fetching.wait(PATIENCE_SECONDS)
