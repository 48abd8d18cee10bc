"""An engineer in the real Chromium: signs in to the console, takes a customer's code, types, and moves files.

What is timed is timed inside the page, by its own clock: the way to Chromium and back is nobody's echo. Playwright
signs in and pairs, and has let go of the page before anything is timed (see `devtools.py`).
"""

import contextlib
from pathlib import Path
from typing import Self

from playwright.sync_api import Page as WatchedPage
from playwright.sync_api import expect, sync_playwright

from bench.deployment.devtools import PATIENCE_SECONDS, Chromium, PageFailed
from tests.helpers.deployment import AS_ROOT, PASSWORD, Broker, Customer

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


LISTENER = """stty -icanon min 1; clear; exec sh -c "echo lis''tening; cat >/dev/null"\n"""
"""Whatever says that it listens is no shell with a line editor any more: from there on the kernel alone echoes."""


MOVED = """
(begin) => new Promise((resolve, reject) => {
  const pane = document.querySelector("#pane-files");
  const began = performance.now();
  const seen = new MutationObserver(() => {
    const row = pane.querySelector("[aria-labelledby=files-transfers] li");
    if (!row || !row.textContent.includes("Both ends hold the same.")) return;
    const seconds = (performance.now() - began) / 1000;
    seen.disconnect();
    row.querySelector("[aria-label$='off the list']").click();
    resolve(seconds);
  });
  seen.observe(pane, { childList: true, subtree: true, characterData: true });
  setTimeout(() => reject(new Error(`not moved within 5 minutes: ${pane.textContent}`)), 300000);
  begin();
})
"""
"""Seconds from the beginning until both hashes were compared; the transfer goes off the list."""

ROWS = 'document.querySelector(".terminal .xterm-rows")?.textContent'
AGAIN = '[...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Open the terminal again")'
"""There as soon as the shell has ended, and the customer's machine has said what it recorded of it."""

HAS_KEYS = 'document.activeElement.matches(".terminal .xterm-helper-textarea")'
"""What is typed without them scrolls the page."""


class BrowserEngineer:
    """`sam` in the console, in that customer's session, with the files open and the terminal's shell at its end."""

    def __init__(self, broker: Broker, customer: Customer) -> None:
        self._broker = broker
        self._customer = customer
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with self._stack:
            chromium = self._stack.enter_context(Chromium())
            with sync_playwright() as playwright:
                browser = playwright.chromium.connect_over_cdp(chromium.address)
                context = browser.contexts[0]
                context.set_default_timeout(PATIENCE_SECONDS * 1000)
                expect.set_options(timeout=PATIENCE_SECONDS * 1000)
                context.add_init_script(OWN_FOLDER)
                context.add_init_script(UNTIED_FROM_FRAMES)
                self._pair(context.pages[0])
            self.page = self._stack.enter_context(chromium.page())
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _pair(self, page: WatchedPage) -> None:
        page.goto(f"{self._broker.origin}/console/")
        page.locator("#user").fill("sam")
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.locator("#code").press_sequentially(self._customer.new_code().replace("-", ""))
        page.locator("#reason").fill("a measurement")
        for scope in ("files:r", "files:w", *(["root"] if AS_ROOT else [])):
            page.locator(f"input[value='{scope}']").press("Space")
        page.get_by_role("button", name="Use the code and ask").press("Enter")
        expect(page.locator(".xterm-rows")).to_contain_text("#" if AS_ROOT else "$")
        # The room is one for all: a shell that is left here would end with the peer's, at a moment of its own.
        page.locator(".xterm-helper-textarea").focus()
        page.keyboard.type("exit\n")
        expect(page.get_by_role("button", name="Open the terminal again")).to_be_visible()
        page.keyboard.press("Alt+Shift+KeyF")
        expect(page.get_by_role("button", name="Look again")).to_be_visible()

    # ── the terminal ────────────────────────────────────────────────────────────────────────────────────────────

    def echo_milliseconds(self, count: int) -> list[float]:
        """For each key. The far end echoes as for `RemoteTerminal`: the kernel, with no shell in between."""
        page = self.page
        page.evaluate(f"{AGAIN}.click()")
        page.wait_for(f"!{AGAIN} && /[#$]\\s*$/.test({ROWS})", "a shell's prompt")
        page.press("T", "KeyT", 84, modifiers=1 + 8)
        page.wait_for(HAS_KEYS, "the terminal has the focus")
        page.type(LISTENER)
        page.wait_for(f'{ROWS}.includes("listening")', "the listener has begun")
        times: list[float] = page.evaluate(f"({ECHOES})({count})")
        page.press("c", "KeyC", 67, modifiers=2)
        page.wait_for(AGAIN, "the shell has ended")
        return times

    # ── files ───────────────────────────────────────────────────────────────────────────────────────────────────

    def put_seconds(self, file: Path) -> float:
        """From choosing the file until the page has compared both hashes; into the customer's first folder."""
        self.page.choose_file("#files-input", file)
        chosen = 'new Event("change", { bubbles: true })'
        return self._moved(f'document.querySelector("#files-input").dispatchEvent({chosen})')

    def get_seconds(self, name: str) -> float:
        """From the click until the page has compared both hashes; into a folder on this machine's disk."""
        fetch = f"document.querySelector('[aria-label=\"Fetch {name}\"]')"
        self.page.evaluate("document.querySelector('[aria-label=\"Look again\"]').click()")
        self.page.wait_for(fetch, f"{name} is in the list")
        return self._moved(f"{fetch}.click()")

    def _moved(self, begin: str) -> float:
        seconds = self.page.evaluate(f"({MOVED})(() => {begin})")
        if not isinstance(seconds, float):
            raise PageFailed("the page did not say how long it took")
        return seconds
