"""Hostile paths, links and races against the granted folders."""

import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_client.files.confined import (
    PATH_LIMIT_BYTES,
    ConfinedFolders,
    OutsideFolders,
    PathNotUsable,
    change_mode,
    open_regular,
)
from protocol.errors import ConsentryError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A granted folder beside a secret one."""
    (tmp_path / "granted/sub").mkdir(parents=True)
    (tmp_path / "granted/file").write_text("inside")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/file").write_text("secret")
    return tmp_path


@pytest.fixture
def folders(root: Path) -> Iterator[ConfinedFolders]:
    confined = ConfinedFolders((root / "granted",))
    yield confined
    confined.close()


def read(folders: ConfinedFolders, path: str | bytes) -> bytes:
    with folders.place(os.fsencode(path), follow=True) as place:
        descriptor = open_regular(place, os.O_RDONLY, 0)
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


@pytest.mark.parametrize(
    "path", ["file", "./file", "sub/../file", "sub/./../file", "{root}/granted//file", "/{root}/granted/file"]
)
def test_ways_to_the_same_file_inside(folders: ConfinedFolders, root: Path, path: str) -> None:
    """Relative paths start in the first folder; dots and doubled slashes mean what they mean everywhere."""
    assert read(folders, path.format(root=root)) == b"inside"


@pytest.mark.parametrize(
    "path", ["..", "../secret/file", "sub/../../secret/file", "/etc/passwd", "/", "", "../granted-not/x"]
)
def test_paths_that_leave_are_refused(folders: ConfinedFolders, root: Path, path: str) -> None:
    """Every way out by name alone is refused with the sentence that names the granted folders; `` is the folder."""
    (root / "granted-not").mkdir()
    (root / "granted-not/x").write_text("a name that begins alike")
    with pytest.raises((OutsideFolders, IsADirectoryError)):
        read(folders, path)


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret/file", "{root}/secret/file", "sub/../../secret/file"])
def test_links_that_leave_are_refused(folders: ConfinedFolders, root: Path, target: str) -> None:
    """A link as the last component, and one on the way."""
    (root / "granted/link").symlink_to(target.format(root=root))
    (root / "granted/way").symlink_to(root / "secret")
    for path in ("link", "way/file", "way"):
        with pytest.raises(OutsideFolders):
            read(folders, path)
    assert folders.real_path(b"file") == os.fsencode(root / "granted/file")
    with pytest.raises(OutsideFolders):
        folders.real_path(b"way/file")


def test_links_that_stay_work_and_circles_end(folders: ConfinedFolders, root: Path) -> None:
    """Relative and absolute links inside are followed, also through `..`; a circle is an error and not a hang."""
    (root / "granted/sub/up").symlink_to("../file")
    (root / "granted/abs").symlink_to(root / "granted/sub")
    (root / "granted/circle").symlink_to("circle")
    assert read(folders, "sub/up") == read(folders, "abs/up") == b"inside"
    with pytest.raises(OSError, match="symbolic links"):
        read(folders, "circle")


@pytest.mark.parametrize("path", [b"a\0b", b"x" * (PATH_LIMIT_BYTES + 1), b"\0"])
def test_paths_that_no_system_takes_are_refused(folders: ConfinedFolders, path: bytes) -> None:
    """NUL bytes and endless names never reach a system call."""
    with pytest.raises(PathNotUsable):
        folders.absolute(path)


def test_only_regular_files_are_opened(folders: ConfinedFolders, root: Path) -> None:
    """A named pipe, which would stop the agent, and a socket or folder are refused at once."""
    os.mkfifo(root / "granted/pipe")
    with pytest.raises(PathNotUsable):
        read(folders, "pipe")
    with pytest.raises(IsADirectoryError):
        read(folders, "sub")


def test_no_mode_outlives_the_session(folders: ConfinedFolders, root: Path) -> None:
    """Set-user-id, set-group-id and sticky bits are dropped; a link's target is never changed."""
    with folders.place(b"file", follow=False) as place:
        change_mode(place, 0o7755)
    assert (root / "granted/file").stat().st_mode & 0o7777 == 0o755
    (root / "granted/link").symlink_to(root / "secret/file")
    mode = (root / "secret/file").stat().st_mode
    with folders.place(b"link", follow=False) as place, pytest.raises(OSError, match="symbolic links"):
        change_mode(place, 0o777)
    assert (root / "secret/file").stat().st_mode == mode


def test_a_folder_that_is_gone_grants_nothing(root: Path) -> None:
    """Granted but not there: every path is outside."""
    confined = ConfinedFolders((root / "missing",))
    with pytest.raises(OutsideFolders):
        read(confined, "file")
    confined.close()


def test_two_folders_are_both_reached_by_their_paths(root: Path) -> None:
    """Absolute paths reach either; a link from one to the other is inside."""
    (root / "granted/over").symlink_to(root / "secret/file")
    confined = ConfinedFolders((root / "granted", root / "secret"))
    assert read(confined, root.joinpath("secret/file").as_posix()) == read(confined, "over") == b"secret"
    confined.close()


def open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


names = st.sampled_from([b"file", b"sub", b"..", b".", b"", b"out", b"up", b"in", b"secret", b"granted", b"nothing"])


@settings(max_examples=300)
@given(st.lists(names, max_size=8), st.booleans())
def test_whatever_is_asked_what_is_read_lies_inside(
    tmp_path_factory: pytest.TempPathFactory, components: list[bytes], absolute: bool
) -> None:
    """Any path over a tree full of traps: what comes back is never the secret, and no descriptor is left open."""
    base = _trap(tmp_path_factory)
    confined = ConfinedFolders((base / "granted",))
    path = (os.fsencode(base) + b"/" if absolute else b"") + b"/".join(components)
    descriptors = open_descriptors()
    with suppress(ConsentryError, OSError):
        assert read(confined, path) == b"inside"
    assert open_descriptors() == descriptors
    confined.close()


_traps: list[Path] = []


def _trap(factory: pytest.TempPathFactory) -> Path:
    if not _traps:
        base = factory.mktemp("trap")
        (base / "granted/sub").mkdir(parents=True)
        (base / "secret").mkdir()
        (base / "secret/file").write_text("secret")
        for folder in ("granted", "granted/sub"):
            (base / folder / "file").write_text("inside")
            (base / folder / "out").symlink_to(base / "secret")
            (base / folder / "up").symlink_to("..")
            (base / folder / "in").symlink_to(base / "granted/sub")
        _traps.append(base)
    return _traps[0]


def test_swapping_a_folder_for_a_link_wins_nothing(folders: ConfinedFolders, root: Path) -> None:
    """While another thread keeps swapping a folder and a link to the secret, no read ever returns the secret."""
    (root / "granted/sub/file").write_text("inside")
    (root / "granted/link").symlink_to(root / "secret")
    stop = threading.Event()

    def swap() -> None:
        granted = root / "granted"
        while not stop.is_set():
            for one, other in (("sub", "link"), ("link", "sub")):
                (granted / one).rename(granted / "moving")
                (granted / other).rename(granted / one)
                (granted / "moving").rename(granted / other)

    swapping = threading.Thread(target=swap)
    swapping.start()
    seen: set[bytes] = set()
    tries = itertools.count()
    try:
        # The other thread may stand still between two names for longer than thousands of refusals take.
        while next(tries) < 4000 or not seen:
            try:
                seen.add(read(folders, "sub/file"))
            except (ConsentryError, OSError):
                continue
    finally:
        stop.set()
        swapping.join()
    assert seen == {b"inside"}
