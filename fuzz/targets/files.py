"""Paths that an SFTP client asks for, in a folder full of links, with another one beside it that was not granted."""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

import msgspec

from agent_client.files.confined import ConfinedFolders, open_folder, open_regular, shown_path
from agent_client.recorder.spool import FoundSpool, SpoolHead
from fuzz.target import target, when_done
from fuzz.targets.documents import PROFILE
from fuzz.targets.records import records_row
from protocol.errors import ConsentryError, RefusedError

SECRET = b"not granted"
_ERRNO_OF_PATHS = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.ELOOP,
    errno.EISDIR,
    errno.EACCES,
    errno.ENAMETOOLONG,
    errno.EINVAL,
    errno.ENXIO,
}


@cache
def _house() -> tuple[Path, ConfinedFolders]:
    """A granted folder, a secret beside it, and links of every kind between them."""
    top = Path(tempfile.mkdtemp(prefix="consentry-fuzz-"))
    when_done(lambda: shutil.rmtree(top))
    granted = top / "granted"
    (granted / "deep" / "er").mkdir(parents=True)
    (granted / "file").write_bytes(b"granted")
    (granted / "deep" / "file").write_bytes(b"granted")
    (top / "secret").write_bytes(SECRET)
    (top / "granted-too").mkdir()
    (top / "granted-too" / "secret").write_bytes(SECRET)
    for name, link in {
        "out": "../secret",
        "out-absolute": str(top / "secret"),
        "up": "..",
        "circle": "circle",
        "in": "deep",
        "in-absolute": str(granted / "deep"),
        "deep/back": "../file",
        "deep/er/far": "../../../secret",
        "chain": "deep/er/far",
        "root": "/",
        "beside": "../granted-too",
        "proc": "/proc/self/root",
    }.items():
        (granted / name).symlink_to(link)
    (granted / "\N{RIGHT-TO-LEFT OVERRIDE}txt.exe").write_bytes(b"granted")
    os.mkfifo(granted / "pipe")
    return granted, ConfinedFolders((granted,))


_WORDS = (
    b"..", b"../", b"/", b"//", b"out", b"up", b"up/secret", b"in", b"deep/er/far", b"chain", b"root", b"beside/secret",
    b"proc", b"circle", b"\0", b"x" * 256, b"./", b"granted-too/secret", b"\xff", b"\n", b"\x1b[31m", b"root/etc",
)  # fmt: skip


def _seeds() -> list[bytes]:
    granted = os.fsencode(_house()[0])
    paths = [b"file", b"in/file", b"out", b"chain", b"deep/back", granted + b"/file", granted + b"-too/secret", b"up"]
    return [bytes([kind]) + path for kind in range(4) for path in paths]


@target("sftp-path", seeds=_seeds, words=_WORDS)
def sftp_path(data: bytes) -> None:
    """First byte: open, list, resolve, or make a link to; the rest is the path. Nothing outside is ever reached."""
    granted, folders = _house()
    path = data[1:]
    shown_path(path).encode()
    doing: tuple[Callable[[Path, ConfinedFolders, bytes], None], ...] = (_open, _list, _resolve, _link)
    try:
        doing[(data[:1] or b"\0")[0] % len(doing)](granted, folders, path)
    except RefusedError:
        return
    except OSError as error:
        if error.errno not in _ERRNO_OF_PATHS:
            raise


def _open(_: Path, folders: ConfinedFolders, path: bytes) -> None:
    with folders.place(path, follow=True) as place:
        descriptor = open_regular(place, os.O_RDONLY, 0)
    try:
        assert os.read(descriptor, 100) == b"granted"
    finally:
        os.close(descriptor)


def _list(_: Path, folders: ConfinedFolders, path: bytes) -> None:
    with folders.place(path, follow=True) as place:
        descriptor = open_folder(place)
    try:
        assert not any(entry.name == "secret" for entry in os.scandir(descriptor))
    finally:
        os.close(descriptor)


def _resolve(granted: Path, folders: ConfinedFolders, path: bytes) -> None:
    real = folders.real_path(path)
    assert (real + b"/").startswith(os.fsencode(granted) + b"/")


def _link(granted: Path, folders: ConfinedFolders, target_path: bytes) -> None:
    """A link that may be made may be followed, and one that may not does no harm when it is there."""
    folders.may_be_target(target_path, b"new")
    with suppress(FileNotFoundError):
        (granted / "new").unlink()
    try:
        (granted / "new").symlink_to(os.fsdecode(target_path))
    except ValueError:  # a NUL, which no system takes
        return
    _open(granted, folders, b"new")


@cache
def _spool_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="consentry-fuzz-"))
    when_done(lambda: shutil.rmtree(folder))
    return folder / "spool"


def _spools() -> Iterable[bytes]:
    head = SpoolHead(1, PROFILE, bytes(16), bytes(32), bytes(32), bytes(32), 1)
    line = msgspec.json.encode(head) + b"\n"
    yield line
    yield line + b"".join(records_row())
    yield line + records_row()[0][:-5]


@target("spool", seeds=_spools, words=(b"CSR1", b"\x87", b"\xaasession_id"))
def spool(data: bytes) -> None:
    """What an agent finds of an earlier one: a damaged spool is put aside, and breaks nothing."""
    path = _spool_file()
    path.write_bytes(data)
    try:
        found = FoundSpool.open(path)
        if found is not None:
            with found:
                for header, record in found.records():
                    assert header.record_bytes == len(record)
    except ConsentryError:
        return
