"""One session's records file: what may be appended to it, and how it is recovered.

The story of an append, and what remains if the power goes:

    1. the record is verified against the chain        nothing was written
    2. it is written behind the last durable byte      a torn or whole record, unacknowledged; recovery keeps it if
                                                       it is whole and valid, else cuts it off
    3. fdatasync, of it or of the journal              it is there, whether or not the acknowledgement went out
    4. the acknowledgement                             the agent may forget it

Recovery walks the file from its first byte through the same verifier as step 1, and then the session's records in the
journal (journal.py): those that continue it are written over what the crash left of them. What does not verify is moved
to `tail-<offset>.csr` before the file is cut: it was never acknowledged, or the disk has failed us, and then somebody
must be able to see it.
"""

import copy
import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import msgspec
import structlog

from audit.durability import Durability, paths_in
from audit.ingest.errors import ForkDetectedError, SessionErasedError, SessionFrozenError
from audit.ingest.recent_hashes import RecentHashes
from audit.session_files import (
    CLOSING_FILE,
    ERASED_FILE,
    OPENING_FILE,
    RECORDS_FILE,
    SessionClosing,
    SessionErasure,
    SessionOpening,
    read_small_file,
)
from protocol.errors import IntegrityError
from protocol.record_chain import ChainVerifier, RecordChainError, chain_hash
from protocol.records import HEADER_BYTES, Record, RecordHeader, RecordMalformedError

log = structlog.get_logger(__name__)

RECENT_RECORDS = 64
"""Hashes of so many last records are kept in memory, to answer a re-sent one without reading: an agent goes on where
the broker says that its file ends, so what it sends twice was on its way. Older ones are looked up in the file. All
together are 2 KiB of each session, from its first record on."""

FULL_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT)
"""The errors of a disk that works and has no room: refused, not fatal."""

_BEFORE_OPENING = frozenset({RECORDS_FILE, OPENING_FILE + ".new"})
"""What `SessionFile.create` makes before the opening is there."""

_AFTER_ERASE = frozenset({OPENING_FILE, CLOSING_FILE, ERASED_FILE})

_FILE_FLAGS = os.O_RDWR | os.O_CREAT


