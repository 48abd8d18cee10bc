"""Sealed records on this machine's disk until the broker holds them, so that the death of the agent loses none.

One file per session, `<state>/spool/<hex session id>.spool`, 0600 in a folder of 0700: one line of JSON (the head:
where the records belong and the token that uploads them), then sealed records back to back. There is no key in it that
could open, sign or continue a record: whoever takes the file can deliver what is sealed, and nothing else.

Appends are made durable in groups by `sync` (fdatasync). A torn record at the end, left by a crash, is not read. While
an agent lives it holds a lock on its file (flock, which dies with the process); `deliver.py` takes only files that it
can lock. When much of the file is acknowledged, the rest is copied to a fresh file that replaces it; when the recording
is complete at the broker, the file is removed.

    what the crash left                     what the next start does
    ───────────────────                     ────────────────────────
    a head without its newline, or torn     nothing was ever sent: the file is removed
    a torn last record                      delivers everything before it
    another version's head                  leaves it alone
    the old file and a `.new` beside it     the old one counts (rename is what replaces it); `.new` is removed
"""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent_client.recorder.errors import SpoolBroken
from protocol.decoding import UNREADABLE
from protocol.details import system_reason
from protocol.errors import IntegrityError
from protocol.messages.fields import Bytes16, Bytes32
from protocol.profile import Profile
from protocol.record_chain import verify_signature
from protocol.records import HEADER_BYTES, MAGIC, RecordHeader, split_record

SPOOL_SUFFIX = ".spool"
ASIDE_SUFFIX = ".refused"
_NEW_SUFFIX = ".new"
_HEAD_LIMIT_BYTES = 64 * 1024
"""A head is a few KiB: a profile with at most four recipients."""

_COPY_PIECE_BYTES = 256 * 1024
"""What is copied at once when a spool is rewritten. Its megabytes as one block would be cleared by the kernel first."""


class SpoolHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the records of a spool belong. The profile is the one that the session's agent had verified."""

    version: int
    profile: Profile
    session_id: Bytes16
    session_token: Bytes32
    agent_key: Bytes32
    manifest_commitment: Bytes32
    started_at_ms: int

    def __repr__(self) -> str:
        return f"SpoolHead(session_id={self.session_id.hex()}, …)"


class DiskCalls:
    """The system calls that keep a spool. A test replaces one of them to fail it."""

    write = staticmethod(os.write)
    fdatasync = staticmethod(os.fdatasync)
    replace = staticmethod(os.replace)


def spool_folder(state: Path) -> Path:
    """Where spools lie below an agent's state folder; made on first use, for its owner only."""
    folder = state / "spool"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


