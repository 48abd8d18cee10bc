"""Stock sftp, scp and rsync against the session's SSH server."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from protocol.events import ChannelClosed, FileOperation
from protocol.grants import Scope
from tests.agent_client.ssh.conftest import Bench, Engineer


def sha256(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def granted(bench: Bench) -> Path:
    folder = bench.home / "granted"
    folder.mkdir()
    return folder


@pytest.fixture
async def engineer(bench: Bench, granted: Path) -> Engineer:
    return await bench.engineer(Scope.FILES_READ, Scope.FILES_WRITE, folders=(granted,))


async def test_put_and_get_arrive_with_equal_hashes(bench: Bench, granted: Path, engineer: Engineer) -> None:
    """sftp put and get: the same bytes arrive, and each event holds path, size, range and the file's own SHA-256."""
    here = bench.folder / "here.bin"
    here.write_bytes(os.urandom(3_000_001))
    ran = await engineer.sftp(f"put {here} there.bin", f"get there.bin {bench.folder}/back.bin")
    assert ran.status == 0, ran.errors
    assert sha256(granted / "there.bin") == sha256(bench.folder / "back.bin") == sha256(here)
    await bench.closed()
    moved = [event for event in bench.recording.of(FileOperation) if event.byte_count]
    assert [(event.action, event.path, event.outcome) for event in moved] == [
        ("write", str(granted / "there.bin"), "ok"),
        ("read", str(granted / "there.bin"), "ok"),
    ]
    for event in moved:
        assert (event.byte_count, event.sha256, event.ranges) == (3_000_001, sha256(here), ((0, 3_000_001),))


async def test_every_kind_of_operation_is_recorded(bench: Bench, granted: Path, engineer: Engineer) -> None:
    """Folder, link, rename, mode, removal, list: each works inside the folder and leaves its event."""
    (granted / "a").write_text("a")
    lines = ["mkdir f", "rename a f/b", "chmod 600 f/b", "ln -s b f/link", "ls f", "rm f/link", "rm f/b", "rmdir f"]
    ran = await engineer.sftp(*lines)
    assert ran.status == 0, ran.errors
    await bench.closed()
    actions = [event.action for event in bench.recording.of(FileOperation) if event.outcome == "ok"]
    expected = ["make-folder", "rename", "set-attributes", "link", "list", "remove", "remove", "remove-folder"]
    assert [action for action in actions if action in expected] == expected
    rename = next(event for event in bench.recording.of(FileOperation) if event.action == "rename")
    assert (rename.path, rename.target) == (str(granted / "a"), str(granted / "f/b"))
    assert names_in(granted) == []


@pytest.mark.parametrize("legacy", [False, True], ids=["over-sftp", "legacy"])
async def test_scp_copies_folders_both_ways(bench: Bench, granted: Path, legacy: bool) -> None:
    """`scp -r` there and back: over SFTP with the file scopes, in its legacy form as a command."""
    engineer = await bench.engineer(Scope.SHELL, Scope.FILES_READ, Scope.FILES_WRITE, folders=(granted,))
    source = bench.folder / "tree"
    (source / "deep/er").mkdir(parents=True)
    (source / "deep/er/file").write_bytes(os.urandom(100_000))
    (source / "naïve name ☂").write_text("x")
    options = ["-O"] if legacy else []
    there = await engineer.run(*options, "-r", str(source), f"alias:{granted}/copy", program="scp")
    assert there.status == 0, there.errors
    back = await engineer.run(*options, "-r", f"alias:{granted}/copy", f"{bench.folder}/back", program="scp")
    assert back.status == 0, back.errors
    for name in ("deep/er/file", "naïve name ☂"):
        assert sha256(bench.folder / "back" / name) == sha256(source / name)


async def test_rsync_synchronises_a_folder(bench: Bench) -> None:
    """rsync over `ssh`: a command with binary input and output, in both directions at once."""
    engineer = await bench.engineer(Scope.SHELL)
    source = bench.folder / "tree"
    source.mkdir()
    for index in range(5):
        (source / f"file{index}").write_bytes(os.urandom(50_000 * index))
    remote_shell = " ".join(["ssh", *engineer.options])
    engineer.options = []
    for _ in range(2):
        ran = await engineer.run("-a", "-e", remote_shell, f"{source}/", f"alias:{bench.home}/copy/", program="rsync")
        assert ran.status == 0, ran.errors
        (source / "file1").write_bytes(os.urandom(70_000))
    shutil.copy(bench.home / "copy/file1", source / "file1")
    for index in range(5):
        assert sha256(bench.home / "copy" / f"file{index}") == sha256(source / f"file{index}")


