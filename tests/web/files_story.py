"""Files, as a part of an engineer's story: to the customer and back, over a network that goes away in the middle."""

import asyncio
import os
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page, expect

from tests.helpers.deployment import Customer, sha256_of
from tests.helpers.network import Wire
from tests.helpers.waiting import PATIENCE_SECONDS, wait_until
from tests.web.chromium import Eye

MIB = 1024 * 1024

HARMFUL_NAMES = ("receipt\u202efdp.exe", "\x1b[31mred", "<img src=x onerror=alert(1)>")
SHOWN_NAMES = ("receipt\\u202efdp.exe", "\\x1b[31mred", "<img src=x onerror=alert(1)>")

OWN_FOLDER = """
window.showDirectoryPicker = async ({ mode }) => {
  const own = await navigator.storage.getDirectory();
  return mode === "readwrite" ? own : own.getDirectoryHandle("project", { create: true });
};
"""
"""Nobody can click in the system's own window here: the page gets a real folder, the browser's private one; to send,
one in that."""
NO_FOLDER = "delete window.showDirectoryPicker;"
"""Firefox and Safari have none."""

HASH_OF_FETCHED = """
async (name) => {
  const folder = await navigator.storage.getDirectory();
  const file = await (await folder.getFileHandle(name)).getFile();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
"""

MAKE_PROJECT = """
async () => {
  const own = await navigator.storage.getDirectory();
  const project = await own.getDirectoryHandle("project", { create: true });
  await project.getDirectoryHandle("empty", { create: true });
  const source = await project.getDirectoryHandle("source", { create: true });
  for (const [folder, name] of [[project, "readme.txt"], [source, "main.c"]]) {
    const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
    await writable.write(`this is ${name}`);
    await writable.close();
  }
}
"""
READ_FETCHED = """
async () => {
  const own = await navigator.storage.getDirectory();
  const fetched = await own.getDirectoryHandle("project (2)");
  await fetched.getDirectoryHandle("empty");
  const source = await fetched.getDirectoryHandle("source");
  return (await (await source.getFileHandle("main.c")).getFile()).text();
}
"""

DROP = """
(pane) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["let go here"], "dropped.txt"));
  for (const name of ["dragover", "drop"])
    pane.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
}
"""
"""What a browser does with a file that somebody lets go over that pane."""


@dataclass(frozen=True)
class Words:
    lost: str
    held: str
    fetch: str
    delete: str
    confirm: str
    new_folder: str
    make: str
    send_folder: str
    fetch_folder: str
    all_files: str


WORDS = {
    "en-GB": Words(
        "Connection lost",
        "Both ends hold the same.",
        "Fetch",
        "Delete",
        "Delete",
        "New folder",
        "Make it",
        "Choose a folder to send",
        "Fetch the folder project",
        "2 of 2 files",
    ),
    "zh-CN": Words(
        "连接中断",
        "两端内容相同。",
        "取回",
        "删除",
        "删除",
        "新建文件夹",
        "创建",
        "选择要发送的文件夹",
        "取回文件夹 project",
        "2 / 2 个文件",
    ),
}


