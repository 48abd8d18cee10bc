"""An administrator and a newcomer, in the real Chromium: an account is made, secured, used, and looked after."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from protocol.profile import AuditRecipient
from tests.broker.harness import PASSWORD, RunningBroker, add_user, found, make_settings, running
from tests.helpers.ports import free_port
from tests.web.chromium import Eye, chromium, new_context

WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
KEY = AuditRecipient(b"auditkey", "x25519", bytes(32), 0, 2_000_000_000_000)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[RunningBroker]:
    port = free_port()
    settings = make_settings(tmp_path / "data", listen_port=port)
    organisation = found(settings, origin=f"https://127.0.0.1:{port}", audit_recipients=(KEY,))
    await add_user(settings, "ada", "A-1", name="Ada Example", role="administrator")
    await add_user(settings, "wei", "E-1", name="Wei Example")
    async with running(settings, organisation) as broker:
        yield broker


async def visit(browser: Browser, place: str, language: str, colours: str, window: ViewportSize) -> tuple[Page, Eye]:
    context = await new_context(
        browser, locale=language, color_scheme="dark" if colours == "dark" else "light", viewport=window
    )
    page = await context.new_page()
    await page.goto(place)
    return page, Eye(page, f"{language}-{colours}-{window['width']}")


async def sign_in(page: Page, user: str, password: str) -> None:
    await page.locator("#user").fill(user)
    await page.locator("#password").fill(password)
    await page.keyboard.press("Enter")


async def test_an_account_from_its_first_password_to_its_lost_phone(house: RunningBroker) -> None:
    """By keyboard, in both languages and themes; axe finds nothing serious, nothing is asked of anybody else."""
    console = f"{house.organisation.profile.broker_origin}/console/"
    async with chromium() as browser:
        ada, ada_eye = await visit(browser, console, "en-GB", "light", WIDE)
        await sign_in(ada, "ada", PASSWORD)
        await ada.get_by_text("Add somebody").press("Enter")
        await ada.get_by_label("User name").fill("li")
        await ada.get_by_label("Full name").fill("李娜")
        await ada.get_by_label("Staff number").fill("E-19")
        await ada.get_by_label("Team (optional)").fill("Berlin")
        await ada_eye.look("administration-1-people")
        await ada.get_by_role("button", name="Add", exact=True).press("Enter")
        password = await ada.get_by_role("dialog").locator("code").inner_text()
        await ada.get_by_role("button", name="I have kept it").press("Enter")

        # Li Na opens the link that a program of hers shows, signs in, and lets it in.
        begun = (await house.request("POST", "/v1/device-login", {}, headers={"User-Agent": "consentry (li-pc)"})).json
        link = f"{console}#/link/{begun['user_code']}"
        li, li_eye = await visit(browser, link, "zh-CN", "dark", NARROW)
        await sign_in(li, "li", password)
        await expect(li.get_by_text("设置您自己的密码")).to_be_visible()
        await li.locator("#old-password").fill(password)
        password = "四个 互不相关 的 词语 horse"
        await li.locator("#new-password").fill(password)
        await li.locator("#new-password-again").fill(password)
        await li.keyboard.press("Enter")
        await expect(li.locator(".code")).to_have_text(begun["user_code"])
        await expect(li.locator("main")).to_contain_text("consentry, li-pc")
        await li_eye.look("administration-2-link")
        await li.get_by_role("button", name="允许").press("Enter")
        await expect(li.get_by_text("程序已登录")).to_be_visible()
        polled = await house.request("POST", "/v1/device-login/token", {"device_code": begun["device_code"]})
        assert polled.json["user_name"] == "li"

        # One-time numbers, with recovery codes.
        await li.get_by_role("link", name="账户").press("Enter")
        await li.get_by_role("button", name="设置动态验证码").press("Enter")
        await expect(li.get_by_role("img", name="二维码")).to_be_visible()
        await li.locator("#totp-password").scroll_into_view_if_needed()
        await li_eye.look("administration-3-totp")
        secret = (await li.locator("ol code").inner_text()).replace(" ", "")
        await li.locator("#totp-password").fill(password)
        # Last, because a number lasts for half a minute.
        await li.locator("#totp-number").fill(pyotp.TOTP(secret).now())
        await li.keyboard.press("Enter")
        shown = li.get_by_role("dialog").locator("code")
        await expect(shown).to_have_count(10)
        codes = await shown.all_inner_texts()
        await li_eye.look("administration-4-recovery")
        await li.get_by_role("button", name="我已保存").press("Enter")
        await expect(li.get_by_text("还剩 10 个恢复码")).to_be_visible()
        # That ended the program's login: only the browser's is left.
        assert (await house.request("GET", "/v1/me", token=polled.json["token"])).status == 401
        await li.get_by_role("button", name="退出登录", exact=True).first.press("Enter")
        await sign_in(li, "li", password)
        await li.locator("#totp").fill(codes[0])
        await li.keyboard.press("Enter")
        await expect(li.locator("#code")).to_be_visible()

        # The administrator sees her, moves her, which changes nothing for her; renames the team.
        await ada.get_by_label("Team", exact=True).select_option("no team")
        await expect(ada.get_by_role("link", name="李娜")).to_have_count(0)
        await ada.get_by_label("Team", exact=True).select_option("Berlin")
        await ada.get_by_role("link", name="李娜").press("Enter")
        await expect(ada.get_by_text("by recovery code")).to_be_visible()
        await ada.get_by_label("Team (optional)").fill("Hamburg")
        await ada.get_by_role("button", name="Set team").press("Enter")
        await expect(ada.get_by_text("Saved.")).to_be_visible()
        await expect(ada.get_by_text("by recovery code")).to_be_visible()
        await ada_eye.look("administration-5-team")
        await ada.get_by_role("link", name="← People").press("Enter")
        await ada.get_by_role("button", name="Rename Hamburg").press("Enter")
        await ada.get_by_label("Name of the team").fill("Hamburg and Bremen")
        await ada_eye.look("administration-5-rename")
        await ada.get_by_role("button", name="Rename", exact=True).last.press("Enter")
        await expect(ada.get_by_role("link", name="李娜")).to_contain_text("Hamburg and Bremen")
        await ada_eye.look("administration-5-teams")

        # She is made a supervisor, and logged out.
        await ada.get_by_role("link", name="李娜").press("Enter")
        await ada.get_by_label("Role", exact=True).select_option("supervisor")
        await ada_eye.look("administration-5-person")
        await ada.get_by_role("button", name="Save").press("Enter")
        await expect(ada.get_by_text("Saved.")).to_be_visible()
        await expect(ada.get_by_text("Logged in nowhere.")).to_be_visible()
        await expect(li.get_by_role("dialog").get_by_role("alert")).to_be_visible()
        await ada.get_by_role("button", name="Remove one-time numbers").press("Enter")
        await ada.get_by_role("button", name="Remove", exact=True).press("Enter")
        await expect(ada.get_by_role("button", name="no one-time number")).to_be_disabled()

        await ada.get_by_role("link", name="Decisions").press("Enter")
        await expect(ada.get_by_text("Recovery code used")).to_be_visible()
        await ada_eye.look("administration-6-decisions")
        await ada.get_by_role("link", name="API tokens").press("Enter")
        await expect(ada.get_by_text("Nobody else has an API token.")).to_be_visible()
        await ada_eye.look("administration-8-tokens")
        await ada.get_by_role("link", name="Webhooks").press("Enter")
        await ada.get_by_text("Add a webhook").press("Enter")
        await ada.get_by_label("Address").fill("https://tickets.example.org/hooks")
        await ada.get_by_role("button", name="Add", exact=True).press("Enter")
        await expect(ada.get_by_role("dialog").locator("code")).to_contain_text("whsec_")
        await ada.get_by_role("button", name="I have kept it").press("Enter")
        await ada.get_by_role("button", name="Pause …").press("Enter")
        await ada.get_by_role("button", name="Pause", exact=True).press("Enter")
        await expect(ada.get_by_text("paused", exact=True)).to_be_visible()
        await ada.get_by_text("Last messages").press("Enter")
        await expect(ada.get_by_text("It was told nothing in the last thirty days.")).to_be_visible()
        await ada_eye.look("administration-9-webhooks")
        await ada.get_by_role("link", name="Keys", exact=True).press("Enter")
        await expect(ada.get_by_text("Root of the organisation")).to_be_visible()
        await expect(ada.get_by_text("It cannot be changed: every address")).to_be_visible()
        await ada_eye.look("administration-10-keys")
        await ada.get_by_role("link", name="Organisation", exact=True).press("Enter")
        await expect(ada.get_by_text("Address for customers and engineers")).to_be_visible()
        await ada_eye.look("administration-11-organisation")
        await ada.set_viewport_size(NARROW)
        await ada.get_by_role("link", name="State").press("Enter")
        await expect(ada.get_by_text(re.compile("takes sessions"))).to_be_visible()
        await ada_eye.look("administration-7-state")
    assert [one.foreign for one in (ada_eye, li_eye)] == [[], []]
    assert [one.complaints for one in (ada_eye, li_eye)] == [[], []]
