"""What no stock client would ask for, asked through another SFTP client."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from asyncssh import SFTPError
from asyncssh.constants import FXP_EXTENDED, FXP_STATUS
from asyncssh.packet import SSHPacket, String, UInt32, UInt64

from agent_client.files.sftp import HANDLE_LIMIT
from protocol.events import ChannelClosed, FileOperation
from protocol.grants import Scope
from tests.agent_client.ssh.conftest import HOST_KEYS, Bench, Engineer


@pytest.fixture
def granted(bench: Bench) -> Path:
    folder = bench.home / "granted"
    folder.mkdir()
    return folder


@asynccontextmanager
async def sftp_client(bench: Bench, engineer: Engineer) -> AsyncIterator[asyncssh.SFTPClient]:
    known = asyncssh.import_known_hosts("* " + HOST_KEYS.ed25519.export_public_key().decode())
    key = str(bench.folder / f"engineer-{engineer.access.participant}")
    async with (
        asyncssh.connect("127.0.0.1", engineer.port, client_keys=[key], known_hosts=known, config=None) as connection,
        connection.start_sftp_client() as client,
    ):
        yield client


async def test_open_files_are_limited(bench: Bench, granted: Path) -> None:
    """The 65th open file is refused in a sentence; closing one makes room."""
    engineer = await bench.engineer(Scope.FILES_READ, folders=(granted,))
    (granted / "file").write_text("x")
    async with sftp_client(bench, engineer) as client:
        files = [await client.open("file", "rb") for _ in range(HANDLE_LIMIT)]
        with pytest.raises(asyncssh.SFTPPermissionDenied, match="files are open"):
            await client.open("file", "rb")
        await files[0].close()
        await client.open("file", "rb")


@pytest.mark.parametrize("path", [b"a\0b", b"x" * 5000, b"../../etc/passwd", b"/etc/passwd"])
async def test_hostile_paths_are_refused_for_every_operation(bench: Bench, granted: Path, path: bytes) -> None:
    """Whatever is asked of such a path, nothing happens and the recording says refused."""
    engineer = await bench.engineer(Scope.FILES_READ, Scope.FILES_WRITE, folders=(granted,))
    (granted / "file").write_text("x")
    async with sftp_client(bench, engineer) as client:
        for ask in (
            lambda: client.open(path, "rb"),
            lambda: client.open(path, "wb"),
            lambda: client.stat(path),
            lambda: client.lstat(path),
            lambda: client.listdir(path),
            lambda: client.remove(path),
            lambda: client.mkdir(path),
            lambda: client.rmdir(path),
            lambda: client.rename(path, b"new"),
            lambda: client.posix_rename(b"file", path),
            lambda: client.symlink(path, b"new"),
            lambda: client.link(path, b"new"),
            lambda: client.readlink(path),
            lambda: client.chmod(path, 0o777),
            lambda: client.truncate(path, 0),
            lambda: client.statvfs(path),
        ):
            before = len(bench.recording.of(FileOperation))
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await ask()
            assert [event.outcome for event in bench.recording.of(FileOperation)[before:]] == ["refused"]
    assert [entry.name for entry in granted.iterdir()] == ["file"]  # noqa: ASYNC240 - a look at a local folder


async def test_a_scope_withdrawn_stops_an_open_file(bench: Bench, granted: Path) -> None:
    """Writing ends with the very next request; what came before is recorded; reading goes on, having its own scope."""
    engineer = await bench.engineer(Scope.FILES_READ, Scope.FILES_WRITE, folders=(granted,))
    async with sftp_client(bench, engineer) as client:
        file = await client.open("file", "wb")
        await file.write(b"before")
        engineer.access.change(Scope.FILES_READ)
        with pytest.raises(asyncssh.SFTPPermissionDenied, match="files:w"):
            await file.write(b"after")
        with pytest.raises(asyncssh.SFTPPermissionDenied, match="files:w"):
            await file.fsync()
        await file.close()
        async with client.open("file", "rb") as again:
            assert await again.read() == b"before"
        engineer.access.change()
        with pytest.raises((asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)):
            await client.stat("file")
    written = next(event for event in bench.recording.of(FileOperation) if event.action == "write")
    assert (written.byte_count, written.sha256) == (6, hashlib.sha256(b"before").digest())
    await bench.recording.first(ChannelClosed)


async def test_scattered_writes_are_recorded_with_their_ranges(bench: Bench, granted: Path) -> None:
    """Out of order and overlapping: the ranges are merged, the hash is of the bytes in the order they moved."""
    engineer = await bench.engineer(Scope.FILES_WRITE, folders=(granted,))
    async with sftp_client(bench, engineer) as client, client.open("file", "wb") as file:
        for offset, data in ((10, b"tail"), (0, b"head"), (2, b"xxxx")):
            await file.write(data, offset)
    event = next(event for event in bench.recording.of(FileOperation) if event.byte_count)
    assert event.ranges == ((0, 6), (10, 14))
    assert (event.byte_count, event.sha256) == (12, hashlib.sha256(b"tailheadxxxx").digest())
    assert (granted / "file").read_bytes() == b"hexxxx\0\0\0\0tail"


async def test_another_kind_of_client_gets_a_file_with_holes(bench: Bench, granted: Path, tmp_path: Path) -> None:
    """asyncssh asks where the data is before it reads; OpenSSH does not."""
    with (granted / "sparse").open("wb") as file:
        file.seek(1024 * 1024)
        file.write(b"behind the hole")
    engineer = await bench.engineer(Scope.FILES_READ, folders=(granted,))
    async with sftp_client(bench, engineer) as client:
        await client.get(str(granted / "sparse"), str(tmp_path / "got"))
    assert (tmp_path / "got").read_bytes() == (granted / "sparse").read_bytes()


async def check_file(client: asyncssh.SFTPClient, file: asyncssh.SFTPClientFile, offset: int, length: int) -> bytes:
    """No stock client asks for it by itself; asyncssh knows neither the request nor its answer."""
    handler: Any = client._handler
    answered: asyncio.Future[tuple[int, SSHPacket]] = asyncio.get_running_loop().create_future()
    range_ = UInt64(offset) + UInt64(length) + UInt32(0)
    fields = String(b"check-file-handle"), String(file._handle), String(b"md5,sha256"), range_
    handler._send_request(FXP_EXTENDED, fields, answered)
    kind, answer = await answered
    if kind == FXP_STATUS:
        raise SFTPError.construct(answer, "strict") or AssertionError("a status that says nothing is wrong")
    assert answer.get_string() == b"sha256"
    return answer.get_remaining_payload()


async def test_a_part_of_an_open_file_has_its_hash_made_where_it_lies(bench: Bench, granted: Path) -> None:
    """`check-file-handle`: any range, to the end without a length, of an open file alone, and only for who may read."""
    content = os.urandom(5_000_001)
    (granted / "file").write_bytes(content)
    engineer = await bench.engineer(Scope.FILES_READ, Scope.FILES_WRITE, folders=(granted,))
    async with sftp_client(bench, engineer) as client, client.open("file", "rb") as file:
        for start, length in ((0, 0), (0, 70_000), (4_999_999, 10), (6_000_000, 0), (2**64 - 1, 2**64 - 1)):
            part = content[start : start + length] if length else content[start:]
            assert await check_file(client, file, start, length) == hashlib.sha256(part).digest()
        engineer.access.change(Scope.FILES_WRITE)
        with pytest.raises(asyncssh.SFTPPermissionDenied, match="files:r"):
            await check_file(client, file, 0, 0)


async def test_strict_confirms_only_what_is_durable(bench: Bench, granted: Path) -> None:
    """Strict: an open waits until its record is acknowledged, a close until the record of what moved is."""
    bench.recording.strict = True
    engineer = await bench.engineer(Scope.FILES_READ, Scope.FILES_WRITE, folders=(granted,))
    async with sftp_client(bench, engineer) as client:
        opening = asyncio.ensure_future(client.open("file", "wb"))
        await bench.recording.first(FileOperation)
        assert not (granted / "file").exists()
        assert not opening.done()
        bench.recording.acknowledge()
        file = await opening
        await file.write(b"data")
        closing = asyncio.ensure_future(file.close())
        await bench.recording.first(FileOperation, lambda event: event.byte_count == 4)
        assert not (await asyncio.wait([closing], timeout=0.05))[0]
        bench.recording.acknowledge()
        await closing
        bench.recording.acknowledge_always()


async def test_names_that_are_no_text_are_kept(bench: Bench, granted: Path) -> None:
    """A file name of arbitrary bytes survives listing, reading and the recording, where it is escaped."""
    engineer = await bench.engineer(Scope.FILES_READ, folders=(granted,))
    name = b"\xff\xfe bad \x1b[31m"
    (granted / os.fsdecode(name)).write_text("x")
    async with sftp_client(bench, engineer) as client:
        assert name in await client.listdir(b".")
        async with client.open(name, "rb") as file:
            assert await file.read() == b"x"
    event = next(event for event in bench.recording.of(FileOperation) if event.action == "read")
    event.path.encode("utf-8")


@pytest.mark.parametrize(
    "data", [b"", b"\0\0", b"\0\0\0\x05\x01\0\0\0\x03\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x01\xc8"]
)
async def test_a_client_that_talks_nonsense_harms_nothing(bench: Bench, granted: Path, data: bytes) -> None:
    """Packets that are cut, too large or of no known type: the channel closes and is recorded; the next one works."""
    engineer = await bench.engineer(Scope.FILES_READ, folders=(granted,))
    await engineer.run("-s", "alias", "sftp", feed=data)
    closed = await bench.closed()
    assert closed.channel == 1
    assert (await engineer.sftp("ls")).status == 0


async def test_what_is_done_is_not_in_the_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """Commands and paths are the recording's: neither a log line of ours nor of the SSH library names them."""
    caplog.set_level("INFO")
    engineer = await bench.engineer(Scope.SHELL)
    await engineer.run("alias", "echo only-for-the-recording")
    assert "only-for-the-recording" not in caplog.text
