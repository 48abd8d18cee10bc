"""Is there a desktop in front of this person, and how a browser is started on it."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping

Command = tuple[str, ...]


def browser_command(environment: Mapping[str, str], *, platform: str = sys.platform) -> Command | None:
    """What starts the customer's own browser, the address to be added; None where there is no desktop, or no browser.

    Somebody who came by SSH sits elsewhere, whatever desktop this machine has.
    """
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        return None
    is_mac = platform == "darwin"
    if not is_mac and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        return None
    named = shlex.split(environment.get("BROWSER", "").partition(":")[0])
    for command in (named, ["open"] if is_mac else ["xdg-open"]):
        if command and shutil.which(command[0], path=environment.get("PATH")):
            return tuple(word for word in command if word != "%s")
    return None


def start_browser(command: Command, address: str) -> "subprocess.Popen[bytes]":
    """Starts it apart from our terminal, which is not its to write to, and outlives us. Raises OSError."""
    return subprocess.Popen(
        [*command, address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
