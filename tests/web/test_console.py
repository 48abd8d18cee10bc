"""An engineer at work in the real Chromium: signs in, takes a code, waits, types, ends, and reads it up afterwards."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from playwright.async_api import ViewportSize, expect

from tests.helpers.deployment import AS_ROOT, CONSENTRY, PASSWORD, Broker, Customer, run
from tests.helpers.network import Wire
from tests.helpers.waiting import PATIENCE_SECONDS, wait_until
from tests.web.chromium import Eye, chromium, new_context
from tests.web.files_story import NO_FOLDER, OWN_FOLDER, WORDS, FilesStory

PROMPT = "#" if AS_ROOT else "$"


@dataclass(frozen=True)
class Person:
    """Who sits there, and in front of what."""

    user: str
    language: Literal["en-GB", "zh-CN"]
    colours: Literal["light", "dark"]
    window: ViewportSize
    words: dict[str, str]


SAM = Person(
    "sam", "en-GB", "light", {"width": 1440, "height": 900},
    {"sign-in": "Sign in", "ask": "Use the code and ask", "slip": "One digit is not right",
     "end-it": "End it", "over": "The session is over", "same": "exactly what you saw", "back": "Back to the desk",
     "waiting": "Waiting for the customer", "ended": "ended", "notes": "notes", "sign-out": "Sign out",
     "again": "Open the terminal again"},
)  # fmt: skip
LI = Person(
    "li", "zh-CN", "dark", {"width": 390, "height": 844},
    {"sign-in": "登录", "ask": "使用连接码并请求", "slip": "有一位数字不对", "end-it": "结束", "over": "会话已结束",
     "same": "与您看到的完全一致",
     "back": "返回工作台", "waiting": "正在等待客户", "ended": "已结束", "notes": "备注", "sign-out": "退出登录",
     "again": "重新打开终端"},
)  # fmt: skip


@pytest.fixture
def wired(founded: Broker, tmp_path: Path) -> Iterator[tuple[Broker, Wire]]:
    """A broker, and the network in front of it, which can go away."""
    broker = Broker(tmp_path / "organisation", behind_wire=True, like=founded)
    broker.start()
    wire = Wire(broker.port, broker.listen_port)
    yield broker, wire
    wire.close()
    broker.stop()


def add_li(broker: Broker) -> pyotp.TOTP:
    """Li Na logs in with a one-time number, too."""
    added = run(
        *CONSENTRY, "admin", "user", "add", "li", "--name", "李娜", "--staff-number", "S-19", "--totp",
        "--password-stdin", "--json", "--data", broker.data, input=f"{PASSWORD}\n",
    )  # fmt: skip
    address = next(value for value in json.loads(added.stdout).values() if str(value).startswith("otpauth:"))
    return pyotp.TOTP(parse_qs(urlsplit(address).query)["secret"][0])


@pytest.mark.parametrize("person", [SAM, LI], ids=lambda person: person.user)
async def test_from_sign_in_to_notes(
    wired: tuple[Broker, Wire],
    new_customer: Callable[..., Customer],
    person: Person,
    tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:
    """The whole way, by keyboard where a hand would be; axe finds nothing serious, no request leaves the broker."""
    broker, wire = wired
    one_time_numbers = add_li(broker) if person is LI else None
    mib = pytestconfig.getoption("--browser-mib")
    customer = new_customer(broker, decide=lambda _question: None)
    log = customer.home / "receipts.log"
    log.write_text("13:58 receipt 1042 printed\n14:01 paper low\n" + 3 * "14:02 printer jammed\n")
    words = person.words
    async with chromium(patience_seconds=PATIENCE_SECONDS + mib) as browser:
        context = await new_context(
            browser, locale=person.language, color_scheme=person.colours, viewport=person.window
        )
        await context.add_init_script(OWN_FOLDER if person is SAM else NO_FOLDER)
        page = await context.new_page()
        eye = Eye(page, f"{person.language}-{person.colours}-{person.window['width']}")
        await page.goto(f"{broker.origin}/console/")
        await expect(page.locator("#user")).to_be_focused()
        await page.keyboard.type(person.user)
        await page.keyboard.press("Tab")
        await page.keyboard.type(PASSWORD)
        await eye.look("1-sign-in")
        await page.keyboard.press("Enter")
        if one_time_numbers:
            await page.locator("#totp").fill(one_time_numbers.now())
            await page.keyboard.press("Enter")

        code = customer.code
        slipped = code[:-1] + str((int(code[-1]) + 1) % 10)
        await page.locator("#code").press_sequentially(slipped.replace("-", ""))
        await expect(page.get_by_text(words["slip"])).to_be_visible()
        await page.locator("#code").fill("")
        await page.locator("#code").press_sequentially(code.replace("-", ""))
        await expect(page.locator("#code")).to_have_value(code)
        await page.locator("#reason").fill("Receipts have not arrived / 收不到收据")
        for scope in ("files:r", "files:w", *(["root"] if AS_ROOT else [])):
            await page.locator(f"input[value='{scope}']").press("Space")
        await eye.look("2-desk")
        await page.get_by_role("button", name=words["ask"]).press("Enter")

        await expect(page.get_by_role("heading", name=words["waiting"])).to_be_visible()
        question = customer.heard("consent-question")
        assert question["client"] == "browser"
        await eye.look("3-waiting")
        earliest = question["allow_not_before_ms"] / 1000
        await asyncio.to_thread(wait_until, lambda: time.time() > earliest, "the customer may allow it")
        customer.say("answer", question=question["question"], allow=True)

        terminal = page.locator(".terminal")
        await expect(terminal.locator(".xterm-rows")).to_contain_text(PROMPT)
        await page.keyboard.type("sort receipts.log | uniq -c | tail -n 3")
        await page.keyboard.press("Enter")
        await expect(terminal.locator(".xterm-rows")).to_contain_text("3 14:02 printer jammed")
        await eye.look("4-terminal")

        files = FilesStory(page, eye, wire, customer, WORDS[person.language], has_folder=person is SAM)
        await files.tell(tmp_path, mib)

        cursor = terminal.locator(".xterm-helper-textarea")
        await expect(cursor).to_be_focused()
        await page.keyboard.type("exit")
        await page.keyboard.press("Enter")
        again = page.get_by_role("button", name=words["again"])
        await expect(again).to_be_visible()
        await expect(page.get_by_text(files.words.lost)).to_have_count(0)
        await page.keyboard.press("Alt+Shift+KeyF")
        await again.press("Enter")
        # Nobody waits for the prompt: what is typed before the shell is there reaches it.
        await expect(cursor).to_be_focused()
        await page.keyboard.type("echo $((40 + 2)) receipts")
        await page.keyboard.press("Enter")
        await expect(terminal.locator(".xterm-rows")).to_contain_text("42 receipts")

        await page.keyboard.press("Alt+Shift+KeyK")
        await page.keyboard.type(words["notes"])
        await eye.look("6-jump")
        await page.keyboard.press("Enter")
        await expect(page.locator("#note")).to_be_focused()
        await page.keyboard.type("replaced the cable / 换了线")
        await page.keyboard.press("Control+Enter")
        await expect(page.locator("#pane-notes li")).to_contain_text("replaced the cable / 换了线")
        await page.keyboard.press("Alt+Shift+KeyE")
        await eye.look("7-end")
        await page.get_by_role("button", name=words["end-it"], exact=True).press("Enter")
        await expect(page.get_by_text(words["over"])).to_be_visible()
        await expect(page.get_by_text(words["same"])).to_be_visible()
        await eye.look("8-over")

        await page.get_by_role("button", name=words["back"]).press("Enter")
        newest = page.get_by_role("listitem").get_by_role("link").first
        await expect(newest).to_contain_text(words["ended"])
        await newest.press("Enter")
        await expect(page.locator("main li", has_text="replaced the cable / 换了线")).to_be_visible()
        customer.wait()
        await expect(page.get_by_text("thank you")).to_be_visible()
        await eye.look("9-session")
        assert await page.evaluate("document.cookie") == ""
        await page.get_by_role("button", name=words["sign-out"]).press("Enter")
        await expect(page.locator("#user")).to_be_focused()
    assert eye.foreign == []
    assert eye.complaints == []
