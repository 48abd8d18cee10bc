"""Asks a worker to read a recording. Verify first, open second, parse third, each where it belongs.

This process has the key: it proves each EPOCH record and opens its secret, and nothing else of a recording. The worker
gets those secrets and parses, behind its walls. A worker that takes too long, dies, or answers against the rules is
killed, the session is told to be hostile, and the next task gets a fresh worker. Bytes that a worker sends are bounded,
one piece at a time: whoever asked takes the next when they want it.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.replay_index.index_files import INDEX_FOLDER, SESSIONS_FOLDER
from audit.service.worker import Task
from audit.service.worker_process import WorkerProcess
from audit.session_files import session_folder
from audit.vault.epoch_files import EPOCHS_FOLDER, epoch_file_of, read_epochs
from audit.vault.inspection import HEADER, read_record
from audit.vault.library import Recording
from audit.vault.opening import KeyRing
from audit.vault.recipient_key import RecipientKey
from protocol.record_chain import verify_signature
from protocol.records import split_record

TASKS_OF_ONE_WORKER = 200
"""Then a fresh one takes over: what a recording may have left behind is left behind with it."""


def secrets_of(recording: Recording, keys: Sequence[RecipientKey]) -> dict[int, bytes]:
    """The secret of each epoch that is here, each proved before it is opened. Blocks; a key may be a slow card.

    Raises SealedForOthersError, IntegrityError, OpenerFailedError, SessionLostError.
    """
    if recording.opening is None:
        return {}
    agent_key = Ed25519PublicKey.from_public_bytes(recording.opening.agent_key)
    ring = KeyRing(keys)
    secrets = {}
    with recording.open_file() as source:
        for offset in sorted(read_epochs(epoch_file_of(recording.folder))):
            record = read_record(source, offset - HEADER.size)
            if record is None:
                continue
            verify_signature(split_record(record.header + record.body + record.signature), agent_key)
            secrets[record.epoch] = ring.secret_of(record)
    return secrets


class Reader:
    """Some workers, each with one task at a time; started when they are needed. `aclose` ends them."""

    def __init__(
        self,
        records_folder: Path,
        keys: Sequence[RecipientKey],
        *,
        memory_bytes: int,
        seconds: int,
        workers: int = 1,
    ) -> None:
        self._records_folder = records_folder
        self._index_folder = records_folder.parent / INDEX_FOLDER
        self._keys = keys
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        self._slots = asyncio.Semaphore(workers)
        self._idle: list[WorkerProcess] = []

    async def read(self, kind: str, session_id: bytes, **options: object) -> bytes:
        """A whole small answer. Raises as `stream`."""
        return b"".join([piece async for piece in self.stream(kind, session_id, **options)])

    async def stream(self, kind: str, session_id: bytes, **options: object) -> AsyncGenerator[bytes, None]:
        """The answer in pieces of at most 1 MiB, UTF-8.

        Raises RecordingHostileError, RecordingRefusedError, WorkerUnavailableError, and as `secrets_of`.
        """
        recording = Recording.read(session_folder(self._records_folder, session_id))
        # Who reads the index needs nothing that opens the recording.
        secrets = {} if options.get("index_key") else await asyncio.to_thread(secrets_of, recording, self._keys)
        facts = {
            "kind": kind,
            "records_folder": str(self._records_folder),
            "index_folder": str(self._index_folder),
            "session_id": session_id,
            "secrets": secrets,
        }
        task = msgspec.convert({**facts, **options}, Task)
        async with self._slots:
            worker = self._idle.pop() if self._idle else await self._start()
            try:
                async for piece in worker.ask(task):
                    yield piece
            finally:
                if worker.usable and worker.tasks_done < TASKS_OF_ONE_WORKER:
                    self._idle.append(worker)
                else:
                    await worker.end()  # somebody went away half-way, or it is not to be trusted any more

    async def aclose(self) -> None:
        while self._idle:
            await self._idle.pop().end()

    async def _start(self) -> WorkerProcess:
        return await WorkerProcess.start(
            "audit.service.worker",
            memory_bytes=self._memory_bytes,
            seconds=self._seconds,
            processor_seconds=self._seconds * TASKS_OF_ONE_WORKER,
            readable=[
                self._records_folder,
                self._records_folder.parent / EPOCHS_FOLDER,
                self._index_folder / SESSIONS_FOLDER,
            ],
        )