@dataclass(frozen=True, slots=True)
class Position:
    """Every record below `next_seq` is on disk; the next one must name `chain_hash` as `prev`."""

    next_seq: int
    chain_hash: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a session was before a group of records came."""

    verifier: ChainVerifier
    length_bytes: int


class SessionFile:
    """Owned by the store's thread; `handle` arguments are open descriptors of `records.csr`."""

    def __init__(self, folder: Path, opening: SessionOpening) -> None:
        self.folder = folder
        self.opening = opening
        self.frozen = any(fnmatch(path.name, "fork-*.csr") for path in paths_in(folder))
        self._verifier = self._new_verifier()
        self._length_bytes = 0
        self._recent = RecentHashes(RECENT_RECORDS)

    @property
    def records_path(self) -> Path:
        return self.folder / RECORDS_FILE

    @property
    def position(self) -> Position:
        return Position(self._verifier.next_seq, self._verifier.chain_hash)

    @classmethod
    def create(cls, folder: Path, opening: SessionOpening, durability: Durability) -> "SessionFile":
        """A folder whose opening is on disk. Run again after a crash at any point, it completes what is missing."""
        durability.create_folder(folder)
        durability.close(durability.open(folder / RECORDS_FILE, _FILE_FLAGS))
        durability.write_small_file(folder / OPENING_FILE, msgspec.msgpack.encode(opening))
        return cls(folder, opening)

    @classmethod
    def load(cls, folder: Path, durability: Durability, *, journaled: Sequence[bytes] = ()) -> "SessionFile | None":
        """A session that was opened before, recovered; None if its opening never became durable.

        Raises SessionErasedError.
        """
        opening = read_small_file(folder / OPENING_FILE, SessionOpening)
        if opening is None:
            return None
        if read_small_file(folder / ERASED_FILE, SessionErasure) is not None:
            raise SessionErasedError
        durability.sync_folder(folder)  # the rename may have been seen before it lasted
        session = cls(folder, opening)
        handle = durability.open(session.records_path, _FILE_FLAGS)
        try:
            session.recover(handle, durability, journaled)
        finally:
            durability.close(handle)
        return session

    @staticmethod
    def erase(folder: Path, now_ms: int, durability: Durability) -> None:
        """Destroys a recording for good. The mark comes first: after a crash at any point `sweep` finishes it."""
        if not (folder / ERASED_FILE).exists():
            durability.write_small_file(folder / ERASED_FILE, msgspec.msgpack.encode(SessionErasure(now_ms)))
        SessionFile.sweep(folder, durability)
        log.info("recording_erased", session_id=folder.name)

    @staticmethod
    def sweep(folder: Path, durability: Durability) -> None:
        """Removes what an erase leaves nothing of."""
        left = [path for path in paths_in(folder) if path.name not in _AFTER_ERASE]
        for path in left:
            durability.remove(path)
        if left:
            durability.sync_folder(folder)

    @staticmethod
    def clear_unopened(folder: Path, durability: Durability) -> None:
        """Removes what a crash left of a session whose opening never became durable.

        Nothing was acknowledged of it, and an auditor would take the folder for a recording that was lost. One that
        holds anything that `create` does not leave stays.
        """
        left = paths_in(folder)
        names = {path.name for path in left}
        if not names <= _BEFORE_OPENING or (RECORDS_FILE in names and (folder / RECORDS_FILE).stat().st_size):
            return
        for path in left:
            durability.remove(path)
        durability.remove_folder(folder)
        log.info("recording_never_opened", session_id=folder.name)

    def is_closed(self) -> bool:
        return read_small_file(self.folder / CLOSING_FILE, SessionClosing) is not None

    def authenticate(self, record: bytes) -> Record:
        """The first half of verifying, for `stage`, which any thread may do.

        Raises the errors of protocol/record_chain.py. The verifier may be replaced
        meanwhile; each knows the same session and the same key.
        """
        return self._verifier.authenticate(record)

    def stage(self, record: bytes, parts: Record) -> tuple[Position, bytes]:
        """Verifies the place of the next record, which `authenticate` took apart: the position behind it, and the bytes
        to append (none if it is there already).

        Raises the errors of protocol/record_chain.py, changing nothing; ForkDetectedError for a record that contradicts
        an earlier one, which the caller then keeps with `keep_fork`.
        """
        if self.frozen:
            raise SessionFrozenError
        header = parts.header
        if header.seq < self._verifier.next_seq:
            return self._stage_again(parts)
        try:
            self._verifier.accept_authentic(parts)
        except RecordChainError:
            raise ForkDetectedError(seq=header.seq) from None
        self._recent.add(header.seq, self._verifier.chain_hash)
        return self.position, record

    def _stage_again(self, parts: Record) -> tuple[Position, bytes]:
        """A number that was taken: the same record is confirmed once more, another one is a fork."""
        seq = parts.header.seq
        if chain_hash(parts.header_bytes) == self._hash_of(seq):
            return self.position, b""
        raise ForkDetectedError(seq=seq)

    def _hash_of(self, seq: int) -> bytes:
        if (known := self._recent.of(seq)) is not None:
            return known
        with self.records_path.open("rb") as file:
            header_bytes = b""
            for _ in range(seq + 1):
                header_bytes = file.read(HEADER_BYTES)
                header = RecordHeader.parse(header_bytes)
                file.seek(header.record_bytes - HEADER_BYTES, os.SEEK_CUR)
        return chain_hash(header_bytes)

    def checkpoint(self) -> "Checkpoint":
        """What `roll_back` returns to when staged records could not be written or synced."""
        return Checkpoint(copy.copy(self._verifier), self._length_bytes)

    def roll_back(self, checkpoint: "Checkpoint", handle: int, durability: Durability) -> None:
        self._verifier = checkpoint.verifier
        self._length_bytes = checkpoint.length_bytes
        self._recent.forget_from(checkpoint.verifier.next_seq)
        durability.truncate(handle, self._length_bytes)

    def append(self, handle: int, data: bytes, durability: Durability) -> None:
        """Writes staged records behind the last durable byte; they count only after the caller's sync."""
        durability.write_all(handle, data, self._length_bytes)
        self._length_bytes += len(data)

    def keep_fork(self, record: bytes, seq: int, durability: Durability) -> None:
        """Keeps the contradicting record beside the first one, and the session frozen for good."""
        self.frozen = True
        try:
            durability.write_small_file(self.folder / f"fork-{seq}.csr", record)
        except OSError as error:
            # On a full disk an agent must not be able to stop the broker for everybody by contradicting itself.
            if error.errno not in FULL_DISK_ERRORS:
                raise
        log.critical("recording_forked", session_id=self.opening.session_id.hex(), seq=seq)

    def recover(self, handle: int, durability: Durability, journaled: Sequence[bytes] = ()) -> None:
        """Reads the file from the medium, keeps the longest valid row of records and cuts off what follows.

        Records of the journal that continue that row belong to it.
        """
        durability.forget_cached(handle)
        self._verifier = self._new_verifier()
        self._recent.forget_from(0)
        self._length_bytes = 0
        rest = self._walk(handle, durability)
        restored = [record for record in journaled if self._continues(record) is None]
        if restored:
            self.append(handle, b"".join(restored), durability)
            durability.sync_data(handle)
            rest = self._walk(handle, durability)
            log.info("records_restored", session_id=self.opening.session_id.hex(), records=len(restored))
        if rest is not None:
            self._cut_tail(handle, self._length_bytes, rest, durability)

    def _walk(self, handle: int, durability: Durability) -> IntegrityError | None:
        """Goes on from where it is to the end of the file; what was wrong with what is left, None if nothing is."""
        while record := self._read_record(handle, self._length_bytes, durability):
            problem = self._continues(record)
            if problem is not None:
                return problem
            self._length_bytes += len(record)
        return None

    def _continues(self, record: bytes) -> IntegrityError | None:
        """Takes a record that is the chain's next one; why not, of any other."""
        try:
            header = self._verifier.accept(record)
        except IntegrityError as problem:
            return problem
        self._recent.add(header.seq, self._verifier.chain_hash)
        return None

    def _read_record(self, handle: int, offset: int, durability: Durability) -> bytes:
        """The bytes of the record at an offset: fewer if the file ends there, the header's if it is no record."""
        head = durability.read_all(handle, HEADER_BYTES, offset)
        try:
            size_bytes = RecordHeader.parse(head).record_bytes
        except RecordMalformedError:
            return head
        return head + durability.read_all(handle, size_bytes - HEADER_BYTES, offset + HEADER_BYTES)

    def _cut_tail(self, handle: int, offset: int, problem: IntegrityError, durability: Durability) -> None:
        cut_bytes = durability.copy_tail(handle, offset, self.folder / f"tail-{offset}.csr")
        durability.truncate(handle, offset)
        durability.sync_data(handle)
        log.warning(
            "recording_tail_cut",
            session_id=self.opening.session_id.hex(),
            records=self._verifier.next_seq,
            cut_bytes=cut_bytes,
            problem=type(problem).__name__,
        )

    def _new_verifier(self) -> ChainVerifier:
        opening = self.opening
        return ChainVerifier(opening.session_id, opening.agent_key, opening.manifest_commitment)