async def test_read_and_write_are_scopes_of_their_own(bench: Bench, granted: Path) -> None:
    """Who may only read cannot write, who may only write can neither read nor list; each refusal is recorded."""
    (granted / "file").write_text("content")
    (bench.folder / "mine").write_text("mine")
    reader = await bench.engineer(Scope.FILES_READ, folders=(granted,))
    writer = await bench.engineer(Scope.FILES_WRITE, folders=(granted,))
    put, get = f"put {bench.folder}/mine new", f"get file {bench.folder}/back"
    for engineer, allowed, refused in (
        (reader, [get, "ls"], [put, "rm file", "mkdir f", "chmod 777 file"]),
        (writer, [put], [get, "ls"]),
    ):
        for line in allowed:
            assert (await engineer.sftp(line)).status == 0
        for line in refused:
            ran = await engineer.sftp(line)
            assert ran.status == 1 or line == "ls", line  # OpenSSH shows a refused `ls` without failing
            assert "granted" in ran.errors or "ermission" in ran.errors, (line, ran.errors)
    assert (granted / "file").read_text() == "content"
    assert {event.action for event in bench.recording.of(FileOperation) if event.outcome == "refused"} >= {
        "write", "remove", "make-folder", "set-attributes", "read", "list",
    }  # fmt: skip


async def test_no_way_leads_out_of_the_folder(bench: Bench, granted: Path, engineer: Engineer) -> None:
    """Absolute paths, `..`, links that were there and links that the engineer makes: all refused, nothing touched."""
    secret = bench.home / "secret"
    secret.write_text("secret")
    (granted / "out").symlink_to(secret)
    (granted / "up").symlink_to("..")
    (granted / "in").symlink_to("inside")
    (granted / "inside").write_text("inside")
    for line in (
        f"get {secret} {bench.folder}/x",
        f"get ../secret {bench.folder}/x",
        f"get out {bench.folder}/x",
        f"get up/secret {bench.folder}/x",
        "ls ..",
        "ls up/",
        "ls /",
        "rm up/secret",
        "rename up/secret here",
        f"rename {granted}/inside ../outside",
        "chmod 777 out",
        f"put {secret} up/new",
        f"ln -s {secret} trap",
        "ln -s ../secret trap",
        "ln -s / trap",
        f"ln {secret} trap",
    ):
        ran = await engineer.sftp(line)
        assert ran.status == 1, line
    assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("secret", 0o644)
    assert not (bench.folder / "x").exists()
    assert names_in(granted) == ["in", "inside", "out", "up"]
    assert (await engineer.sftp(f"get in {bench.folder}/x")).status == 0  # a link that stays inside works
    assert (bench.folder / "x").read_text() == "inside"


async def test_a_session_without_file_scopes_says_why(bench: Bench) -> None:
    """sftp without a granted file scope ends with the sentence that says what to ask for."""
    engineer = await bench.engineer(Scope.SHELL)
    ran = await engineer.sftp("ls")
    assert ran.status != 0
    assert "request-more --scope files:r" in ran.errors


async def test_a_transfer_that_breaks_off_is_recorded_as_far_as_it_came(
    bench: Bench, granted: Path, engineer: Engineer
) -> None:
    """The client dies in the middle of a put: the event says how much arrived, and the hash of just that."""
    (bench.folder / "big").write_bytes(os.urandom(8_000_000))
    (bench.folder / "batch").write_text(f"put {bench.folder}/big big\n")
    process = await engineer.start("-l", "40000", "-b", f"{bench.folder}/batch", "alias", program="sftp")
    target = granted / "big"
    while not (target.exists() and target.stat().st_size > 100_000):
        assert process.returncode is None
        await bench.recording.poll()
    process.kill()
    await bench.recording.first(ChannelClosed)
    event = next(event for event in bench.recording.of(FileOperation) if event.action == "write")
    assert event.byte_count == target.stat().st_size < 8_000_000
    assert event.sha256 == sha256(target)
