"""Chromium with its DevTools port open, and one page of it, asked and told in a few words.

Playwright watches a page's network for as long as it is connected: every frame of every websocket goes to it, too, as
text. Nobody's browser does that, so it may set a page up, and has to be gone when something is timed.
"""

import contextlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import urlopen

from websockets.sync.client import connect

from bench.core.needs import find
from tests.helpers.deployment import ended
from tests.helpers.waiting import wait_until
from tests.web.chromium import QUIET

PATIENCE_SECONDS = 60.0
"""After this long a page is not slow but stuck."""

ANSWER_SECONDS = 600.0
"""For what has a limit of its own inside the page, which says more."""

WHAT_IT_SHOWS = """
`the focus is on ${document.activeElement?.className || document.activeElement?.tagName}; the page shows: `
+ document.body.innerText.replace(/\\s+/g, " ").slice(0, 2000)
"""


class PageFailed(Exception):
    """What was to be done in the page threw, or did not happen."""


class Chromium:
    """A process of its own with a profile of its own. What it is told to trust is any certificate."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._folder = Path(tempfile.mkdtemp(prefix="consentry-chromium-"))
        self._stack.callback(shutil.rmtree, self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        with self._stack:
            process = subprocess.Popen(
                [
                    find("chromium"), "--headless=new", "--no-sandbox", "--ignore-certificate-errors",
                    "--force-prefers-reduced-motion", "--remote-debugging-port=0", f"--user-data-dir={self._folder}",
                    "--lang=en-GB", *QUIET, "about:blank",
                ],
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self._stack.enter_context(ended(process))
            port_file = self._folder / "DevToolsActivePort"
            wait_until(lambda: port_file.exists() and port_file.read_text().count("\n"), "Chromium listens")
            self.port = int(port_file.read_text().split()[0])
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def page(self) -> "Page":
        """The one that is open."""
        with urlopen(f"{self.address}/json/list", timeout=PATIENCE_SECONDS) as answer:
            pages = [target for target in json.load(answer) if target["type"] == "page"]
        return Page(pages[0]["webSocketDebuggerUrl"])


class Page:
    """As the Chrome DevTools Protocol has it, with no more of its domains switched on than a call needs."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._number = 0

    def __enter__(self) -> Self:
        self._socket = connect(self._address, max_size=None, proxy=None).__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Raises PageFailed, and TimeoutError."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(ANSWER_SECONDS))
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise PageFailed(answer["error"]["message"])
                return dict(answer["result"])

    def evaluate(self, expression: str) -> Any:
        """What it comes to, or its promise. Raises PageFailed."""
        answer = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise PageFailed(answer["exceptionDetails"].get("exception", {}).get("description", "it threw"))
        return answer["result"].get("value")

    def wait_for(self, condition: str, what: str) -> None:
        """Until that expression is true. Raises PageFailed: it threw, or `what` was to be did not happen."""
        shown = self.evaluate(
            f"""(async () => {{
              const until = performance.now() + {PATIENCE_SECONDS * 1000};
              while (!({condition})) {{
                if (performance.now() > until) return {WHAT_IT_SHOWS};
                await new Promise((resolve) => setTimeout(resolve, 20));
              }}
              return null;
            }})()"""
        )
        if shown is not None:
            raise PageFailed(f"not within {PATIENCE_SECONDS:.0f} s: {what}; {shown}")

    def type(self, text: str) -> None:
        """Into what has the focus; a line end is the key Enter."""
        for character in text:
            if character == "\n":
                self.press("Enter", "Enter", 13, text="\r")
            else:
                self.press(character, "", 0, text=character)

    def press(self, key: str, code: str, number: int, *, modifiers: int = 0, text: str = "") -> None:
        """`number` is the key's Windows code, `modifiers` the sum of Alt 1, Ctrl 2, Meta 4, Shift 8."""
        named = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        self.send("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **named)
        self.send("Input.dispatchKeyEvent", type="keyUp", **named)

    def choose_file(self, selector: str, file: Path) -> None:
        """As in the system's own window, and nobody is told yet: dispatch `change` for that."""
        document = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=document, selector=selector)["nodeId"]
        self.evaluate(
            "addEventListener('change', (event) => event.isTrusted && event.stopImmediatePropagation(), true)"
        )
        self.send("DOM.setFileInputFiles", nodeId=node, files=[str(file)])
