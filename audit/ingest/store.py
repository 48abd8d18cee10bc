"""RecordStore: the broker's way to the records, an asyncio face on one thread that owns every file.

Whatever is to be done becomes a job in a queue. The thread takes all jobs that are waiting, verifies and writes their
records, syncs each touched file once, and only then resolves their futures: while the disk is busy, the next group
gathers. With one owner there is nothing to lock, and the event loop, which also runs the relay, never waits for a
disk and never checks a signature.
"""

import asyncio
import fcntl
import os
import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import structlog

from audit.ingest.durability import Durability
from audit.ingest.errors import (
    DiskFullError,
    ForkDetectedError,
    OtherOpeningError,
    RecorderTooFastError,
    SessionFrozenError,
    SessionNotOpenError,
    StoreBusyError,
    StoreFailedError,
)
from audit.ingest.session_file import FULL_DISK_ERRORS, Position, SessionFile
from audit.session_files import (
    CLOSING_FILE,
    RATING_FILE,
    SessionClosing,
    SessionOpening,
    SessionRating,
    session_folder,
    session_id_of,
)
from protocol.errors import ConsentryError
from protocol.messages import EndReason, RateSession
from protocol.records import ChainVerifier

__all__ = ["Position", "RecordStore"]

log = structlog.get_logger()

FREE_LIMIT_BYTES = 2 * 1024**3
FREE_LIMIT_SHARE = 0.05
"""Below either, no new session: what is left is for the sessions that are running."""

OPEN_FILES_LIMIT = 256
"""Handles kept open between appends. Reopening costs microseconds; a process may have 1,024 of them in all."""

GROUP_LIMIT_BYTES = 1024 * 1024
"""A group is synced when it has reached this, even if more is waiting: it bounds how long an acknowledgement takes."""

PENDING_LIMIT_BYTES = 8 * 1024 * 1024
"""Unconfirmed bytes of one session that are held: twice an honest recorder's window."""

SYNC_THREADS = 8
"""Files synced at one time when a group touches several."""

T = TypeVar("T")


@dataclass(slots=True)
class _Append:
    session_id: bytes
    record: bytes
    future: "asyncio.Future[Position]"


@dataclass(slots=True)
class _Call(Generic[T]):
    """Anything else: run on the thread, after the records that were submitted before it are durable."""

    action: Callable[[], T]
    future: "asyncio.Future[T]"


class _Stop:
    pass


@dataclass(slots=True)
class _Staged:
    """One session's share of a group."""

    session: SessionFile
    checkpoint: ChainVerifier
    data: list[bytes] = field(default_factory=list)
    waiting: "list[tuple[asyncio.Future[Position], Position]]" = field(default_factory=list)


_Outcome = tuple["asyncio.Future[Any]", Position | Exception]


