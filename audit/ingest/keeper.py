"""RecordKeeper: every file of the store, in the hands of one thread.

Plain and synchronous: what is called here is done when it returns, and done for good. The store (store.py) sees to it
that only its thread comes here.
"""

import fcntl
import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import structlog

from audit.durability import Durability, paths_in
from audit.ingest.authenticity import authenticate_all
from audit.ingest.errors import (
    DiskFullError,
    ForkDetectedError,
    OtherOpeningError,
    SessionFrozenError,
    SessionNotOpenError,
    StoreBusyError,
    StoreFailedError,
)
from audit.ingest.journal import Journal
from audit.ingest.session_file import FULL_DISK_ERRORS, Checkpoint, Position, SessionFile
from audit.session_files import (
    CLOSING_FILE,
    ERASED_FILE,
    RATING_FILE,
    SessionClosing,
    SessionOpening,
    SessionRating,
    session_folder,
    session_id_of,
)
from protocol.errors import ConsentryError
from protocol.messages.agent import RateSession
from protocol.messages.fields import EndReason

log = structlog.get_logger(__name__)

HELPING_THREADS = 8
"""Files synced, or shares of a group verified, at one time: both wait in C, and let others run."""

JOURNAL_FROM_FILES = 5
"""A group that touches so many files is synced in the journal. A few at once the file system still syncs for about the
price of one, and what is not journaled is written once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a new session is refused for want of room (below either), how many files are kept open, and how many of them
    make a group one for the journal."""

    free_bytes: int
    free_share: float
    open_files: int
    journal_from_files: int = JOURNAL_FROM_FILES


@dataclass(slots=True)
class _Share:
    """One session's share of a group. `waiting` are places in the group's list of answers."""

    session: SessionFile
    checkpoint: Checkpoint
    data: list[bytes] = field(default_factory=list)
    waiting: list[tuple[int, Position]] = field(default_factory=list)


