"""Which face a session gets: the page on a desktop, the terminal elsewhere, JSON lines for a program."""

import asyncio
import os
import pty
from pathlib import Path

import pytest

from agent_client import showing
from agent_client.faces.face import Face
from agent_client.faces.json_face import JsonFace
from agent_client.faces.terminal_face import TerminalFace
from agent_client.page import page_face
from agent_client.page.page_face import PageFace, PageNotBuilt
from agent_client.showing import (
    DesktopMissing,
    TerminalCannotDraw,
    TerminalMissing,
    TwoFaces,
    local_page,
    plain_face,
    share_on_page,
)
from protocol.errors import UnavailableError
from tests.agent_client.page.browsing import FILES, Browser, PageAtTest
from tests.agent_client.people import CustomerAtTest, a_host
from tests.helpers.waiting import PATIENCE_SECONDS
from wording import Wording

WORDING = Wording("en")


@pytest.fixture(params=["desktop"])
def surroundings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desktop with a browser and a built page, or not."""
    browser = ("true",) if request.param != "no desktop" else None
    files = {} if request.param == "not built" else FILES
    monkeypatch.setattr(showing, "browser_command", lambda _environment: browser)
    monkeypatch.setattr(page_face, "load_site", lambda: files)


def chosen(tmp_path: Path, *, wanted: bool | None = None, is_root: bool = False, json_lines: bool = False) -> bool:
    host = a_host(tmp_path, is_root=is_root)
    page = local_page(WORDING, host, wanted=wanted, json_lines=json_lines)
    assert page is None or isinstance(page, PageFace)
    return page is not None


@pytest.mark.usefixtures("surroundings")
def test_on_a_desktop_it_is_the_page_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    """The administrator has to ask for it; a program gets lines."""
    assert chosen(tmp_path)
    assert not chosen(tmp_path, wanted=False)
    assert not chosen(tmp_path, is_root=True)
    assert chosen(tmp_path, is_root=True, wanted=True)
    assert not chosen(tmp_path, json_lines=True)
    assert isinstance(plain_face(WORDING, json_lines=True), JsonFace)
    with pytest.raises(TwoFaces):
        chosen(tmp_path, wanted=True, json_lines=True)


@pytest.mark.usefixtures("surroundings")
@pytest.mark.parametrize(
    ("surroundings", "refusal"),
    [("no desktop", DesktopMissing), ("not built", PageNotBuilt)],
    indirect=["surroundings"],
)
def test_without_desktop_or_page_it_is_the_terminal(tmp_path: Path, refusal: type[Exception]) -> None:
    """Who insists on the page is told why there is none."""
    assert not chosen(tmp_path)
    with pytest.raises(refusal):
        chosen(tmp_path, wanted=True)
    with pytest.raises(TerminalMissing):
        plain_face(WORDING, json_lines=False)


async def test_where_no_browser_comes_it_goes_on_in_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was shared before; and the page is closed."""
    monkeypatch.setattr(page_face, "OPEN_WITHIN_SECONDS", 0.01)
    terminal = CustomerAtTest()
    monkeypatch.setattr(showing, "_terminal", lambda _wording: terminal)
    page = PageAtTest()
    shown: list[Face] = []

    async def share(face: Face) -> None:
        shown.append(face)

    await share_on_page(page.face, WORDING, share)
    assert shown == [terminal]
    assert "goes on here" in capsys.readouterr().out
    with pytest.raises(OSError, match="Connect"):
        await Browser(await page.address()).enter()


async def test_what_goes_wrong_is_told_on_the_page_too() -> None:
    """The customer looks there, and not at the terminal behind it."""
    page = PageAtTest()

    async def share(_face: Face) -> None:
        raise UnavailableError(what="broker")

    sharing = asyncio.create_task(share_on_page(page.face, WORDING, share))
    browser = await Browser(await page.address()).enter()
    assert "broker cannot be reached" in (await browser.heard("failed"))["sentence"]
    with pytest.raises(UnavailableError):
        await sharing


async def test_enter_opens_the_page_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal beside the page takes one key, and no decision."""
    master, slave = pty.openpty()
    page = PageAtTest()

    async def share(_face: Face) -> None:
        for told in (3, 4):
            os.write(master, b"\n")
            async with asyncio.timeout(PATIENCE_SECONDS):
                while len(page.told) < told:
                    await asyncio.sleep(0)
        assert page.told[-2:] == [WORDING.say("agent-page-is-open")] * 2

    with os.fdopen(slave) as terminal:
        monkeypatch.setattr("sys.stdin", terminal)
        sharing = asyncio.create_task(share_on_page(page.face, WORDING, share))
        await Browser(await page.address()).enter()
        await sharing
    os.close(master)


def test_a_terminal_that_cannot_draw_is_asked_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor's shell shows escape sequences as text: nobody says yes to a question that they cannot read."""
    controller, terminal = pty.openpty()
    with os.fdopen(controller), os.fdopen(terminal) as file:
        monkeypatch.setattr("sys.stdin", file)
        monkeypatch.setattr("sys.stdout", file)
        monkeypatch.setenv("TERM", "dumb")
        with pytest.raises(TerminalCannotDraw):
            plain_face(WORDING, json_lines=False)
        monkeypatch.setenv("TERM", "xterm")
        assert isinstance(plain_face(WORDING, json_lines=False), TerminalFace)
