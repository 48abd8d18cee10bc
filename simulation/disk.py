"""A machine's disk: real files in a scratch folder are what the programs see, and beside them is what would survive.

    what a program does        what survives the power cut that follows
    ───────────────────        ────────────────────────────────────────
    write, truncate            none, all, the first few, or any sectors of what was not synced; what is torn or missing
                               in between reads as zeros or garbage
    sync of a file             everything that was done to the file before
    create, rename, remove     the first few of what was done to names in that folder and not synced
    sync of a folder           the names in it; what is below a folder whose own name is lost is lost too
    a sync that fails          nothing; and what it should have synced is dropped without another word, while programs
                               go on seeing it until they ask for the medium itself (PostgreSQL's "fsyncgate")

A killed process loses nothing of this: the page cache outlives it.
"""

import errno
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.durability import Durability
from simulation.loop import VirtualLoop
from simulation.nodes import INCARNATION, Incarnation
from simulation.threads import current_strand, thread_sleep

SECTOR_BYTES = 512
FAST_SYNC_SECONDS = (0.0005, 0.008)
WRITE_SECONDS = 20e-6
FOLDER = object()
"""What a name leads to that is no file."""


@dataclass
class _File:
    """`durable` is what the medium holds; `dirty` what was done since: (offset, bytes), or (size, None) to cut it."""

    durable: bytearray = field(default_factory=bytearray)
    dirty: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        for offset, data in self.dirty:
            _apply(self.durable, offset, data)
        self.dirty.clear()


@dataclass
class _Names:
    """One folder's names: what the medium holds, and what was done to them since, as (name, what it leads to now)."""

    durable: dict[str, Any] = field(default_factory=dict)
    live: dict[str, Any] = field(default_factory=dict)
    changes: list[list[tuple[str, Any]]] = field(default_factory=list)

    def change(self, *entries: tuple[str, Any]) -> None:
        _rename(self.live, entries)
        self.changes.append(list(entries))

    def sync(self) -> None:
        self.settle(len(self.changes))

    def settle(self, count: int) -> None:
        for entries in self.changes[:count]:
            _rename(self.durable, entries)
        self.changes.clear()


def _rename(names: dict[str, Any], entries: Any) -> None:
    for name, target in entries:
        if target is None:
            names.pop(name, None)
        else:
            names[name] = target


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        return
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


