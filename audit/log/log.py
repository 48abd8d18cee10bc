"""TransparencyLog: the broker's way to its log, an asyncio face on one thread that owns it.

Entries gather while the pool before them is being written, and for POOL_SECONDS at least, unless many have come: each
pool is one signed checkpoint, and whoever appended waits for it. With one owner there is nothing to lock, and the event
loop never waits for a disk.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.ingest.errors import DiskFullError
from audit.log.cosigning import Cosigning, WitnessDoor
from audit.log.errors import LogBroken, LogFailed
from audit.log.keeper import FULL_DISK_ERRORS, EntryKey, LogKeeper, Pending
from audit.log.ledger import Ledger
from audit.log.storage import LogStorage
from audit.settling import settle
from protocol.errors import ConsentryError
from protocol.log_leaves import Leaf, encode_leaf
from protocol.log_proof import LogProof
from protocol.signed_note import NoteKey

log = structlog.get_logger(__name__)

POOL_SECONDS = 0.1
"""Between the beginnings of two pools: sessions wait for their entry, and a checkpoint costs a dozen syncs."""

POOL_ENOUGH_ENTRIES = 64
"""Do not wait for POOL_SECONDS to pass: a share of a checkpoint costs each of them less than a sync of its own."""

POOL_LIMIT_ENTRIES = 4096
"""In one pool; the others wait for the next."""

T = TypeVar("T")


class TransparencyLog:
    """Appends, proves, and asks the witnesses.

    `on_fatal` is called once, in the event loop, when a write failed or the log turned out to be broken: the process
    should end. With `witnesses_needed`, proofs are given only under checkpoints that as many witnesses have cosigned.
    """

    def __init__(
        self,
        storage: LogStorage,
        ledger: Ledger,
        origin: str,
        key: Ed25519PrivateKey,
        *,
        witnesses: Sequence[WitnessDoor] = (),
        witnesses_needed: int = 0,
        on_fatal: Callable[[Exception], None] | None = None,
        pool_seconds: float = POOL_SECONDS,
    ) -> None:
        self.log_key = NoteKey(origin, key.public_key().public_bytes_raw())
        self._on_fatal = on_fatal
        self._pool_seconds = pool_seconds
        self._pool: list[tuple[Pending, asyncio.Future[int]]] = []
        self._pool_filled = asyncio.Event()
        self._pool_is_enough = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None
        self._is_started = False
        self._keeper = LogKeeper(storage, ledger, origin, key)
        self._cosigning = Cosigning(
            witnesses, witnesses_needed, consistency=self.prove_consistency, on_broken=self._broken
        )

    # ── life ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def start(self) -> None:
        """Recovers and inspects the whole log. Raises LogBusy, LogBroken, LogFailed."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="transparency-log", daemon=True)
        self._thread.start()
        try:
            await self._call(self._keeper.start)
            # A log that was rolled back, files and ledger together, only its witnesses can tell.
            await self._cosigning.start(self._keeper.note)
        except ConsentryError:
            await self.aclose()
            raise
        self._is_started = True
        self._tasks.append(asyncio.create_task(self._keep_pooling(), name="log-pool"))

    async def aclose(self) -> None:
        """What was appended by now is finished first."""
        thread, self._thread = self._thread, None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._cosigning.aclose()
        for _, future in self._pool:
            settle(future, LogFailed())
        if thread is not None:
            self._jobs.put(None)
            await asyncio.to_thread(thread.join)

    # ── appending ───────────────────────────────────────────────────────────────────────────────────────────────

    async def append(self, leaf: Leaf, key: EntryKey | None = None) -> int:
        """The entry's place, once it is signed, stored and published. With a key that was used, the place of then.

        Raises LeafError, LogFailed, DiskFullError.
        """
        pending = Pending(encode_leaf(leaf), key)
        if self._thread is None or self._failure is not None:
            raise LogFailed
        future: asyncio.Future[int] = self._loop.create_future()
        self._pool.append((pending, future))
        self._pool_filled.set()
        if len(self._pool) >= POOL_ENOUGH_ENTRIES:
            self._pool_is_enough.set()
        return await future

    async def _keep_pooling(self) -> None:
        while True:
            await self._pool_filled.wait()
            pool, self._pool = self._pool[:POOL_LIMIT_ENTRIES], self._pool[POOL_LIMIT_ENTRIES:]
            if not self._pool:
                self._pool_filled.clear()
            if len(self._pool) < POOL_ENOUGH_ENTRIES:
                self._pool_is_enough.clear()
            next_at = self._loop.time() + self._pool_seconds
            await self._append(pool)
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_at):
                    await self._pool_is_enough.wait()

    async def _append(self, pool: list[tuple[Pending, "asyncio.Future[int]"]]) -> None:
        outcomes: Sequence[int | Exception] = [LogFailed() for _ in pool]
        try:
            outcomes = await self._call(lambda: self._keeper.append([pending for pending, _ in pool]))
            self._cosigning.checkpoint_signed(self._keeper.note)
        except ConsentryError as error:
            outcomes = [error] * len(pool)
        finally:
            for (_, future), outcome in zip(pool, outcomes, strict=True):
                settle(future, outcome)

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def checkpoint_note(self) -> bytes:
        """The newest checkpoint, with the cosignatures that have come so far."""
        return self._cosigning.newest

    async def prove(self, place: int) -> LogProof:
        """Waits for a checkpoint that holds the entry and as many cosignatures as are needed. Raises LogFailed."""
        note = await self._cosigning.holding(place)
        return await self._call(lambda: self._keeper.prove(place, note))

    async def prove_consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        """Raises MerkleError for sizes of which none continues the other, LogFailed."""
        return await self._call(lambda: self._keeper.prove_consistency(old_size, new_size))

    async def entry(self, place: int) -> bytes:
        """The bytes of an entry that `append` gave the place of."""
        return await self._call(lambda: self._keeper.entry(place))

    async def place_of(self, key: EntryKey) -> int | None:
        """Of an entry that was appended with a key."""
        return await self._call(lambda: self._keeper.place_of(key))

    async def subjects_without(self, kind: int, other_kind: int) -> list[bytes]:
        """Of keyed entries: what has one of the first kind and none of the other."""
        return await self._call(lambda: self._keeper.subjects_without(kind, other_kind))

    async def read_file(self, path: str) -> bytes | None:
        """One of the published tiles."""
        return await self._call(lambda: self._keeper.read_file(path))

    # ── the thread ──────────────────────────────────────────────────────────────────────────────────────────────

    async def _call(self, action: Callable[[], T]) -> T:
        if self._thread is None or self._failure is not None:
            raise LogFailed
        future: asyncio.Future[T] = self._loop.create_future()

        def job() -> None:
            outcome: Any = LogFailed()
            try:
                if self._failure is None:
                    outcome = action()
            except LogBroken as error:
                outcome = error
                if self._is_started:  # else whoever starts it hears of it, and can say it to people
                    self._fail(error)
            except ConsentryError as refusal:
                outcome = refusal
            except (OSError, sqlite3.Error) as error:
                if not self._is_started and getattr(error, "errno", None) in FULL_DISK_ERRORS:
                    outcome = DiskFullError()  # no disk that failed, and no start either
                else:
                    # A write that was reported as failed may have happened: only a new start can tell.
                    self._fail(error)
            finally:
                self._loop.call_soon_threadsafe(settle, future, outcome)

        self._jobs.put(job)
        return await future

    def _work(self) -> None:
        is_told_to_end = False
        try:
            while (job := self._jobs.get()) is not None:
                job()
            is_told_to_end = True
        finally:  # also if there is a mistake in here: nobody may wait for ever, and the process must hear of it
            if not is_told_to_end:
                self._fail(RuntimeError("the thread of the log ended"))
            self._keeper.close()

    def _fail(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
            log.critical("log_failed", problem=str(error))
            if self._on_fatal is not None:
                self._loop.call_soon_threadsafe(self._on_fatal, error)

    def _broken(self, error: LogBroken) -> None:
        """A witness has seen another log than this one."""
        self._fail(error)
