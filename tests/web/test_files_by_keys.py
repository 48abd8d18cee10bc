"""The customer's files in the console, by somebody without a mouse, in the real Chromium: the keys never leave the
list, what cannot be fetched says so, and a list that takes long shows it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.async_api import Locator, Page, expect

from tests.helpers.deployment import PASSWORD, Broker, Customer
from tests.web.chromium import chromium
from tests.web.test_administration import NARROW, WIDE, sign_in, visit
from tests.web.test_coming_back import reads_prompt, take_code

LONG = 3000
NO_FILE = "{} is a pipe, a device or the like, or a link to one: it cannot be fetched."


@contextmanager
def held(customer: Customer) -> Iterator[None]:
    """Their computer answers nothing until the end."""
    customer.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        customer.process.send_signal(signal.SIGCONT)


class Keys:
    """Hands on the keyboard, in the right pane."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pane = page.locator("#pane-files")

    def row(self, name: str) -> Locator:
        return self.pane.locator("button.name").filter(has_text=name)

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def stand_on(self, name: str) -> None:
        await expect(self.row(name)).to_be_focused()


async def test_the_keys_stay_in_the_list(broker: Broker, new_customer: Callable[..., Customer]) -> None:
    """Into folders, empty ones too, and out of them again up to where "Up" goes off; past a pipe, and over
    what is deleted."""
    customer = new_customer(broker)
    for folder in ("empty", "inner/deep", "odd"):
        (customer.home / folder).mkdir(parents=True)
    for name in ("inner/deep/one.txt", "inner/deep/two.txt", "inner/side.txt", "odd/zebra.txt"):
        (customer.home / name).write_text(name)
    os.mkfifo(customer.home / "odd" / "fifo")
    (customer.home / "odd" / "link").symlink_to("fifo")
    async with chromium() as browser:
        page, eye = await visit(browser, f"{broker.origin}/console/", "en-GB", "light", WIDE)
        await sign_in(page, "sam", PASSWORD)
        await take_code(page, customer.code, "The till does not print.", "Use the code and ask")
        await reads_prompt(page)
        keys = Keys(page)
        await keys.press("Alt+Shift+KeyF")

        await keys.row("inner").press("Enter")
        await keys.stand_on("deep")
        await keys.press("Enter")
        await keys.stand_on("one.txt")
        await keys.press("ArrowDown", "Delete")
        await page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).press("Enter")
        await expect(keys.row("two.txt")).to_have_count(0)
        await keys.stand_on("one.txt")
        await keys.press("Backspace")
        await keys.stand_on("deep")
        up = keys.pane.get_by_role("button", name="Up one folder")
        await up.press("Enter")
        await keys.stand_on("inner")
        await expect(up).to_be_disabled()

        await keys.row("empty").press("Enter")
        await expect(up).to_be_focused()
        await keys.press("Enter")
        await keys.stand_on("empty")

        await keys.press("F2")
        await expect(page.locator("#file-name")).to_be_focused()
        await page.keyboard.type("named")
        await keys.press("Enter")
        await keys.stand_on("named")

        await keys.row("odd").press("Enter")
        await keys.stand_on("fifo")
        await keys.press("Enter")
        said = keys.pane.get_by_role("alert")
        await expect(said).to_contain_text(NO_FILE.format("fifo"))
        await keys.press("ArrowDown", "Enter")
        await expect(said).to_contain_text(NO_FILE.format("link"))
        await keys.stand_on("link")
        await eye.look("files-1-no-file")
        await keys.press("ArrowDown")
        await keys.stand_on("zebra.txt")
        assert (eye.complaints, eye.foreign) == ([], [])


async def test_a_list_that_takes_long_says_so(broker: Broker, new_customer: Callable[..., Customer]) -> None:
    """What was shown stays until then; and of two folders the one that was asked for last is shown, whichever takes
    longer."""
    customer = new_customer(broker)
    (customer.home / "long").mkdir()
    (customer.home / "short" / "inner").mkdir(parents=True)
    for number in range(LONG):
        (customer.home / "long" / f"{number}.txt").touch()
    os.mkfifo(customer.home / "short" / "fifo")
    async with chromium() as browser:
        page, eye = await visit(browser, f"{broker.origin}/console/", "zh-CN", "dark", NARROW)
        await sign_in(page, "sam", PASSWORD)
        await take_code(page, customer.code, "收银机无法打印。", "使用连接码并请求")
        await reads_prompt(page)
        keys = Keys(page)
        await keys.press("Alt+Shift+KeyF")
        await expect(keys.row("long")).to_be_visible()
        loads = keys.pane.get_by_role("status").get_by_text("正在载入")
        await expect(loads).to_have_count(0)
        with held(customer):
            await keys.row("long").press("Enter")
            await expect(loads).to_be_visible()
            await eye.look("files-2-loading")
            await keys.row("short").press("Enter")
        await keys.stand_on("inner")
        await expect(loads).to_have_count(0)
        # Into an empty one and back: a way as long as what is left of the long list.
        up = keys.pane.get_by_role("button", name="上一级文件夹")
        await keys.press("Enter")
        await expect(up).to_be_focused()
        await keys.press("Backspace")
        await expect(keys.row("inner")).to_be_visible()
        await expect(up).to_be_focused()
        await keys.press("ArrowDown")
        await keys.stand_on("inner")
        await keys.row("fifo").press("Enter")
        await expect(keys.pane.get_by_role("alert")).to_contain_text("fifo 是管道、设备之类的特殊文件")
        await keys.row("inner").press("Backspace")
        await keys.row("long").press("Enter")
        await expect(keys.pane.get_by_text(f"显示 {LONG:,} 个中的 500 个")).to_be_visible()
        assert (eye.complaints, eye.foreign) == ([], [])