class Disk:
    """Belongs to a node, and outlives its incarnations."""

    def __init__(self, loop: VirtualLoop, root: Path) -> None:
        self.root = root
        self.slowness = 1.0
        self.fail_next_sync = False
        self.crash_after_calls: int | None = None
        """The machine dies inside the n-th disk call from now on."""
        self.on_sync: Callable[[Path], None] = lambda path: None  # noqa: ARG005
        self.calls = 0
        self._loop = loop
        self._dice = loop.dice
        self._folders: dict[Path, _Names] = {root: _Names()}
        self._files: dict[Path, _File] = {}
        self._open: dict[int, tuple[Path, _File | None]] = {}
        root.mkdir(parents=True)

    # ── system calls ────────────────────────────────────────────────────────────────────────────────────────────

    def enter(self, *, seconds: float = WRITE_SECONDS) -> None:
        """At the begin of every call: it takes its time, and it may be the machine's last."""
        incarnation = INCARNATION.get()
        if incarnation is None or not incarnation.alive:
            raise OSError(errno.EBADF, "this machine is dead")
        self.calls += 1
        thread_sleep(seconds * self.slowness)
        if self.crash_after_calls is not None:
            self.crash_after_calls -= 1
            if self.crash_after_calls <= 0:
                self.crash_after_calls = None
                self._die(incarnation)

    def _die(self, incarnation: Incarnation) -> None:
        power_cut = self._dice.random() < 0.5
        strand = current_strand()
        if strand is None:
            incarnation.steps_to_live = 1
        else:
            incarnation.node.crash(power_cut=power_cut)
            strand.pause()  # for ever

    def open(self, path: Path, flags: int) -> int:
        self.enter()
        existed = path.exists()
        handle = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        if path.is_dir():
            self._open[handle] = (path, None)
            return handle
        if not existed:
            self._files[path] = _File()
            self._names(path.parent).change((path.name, self._files[path]))
        file = self._files[path]
        if existed and flags & os.O_TRUNC:
            file.dirty.append((0, None))
        self._open[handle] = (path, file)
        return handle

    def close(self, handle: int) -> None:
        incarnation = INCARNATION.get()
        if incarnation is not None and incarnation.alive and self._open.pop(handle, None) is not None:
            os.close(handle)

    def write(self, handle: int, data: bytes | memoryview, offset: int) -> int:
        self.enter()
        taken = len(data) if self._dice.random() < 0.98 else self._dice.randint(1, len(data))
        piece = bytes(data[:taken])
        os.pwrite(handle, piece, offset)
        file = self._open[handle][1]
        assert file is not None
        file.dirty.append((offset, piece))
        return taken

    def append(self, handle: int, data: bytes | memoryview) -> int:
        """At the descriptor's own position, as write(2) does."""
        taken = self.write(handle, data, os.lseek(handle, 0, os.SEEK_CUR))
        os.lseek(handle, taken, os.SEEK_CUR)
        return taken

    def read(self, handle: int, size_bytes: int, offset: int) -> bytes:
        self.enter()
        return os.pread(handle, size_bytes, offset)

    def truncate(self, handle: int, size_bytes: int) -> None:
        self.enter()
        os.ftruncate(handle, size_bytes)
        file = self._open[handle][1]
        assert file is not None
        file.dirty.append((size_bytes, None))

    def sync(self, handle: int) -> None:
        """Of a file or a folder. What was done before it began is on the medium when it returns."""
        self.enter(seconds=self._dice.uniform(*FAST_SYNC_SECONDS))
        path, file = self._open[handle]
        if self.fail_next_sync:
            self.fail_next_sync = False
            self._loop.note(f"disk error at the sync of {path.name}")
            if file is not None:
                _tear(file, self._dice)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if file is None:
            self._names(path).sync()
        else:
            file.sync()
        self.on_sync(path)

    def rename(self, source: Path, target: Path) -> None:
        self.enter()
        source.replace(target)
        file = self._files[target] = self._files.pop(source)
        self._names(target.parent).change((source.name, None), (target.name, file))

    def make_folder(self, path: Path) -> None:
        self.enter()
        if path.exists():
            return
        path.mkdir()
        self._folders[path] = _Names()
        self._names(path.parent).change((path.name, FOLDER))

    def remove(self, path: Path) -> None:
        self.enter()
        path.unlink()
        del self._files[path]
        self._names(path.parent).change((path.name, None))

    def remove_folder(self, path: Path) -> None:
        self.enter()
        path.rmdir()
        del self._folders[path]
        self._names(path.parent).change((path.name, None))

    def forget_cached(self, handle: int) -> None:
        """What a program sees is what the medium holds."""
        self.sync(handle)
        file = self._open[handle][1]
        assert file is not None
        os.ftruncate(handle, 0)
        os.pwrite(handle, file.durable, 0)

    def _names(self, folder: Path) -> _Names:
        if folder not in self._folders:  # made by somebody who does not care whether it lasts
            self._folders[folder] = _Names()
            self._names(folder.parent).durable[folder.name] = FOLDER
            self._names(folder.parent).live[folder.name] = FOLDER
        return self._folders[folder]

    # ── what would survive ──────────────────────────────────────────────────────────────────────────────────────

    def durable_bytes(self, path: Path) -> bytearray | None:
        """What the medium holds of a file for certain; None if its name, or a folder's above it, might be lost."""
        names, name = self._folders.get(path.parent), path.name
        found = names.durable.get(name) if names is not None else None
        folder = path.parent
        while folder != self.root:
            if folder.name not in self._names(folder.parent).durable:
                return None
            folder = folder.parent
        return found.durable if isinstance(found, _File) else None

    # ── crashes ─────────────────────────────────────────────────────────────────────────────────────────────────

    def crashed(self, *, power_cut: bool) -> None:
        """Whatever happens, descriptors and their locks are gone."""
        for handle in self._open:
            os.close(handle)
        self._open.clear()
        self.crash_after_calls = None
        self._notice_removed()
        if power_cut:
            self._lose_power()

    def _notice_removed(self) -> None:
        """Files that were removed past us: their names may come back until the folder is synced."""
        for path in [path for path in self._files if not path.exists()]:
            file = self._files.pop(path)
            names = self._names(path.parent)
            if names.live.get(path.name) is file:
                names.change((path.name, None))

    def _lose_power(self) -> None:
        dice = self._dice
        for names in self._folders.values():
            names.settle(dice.randint(0, len(names.changes)))
        files = {id(file): file for file in self._all_files()}
        for file in files.values():
            _tear(file, dice)
        shutil.rmtree(self.root)
        self.root.mkdir()
        self._files = {}
        folders, self._folders = self._folders, {}
        self._lay_out(self.root, folders)

    def _all_files(self) -> list[_File]:
        return [target for names in self._folders.values() for target in names.durable.values() if target is not FOLDER]

    def _lay_out(self, folder: Path, before: dict[Path, _Names]) -> None:
        names = before.get(folder, _Names())
        self._folders[folder] = _Names(dict(names.durable), dict(names.durable))
        for name, target in names.durable.items():
            path = folder / name
            if target is FOLDER:
                path.mkdir()
                self._lay_out(path, before)
            else:
                path.write_bytes(target.durable)
                self._files[path] = target


