"""Where the page is opened by itself: on a desktop, and only in front of whoever sits at it."""

from pathlib import Path

import pytest

from agent_client.page.desktop import browser_command


@pytest.fixture
def programs(tmp_path: Path) -> str:
    for name in ("xdg-open", "open", "my-browser"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("environment", "platform", "command"),
    [
        ({"DISPLAY": ":0"}, "linux", ("xdg-open",)),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", ("xdg-open",)),
        ({"DISPLAY": ":0", "BROWSER": "my-browser --new-window %s:other"}, "linux", ("my-browser", "--new-window")),
        ({"DISPLAY": ":0", "BROWSER": "absent"}, "linux", ("xdg-open",)),
        ({}, "darwin", ("open",)),
        ({}, "linux", None),
        ({"BROWSER": "my-browser"}, "linux", None),
        ({"DISPLAY": ""}, "linux", None),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "1 2 3 4"}, "linux", None),
        ({"SSH_TTY": "/dev/ttys001"}, "darwin", None),
    ],
)
def test_there_is_a_desktop_or_not(
    programs: str, environment: dict[str, str], platform: str, command: tuple[str, ...] | None
) -> None:
    """$BROWSER is the person's own choice; who came by SSH sits in front of another machine."""
    assert browser_command({"PATH": programs, **environment}, platform=platform) == command


def test_a_desktop_without_a_browser_is_none(tmp_path: Path) -> None:
    assert browser_command({"PATH": str(tmp_path), "DISPLAY": ":0"}, platform="linux") is None
