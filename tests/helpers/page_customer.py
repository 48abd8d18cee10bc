"""A customer at their local page."""

import shlex
import subprocess
from pathlib import Path

from tests.helpers.deployment import AS_ROOT, CONSENTRY, Broker, plain_environment
from tests.helpers.waiting import wait_until


class PageCustomer:
    """`consentry share` on a desktop whose browser is a script: it says which address it was given."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        self._address = folder / "address"
        browser = folder / "browser"
        browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {shlex.quote(str(self._address))}\n')
        browser.chmod(0o755)
        self.said = (folder / "said").open("wb")
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            [
                *CONSENTRY, "share", broker.address, "--page", "--folder", str(self.home),
                *(["--as-root"] if AS_ROOT else []),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self.said,
            stderr=self.said,
            env=plain_environment(
                CONSENTRY_HOME=str(folder / "state"), HOME=str(self.home), DISPLAY=":0", BROWSER=str(browser),
                CONSENTRY_LANGUAGE="zh-CN",
            ),
        )  # fmt: skip

    @property
    def address(self) -> str:
        def given() -> str:
            return self._address.read_text() if self._address.exists() else ""

        return str(wait_until(given, "the browser was started"))
