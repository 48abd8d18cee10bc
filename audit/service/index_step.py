"""One step of indexing in a worker: what it hands over is written, what it tells is told to whoever looks on."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import msgspec

from audit.replay_index.live_tail import LiveSession
from audit.service.index_worker import Chunks, HeadPart, IndexTask, Pictured, StepPart, Stepped, Told
from audit.service.index_writer import IndexWriter
from audit.service.worker_process import AGAINST_THE_RULES, RecordingHostileError, WorkerProcess

_decoder = msgspec.msgpack.Decoder(StepPart)


async def take_step(
    worker: WorkerProcess, task: IndexTask, writer: IndexWriter, live: Callable[[], LiveSession | None]
) -> Stepped:
    """The worker's own word of how far it came. `live` is asked at each part: people come and go meanwhile.

    Raises RecordingHostileError for a worker that does not keep to the rules, and what `WorkerProcess.ask` and
    `IndexWriter` do. `writer` is closed.
    """
    taking = _Taking(writer, live)
    try:
        async with aclosing(worker.ask(task)) as pieces:
            async for piece in pieces:
                await taking.take(_part_of(piece))
    finally:
        await asyncio.to_thread(writer.close)
    if taking.stepped is None:
        raise RecordingHostileError(problem=AGAINST_THE_RULES)
    return taking.stepped


class _Taking:
    def __init__(self, writer: IndexWriter, live: Callable[[], LiveSession | None]) -> None:
        self.stepped: Stepped | None = None
        self._writer = writer
        self._live = live
        self._picture = bytearray()

    async def take(self, part: StepPart) -> None:
        match part:
            case Chunks():
                await asyncio.to_thread(self._writer.append, part.offset, part.data)
            case HeadPart():
                await asyncio.to_thread(self._writer.commit, part.data, last=part.last)
            case Told() if (live := self._live()) is not None:
                live.tell(part.data)
            case Pictured():
                self._picture += part.data
                if part.last and (live := self._live()) is not None:
                    live.show(bytes(self._picture))
            case Stepped():
                self.stepped = part


def _part_of(piece: bytes) -> StepPart:
    try:
        return _decoder.decode(piece)  # type: ignore[no-any-return]  # a decoder of a union has no type
    except msgspec.MsgspecError:
        raise RecordingHostileError(problem=AGAINST_THE_RULES) from None
