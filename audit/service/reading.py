"""Asks a worker to read a recording. Verify first, open second, parse third, each where it belongs.

This process has the key: it proves each EPOCH record and opens its secret, and nothing else of a recording. The worker
gets those secrets and parses, behind its walls. A worker that takes too long, dies, or answers against the rules is
killed, the session is told to be hostile, and the next task gets a fresh worker. Bytes that a worker sends are bounded,
one piece at a time: whoever asked takes the next when they want it.
"""

import asyncio
import struct
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.service.worker import FRAME_LIMIT_BYTES, Answer, Done, Failed, Piece, Ready, Task
from audit.session_files import session_folder
from audit.vault.epoch_files import EPOCHS_FOLDER, epoch_file_of, read_epochs
from audit.vault.inspection import HEADER, read_record
from audit.vault.keys import RecipientKey
from audit.vault.library import Recording
from audit.vault.opening import KeyRing
from protocol.errors import IntegrityError, RefusedError, UnavailableError
from protocol.records import split_record, verify_signature

log = structlog.get_logger(__name__)

TASKS_OF_ONE_WORKER = 200
"""Then a fresh one takes over: what a recording may have left behind is left behind with it."""

START_SECONDS = 60.0
AGAINST_THE_RULES = "the process that read it answered against the rules"
_LENGTH = struct.Struct(">I")
_decoder = msgspec.msgpack.Decoder(Answer)


class RecordingHostileError(IntegrityError):
    """Reading it took more than is allowed, or ended the worker."""

    sentence = "This recording cannot be read safely: {problem}. Its sealed records are kept."


class RecordingRefusedError(RefusedError):
    """The worker read it, and says why it does not open."""

    sentence = "{sentence_of_worker}"


class WorkerUnavailableError(UnavailableError):
    """The process that reads recordings does not start."""

    sentence = "Recordings cannot be read at this time: the process that reads them does not start. See the log."


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
        self._keys = keys
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        self._slots = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []

    async def read(self, kind: str, session_id: bytes, **options: object) -> bytes:
        """A whole small answer. Raises as `stream`."""
        return b"".join([piece async for piece in self.stream(kind, session_id, **options)])

    async def stream(self, kind: str, session_id: bytes, **options: object) -> AsyncGenerator[bytes, None]:
        """The answer in pieces of at most 1 MiB, UTF-8.

        Raises RecordingHostileError, RecordingRefusedError, WorkerUnavailableError, and as `secrets_of`.
        """
        recording = Recording.read(session_folder(self._records_folder, session_id))
        facts = {
            "kind": kind,
            "records_folder": str(self._records_folder),
            "session_id": session_id,
            "secrets": await asyncio.to_thread(secrets_of, recording, self._keys),
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

    async def _start(self) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-c", "from audit.service.worker import main; main()",
            str(self._memory_bytes), str(self._seconds * TASKS_OF_ONE_WORKER),
            str(self._records_folder), str(self._records_folder.parent / EPOCHS_FOLDER),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env={"LANG": "C.UTF-8"}, limit=2 * FRAME_LIMIT_BYTES,
        )  # fmt: skip
        worker = _Worker(process, self._seconds)
        try:
            async with asyncio.timeout(START_SECONDS):
                ready = await worker.receive()
        except (TimeoutError, asyncio.IncompleteReadError, RecordingHostileError):
            ready = None
        if not isinstance(ready, Ready):
            await worker.end()
            raise WorkerUnavailableError
        log.info("worker_started", walls=ready.walls)
        return worker


class _Worker:
    """One process. `usable` between tasks, until one of them goes wrong."""

    def __init__(self, process: asyncio.subprocess.Process, seconds: int) -> None:
        self._process = process
        self._seconds = seconds
        self.usable = True
        self.tasks_done = 0

    async def ask(self, task: Task) -> AsyncGenerator[bytes, None]:
        assert self._process.stdin is not None
        data = msgspec.msgpack.encode(task)
        self.usable = False
        try:
            self._process.stdin.write(_LENGTH.pack(len(data)) + data)
            await self._process.stdin.drain()
            while True:
                # The clock runs while the worker works, not while whoever asked takes their time.
                async with asyncio.timeout(self._seconds):
                    answer = await self.receive()
                match answer:
                    case Piece(data=piece):
                        yield piece
                    case Done():
                        break
                    case Failed(hostile=True, sentence=sentence):
                        raise RecordingHostileError(problem=sentence.rstrip("."))
                    case Failed(sentence=sentence):
                        self.usable = True
                        raise RecordingRefusedError(sentence_of_worker=sentence)
                    case _:
                        raise RecordingHostileError(problem=AGAINST_THE_RULES)
        except TimeoutError:
            raise RecordingHostileError(problem=f"it takes longer than {self._seconds} seconds") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise RecordingHostileError(problem="it ended the process that read it") from None
        self.usable = True
        self.tasks_done += 1

    async def receive(self) -> Answer:
        """Raises IncompleteReadError, RecordingHostileError."""
        assert self._process.stdout is not None
        (size,) = _LENGTH.unpack(await self._process.stdout.readexactly(_LENGTH.size))
        if size > FRAME_LIMIT_BYTES:
            raise RecordingHostileError(problem=AGAINST_THE_RULES)
        try:
            answer: Answer = _decoder.decode(await self._process.stdout.readexactly(size))
        except msgspec.MsgspecError:
            raise RecordingHostileError(problem=AGAINST_THE_RULES) from None
        return answer

    async def end(self) -> None:
        self.usable = False
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
