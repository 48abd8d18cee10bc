"""An engineer in the real Chromium: signs in to the console, takes a customer's code, types, and moves files.

What is timed is timed inside the page, by its own clock: the way to Chromium and back is nobody's echo.
"""

from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Page, expect, sync_playwright

from bench.core.needs import find
from tests.helpers.deployment import AS_ROOT, PASSWORD, Broker, Customer
from tests.web.chromium import QUIET

PATIENCE_MS = 600_000.0
"""After this long a page is not slow but stuck."""

OWN_FOLDER = "window.showDirectoryPicker = () => navigator.storage.getDirectory();"
"""Nobody can click in the system's own window here: the page gets a real folder, the browser's private one."""

UNTIED_FROM_FRAMES = "window.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 0);"
"""What is drawn is drawn at once, and not with the screen's next picture, 16 ms after the last: stock `ssh` ends at a
pipe, and no screen is counted on its side either."""

ECHOES = """
(count) => new Promise((resolve, reject) => {
  const rows = document.querySelector(".xterm-rows");
  const times = [];
  let before = rows.textContent;
  let at = null;
  const key = () => { at = performance.now(); before = rows.textContent; };
  const seen = new MutationObserver(() => {
    if (at === null || rows.textContent === before) return;
    times.push(performance.now() - at);
    at = null;
    if (times.length < count) { type(); return; }
    seen.disconnect();
    window.removeEventListener("keydown", key, true);
    resolve(times);
  });
  const type = () => {
    const field = document.querySelector(".xterm-helper-textarea");
    const letter = "abcdefghijklmnopqrstuvwxyz"[times.length % 26];
    const keyCode = letter.toUpperCase().charCodeAt(0);
    field.dispatchEvent(new KeyboardEvent("keydown", { key: letter, keyCode, bubbles: true, cancelable: true }));
    field.dispatchEvent(new KeyboardEvent("keyup", { key: letter, keyCode, bubbles: true }));
  };
  window.addEventListener("keydown", key, true);
  seen.observe(rows, { childList: true, characterData: true, subtree: true });
  setTimeout(() => reject(new Error(`only ${times.length} echoes came`)), 60000);
  type();
})
"""
"""Milliseconds from each key until the terminal's rows show it; the next one follows at once."""


class BrowserEngineer:
    """`sam` in the console, in that customer's session, with terminal and files open."""

    def __init__(self, broker: Broker, customer: Customer, *, with_frames: bool = False) -> None:
        self._broker = broker
        self._customer = customer
        self._with_frames = with_frames

    def __enter__(self) -> Self:
        program = find("chromium")
        self._playwright = sync_playwright().start()
        try:
            self._browser = self._playwright.chromium.launch(executable_path=program, args=QUIET)
            context = self._browser.new_context(ignore_https_errors=True, locale="en-GB", reduced_motion="reduce")
            context.set_default_timeout(PATIENCE_MS)
            expect.set_options(timeout=PATIENCE_MS)
            context.add_init_script(OWN_FOLDER)
            if not self._with_frames:
                context.add_init_script(UNTIED_FROM_FRAMES)
            self.page: Page = context.new_page()
            self._pair()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._playwright.stop()

    def _pair(self) -> None:
        page = self.page
        page.goto(f"{self._broker.origin}/console/")
        page.locator("#user").fill("sam")
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.locator("#code").press_sequentially(self._customer.new_code().replace("-", ""))
        page.locator("#reason").fill("a measurement")
        for scope in ("files:r", "files:w", *(["root"] if AS_ROOT else [])):
            page.locator(f"input[value='{scope}']").press("Space")
        page.get_by_role("button", name="Use the code and ask").press("Enter")
        self._prompt()

    def _prompt(self) -> None:
        expect(self.page.locator(".xterm-rows")).to_contain_text("#" if AS_ROOT else "$")

    # ── the terminal ────────────────────────────────────────────────────────────────────────────────────────────

    def echo_milliseconds(self, count: int) -> list[float]:
        """For each key. The far end echoes as for `RemoteTerminal`: the kernel, with no shell in between."""
        page = self.page
        again = page.get_by_role("button", name="Open the terminal again")
        if again.is_visible():
            again.press("Enter")
            self._prompt()
        page.keyboard.press("Alt+Shift+KeyT")
        page.locator(".xterm-helper-textarea").focus()
        page.keyboard.type("stty -icanon min 1; clear; echo lis''tening; exec cat >/dev/null\n")
        expect(page.locator(".xterm-rows")).to_contain_text("listening")
        page.wait_for_timeout(200)  # until `cat` has replaced the shell, whose line editor would echo in its own way
        times: list[float] = page.evaluate(ECHOES, count)
        page.keyboard.press("Control+C")
        expect(again).to_be_visible()
        return times

    # ── files ───────────────────────────────────────────────────────────────────────────────────────────────────

    def put_seconds(self, file: Path) -> float:
        """From choosing the file until the page has compared both hashes; into the customer's first folder."""
        self._show_files()
        return self._moved(lambda: self.page.locator("#files-input").set_input_files(file))

    def get_seconds(self, name: str) -> float:
        """From the click until the page has compared both hashes; into a folder on this machine's disk."""
        self._show_files()
        self.page.get_by_role("button", name="Look again").press("Enter")
        button = self.page.get_by_role("button", name=f"Fetch {name}", exact=True)
        return self._moved(lambda: button.press("Enter"))

    def _show_files(self) -> None:
        self.page.keyboard.press("Alt+Shift+KeyF")
        expect(self.page.get_by_role("button", name="Look again")).to_be_visible()

    def _moved(self, begin: Any) -> float:
        row = self.page.locator("#pane-files [aria-labelledby=files-transfers] li")
        began = self.page.evaluate("performance.now()")
        begin()
        expect(row.get_by_text("Both ends hold the same.")).to_be_visible()
        seconds = (float(self.page.evaluate("performance.now()")) - float(began)) / 1000
        row.get_by_role("button", name="off the list").press("Enter")
        return seconds
