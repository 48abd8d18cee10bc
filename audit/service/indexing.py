"""Makes the index of each session while its records arrive, in a worker, and tells whoever looks on.

Two lanes, each with a worker of its own: one for sessions that go on, so that who looks on waits for nobody, one for
those that are over and lack something. In a lane sessions take turns, a bounded step each. Everything here can be lost:
the index is made from the records, so one that is missing, torn, or damaged is made anew, and after a restart each
session goes on at its last commit.

What others know of a session (the engineer's notes, marks, the customer's words) is added here; that is not parsed from
a recording.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from time import monotonic
from weakref import WeakValueDictionary

import msgspec
import structlog

from audit.quality.marks import MarkRules
from audit.replay_index.entries import Entry
from audit.replay_index.keys import IndexErasedError, IndexForOthersError, IndexKeyError
from audit.service.index_lane import Lane, tell
from audit.service.index_shelf import IndexShelf
from audit.service.index_step import take_step
from audit.service.index_worker import ForgetTask, IndexTask, RulesTask, Stepped
from audit.service.index_writer import IndexWriter
from audit.service.onlookers import Onlookers
from audit.service.reading import secrets_of
from audit.service.worker_process import (
    RecordingHostileError,
    RecordingRefusedError,
    WorkerProcess,
    WorkerUnavailableError,
)
from audit.session_files import RECORDS_FILE, session_folder
from audit.storage.sessions import SqlSessions
from audit.vault.epoch_files import EPOCHS_FOLDER, epoch_file_of
from audit.vault.external_key import OpenerFailedError
from audit.vault.library import Recording
from audit.vault.opening import SealedForOthersError
from audit.vault.recipient_key import RecipientKey
from protocol.errors import ConsentryError, IntegrityError

log = structlog.get_logger(__name__)

COMMIT_SECONDS = 15.0
"""How long a running session's newest lines may be missing from a search. Each commit ends an interval of the index."""

AGAIN_AFTER_SECONDS = 1.0
"""A disk that is full, or a worker that does not start, is not asked again and again without a pause."""

HELD_LIMIT_SESSIONS = 128
"""Taken up in one worker at a time: some terminals each."""

STEPS_OF_ONE_WORKER = 50_000
"""Then a fresh one takes over, when nobody looks on."""

Additions = Callable[[bytes], Awaitable[Sequence[Entry]]]
"""What is known of a session beside its recording, to be found with it."""