@dataclass
class FilesStory:
    page: Page
    eye: Eye
    wire: Wire
    customer: Customer
    words: Words
    has_folder: bool
    """Whether this browser lets a page write into a folder."""

    async def tell(self, here: Path, mib: int) -> None:
        """`here` is a folder of the engineer's."""
        for name in HARMFUL_NAMES:
            (self.customer.home / name).write_text("x")
        sent = here / "firmware.bin"
        sent.write_bytes(os.urandom(mib * MIB))
        await self.page.keyboard.press("Alt+Shift+KeyF")
        names = self.page.locator("#pane-files button.name")
        for shown in SHOWN_NAMES:
            await expect(names.filter(has_text=shown)).to_be_visible()
        await self._cut_in_the_middle_of(self._send(sent), mib)
        assert sha256_of(self.customer.home / sent.name) == sha256_of(sent)
        await expect(names.filter(has_text=sent.name)).to_be_visible()
        await self._cut_in_the_middle_of(self._fetch(sent), mib)
        await self._drop()
        await self._folders(here)
        await self.eye.look("5-files")
        await self._tidy(sent.name)
        await self.page.keyboard.press("Alt+Shift+KeyT")

    async def _cut_in_the_middle_of(self, moving: Awaitable[None], mib: int) -> None:
        self.wire.cut_after(mib * MIB // 2)
        going = asyncio.ensure_future(moving)
        seconds = PATIENCE_SECONDS + mib
        await asyncio.to_thread(
            wait_until, lambda: self.wire.is_cut or going.done(), "half of the file has come", seconds=seconds
        )
        if not self.wire.is_cut:
            await going  # says why nothing came
        await expect(self.page.locator("#pane-files").get_by_text(self.words.lost)).to_be_visible()
        self.wire.mend()
        await going
        # What is below that notice moves up when it goes, away from under a hand that drags.
        await expect(self.page.get_by_text(self.words.lost)).to_have_count(0)

    async def _send(self, file: Path) -> None:
        await self.page.locator("#files-input").set_input_files(file)
        await self._held(1, file)

    async def _fetch(self, file: Path) -> None:
        button = self.page.get_by_role("button", name=f"{self.words.fetch} {file.name}", exact=True)
        if self.has_folder:
            await button.drag_to(self.page.locator("#files-here"))
            await self._held(2, file)
            assert await self.page.evaluate(HASH_OF_FETCHED, file.name) == sha256_of(file)
            return
        async with self.page.expect_download() as download:
            await button.press("Enter")
        assert sha256_of(Path(await (await download.value).path())) == sha256_of(file)
        await self._held(2, file)

    async def _drop(self) -> None:
        await self.page.locator("#pane-files [role=group]").evaluate(DROP)
        await expect(self.page.locator("#pane-files button.name").filter(has_text="dropped.txt")).to_be_visible()
        assert (self.customer.home / "dropped.txt").read_text() == "let go here"

    async def _folders(self, here: Path) -> None:
        """By keyboard: one goes to the customer, and comes back as another. Without a picker it comes from an input."""
        moved = self.page.locator("#pane-files").get_by_text(self.words.all_files)
        if not self.has_folder:
            (here / "project" / "source").mkdir(parents=True)
            for name in ("readme.txt", "source/main.c"):
                (here / "project" / name).write_text(f"this is {Path(name).name}")
            await self.page.locator("#folder-input").set_input_files(here / "project")
            await expect(moved).to_have_count(1)
            await expect(self.page.locator("#pane-files button.name").filter(has_text="project")).to_be_visible()
            fetching = self.page.get_by_role("button", name=self.words.fetch_folder, exact=True)
            await expect(fetching).to_have_count(0)
        else:
            await self.page.evaluate(MAKE_PROJECT)
            await self.page.get_by_role("button", name=self.words.send_folder, exact=True).press("Enter")
            await expect(moved).to_have_count(1)
            await self.page.get_by_role("button", name=self.words.fetch_folder, exact=True).press("Enter")
            await expect(moved).to_have_count(2)
            assert await self.page.evaluate(READ_FETCHED) == "this is main.c"
            assert (self.customer.home / "project" / "empty").is_dir()
        assert (self.customer.home / "project" / "source" / "main.c").read_text() == "this is main.c"

    async def _held(self, count: int, file: Path) -> None:
        """Both hashes stand there, and are the file's."""
        pane = self.page.locator("#pane-files")
        await expect(pane.get_by_text(self.words.held)).to_have_count(count)
        await expect(pane.locator("code").first).to_have_text(sha256_of(file))

    async def _tidy(self, name: str) -> None:
        """By keyboard: what was sent goes away, and a folder comes."""
        await self.page.get_by_role("button", name=f"{self.words.fetch} {name}", exact=True).focus()
        await self.page.keyboard.press("Delete")
        await self.page.get_by_role("dialog").get_by_role("button", name=self.words.confirm, exact=True).press("Enter")
        await expect(self.page.locator("#pane-files button.name").filter(has_text=name)).to_have_count(0)
        assert not (self.customer.home / name).exists()
        await self.page.get_by_role("button", name=self.words.new_folder, exact=True).press("Enter")
        await expect(self.page.locator("#file-name")).to_be_focused()
        await self.page.keyboard.type("before")
        await self.page.get_by_role("dialog").get_by_role("button", name=self.words.make, exact=True).press("Enter")
        await expect(self.page.locator("#pane-files button.name").filter(has_text="before")).to_be_visible()
        assert (self.customer.home / "before").is_dir()
