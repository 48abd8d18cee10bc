"""Searches all indexes, in a process of its own: one search at a time, what it has learnt kept for the next one."""

import asyncio
from contextlib import aclosing

import msgspec
import structlog

from audit.replay_index.index_files import KEYS_FOLDER, SESSIONS_FOLDER
from audit.service.index_shelf import IndexShelf
from audit.service.indexing import Indexing
from audit.service.search_worker import ForgetTask, FoundPage, KeyTask, SearchTask
from audit.service.worker_process import (
    RecordingHostileError,
    RecordingRefusedError,
    WorkerProcess,
)
from protocol.errors import UnavailableError

log = structlog.get_logger(__name__)

SEARCHES_OF_ONE_WORKER = 100_000


class SearchFailedError(UnavailableError):
    """The process that searches ended, or took too long. Whatever was searched is still there."""

    sentence = "The search was not finished. Ask again, or for less: name an engineer, a customer or a time."


class IndexSearch:
    """For one event loop. `aclose` ends the process."""

    def __init__(self, shelf: IndexShelf, indexing: Indexing, *, memory_bytes: int, seconds: int) -> None:
        self._shelf = shelf
        self._indexing = indexing
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        self._worker: WorkerProcess | None = None
        self._in_use = asyncio.Lock()

    async def search(self, task: SearchTask) -> FoundPage:
        """One page. Indexes that turn out to be damaged are made anew.

        Raises SearchFailedError, WorkerUnavailableError, and as `IndexShelf.keys`.
        """
        async with self._in_use:
            try:
                if self._worker is None:
                    self._worker = await self._start()
                page = msgspec.json.decode(await _answer(self._worker, task), type=FoundPage)
            except (RecordingHostileError, RecordingRefusedError, msgspec.MsgspecError) as error:
                log.error("search_failed", problem=str(error))
                await self._end()
                raise SearchFailedError from None
            except BaseException:
                await self._end()  # somebody went away half-way
                raise
        for session_id in page.damaged:
            await self._indexing.rebuild(bytes.fromhex(session_id))
        return page

    async def forget(self, session_id: bytes) -> None:
        """After an erase: nothing of the session stays in the process's memory."""
        async with self._in_use:
            if self._worker is None:
                return
            try:
                await _answer(self._worker, ForgetTask(session_id))
            except (RecordingHostileError, RecordingRefusedError):
                await self._end()

    async def aclose(self) -> None:
        await self._end()

    async def _start(self) -> WorkerProcess:
        folder = self._shelf.folder
        keys = await self._shelf.keys()
        worker = await WorkerProcess.start(
            "audit.service.search_worker",
            memory_bytes=self._memory_bytes,
            seconds=self._seconds,
            processor_seconds=self._seconds * SEARCHES_OF_ONE_WORKER,
            readable=[folder / SESSIONS_FOLDER, folder / KEYS_FOLDER],
        )
        await _answer(worker, KeyTask(str(folder), keys.master_key))
        return worker

    async def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.end()


async def _answer(worker: WorkerProcess, task: msgspec.Struct) -> bytes:
    async with aclosing(worker.ask(task)) as pieces:
        return b"".join([piece async for piece in pieces])
