"""RecordStore: the broker's way to the records, an asyncio face on one thread that owns every file.

Whatever is to be done becomes a job in a queue. The thread takes all jobs that are waiting, verifies and writes their
records, syncs each touched file once, or the journal in place of many, and only then resolves their futures: while the
disk is busy, the next group gathers. With one owner there is nothing to lock, and the event loop, which also runs the
relay, never waits for a disk and never checks a signature.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import structlog

from audit.durability import Durability
from audit.ingest.errors import DiskFullError, RecorderTooFastError, StoreFailedError
from audit.ingest.keeper import JOURNAL_FROM_FILES, Limits, RecordKeeper
from audit.ingest.session_file import FULL_DISK_ERRORS, Position
from audit.session_files import SessionOpening
from audit.settling import settle
from protocol.errors import ConsentryError
from protocol.messages.agent import RateSession
from protocol.messages.fields import EndReason

__all__ = ["Position", "RecordStore"]

log = structlog.get_logger(__name__)

FREE_LIMIT_BYTES = 2 * 1024**3
FREE_LIMIT_SHARE = 0.05
"""Below either, no new session: what is left is for the sessions that are running."""

OPEN_FILES_LIMIT = 256
"""Handles kept open between appends. Reopening costs microseconds; a process may have 1,024 of them in all."""

GROUP_LIMIT_BYTES = 1024 * 1024
"""A group is synced when it has reached this, even if more is waiting: it bounds how long an acknowledgement takes."""

PENDING_LIMIT_BYTES = 8 * 1024 * 1024
"""Unconfirmed bytes of one session that are held: twice an honest recorder's window."""

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
        journal_from_files: int = JOURNAL_FROM_FILES,
    ) -> None:
        limits = Limits(free_limit_bytes, free_limit_share, open_files_limit, journal_from_files)
        self._on_fatal = on_fatal
        self._jobs: queue.SimpleQueue[_Append | _Call[object] | _Stop] = queue.SimpleQueue()
        self._pending_bytes: dict[bytes, int] = {}
        self._thread: threading.Thread | None = None
        self._ended = False
        # From here on: the thread's own.
        self._keeper = RecordKeeper(folder, durability or Durability(), limits)
        self._failure: Exception | None = None
        self._in_hand: list[asyncio.Future[Any]] = []

    # ── the event loop's side ──

    async def start(self) -> None:
        """Takes the folder and recovers every unfinished recording in it. Raises StoreBusyError or StoreFailedError."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="record-store", daemon=True)
        self._thread.start()
        try:
            await self._call(self._keeper.take_folder)
        except ConsentryError:
            await self.aclose()
            raise

    async def open_session(self, opening: SessionOpening) -> Position:
        """Makes a session's records welcome and says what is durable of them. Opening again is the same.

        Raises DiskFullError (new sessions only), OtherOpeningError, SessionFrozenError, StoreFailedError.
        """
        return await self._call(lambda: self._keeper.open_session(opening))

    def check_disk(self) -> None:
        """Raises DiskFullError while there is too little room for another session."""
        self._keeper.require_room()

    def submit(self, session_id: bytes, record: bytes) -> "asyncio.Future[Position]":
        """One whole sealed record. The future resolves when it is durable, in the order of submission.

        It fails with a record error (protocol/record_chain.py) that leaves the session as it was, ForkDetectedError,
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

    async def close_session(self, session_id: bytes, reason: EndReason, now_ms: int) -> tuple[SessionOpening, Position]:
        """Notes that the session is over (the first reason stays). Records that come late are still taken.

        Answers what was opened and how far it has come. Raises SessionNotOpenError or StoreFailedError.
        """
        return await self._call(lambda: self._keeper.close_session(session_id, reason, now_ms))

    async def sessions_not_closed(self) -> list[bytes]:
        """To be asked after `start`: the ids of those in the folder without a closing. Raises StoreFailedError."""
        return await self._call(self._keeper.sessions_not_closed)

    async def keep_rating(self, session_id: bytes, rating: RateSession, now_ms: int) -> None:
        """Keeps the customer's signed answer, durably; the newest one counts. The caller verified its signature.

        Raises SessionNotOpenError or StoreFailedError.
        """
        await self._call(lambda: self._keeper.keep_rating(session_id, rating, now_ms))

    async def erase_session(self, session_id: bytes, now_ms: int) -> None:
        """Destroys a recording for good; records that come later are refused with SessionErasedError.

        Raises SessionNotOpenError or StoreFailedError.
        """
        await self._call(lambda: self._keeper.erase_session(session_id, now_ms))

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
                self._answer([(future, StoreFailedError()) for future in self._in_hand])
                self._loop.call_soon_threadsafe(self._refuse_the_rest)
            self._keeper.release()

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
                self._perform(job)
            self._in_hand = []
            stopping = isinstance(job, _Stop)
        self._settle()

    def _settle(self) -> None:
        """So that a folder whose broker stopped in order is whole without its journal."""
        if self._failure is None:
            try:
                self._keeper.settle()
            except OSError as error:
                self._fail(error)

    def _commit(self, group: list[_Append]) -> None:
        """Nothing is answered `yes` before its file was synced."""
        answers: Sequence[Position | ConsentryError] = [StoreFailedError() for _ in group]
        if self._failure is None:
            try:
                answers = self._keeper.commit([(job.session_id, job.record) for job in group])
            except OSError as error:
                self._fail(error)
        self._answer([(job.future, answer) for job, answer in zip(group, answers, strict=True)])

    def _perform(self, job: _Call[object]) -> None:
        outcome: object = StoreFailedError()
        if self._failure is None:
            try:
                outcome = job.action()
            except ConsentryError as refusal:
                outcome = refusal
            except OSError as error:
                if error.errno in FULL_DISK_ERRORS:
                    outcome = DiskFullError()
                else:
                    self._fail(error)
        self._answer([(job.future, outcome)])

    def _answer(self, outcomes: Sequence[tuple["asyncio.Future[Any]", object]]) -> None:
        def settle_all() -> None:
            for future, outcome in outcomes:
                settle(future, outcome)

        self._loop.call_soon_threadsafe(settle_all)

    def _fail(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
            log.critical("record_store_failed", problem=str(error))
            if self._on_fatal is not None:
                self._loop.call_soon_threadsafe(self._on_fatal, error)