def _tear(file: _File, dice: random.Random) -> None:
    """Decides what of the unsynced changes reached the medium."""
    how = dice.choice(("none", "all", "first", "sectors"))
    changes, file.dirty = file.dirty, []
    if how == "none":
        return
    if how == "first" and changes:
        changes = changes[: dice.randint(0, len(changes))]
        if changes and changes[-1][1]:
            offset, data = changes[-1]
            changes[-1] = (offset, data[: dice.randint(0, len(data))] if data else data)
    for offset, data in changes:
        if data is None or how != "sectors":
            _apply(file.durable, offset, data)
            continue
        for at in range(0, len(data), SECTOR_BYTES):
            piece = data[at : at + SECTOR_BYTES]
            fate = dice.random()
            if fate < 0.4:
                _apply(file.durable, offset + at, piece)
            elif fate < 0.6:
                _apply(file.durable, offset + at, bytes(len(piece)))
            elif fate < 0.8:
                _apply(file.durable, offset + at, dice.randbytes(len(piece)))


class DiskDurability(Durability):
    """The record store's way to a simulated disk."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def open(self, path: Path, flags: int) -> int:
        return self._disk.open(path, flags)

    def close(self, handle: int) -> None:
        self._disk.close(handle)

    def write(self, handle: int, data: bytes | memoryview, offset: int) -> int:
        return self._disk.write(handle, data, offset)

    def read(self, handle: int, size_bytes: int, offset: int) -> bytes:
        return self._disk.read(handle, size_bytes, offset)

    def sync_data(self, handle: int) -> None:
        self._disk.sync(handle)

    def truncate(self, handle: int, size_bytes: int) -> None:
        self._disk.truncate(handle, size_bytes)

    def rename(self, source: Path, target: Path) -> None:
        self._disk.rename(source, target)

    def make_folder(self, path: Path) -> None:
        self._disk.make_folder(path)

    def remove(self, path: Path) -> None:
        self._disk.remove(path)

    def remove_folder(self, path: Path) -> None:
        self._disk.remove_folder(path)

    def free_and_total_bytes(self, path: Path) -> tuple[int, int]:  # noqa: ARG002 (there is always room)
        return 2**40, 2**41

    def forget_cached(self, handle: int) -> None:
        self._disk.forget_cached(handle)


class DiskModule:
    """In the place of `os` where the agent keeps its spool. Whatever is not named here is the real one's."""

    def __init__(self, disk_of_node: Callable[[], Disk]) -> None:
        self._disk = disk_of_node

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        del mode
        return self._disk().open(Path(path), flags)

    def close(self, handle: int) -> None:
        if INCARNATION.get() is not None:  # else the simulation is over
            self._disk().close(handle)

    def write(self, handle: int, data: bytes | memoryview) -> int:
        return self._disk().append(handle, data)

    def pread(self, handle: int, size_bytes: int, offset: int) -> bytes:
        return self._disk().read(handle, size_bytes, offset)

    def fsync(self, handle: int) -> None:
        self._disk().sync(handle)

    def fdatasync(self, handle: int) -> None:
        self._disk().sync(handle)

    def replace(self, source: Path, target: Path) -> None:
        self._disk().rename(Path(source), Path(target))

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)