class Spool:
    """The writing side, one per session. Used from the sealing thread; `trim` too."""

    def __init__(self, path: Path, descriptor: int, head: bytes, disk: DiskCalls) -> None:
        self.path = path
        self._descriptor = descriptor
        self._head = head
        self._disk = disk
        self._end = len(head)
        self._starts: list[int] = []
        self._first_seq = 0

    @classmethod
    def create(cls, folder: Path, head: SpoolHead, *, disk: DiskCalls | None = None) -> Self:
        """A fresh spool with its head on the disk. Raises SpoolBroken."""
        path = folder / (head.session_id.hex() + SPOOL_SUFFIX)
        line = msgspec.json.encode(head) + b"\n"
        disk = disk or DiskCalls()
        with _translated():
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _write_all(disk.write, descriptor, line)
                disk.fdatasync(descriptor)
                _sync_folder(folder)
            except OSError:
                os.close(descriptor)
                path.unlink(missing_ok=True)
                raise
        return cls(path, descriptor, line, disk)

    def append(self, record: bytes) -> None:
        """Writes one record behind the last one; durable after `sync`. Raises SpoolBroken, and is then done for."""
        with _translated():
            _write_all(self._disk.write, self._descriptor, record)
        self._starts.append(self._end)
        self._end += len(record)

    def sync(self) -> None:
        """Everything appended survives a power cut from here on. Raises SpoolBroken; never call it again then.

        After a failed fdatasync the kernel may have thrown the pages away and report success the next time.
        """
        with _translated():
            self._disk.fdatasync(self._descriptor)

    def trim(self, acked_seq: int, *, at_least_bytes: int) -> bool:
        """Forgets records below `acked_seq` if that frees enough. True if it did. Raises SpoolBroken."""
        kept_from = acked_seq - self._first_seq
        start = self._starts[kept_from] if kept_from < len(self._starts) else self._end
        if start - len(self._head) < at_least_bytes:
            return False
        fresh_path = self.path.with_suffix(_NEW_SUFFIX)
        with _translated():
            fresh = os.open(fresh_path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fresh, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _write_all(self._disk.write, fresh, self._head)
                for at in range(start, self._end, _COPY_PIECE_BYTES):
                    piece = os.pread(self._descriptor, min(_COPY_PIECE_BYTES, self._end - at), at)
                    _write_all(self._disk.write, fresh, piece)
                self._disk.fdatasync(fresh)
                self._disk.replace(fresh_path, self.path)
                _sync_folder(self.path.parent)
            except OSError:
                os.close(fresh)
                fresh_path.unlink(missing_ok=True)
                raise
        os.close(self._descriptor)
        moved_by = start - len(self._head)
        self._descriptor = fresh
        self._starts = [at - moved_by for at in self._starts[kept_from:]]
        self._end -= moved_by
        self._first_seq = acked_seq
        return True

    def remove(self) -> None:
        """The broker holds everything: the file has done its work."""
        _discard(self.path)
        self.close()

    def close(self) -> None:
        """Leaves the file for `deliver.py`."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class FoundSpool:
    """The reading side: a spool that a dead agent left, locked for us. Used as a context manager."""

    def __init__(self, path: Path, descriptor: int, head: SpoolHead, records_at: int) -> None:
        self.path = path
        self.head = head
        self._descriptor = descriptor
        self._records_at = records_at

    @classmethod
    def open(cls, path: Path) -> Self | None:
        """None if a living agent holds it, if it cannot be read, or if it never got its head (then it is removed)."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            if not _locked(descriptor, path):
                os.close(descriptor)
                return None
            # A killed agent leaves records in the page cache. The broker must never hold what this disk may yet lose.
            DiskCalls.fdatasync(descriptor)
        except OSError:
            os.close(descriptor)
            return None
        start = os.pread(descriptor, _HEAD_LIMIT_BYTES, 0)
        line, newline, _ = start.partition(b"\n")
        try:
            head = msgspec.json.decode(line, type=SpoolHead) if newline else None
        except UNREADABLE:
            head = None
        if head is None:
            os.close(descriptor)
            if not newline or _is_torn(line, start):
                path.unlink(missing_ok=True)
            return None
        return cls(path, descriptor, head, len(line) + 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def records(self) -> Iterator[tuple[RecordHeader, bytes]]:
        """Each whole record with its header, in order; a torn one at the end is left out.

        Torn is not only short: after a power cut a file can have its length and not all of its sectors.
        """
        at = self._records_at
        agent_key = Ed25519PublicKey.from_public_bytes(self.head.agent_key)
        while True:
            try:
                header = RecordHeader.parse(os.pread(self._descriptor, HEADER_BYTES, at))
                record = os.pread(self._descriptor, header.record_bytes, at)
                verify_signature(split_record(record), agent_key)
            except IntegrityError:
                return
            yield header, record
            at += len(record)

    def remove(self) -> None:
        _discard(self.path)

    def put_aside(self) -> None:
        """Nobody will take these records: they stay for a person to look at, and are not tried again."""
        self.path.replace(self.path.with_suffix(ASIDE_SUFFIX))


def found_spools(state: Path) -> Iterator[FoundSpool]:
    """Every spool below a state folder that no living agent holds. Removes what a broken rewrite left over."""
    folder = spool_folder(state)
    for path in sorted(folder.glob("*" + SPOOL_SUFFIX)):
        spool = FoundSpool.open(path)
        if spool is not None:
            path.with_suffix(_NEW_SUFFIX).unlink(missing_ok=True)
            yield spool


def _discard(path: Path) -> None:
    """A file that cannot be removed is no reason to fail: the next start delivers it again, which changes nothing."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _is_torn(line: bytes, start: bytes) -> bool:
    """A power cut can leave a file's length, newline and all, without what was in it. No record was behind it then."""
    try:
        msgspec.json.decode(line)
    except UNREADABLE:
        return MAGIC not in start
    return False


def _locked(descriptor: int, path: Path) -> bool:
    """Whether the file is ours now, and still the one that the path names: a living agent may just have replaced it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except (BlockingIOError, FileNotFoundError):
        return False


def _write_all(write: Callable[[int, bytes], int], descriptor: int, data: bytes) -> None:
    """write(2) may write less than it was given: a signal, a full disk, a quota."""
    view = memoryview(data)
    while view:
        view = view[write(descriptor, view) :]  # type: ignore[arg-type]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SpoolBroken(problem=system_reason(error)) from error
