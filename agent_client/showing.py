"""Which face shows a session to the customer: the local page, their terminal, or JSON lines for a program.

On a desktop it is the page, and where no browser comes to it, the terminal. Without a desktop it is the terminal.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

import typer

from agent_client.faces.face import Face
from agent_client.faces.json_face import JsonFace
from agent_client.host import Host
from agent_client.page.desktop import browser_command
from protocol.errors import ConsentryError, InputError
from wording import Wording

if TYPE_CHECKING:
    from agent_client.page.page_face import PageFace


class DesktopMissing(InputError):
    """A page that nobody can see would be a session that nobody watches."""

    sentence = (
        "There is no desktop here to open the page on, or no browser. Leave out --page, or start this in a terminal "
        "of the desktop."
    )


class TwoFaces(InputError):
    sentence = "--page shows the session to you, --json to a program: name one of the two."


class TerminalMissing(InputError):
    """Consent needs a person at a terminal, or a wrapper that says it speaks for one."""

    sentence = "There is no terminal to ask you on. Run this in a terminal, or use --json from a program."


class TerminalCannotDraw(TerminalMissing):
    """An editor's shell, a serial line: the question would stand there among escape sequences, to be guessed at."""

    sentence = (
        "This terminal cannot draw (TERM=dumb), so you could not read what you are asked. Run this in a window of a "
        "terminal program."
    )


def local_page(wording: Wording, host: Host, *, wanted: bool | None, json_lines: bool) -> "PageFace | None":
    """The local page, where it is wanted or fits; None: `plain_face`. `wanted` None: as it fits.

    By itself never for the system's administrator: on many a desktop no browser may be started as that user.
    Raises TwoFaces, DesktopMissing, PageNotBuilt.
    """
    if wanted and json_lines:
        raise TwoFaces
    if json_lines or wanted is False or (wanted is None and host.is_root):
        return None
    browser = browser_command(os.environ)
    if browser is None:
        if wanted:
            raise DesktopMissing
        return None
    from agent_client.page.page_face import PageFace, PageNotBuilt  # bring a server along

    try:
        return PageFace(wording, tell=_tell, browser=browser)
    except PageNotBuilt:
        if wanted:
            raise
        return None


def plain_face(wording: Wording, *, json_lines: bool) -> Face:
    """Raises TerminalMissing."""
    return JsonFace() if json_lines else _terminal(wording)


async def share_on_page(page: "PageFace", wording: Wording, share: Callable[[Face], Awaitable[None]]) -> None:
    """Opens the page, runs `share` with it and closes it; with the terminal if no browser came."""
    if not await page.open():
        terminal = _terminal(wording)
        _tell(wording.say("agent-page-not-opened"))
        await share(terminal)
        return
    try:
        with _opened_again_on_enter(page):
            await share(page)
    except ConsentryError as error:
        page.show_failure(wording.say_error(error))
        raise
    finally:
        await page.close()


def _terminal(wording: Wording) -> Face:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise TerminalMissing
    if os.environ.get("TERM") == "dumb":
        raise TerminalCannotDraw
    from agent_client.faces.terminal_face import TerminalFace

    return TerminalFace(wording)


def _tell(line: str) -> None:
    """A program that was started from the desktop may have no terminal: then nobody reads this, and nothing breaks."""
    with contextlib.suppress(OSError):
        typer.echo(line)


@contextlib.contextmanager
def _opened_again_on_enter(page: "PageFace") -> Iterator[None]:
    """A page that was closed by mistake comes back with one key."""
    if not sys.stdin.isatty():
        yield
        return
    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()

    def pressed() -> None:
        if os.read(descriptor, 1024):
            page.open_again()
        else:
            loop.remove_reader(descriptor)

    loop.add_reader(descriptor, pressed)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
