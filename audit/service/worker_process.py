"""One confined worker, seen from the service: started, asked, ended.

A worker that takes too long, dies, or answers against the rules is not to be used again: whoever asked ends it, and
the next task gets a fresh one. Bytes that a worker sends are bounded, one piece at a time: whoever asked takes the next
when they want it.
"""

import asyncio
import struct
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import msgspec
import structlog

from audit.service.worker_frames import FRAME_LIMIT_BYTES, Answer, Done, Failed, Piece, Ready
from protocol.details import Detail
from protocol.errors import IntegrityError, RefusedError, UnavailableError

log = structlog.get_logger(__name__)

START_SECONDS = 60.0
AGAINST_THE_RULES = "the process that read it answered against the rules"
_BEGIN = """
from serving.quick_start import undisturbed_imports
with undisturbed_imports():
    from {module} import main
main()
"""
_LENGTH = struct.Struct(">I")
_decoder = msgspec.msgpack.Decoder(Answer)


class RecordingHostileError(IntegrityError):
    """Reading it took more than is allowed, or ended the worker."""

    sentence = "This recording cannot be read safely: {problem}. Its sealed records are kept."


class RecordingRefusedError(RefusedError):
    """The worker read it, and says why it does not open. Its field `code` is the name of the worker's error."""

    sentence = "{sentence_of_worker}"


class WorkerUnavailableError(UnavailableError):
    """The process that reads recordings does not start."""

    sentence = "Recordings cannot be read at this time: the process that reads them does not start. See the log."


class WorkerProcess:
    """`usable` between tasks, until one of them goes wrong."""

    def __init__(self, process: asyncio.subprocess.Process, seconds: int) -> None:
        self._process = process
        self._seconds = seconds
        self.usable = True
        self.tasks_done = 0

    @classmethod
    async def start(
        cls, module: str, *, memory_bytes: int, seconds: int, processor_seconds: int, readable: Sequence[Path]
    ) -> Self:
        """`module` names the program: its `main`. `seconds` is the longest that it may be silent over one task.

        Raises WorkerUnavailableError.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-c", _BEGIN.format(module=module),
            str(memory_bytes), str(processor_seconds), *map(str, readable),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env={"LANG": "C.UTF-8"}, limit=2 * FRAME_LIMIT_BYTES,
        )  # fmt: skip
        worker = cls(process, seconds)
        try:
            async with asyncio.timeout(START_SECONDS):
                ready = await worker.receive()
        except (TimeoutError, asyncio.IncompleteReadError, RecordingHostileError):
            ready = None
        except BaseException:
            await worker.end()
            raise
        if not isinstance(ready, Ready):
            await worker.end()
            raise WorkerUnavailableError
        log.info("worker_started", program=module, walls=ready.walls)
        return worker

    async def ask(self, task: msgspec.Struct) -> AsyncGenerator[bytes, None]:
        """The pieces of the answer. Raises RecordingHostileError, RecordingRefusedError."""
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
                    case Failed(code=code, sentence=sentence):
                        self.usable = True
                        raise RecordingRefusedError(sentence_of_worker=sentence, code=code)
                    case _:
                        raise RecordingHostileError(problem=AGAINST_THE_RULES)
        except TimeoutError:
            raise RecordingHostileError(
                problem=Detail("it takes longer than {seconds} seconds", seconds=self._seconds)
            ) from None
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
