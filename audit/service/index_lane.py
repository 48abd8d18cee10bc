"""One lane of indexing.py: a worker, what it has taken up, what waits for it, and how its worker is spoken with."""

import asyncio
from collections import OrderedDict
from contextlib import aclosing
from dataclasses import dataclass, field

from audit.quality.marks import MarkRules
from audit.service.index_worker import ForgetTask, RulesTask
from audit.service.worker_process import WorkerProcess


@dataclass
class Lane:
    """One worker, the sessions that it has taken up (the longest untouched first), and those that wait for it."""

    name: str
    due: dict[bytes, None] = field(default_factory=dict)
    held: OrderedDict[bytes, None] = field(default_factory=OrderedDict)
    uncommitted: dict[bytes, float] = field(default_factory=dict)
    """Since when (monotonic seconds) readers lack something."""
    worker: WorkerProcess | None = None
    rules: MarkRules | None = None
    """Those that the worker was given."""
    in_use: asyncio.Lock = field(default_factory=asyncio.Lock)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, session_id: bytes) -> None:
        self.due[session_id] = None
        self.stirred.set()

    def let_go(self, session_id: bytes) -> None:
        for kept in (self.due, self.held, self.uncommitted):
            kept.pop(session_id, None)


async def tell(worker: WorkerProcess, task: RulesTask | ForgetTask) -> None:
    """What has no answer."""
    async with aclosing(worker.ask(task)) as pieces:
        async for _ in pieces:
            pass
