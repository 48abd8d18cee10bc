"""An asyncio event loop without a system under it: time is a number, and it moves only when nothing is left to do.

Each callback that is run is a *step*. Steps run in the order in which asyncio promises them; what varies from seed to
seed is when things arrive. A step takes STEP_SECONDS, so that code which never waits cannot stop the clock.

Futures and tasks hash to their serial number instead of their address: asyncio keeps them in sets, and the order of a
set must not differ between two runs of one seed.
"""

import asyncio
import hashlib
import heapq
import random
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, TypeVarTuple

from greenlet import getcurrent  # type: ignore[import-untyped]

from simulation.nodes import INCARNATION, Incarnation
from simulation.threads import Executor

START_SECONDS = 1000.0
STEP_SECONDS = 5e-6

Ts = TypeVarTuple("Ts")


class _Future(asyncio.Future[Any]):
    def __init__(self, *, loop: "VirtualLoop") -> None:
        self._serial = loop.next_serial()
        super().__init__(loop=loop)

    def __hash__(self) -> int:
        return self._serial


class _Task(asyncio.Task[Any]):
    def __init__(self, coroutine: Coroutine[Any, Any, Any], *, loop: "VirtualLoop", **options: Any) -> None:
        self._serial = loop.next_serial()
        super().__init__(coroutine, loop=loop, **options)

    def __hash__(self) -> int:
        return self._serial


class LoopStuckError(Exception):
    """Nothing is left to do, and what was waited for has not happened."""


class VirtualLoop(asyncio.AbstractEventLoop):
    """`dice` is the one source of chance of a simulation. `note` adds a line to its trace."""

    def __init__(self, dice: random.Random, *, show: Callable[[str], None] | None = None) -> None:
        self.dice = dice
        self.now = START_SECONDS
        self.steps = 0
        self.lines = 0
        self.hub = getcurrent()
        self.graveyard: list[_Task] = []
        self.connector: Callable[..., Coroutine[Any, Any, tuple[Any, Any]]] | None = None
        """What `create_connection` does: the network sets it."""
        self.on_problem: Callable[[dict[str, Any]], None] = lambda context: None  # noqa: ARG005
        self._show = show
        self._digest = hashlib.sha256()
        self._serials = 0
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._executor = Executor(8)

    # ── the trace ───────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def now_ns(self) -> int:
        return int(self.now * 1e9)

    @property
    def fingerprint(self) -> str:
        """Of everything that was noted so far: two runs of one seed have the same."""
        return self._digest.hexdigest()[:16]

    def note(self, text: str) -> None:
        line = f"{self.now - START_SECONDS:12.6f} {self.steps:7d}  {text}"
        self._digest.update(line.encode())
        self.lines += 1
        if self._show is not None:
            self._show(line)

    def next_serial(self) -> int:
        self._serials += 1
        return self._serials

    # ── running ─────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self, until: Callable[[], bool]) -> None:
        """Runs steps until `until` is true; asked after each. Raises LoopStuckError."""
        events._set_running_loop(self)
        try:
            while not until():
                self._step()
        finally:
            events._set_running_loop(None)

    def _step(self) -> None:
        timers = self._timers
        if not self._ready:
            if not timers:
                raise LoopStuckError
            self.now = max(self.now, timers[0][0])
        while timers and timers[0][0] <= self.now:
            self._ready.append(heapq.heappop(timers)[2])
        handle = self._ready.popleft()
        incarnation: Incarnation | None = handle._context.get(INCARNATION)  # type: ignore[attr-defined]
        if handle.cancelled() or (incarnation is not None and not incarnation.alive):
            return
        self.steps += 1
        self.now += STEP_SECONDS
        handle._run()
        if incarnation is not None and incarnation.steps_to_live is not None:
            incarnation.steps_to_live -= 1
            if incarnation.steps_to_live <= 0 and incarnation.alive:
                incarnation.node.crash(power_cut=self.dice.random() < 0.5)

    # ── what asyncio asks of a loop ─────────────────────────────────────────────────────────────────────────────

    def forget_all(self) -> None:
        """At the end: nothing that is due will ever be done."""
        self._ready.clear()
        self._timers.clear()

    def time(self) -> float:
        return self.now

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self, delay: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self.now + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, self.next_serial(), handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It stays where it is and is passed over."""

    def create_future(self) -> asyncio.Future[Any]:
        return _Future(loop=self)

    def create_task(self, coro: Any, *, name: str | None = None, context: Context | None = None) -> asyncio.Task[Any]:
        task = _Task(coro, loop=self, name=name, context=context)
        self.graveyard.append(task)
        return task

    def run_in_executor(self, executor: Any, func: Callable[[*Ts], Any], *args: *Ts) -> asyncio.Future[Any]:
        future = self.create_future()

        def settle(result: Any, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        chosen: Executor = executor or self._executor
        job = chosen.submit(func, *args)
        job.when_done(settle)
        future.add_done_callback(lambda done: job.cancel() if done.cancelled() else None)
        return future

    async def create_connection(self, protocol_factory: Any, *address: Any, **options: Any) -> Any:
        assert self.connector is not None
        return await self.connector(protocol_factory, *address, **options)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.on_problem(context)
