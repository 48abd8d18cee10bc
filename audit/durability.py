"""Each system call that a promise of this package rests on, and the few sequences made of them.

A small file        open(temporary, O_CREAT|O_EXCL) write fsync close rename fsync(folder)
Many small files    open write close of each, syncfs, rename of each, fsync(folder)
A new folder        mkdir fsync(parent)
Records             pwrite fdatasync; the file itself is created empty with its folder synced
Recovery            fdatasync posix_fadvise(DONTNEED) read: pages that a failed sync left in memory are not believed

Tests fail each of the primitives in turn by overriding them.
"""

import ctypes
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

if sys.platform == "darwin":
    import fcntl

COPY_CHUNK_BYTES = 1024 * 1024
"""A tail is usually one torn record; one that is not must not fill the memory."""

FEW_FILES = 4
"""Up to so many are synced one by one: what others have written to the same file system is not waited for."""
SYNCFS_SINCE = (5, 8)


def can_sync_file_systems() -> bool:
    """Linux before 5.8 says nothing of what could not be written; other systems have no such call."""
    if sys.platform != "linux":
        return False
    major, minor = platform.release().split(".")[:2]
    return (int(major), int(minor.partition("-")[0])) >= SYNCFS_SINCE


def paths_in(folder: Path) -> list[Path]:
    """What a folder holds, in order of names. Raises OSError, but not for an interruption: Python repeats system calls
    that a signal broke off (PEP 475), and leaves out the one that opens a folder for listing.
    """
    while True:
        try:
            return sorted(folder.iterdir())
        except InterruptedError:
            continue


class Durability:
    """The real thing. Every method may raise OSError."""

    # ── primitives, one system call each ──

    def open(self, path: Path, flags: int) -> int:
        return os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def close(self, handle: int) -> None:
        os.close(handle)

    def write(self, handle: int, data: bytes | memoryview, offset: int) -> int:
        return os.pwrite(handle, data, offset)

    def read(self, handle: int, size_bytes: int, offset: int) -> bytes:
        return os.pread(handle, size_bytes, offset)

    def sync_data(self, handle: int) -> None:
        """Returns when the bytes and the length are on the medium."""
        if sys.platform == "darwin":
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)  # there fsync stops at the drive's cache
        else:
            os.fdatasync(handle)

    def sync_file_system(self, handle: int) -> None:
        """Returns when all that was written to the file system of this file is on the medium."""
        if ctypes.CDLL(None, use_errno=True).syncfs(handle):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    def truncate(self, handle: int, size_bytes: int) -> None:
        os.ftruncate(handle, size_bytes)

    def rename(self, source: Path, target: Path) -> None:
        source.replace(target)

    def make_folder(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)

    def remove(self, path: Path) -> None:
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        path.rmdir()

    def free_and_total_bytes(self, path: Path) -> tuple[int, int]:
        found = os.statvfs(path)
        return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize

    # ── sequences ──

    def write_all(self, handle: int, data: bytes, offset: int) -> None:
        """`write` may take less than it is given; this goes on until it has taken all."""
        rest = memoryview(data)
        while rest:
            taken = self.write(handle, rest, offset)
            offset += taken
            rest = rest[taken:]

    def read_all(self, handle: int, size_bytes: int, offset: int) -> bytes:
        """So many bytes, or all up to the end of the file: a short read must never look like a torn record."""
        pieces = []
        while size_bytes and (piece := self.read(handle, size_bytes, offset)):
            pieces.append(piece)
            offset += len(piece)
            size_bytes -= len(piece)
        return b"".join(pieces)

    def sync_folder(self, path: Path) -> None:
        """Makes the names inside a folder last."""
        handle = self.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.sync_data(handle)
        finally:
            self.close(handle)

    def create_folder(self, path: Path) -> None:
        self.make_folder(path)
        self.sync_folder(path.parent)

    def write_small_file(self, path: Path, data: bytes) -> None:
        """The file is whole and lasts when this returns; before that it is absent, or what it was."""
        self.write_small_files(path.parent, {path.name: data})

    def write_small_files(self, folder: Path, files: Mapping[str, bytes]) -> None:
        """As `write_small_file` for each of these. More than a few together cost two syncs, however many they are."""
        together = len(files) > FEW_FILES and can_sync_file_systems()
        # Opened before the first write: a sync tells of what failed since then.
        file_system = self.open(folder, os.O_RDONLY | os.O_DIRECTORY) if together else None
        try:
            for name, data in files.items():
                handle = self.open(folder / f"{name}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                try:
                    self.write_all(handle, data, 0)
                    if file_system is None:
                        self.sync_data(handle)
                finally:
                    self.close(handle)
            if file_system is not None:
                self.sync_file_system(file_system)
        finally:
            if file_system is not None:
                self.close(file_system)
        for name in files:
            self.rename(folder / f"{name}.new", folder / name)
        if files:
            self.sync_folder(folder)

    def copy_tail(self, handle: int, offset: int, path: Path) -> int:
        """Copies a file's bytes from `offset` on into a small file's place, durably. Returns how many there were."""
        temporary = path.with_name(path.name + ".new")
        target = self.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        copied = 0
        try:
            while piece := self.read_all(handle, COPY_CHUNK_BYTES, offset + copied):
                self.write_all(target, piece, copied)
                copied += len(piece)
            self.sync_data(target)
        finally:
            self.close(target)
        self.rename(temporary, path)
        self.sync_folder(path.parent)
        return copied

    def forget_cached(self, handle: int) -> None:
        """Reads that follow come from the medium. After a failed sync the cache would show what was never stored."""
        self.sync_data(handle)
        if sys.platform != "darwin":
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