class Indexing:
    """For one event loop. `run` works through what `records_arrived` names."""

    def __init__(
        self,
        shelf: IndexShelf,
        records_folder: Path,
        sessions: SqlSessions,
        keys: Sequence[RecipientKey],
        additions: Additions,
        mark_rules: Callable[[], MarkRules],
        *,
        memory_bytes: int,
        seconds: int,
    ) -> None:
        self._shelf = shelf
        self._records_folder = records_folder
        self._sessions = sessions
        self._audit_keys = keys
        self._additions = additions
        self._mark_rules = mark_rules
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        self._lanes = (Lane("live"), Lane("behind"))
        self._lane_of: dict[bytes, Lane] = {}
        """A session is taken up in one lane until it is over or let go of: two would write over each other."""
        self._locks: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()
        self.onlookers = Onlookers(lambda session_id: self.records_arrived(session_id, finished=False))
        self._secrets: dict[bytes, tuple[int, dict[int, bytes]]] = {}
        self._not_indexable: set[bytes] = set()
        """Until the next start: reading them ended badly."""
        self._rebuilding: set[bytes] = set()

    # ── what others tell and ask ──

    def records_arrived(self, session_id: bytes, finished: bool) -> None:
        live, behind = self._lanes
        self._lane_of.setdefault(session_id, behind if finished else live).add(session_id)

    async def refresh_additions(self, session_id: bytes) -> None:
        """Makes findable what is known beside the recording by now."""
        async with self._lock(session_id):
            await self._add_known(session_id)

    async def rebuild(self, session_id: bytes) -> None:
        """For an index that turned out to be damaged. Told again meanwhile, it goes on."""
        if session_id in self._rebuilding:
            return
        self._rebuilding.add(session_id)
        log.warning("index_rebuilt", session=session_id.hex())
        async with self._lock(session_id):
            await self._let_go(session_id)
            await asyncio.to_thread(self._shelf.remove, session_id)
        known = await self._sessions.find(session_id)
        if known is not None and known.erased_at_ms is None:
            self.records_arrived(session_id, known.finished)

    async def erase(self, session_id: bytes) -> None:
        """The key first, which is the erase. Twice is the same. Raises OSError."""
        async with self._lock(session_id):
            await self._let_go(session_id)
            self.onlookers.session_over(session_id)
            await asyncio.to_thread(self._shelf.erase, session_id)

    # ── the work ──

    async def run(self) -> None:
        for session_id, is_over in await self._sessions.readable():
            self.records_arrived(session_id, is_over)
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes:
                group.create_task(self._work(lane), name=f"index-{lane.name}")
            group.create_task(self._commit_now_and_then(), name="index-commit")

    async def commit(self, longest_seconds: float) -> None:
        """Makes findable what has been fed for so long."""
        for lane in self._lanes:
            for session_id, since in [*lane.uncommitted.items()]:
                if monotonic() - since >= longest_seconds:
                    lane.uncommitted[session_id] = -COMMIT_SECONDS  # the next step commits, whatever the clock says
                    lane.add(session_id)

    async def aclose(self) -> None:
        self.onlookers.close()
        for lane in self._lanes:
            if lane.worker is not None:
                await lane.worker.end()

    async def _commit_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_SECONDS / 3)
            await self.commit(COMMIT_SECONDS)

    async def _work(self, lane: Lane) -> None:
        while True:
            if not lane.due:
                lane.stirred.clear()
                await lane.stirred.wait()
                continue
            session_id = next(iter(lane.due))
            del lane.due[session_id]
            async with self._lock(session_id), lane.in_use:
                await self._try_step(lane, session_id)

    async def _try_step(self, lane: Lane, session_id: bytes) -> None:
        """A step, and what is to be done when it fails. The locks are held."""
        try:
            await self._step(lane, session_id)
        except IndexErasedError:
            pass
        except IndexKeyError as error:
            log.error("index_key_unusable", session=session_id.hex(), problem=str(error))
            await asyncio.to_thread(self._shelf.remove, session_id)
            (await self._shelf.keys()).discard(session_id)
            lane.add(session_id)
        except (WorkerUnavailableError, OpenerFailedError, IndexForOthersError, OSError) as error:
            # Not the recording's fault: the next record, or the next start, tries again.
            log.error("session_not_indexed", session=session_id.hex(), problem=str(error))
            await asyncio.sleep(AGAIN_AFTER_SECONDS)
        except (SealedForOthersError, RecordingHostileError, RecordingRefusedError, IntegrityError) as error:
            log.warning("session_not_indexable", session=session_id.hex(), problem=str(error))
            self._not_indexable.add(session_id)
            self._is_over(lane, session_id)
        finally:
            if lane.worker is not None and not lane.worker.usable:
                await self._replace_worker(lane)

    async def _step(self, lane: Lane, session_id: bytes) -> None:
        known = await self._sessions.find(session_id)
        if known is None or known.erased_at_ms is not None or session_id in self._not_indexable:
            self._is_over(lane, session_id)
            return
        index_keys = await self._shelf.keys()
        task = IndexTask(
            records_folder=str(self._records_folder),
            index_folder=str(self._shelf.folder),
            session_id=session_id,
            index_key=await asyncio.to_thread(index_keys.make, session_id),
            secrets=None,
        )
        if session_id not in lane.held and (await self._ask(lane, task)).finished:
            self._is_over(lane, session_id)
            await self._add_known(session_id)
            return
        live = self.onlookers.of(session_id)
        task = msgspec.structs.replace(
            task,
            secrets=await asyncio.to_thread(self._secrets_of, session_id),
            commit=monotonic() - lane.uncommitted.get(session_id, monotonic()) >= COMMIT_SECONDS,
            live=live is not None and live.has_followers,
            picture=live is not None and live.wants_picture,
        )
        stepped = await self._ask(lane, task)
        if stepped.finished:
            self._is_over(lane, session_id)
            await self._add_known(session_id)
            return
        lane.held[session_id] = None
        lane.held.move_to_end(session_id)
        if not stepped.uncommitted:
            lane.uncommitted.pop(session_id, None)
            self._rebuilding.discard(session_id)
        else:
            lane.uncommitted.setdefault(session_id, monotonic())
        if stepped.more:
            lane.add(session_id)
        await self._make_room(lane, session_id)

    async def _ask(self, lane: Lane, task: IndexTask) -> Stepped:
        worker = await self._worker_of(lane)
        records_file = session_folder(self._records_folder, task.session_id) / RECORDS_FILE
        records_bytes = records_file.stat().st_size if records_file.exists() else 0
        writer = IndexWriter(self._shelf.folder, task.session_id, records_bytes=records_bytes)
        return await take_step(worker, task, writer, lambda: self.onlookers.of(task.session_id))

    async def _worker_of(self, lane: Lane) -> WorkerProcess:
        """Started if need be, and knowing the mark rules of now."""
        if lane.worker is None:
            lane.worker, lane.rules = await self._start_worker(), None
        rules = self._mark_rules()
        if lane.rules != rules:
            await tell(lane.worker, RulesTask(rules))
            lane.rules = rules
        return lane.worker

    async def _make_room(self, lane: Lane, session_id: bytes) -> None:
        """Lets go of the session that was quiet for longest, and of a worker that has worked for long."""
        quiet = (one for one in lane.held if one not in (session_id, *lane.uncommitted, *lane.due, *self.onlookers))
        if len(lane.held) > HELD_LIMIT_SESSIONS and (one := next(quiet, None)) is not None:
            self._let_go_in(lane, one)
            await self._forget_in(lane, one)
        if lane.worker is not None and lane.worker.tasks_done >= STEPS_OF_ONE_WORKER and not self.onlookers:
            await self._replace_worker(lane)

    async def _replace_worker(self, lane: Lane) -> None:
        """What it had taken up goes on at its last commit, in a fresh one."""
        if lane.worker is not None:
            await lane.worker.end()
        lane.worker = None
        behind = [*lane.uncommitted, *(session_id for session_id in self.onlookers if session_id in lane.held)]
        lane.held.clear()
        lane.uncommitted.clear()
        for session_id in behind:
            if session_id not in self._not_indexable:
                lane.add(session_id)
        self.onlookers.begin_anew()

    def _let_go_in(self, lane: Lane, session_id: bytes) -> None:
        lane.let_go(session_id)
        self._lane_of.pop(session_id, None)
        self._secrets.pop(session_id, None)

    def _is_over(self, lane: Lane, session_id: bytes) -> None:
        """Nothing more is to be done of it for now: it is indexed to its end, or cannot be."""
        self._let_go_in(lane, session_id)
        self._rebuilding.discard(session_id)
        self.onlookers.session_over(session_id)

    async def _let_go(self, session_id: bytes) -> None:
        for lane in self._lanes:
            async with lane.in_use:
                self._let_go_in(lane, session_id)
                await self._forget_in(lane, session_id)

    async def _forget_in(self, lane: Lane, session_id: bytes) -> None:
        if lane.worker is None:
            return
        try:
            await tell(lane.worker, ForgetTask(session_id))
        except ConsentryError:
            await self._replace_worker(lane)  # what it knew is gone with it

    async def _start_worker(self) -> WorkerProcess:
        return await WorkerProcess.start(
            "audit.service.index_worker",
            memory_bytes=self._memory_bytes,
            seconds=self._seconds,
            processor_seconds=self._seconds * STEPS_OF_ONE_WORKER,
            readable=[
                self._records_folder,
                self._records_folder.parent / EPOCHS_FOLDER,
                self._shelf.sessions_folder,
            ],
        )

    # ── keys, secrets, additions: in threads ──

    def _secrets_of(self, session_id: bytes) -> dict[int, bytes]:
        """Opened once per epoch: a key may be a slow card."""
        folder = session_folder(self._records_folder, session_id)
        epochs = epoch_file_of(folder)
        stamp = epochs.stat().st_size if epochs.exists() else 0
        known = self._secrets.get(session_id)
        if known is None or known[0] != stamp:
            known = self._secrets[session_id] = (stamp, secrets_of(Recording.read(folder), self._audit_keys))
        return known[1]

    async def _add_known(self, session_id: bytes) -> None:
        """The session's lock is held."""
        entries = await self._additions(session_id)
        try:
            await self._shelf.add(session_id, entries)
        except IndexErasedError:
            return
        except (ConsentryError, OSError) as error:
            log.error("index_additions_not_kept", session=session_id.hex(), problem=str(error))

    def _lock(self, session_id: bytes) -> asyncio.Lock:
        return self._locks.setdefault(session_id, asyncio.Lock())
