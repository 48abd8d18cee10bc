"""The real Chromium, without anything that it would ask the network for, and pictures of what it shows."""

import contextlib
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.helpers.waiting import PATIENCE_SECONDS

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ARTEFACTS = Path(__file__).resolve().parents[2] / ".artefacts"
"""Ignored by git: pictures of the last run."""

SERIOUS = ["serious", "critical"]
FIND_SERIOUS = """async (impacts) => {
  const { violations } = await axe.run({ resultTypes: ["violations"], reporter: "no-passes" });
  return violations
    .filter(({ impact }) => impacts.includes(impact))
    .map(({ id, help, nodes }) => `${id}: ${help} ${JSON.stringify(nodes.map(({ target }) => target))}`);
}"""
"""In the page, which hands out no more than what is wrong."""


@contextlib.asynccontextmanager
async def chromium(*, patience_seconds: float = PATIENCE_SECONDS) -> AsyncIterator[Browser]:
    expect.set_options(timeout=patience_seconds * 1000)
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    assert program, "There is no Chromium, and this test drives the real one: sh tools/require_clients.sh"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=QUIET)
        try:
            yield browser
        finally:
            await browser.close()


async def new_context(browser: Browser, **surroundings: Any) -> BrowserContext:
    """For somebody who wants nothing to move, and waits: a click takes longer than half a minute on a busy machine."""
    context = await browser.new_context(ignore_https_errors=True, reduced_motion="reduce", **surroundings)
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    return context


class Eye:
    """Looks at a page: keeps a picture, notes what axe finds serious, and what the browser complained about."""

    def __init__(self, page: Page, name: str) -> None:
        self._page = page
        self._name = name
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        origin = re.compile(r"^(https?|wss?)://127\.0\.0\.1:|^(data|blob):")
        page.on("request", lambda request: None if origin.match(request.url) else self.foreign.append(request.url))
        page.on("requestfailed", lambda request: print(f"{name}: {request.url} failed: {request.failure}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if "Content Security" in said.text else None)

    async def look(self, what: str, *, seen_as: str = "") -> None:
        """`seen_as` names language, colours and width where they are not those of the beginning."""
        ARTEFACTS.mkdir(exist_ok=True)
        await self._page.screenshot(path=ARTEFACTS / f"{what}-{seen_as or self._name}.png")
        if not await self._page.evaluate("'axe' in window"):
            await self._page.evaluate(AXE_SCRIPT)
        found = await self._page.evaluate(FIND_SERIOUS, SERIOUS)
        self.complaints.extend(f"{what}: {one}" for one in found)
        too_wide = await self._page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if too_wide > 0:
            self.complaints.append(f"{what}: {too_wide} px wider than the window")