class RecordStore:
    """Keeps sealed records so that what it acknowledges survives a crash, a kill and a power cut.

    `on_fatal` is called once, in the event loop, when the disk failed: the process should end, for what the page
    cache shows from then on may not be on the disk. `durability` is the system; tests pass one that fails.
    """

    def __init__(
        self,
        folder: Path,
        *,
        durability: Durability | None = None,
        on_fatal: Callable[[Exception], None] | None = None,
        free_limit_bytes: int = FREE_LIMIT_BYTES,
        free_limit_share: float = FREE_LIMIT_SHARE,
        open_files_limit: int = OPEN_FILES_LIMIT,
    ) -> None:
        self._folder = folder
        self._durability = durability or Durability()
        self._on_fatal = on_fatal
        self._free_limit_bytes = free_limit_bytes
        self._free_limit_share = free_limit_share
        self._open_files_limit = open_files_limit
        self._jobs: queue.SimpleQueue[_Append | _Call[object] | _Stop] = queue.SimpleQueue()
        self._pending_bytes: dict[bytes, int] = {}
        self._thread: threading.Thread | None = None
        self._ended = False
        # From here on: the thread's own.
        self._sessions: dict[bytes, SessionFile] = {}
        self._handles: OrderedDict[bytes, int] = OrderedDict()
        self._lock_handle: int | None = None
        self._failure: Exception | None = None
        self._in_hand: list[asyncio.Future[Any]] = []
        self._syncers = ThreadPoolExecutor(SYNC_THREADS, thread_name_prefix="record-sync")

    # ── the event loop's side ──

    async def start(self) -> None:
        """Takes the folder and recovers every unfinished recording in it. Raises StoreBusyError or StoreFailedError."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="record-store", daemon=True)
        self._thread.start()
        try:
            await self._call(self._recover_folder)
        except ConsentryError:
            await self.aclose()
            raise

    async def open_session(self, opening: SessionOpening) -> Position:
        """Makes a session's records welcome and says what is durable of them. Opening again is the same.

        Raises DiskFullError (new sessions only), OtherOpeningError, SessionFrozenError, StoreFailedError.
        """
        return await self._call(lambda: self._open(opening))

    def submit(self, session_id: bytes, record: bytes) -> "asyncio.Future[Position]":
        """One whole sealed record. The future resolves when it is durable, in the order of submission.

        It fails with a record error (protocol/records.py) that leaves the session as it was, ForkDetectedError,
        SessionFrozenError, SessionNotOpenError, RecorderTooFastError, DiskFullError or StoreFailedError.
        """
        future: asyncio.Future[Position] = self._loop.create_future()
        pending_bytes = self._pending_bytes.get(session_id, 0) + len(record)
        if self._thread is None or self._ended:
            future.set_exception(StoreFailedError())
        elif pending_bytes > PENDING_LIMIT_BYTES:
            future.set_exception(RecorderTooFastError(limit_bytes=PENDING_LIMIT_BYTES))
        else:
            self._pending_bytes[session_id] = pending_bytes
            future.add_done_callback(lambda _: self._forget_pending(session_id, len(record)))
            self._jobs.put(_Append(session_id, record, future))
        return future

    async def close_session(self, session_id: bytes, reason: EndReason, now_ms: int) -> None:
        """Notes that the session is over (the first reason stays). Records that come late are still taken.

        Raises SessionNotOpenError or StoreFailedError.
        """
        await self._call(lambda: self._close(session_id, reason, now_ms))

    async def keep_rating(self, session_id: bytes, rating: RateSession, now_ms: int) -> None:
        """Keeps the customer's signed answer, durably; the newest one counts. The caller verified its signature.

        Raises SessionNotOpenError or StoreFailedError.
        """
        await self._call(lambda: self._keep_rating(session_id, rating, now_ms))

    async def aclose(self) -> None:
        """Finishes what was submitted and lets go of the folder."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(_Stop())
            await asyncio.to_thread(thread.join)

    async def _call(self, action: Callable[[], T]) -> T:
        if self._thread is None or self._ended:
            raise StoreFailedError
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(_Call(action, future))  # type: ignore[arg-type]  # the queue holds calls of any result
        return await future

    def _refuse_the_rest(self) -> None:
        """The thread has ended before its time: what is still in the queue, or comes later, is told so."""
        self._ended = True
        while not self._jobs.empty():
            job = self._jobs.get_nowait()
            if isinstance(job, _Append | _Call) and not job.future.done():
                job.future.set_exception(StoreFailedError())

    def _forget_pending(self, session_id: bytes, size_bytes: int) -> None:
        left = self._pending_bytes[session_id] - size_bytes
        if left:
            self._pending_bytes[session_id] = left
        else:
            del self._pending_bytes[session_id]

    # ── the thread ──

    def _run(self) -> None:
        try:
            self._work()
        finally:  # also if there is a mistake in here: nobody may wait for ever, and the process must hear of it
            if self._in_hand:
                self._fail(RuntimeError("the thread of the record store ended"))
                self._resolve([(future, StoreFailedError()) for future in self._in_hand])
                self._loop.call_soon_threadsafe(self._refuse_the_rest)
            self._release()

    def _work(self) -> None:
        stopping = False
        while not stopping:
            group: list[_Append] = []
            job = self._jobs.get()
            group_bytes = 0
            while isinstance(job, _Append):
                group.append(job)
                group_bytes += len(job.record)
                if group_bytes >= GROUP_LIMIT_BYTES or self._jobs.empty():
                    break
                job = self._jobs.get_nowait()
            self._in_hand = [taken.future for taken in group]
            if isinstance(job, _Call):
                self._in_hand.append(job.future)
            if group:
                self._commit(group)
            if isinstance(job, _Call):
                self._answer(job)
            self._in_hand = []
            stopping = isinstance(job, _Stop)
        self._release()

    def _commit(self, group: list[_Append]) -> None:
        """Verifies, writes, syncs, answers: nothing is answered `yes` before its file was synced."""
        outcomes: list[_Outcome] = []
        try:
            staged = self._stage(group, outcomes)
            for session_id, share in staged.items():
                self._write(session_id, share, outcomes)
            self._sync([share for share in staged.items() if any(share[1].data)])
            for share in staged.values():
                outcomes += share.waiting
        except OSError as error:
            self._fail(error)
            outcomes = [(job.future, StoreFailedError()) for job in group]
        self._resolve(outcomes)

    def _stage(self, group: list[_Append], outcomes: list[_Outcome]) -> dict[bytes, _Staged]:
        staged: dict[bytes, _Staged] = {}
        for job in group:
            session = self._sessions.get(job.session_id)
            if self._failure is not None:
                outcomes.append((job.future, StoreFailedError()))
                continue
            if session is None:
                outcomes.append((job.future, SessionNotOpenError()))
                continue
            share = staged.get(job.session_id)
            if share is None:
                share = staged[job.session_id] = _Staged(session, session.checkpoint())
            try:
                position, data = session.stage(job.record)
            except ForkDetectedError as fork:
                session.keep_fork(job.record, int(str(fork.fields["seq"])), self._durability)
                outcomes.append((job.future, fork))
            except ConsentryError as refusal:
                outcomes.append((job.future, refusal))
            else:
                share.data.append(data)
                share.waiting.append((job.future, position))
        return staged

    def _write(self, session_id: bytes, share: _Staged, outcomes: list[_Outcome]) -> None:
        data = b"".join(share.data)
        if not data:
            return
        handle = self._handle(session_id, share.session)
        try:
            share.session.append(handle, data, self._durability)
        except OSError as error:
            if error.errno not in FULL_DISK_ERRORS:
                raise
            # A full disk is the operator's to mend, and nothing of this group was promised: as if it had not come.
            share.session.roll_back(share.checkpoint, handle, self._durability)
            outcomes += [(future, DiskFullError()) for future, _ in share.waiting]
            share.data, share.waiting = [], []

    def _sync(self, written: list[tuple[bytes, _Staged]]) -> None:
        """One sync for each touched file, several at a time: the file system merges what is asked of it together."""
        for begin in range(0, len(written), self._open_files_limit):
            handles = [
                self._handle(session_id, share.session)
                for session_id, share in written[begin : begin + self._open_files_limit]
            ]
            if len(handles) == 1:
                self._durability.sync_data(handles[0])
            else:
                list(self._syncers.map(self._durability.sync_data, handles))

    def _answer(self, job: _Call[object]) -> None:
        result: object = None
        failure: Exception | None = None
        try:
            if self._failure is not None:
                raise StoreFailedError
            result = job.action()
        except ConsentryError as refusal:
            failure = refusal
        except OSError as error:
            if error.errno in FULL_DISK_ERRORS:
                failure = DiskFullError()
            else:
                self._fail(error)
                failure = StoreFailedError()
        self._loop.call_soon_threadsafe(_settle, job.future, failure or result)

    def _resolve(self, outcomes: list[_Outcome]) -> None:
        def settle_all() -> None:
            for future, outcome in outcomes:
                _settle(future, outcome)

        if outcomes:
            self._loop.call_soon_threadsafe(settle_all)

    def _fail(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
            log.critical("record_store_failed", problem=str(error))
            if self._on_fatal is not None:
                self._loop.call_soon_threadsafe(self._on_fatal, error)

    # ── what the jobs do ──

    def _recover_folder(self) -> None:
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        self._durability.create_folder(self._folder)
        self._lock_handle = self._durability.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(self._lock_handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusyError(folder=self._folder) from None
        for folder in sorted(self._folder.iterdir()):
            session_id = session_id_of(folder)
            if session_id is None or (folder / CLOSING_FILE).exists():
                continue  # a closed one is recovered when something comes for it
            try:
                session = SessionFile.load(folder, self._durability)
            except ConsentryError as problem:
                # One damaged opening must not keep every other session from being recorded.
                log.error("recording_unreadable", session_id=folder.name, problem=str(problem))
                continue
            if session is not None:
                self._sessions[session_id] = session

    def _open(self, opening: SessionOpening) -> Position:
        session = self._sessions.get(opening.session_id)
        if session is None:
            folder = session_folder(self._folder, opening.session_id)
            session = SessionFile.load(folder, self._durability) if folder.exists() else None
            if session is None:
                self._require_room()
                session = SessionFile.create(folder, opening, self._durability)
        ours, theirs = session.opening, opening
        if (ours.agent_key, ours.manifest_commitment) != (theirs.agent_key, theirs.manifest_commitment):
            raise OtherOpeningError
        self._sessions[opening.session_id] = session
        if session.frozen:
            raise SessionFrozenError
        return session.position

    def _require_room(self) -> None:
        free, total = self._durability.free_and_total_bytes(self._folder)
        if free < self._free_limit_bytes or free < total * self._free_limit_share:
            raise DiskFullError

    def _close(self, session_id: bytes, reason: EndReason, now_ms: int) -> None:
        session = self._known(session_id)
        if not session.is_closed():
            closing = SessionClosing(reason, now_ms, session.position.next_seq)
            self._durability.write_small_file(session.folder / CLOSING_FILE, msgspec.msgpack.encode(closing))
        self._sessions.pop(session_id, None)
        self._close_handle(session_id)

    def _keep_rating(self, session_id: bytes, rating: RateSession, now_ms: int) -> None:
        session = self._known(session_id)
        self._durability.write_small_file(
            session.folder / RATING_FILE, msgspec.msgpack.encode(SessionRating(rating, now_ms))
        )

    def _known(self, session_id: bytes) -> SessionFile:
        """A session that is open, or that was closed before: ratings come late, and closing twice is the same."""
        session = self._sessions.get(session_id)
        if session is None:
            folder = session_folder(self._folder, session_id)
            session = SessionFile.load(folder, self._durability) if folder.exists() else None
        if session is None:
            raise SessionNotOpenError
        return session

    def _handle(self, session_id: bytes, session: SessionFile) -> int:
        handle = self._handles.get(session_id)
        if handle is None:
            while len(self._handles) >= self._open_files_limit:
                _, oldest = self._handles.popitem(last=False)
                self._durability.close(oldest)
            handle = self._handles[session_id] = self._durability.open(session.records_path, os.O_RDWR)
        self._handles.move_to_end(session_id)
        return handle

    def _close_handle(self, session_id: bytes) -> None:
        handle = self._handles.pop(session_id, None)
        if handle is not None:
            self._durability.close(handle)

    def _release(self) -> None:
        self._syncers.shutdown()
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


def _settle(future: "asyncio.Future[T]", outcome: T | Exception) -> None:
    if future.done():  # the one who waited has gone; what was written stays written
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
