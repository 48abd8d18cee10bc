"""`consentry share`: what it refuses before anything is shared, and that it shares."""

import asyncio
import signal
from pathlib import Path

import pytest
from msgspec import structs

from agent_client import commands
from agent_client.commands import (
    FOLDERS_LIMIT,
    FolderMissing,
    RootNotWanted,
    TooManyFolders,
    share,
)
from agent_client.faces import notices
from agent_client.home import HomeUnusable
from agent_client.host import Host
from agent_client.pins import AnotherOrganisation, Pins
from agent_client.recorder.redaction import RedactionRules
from agent_client.session import SessionSettings
from agent_client.showing import TerminalMissing
from protocol.errors import ConsentryError
from protocol.profile import ProfileError, ProfileOutdated
from protocol.share_url import ShareUrl
from tests.agent_client.conftest import Support
from tests.agent_client.people import CustomerAtTest, a_host
from tests.helpers.waiting import PATIENCE_SECONDS
from wording import Wording

ADDRESS = "https://help.example.org"


@pytest.fixture(autouse=True)
def _this_process_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(commands, "harden_process", lambda: True)
    monkeypatch.setattr(commands, "this_host", lambda: a_host(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)  # no page is to open on the desktop of whoever runs the tests


def as_root(folder: Path) -> Host:
    return a_host(folder, is_root=True)


def test_root_is_not_shared_by_accident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs it as the system's administrator has to say that they mean it."""
    monkeypatch.setattr(commands, "this_host", lambda: as_root(tmp_path))
    with pytest.raises(RootNotWanted, match="--as-root"):
        share(ADDRESS, home=tmp_path)
    with pytest.raises(TerminalMissing):
        share(ADDRESS, home=tmp_path, as_root=True)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Nothing is shared in its place."""
    with pytest.raises(FolderMissing, match="nowhere"):
        share(ADDRESS, folder=[tmp_path, tmp_path / "nowhere"], json_lines=True, home=tmp_path)


def test_a_home_that_cannot_be_written_is_named_and_how_to_name_another(tmp_path: Path) -> None:
    """Read-only, full, or a file as here: nothing could be recorded there."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(HomeUnusable, match="--home") as caught:
        share(ADDRESS, json_lines=True, home=tmp_path / "file")
    assert "不是目录" in Wording("zh-CN").say_error(caught.value)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """Only what can be listed can be shared."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderMissing):
        share(ADDRESS, folder=[tmp_path / "file"], json_lines=True, home=tmp_path)


def test_more_folders_than_an_engineer_can_be_told_of_are_refused(tmp_path: Path) -> None:
    """Before the customer has said yes to something that could not be granted."""
    with pytest.raises(TooManyFolders, match=str(FOLDERS_LIMIT)):
        share(ADDRESS, folder=[tmp_path] * (FOLDERS_LIMIT + 1), json_lines=True, home=tmp_path)


def test_without_a_terminal_nobody_could_be_asked(tmp_path: Path) -> None:
    """A pipe is no person; a program has to say that it speaks for one."""
    with pytest.raises(TerminalMissing, match="--json"):
        share(ADDRESS, home=tmp_path)


async def share_with(support: Support, address: str, face: CustomerAtTest) -> None:
    settings = SessionSettings(support.folder / "agent", (support.folder,), RedactionRules.load())
    await commands._share(address, settings, a_host(support.folder), face, Wording("en"))


def address_of(support: Support) -> str:
    return str(ShareUrl(support.profile.broker_origin, support.founded.organisation.root_public_key))


async def test_sharing_remembers_whom_it_shared_with(support: Support) -> None:
    """A code is shown, a signal ends it in order, and the next time the bare address will do."""
    for address in (address_of(support), support.profile.broker_origin):
        face = CustomerAtTest()
        sharing = asyncio.create_task(share_with(support, address, face))
        await face.shown(notices.CodeShown)
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(sharing, PATIENCE_SECONDS)
    assert face.of(notices.SharingStarted)[0].organisation == "Example Support"


async def refused(support: Support, address: str) -> ConsentryError:
    face = CustomerAtTest()
    with pytest.raises(ConsentryError) as refusal:
        await share_with(support, address, face)
    assert face.notices == []
    return refusal.value


async def test_an_older_profile_than_before_is_refused(support: Support) -> None:
    """A broker that brings back a retired profile gets no session, whatever its signature."""
    newer = structs.replace(support.profile, version=support.profile.version + 1)
    Pins(support.folder / "agent").remember(newer, support.founded.organisation.root_public_key)
    assert isinstance(await refused(support, address_of(support)), ProfileOutdated)


async def test_another_root_key_than_before_is_refused(support: Support) -> None:
    """Even though the new address fits the broker that answers."""
    Pins(support.folder / "agent").remember(support.profile, bytes(32))
    assert isinstance(await refused(support, address_of(support)), AnotherOrganisation)
    assert isinstance(await refused(support, support.profile.broker_origin), ProfileError)
