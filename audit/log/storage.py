"""Where the log's files lie, by the names of protocol/tiles.py. Not trusted: everything that is read is checked."""

import fcntl
import os
from pathlib import Path
from typing import Protocol

from audit.durability import Durability, paths_in
from audit.log.errors import LogBroken, LogBusy
from protocol.details import Detail

READ_LIMIT_BYTES = 32 * 1024 * 1024
"""Twice the largest bundle of entries; a file that is larger was not written by us."""


class LogStorage(Protocol):
    """What the log needs of a storage. Called by one thread; may raise OSError, after which nothing is believed."""

    def open(self) -> None:
        """Takes it for this process alone. Raises LogBusy."""

    def read(self, path: str) -> bytes | None:
        """The bytes as the medium has them; None where there is no such file."""

    def create(self, path: str, data: bytes) -> None:
        """A file that never changes: whole and lasting when this returns. One that is there already must have the same
        bytes. Raises LogBroken where it has not."""

    def replace(self, path: str, data: bytes) -> None:
        """A file that may change: the new bytes last when this returns, before that it is the old file."""

    def remove(self, path: str) -> None:
        """No harm is done if the file is there again after a crash, or was not there at all."""

    def names(self, folder: str) -> list[str]:
        """Of the files in a folder; none where there is no such folder."""

    def close(self) -> None:
        """Lets go."""


class FolderStorage:
    """A `LogStorage` in a folder of the local disk. `durability` is the system; tests pass one that fails."""

    def __init__(self, folder: Path, durability: Durability | None = None) -> None:
        self._folder = folder
        self._durability = durability or Durability()
        self._known_folders: set[Path] = set()
        self._lock_handle: int | None = None

    def open(self) -> None:
        self._make_folder(self._folder)
        self._lock_handle = self._durability.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(self._lock_handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LogBusy(folder=self._folder) from None

    def read(self, path: str) -> bytes | None:
        durability = self._durability
        try:
            handle = durability.open(self._folder / path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            durability.forget_cached(handle)
            return durability.read_all(handle, READ_LIMIT_BYTES, 0)
        finally:
            durability.close(handle)

    def create(self, path: str, data: bytes) -> None:
        target = self._folder / path
        if not target.exists():
            self.replace(path, data)
            return
        if self.read(path) != data:
            raise LogBroken(problem=Detail("{path} is there already, with other bytes", path=path))
        self._durability.sync_folder(target.parent)  # its rename may have been seen before it lasted

    def replace(self, path: str, data: bytes) -> None:
        target = self._folder / path
        self._make_folder(target.parent)
        self._durability.write_small_file(target, data)

    def remove(self, path: str) -> None:
        target = self._folder / path
        if target.exists():
            self._durability.remove(target)

    def names(self, folder: str) -> list[str]:
        path = self._folder / folder
        return [one.name for one in paths_in(path) if one.is_file()] if path.is_dir() else []

    def close(self) -> None:
        if self._lock_handle is not None:
            self._durability.close(self._lock_handle)
            self._lock_handle = None

    def _make_folder(self, path: Path) -> None:
        """With every missing parent, each name synced. Once per process also those that exist: a crash may have come
        between making and syncing."""
        if path in self._known_folders or (path == self._folder.parent and path.exists()):
            return
        self._make_folder(path.parent)
        self._durability.create_folder(path)
        self._known_folders.add(path)