class RecordKeeper:
    """Any OSError that leaves here, but for those of a full disk, means that nothing may be believed any more."""

    def __init__(self, folder: Path, durability: Durability, limits: Limits) -> None:
        self._folder = folder
        self._durability = durability
        self._limits = limits
        self._sessions: dict[bytes, SessionFile] = {}
        self._handles: OrderedDict[bytes, int] = OrderedDict()
        self._journal = Journal(folder, durability)
        self._journaled: dict[bytes, SessionFile] = {}
        """Whose last records may be durable in the journal alone."""
        self._lock_handle: int | None = None
        self._helpers = ThreadPoolExecutor(HELPING_THREADS, thread_name_prefix="record-helper")

    def take_folder(self) -> None:
        """Takes the folder and recovers every unfinished recording in it. Raises StoreBusyError."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        self._durability.create_folder(self._folder)
        self._lock_handle = self._durability.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(self._lock_handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusyError(folder=self._folder) from None
        journaled = self._journal.open()
        for folder in paths_in(self._folder):
            session_id = session_id_of(folder)
            if session_id is None:
                continue
            if (folder / ERASED_FILE).exists():
                SessionFile.sweep(folder, self._durability)
                continue
            is_closed = (folder / CLOSING_FILE).exists()
            if is_closed and session_id not in journaled:
                continue  # it is recovered when something comes for it
            try:
                session = SessionFile.load(folder, self._durability, journaled=journaled.get(session_id, ()))
            except ConsentryError as problem:
                # One damaged opening must not keep every other session from being recorded.
                log.error("recording_unreadable", session_id=folder.name, problem=str(problem))
                if session_id in journaled:  # until somebody has mended the opening
                    self._durability.write_small_file(folder / "tail-journal.csr", b"".join(journaled[session_id]))
                continue
            if is_closed:
                continue
            if session is not None:
                self._sessions[session_id] = session
            else:
                SessionFile.clear_unopened(folder, self._durability)
        self._journal.begin_again()

    def open_session(self, opening: SessionOpening) -> Position:
        """Raises DiskFullError, OtherOpeningError, SessionFrozenError."""
        session = self._sessions.get(opening.session_id)
        if session is None:
            folder = session_folder(self._folder, opening.session_id)
            session = SessionFile.load(folder, self._durability) if folder.exists() else None
            if session is None:
                self.require_room()
                session = SessionFile.create(folder, opening, self._durability)
        ours, theirs = session.opening, opening
        if (ours.agent_key, ours.manifest_commitment) != (theirs.agent_key, theirs.manifest_commitment):
            raise OtherOpeningError
        self._sessions[opening.session_id] = session
        if session.frozen:
            raise SessionFrozenError
        return session.position

    def close_session(self, session_id: bytes, reason: EndReason, now_ms: int) -> tuple[SessionOpening, Position]:
        """The first reason stays. What was opened, and how far it has come. Raises SessionNotOpenError."""
        session = self._known(session_id)
        self._close_handle(session_id)
        if not session.is_closed():
            closing = SessionClosing(reason, now_ms, session.position.next_seq)
            self._durability.write_small_file(session.folder / CLOSING_FILE, msgspec.msgpack.encode(closing))
        self._sessions.pop(session_id, None)
        return session.opening, session.position

    def erase_session(self, session_id: bytes, now_ms: int) -> None:
        """Destroys a recording; nothing more is taken for it. A second time is the same. Raises SessionNotOpenError."""
        folder = session_folder(self._folder, session_id)
        if not folder.exists():
            raise SessionNotOpenError
        self._sessions.pop(session_id, None)
        self._close_handle(session_id)
        self.settle()
        self._journal.wipe()  # what opens the recording may stand there too
        SessionFile.erase(folder, now_ms, self._durability)

    def sessions_not_closed(self) -> list[bytes]:
        """After `take_folder`: every recording in the folder without a closing."""
        return list(self._sessions)

    def keep_rating(self, session_id: bytes, rating: RateSession, now_ms: int) -> None:
        """The newest one counts. Raises SessionNotOpenError."""
        session = self._known(session_id)
        self._durability.write_small_file(
            session.folder / RATING_FILE, msgspec.msgpack.encode(SessionRating(rating, now_ms))
        )

    def commit(self, group: Sequence[tuple[bytes, bytes]]) -> list[Position | ConsentryError]:
        """Verifies, writes and syncs records, each given with its session's id; one answer for each, in their order.

        An answer is a position only if the record is durable.
        """
        answers: list[Position | ConsentryError] = [StoreFailedError() for _ in group]
        shares = self._stage(group, answers)
        for session_id, share in shares.items():
            self._write(session_id, share, answers)
        written = {session_id: share for session_id, share in shares.items() if any(share.data)}
        if len(written) >= self._limits.journal_from_files:
            self._sync_in_journal(written, answers)
        else:
            self._sync({session_id: share.session for session_id, share in written.items()})
        for share in shares.values():
            for place, position in share.waiting:
                answers[place] = position
        return answers

    def release(self) -> None:
        """Lets go of the folder."""
        self._helpers.shutdown()
        try:
            self._journal.close()
        except OSError as error:
            log.warning("record_store_close_failed", problem=str(error))
        handles = [*self._handles.values()]
        if self._lock_handle is not None:
            handles.append(self._lock_handle)
        self._handles.clear()
        self._lock_handle = None
        for handle in handles:
            try:
                self._durability.close(handle)
            except OSError as error:
                log.warning("record_store_close_failed", problem=str(error))

    def _stage(
        self, group: Sequence[tuple[bytes, bytes]], answers: list[Position | ConsentryError]
    ) -> dict[bytes, _Share]:
        shares: dict[bytes, _Share] = {}
        authentic = authenticate_all(group, self._sessions_of(group), self._helpers)
        for place, ((session_id, record), parts) in enumerate(zip(group, authentic, strict=True)):
            try:
                if isinstance(parts, ConsentryError):
                    raise parts
                share = shares.get(session_id)
                if share is None:
                    session = self._sessions[session_id]
                    share = shares[session_id] = _Share(session, session.checkpoint())
                position, data = share.session.stage(record, parts)
            except ForkDetectedError as fork:
                self._sessions[session_id].keep_fork(record, int(str(fork.fields["seq"])), self._durability)
                answers[place] = fork
            except ConsentryError as refusal:
                answers[place] = refusal
            else:
                share.data.append(data)
                share.waiting.append((place, position))
        return shares

    def _sessions_of(self, group: Sequence[tuple[bytes, bytes]]) -> dict[bytes, SessionFile | ConsentryError]:
        found: dict[bytes, SessionFile | ConsentryError] = {}
        for session_id in dict.fromkeys(session_id for session_id, _ in group):
            try:
                # A session may be closed while its last records are on their way.
                found[session_id] = self._sessions[session_id] = self._known(session_id)
            except ConsentryError as refusal:
                found[session_id] = refusal
        return found

    def _write(self, session_id: bytes, share: _Share, answers: list[Position | ConsentryError]) -> None:
        data = b"".join(share.data)
        if not data:
            return
        handle = self._handle_of(session_id, share.session)
        try:
            share.session.append(handle, data, self._durability)
        except OSError as error:
            if error.errno not in FULL_DISK_ERRORS:
                raise
            self._take_back(session_id, share, answers)

    def _take_back(self, session_id: bytes, share: _Share, answers: list[Position | ConsentryError]) -> None:
        """A full disk is the operator's to mend, and nothing of this group was promised: as if it had not come."""
        share.session.roll_back(share.checkpoint, self._handle_of(session_id, share.session), self._durability)
        for place, _ in share.waiting:
            answers[place] = DiskFullError()
        share.data, share.waiting = [], []

    def _sync_in_journal(self, written: Mapping[bytes, _Share], answers: list[Position | ConsentryError]) -> None:
        """One sync for all of them; their own files' syncs wait until the journal is full."""
        data = b"".join(piece for share in written.values() for piece in share.data)
        if not self._journal.has_room(len(data)):
            self.settle()
        try:
            self._journal.append(data)
        except OSError as error:
            if error.errno not in FULL_DISK_ERRORS:
                raise
            for session_id, share in written.items():
                self._take_back(session_id, share, answers)
        else:
            self._journaled.update((session_id, share.session) for session_id, share in written.items())

    def settle(self) -> None:
        """Makes every file durable by itself; the journal begins again."""
        if self._journaled:
            self._sync(dict(self._journaled))
        self._journal.begin_again()

    def _sync(self, written: Mapping[bytes, SessionFile]) -> None:
        """One sync for each touched file, several at a time: the file system merges what is asked of it together."""
        everything = list(written.items())
        for begin in range(0, len(everything), self._limits.open_files):
            part = everything[begin : begin + self._limits.open_files]
            handles = [self._handle_of(session_id, session) for session_id, session in part]
            if len(handles) == 1:
                self._durability.sync_data(handles[0])
            else:
                list(self._helpers.map(self._durability.sync_data, handles))
            for session_id, _ in part:
                self._journaled.pop(session_id, None)

    def require_room(self) -> None:
        """On the disk, for another session. Any thread's. Raises DiskFullError."""
        free, total = self._durability.free_and_total_bytes(self._folder)
        if free < self._limits.free_bytes or free < total * self._limits.free_share:
            raise DiskFullError

    def _known(self, session_id: bytes) -> SessionFile:
        """A session that is open, or that was closed before: ratings come late, and closing twice is the same."""
        session = self._sessions.get(session_id)
        if session is None:
            folder = session_folder(self._folder, session_id)
            session = SessionFile.load(folder, self._durability) if folder.exists() else None
        if session is None:
            raise SessionNotOpenError
        return session

    def _handle_of(self, session_id: bytes, session: SessionFile) -> int:
        handle = self._handles.get(session_id)
        if handle is None:
            while len(self._handles) >= self._limits.open_files:
                self._close_handle(next(iter(self._handles)))
            handle = self._handles[session_id] = self._durability.open(session.records_path, os.O_RDWR)
        self._handles.move_to_end(session_id)
        return handle

    def _close_handle(self, session_id: bytes) -> None:
        """Not before it is synced: of what fails to reach the medium later, only open files are sure to hear."""
        handle = self._handles.get(session_id)
        if handle is not None:
            if self._journaled.pop(session_id, None) is not None:
                self._durability.sync_data(handle)
            del self._handles[session_id]
            self._durability.close(handle)
