"""Threads, queues and executors of the product as greenlets: one that waits lets the others go on, in virtual time.

The product's own thread code runs unchanged; `surroundings.py` puts these classes in the place of the real ones. What a
thread does between two waits happens at one instant. It waits at queues, for jobs of executors, and at the disk.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, cast

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from simulation.loop import VirtualLoop

WAKE_SECONDS = 200e-6
"""A thread that has something to do runs within this time."""


def _loop() -> "VirtualLoop":
    return cast("VirtualLoop", asyncio.get_running_loop())


class Strand(greenlet):  # type: ignore[misc]  # greenlet has no types
    """One thread of execution beside the event loop."""

    def __init__(self, main: Callable[[], object]) -> None:
        loop = _loop()
        super().__init__(main, parent=loop.hub)
        self._loop = loop
        self._context: Context = copy_context()
        self.gr_context = self._context.copy()

    def wake(self, seconds: float | None = None) -> None:
        """Goes on soon, if its machine still lives then."""
        delay = self._loop.dice.random() * WAKE_SECONDS if seconds is None else seconds
        self._loop.call_later(delay, self.switch, context=self._context)

    def pause(self) -> None:
        """Until somebody wakes it. Called by itself."""
        self._loop.hub.switch()


def current_strand() -> Strand | None:
    """None in the event loop itself."""
    strand = getcurrent()
    return strand if isinstance(strand, Strand) else None


def thread_sleep(seconds: float) -> None:
    """A thread waits; the event loop never does: what it does on a disk by itself takes no time here."""
    strand = current_strand()
    if strand is not None:
        strand.wake(seconds)
        strand.pause()


class Thread:
    """In the place of `threading.Thread`."""

    def __init__(self, *, target: Callable[[], object], name: str, daemon: bool) -> None:
        del name, daemon
        self._strand = Strand(self._run)
        self._target = target
        self._ended = False
        self._joining: list[Strand] = []

    def start(self) -> None:
        self._strand.wake()

    def join(self) -> None:
        strand = current_strand()
        assert strand is not None, "the event loop must not wait for a thread"
        while not self._ended:
            self._joining.append(strand)
            strand.pause()

    def _run(self) -> None:
        try:
            self._target()
        finally:
            self._ended = True
            for strand in self._joining:
                strand.wake()


class SimpleQueue:
    """In the place of `queue.SimpleQueue`, with one reader."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._reader: Strand | None = None

    def put(self, item: Any) -> None:
        self._items.append(item)
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.wake()

    def get(self) -> Any:
        while not self._items:
            self._reader = current_strand()
            assert self._reader is not None, "the event loop must not wait for a queue"
            self._reader.pause()
        return self._items.popleft()

    def get_nowait(self) -> Any:
        return self._items.popleft()

    def empty(self) -> bool:
        return not self._items

    __class_getitem__ = classmethod(lambda cls, _: cls)


class Job:
    """What an executor was given."""

    def __init__(self, action: Callable[[], Any]) -> None:
        self._action = action
        self._done = False
        self._cancelled = False
        self._result: Any = None
        self._error: BaseException | None = None
        self._when_done: list[Callable[[Any, BaseException | None], None]] = []
        self._waiting: list[Strand] = []

    def run(self) -> None:
        if not self._cancelled:
            try:
                self._result = self._action()
            except Exception as error:  # noqa: BLE001 (handed to whoever waits for the job)
                self._error = error
        self._done = True
        for callback in self._when_done:
            callback(self._result, self._error)
        for strand in self._waiting:
            strand.wake()

    def cancel(self) -> None:
        """Has no effect on a job that has begun."""
        self._cancelled = True

    def when_done(self, callback: Callable[[Any, BaseException | None], None]) -> None:
        loop = _loop()
        self._when_done.append(lambda result, error: cast("None", loop.call_soon(callback, result, error)))

    def wait(self) -> None:
        strand = current_strand()
        assert strand is not None, "the event loop must not wait for a job"
        while not self._done:
            self._waiting.append(strand)
            strand.pause()

    def result(self) -> Any:
        self.wait()
        if self._error is not None:
            raise self._error
        return self._result


class Executor:
    """In the place of `ThreadPoolExecutor`: so many jobs at a time, begun in order."""

    def __init__(self, max_workers: int, thread_name_prefix: str = "") -> None:
        del thread_name_prefix
        self._free = max_workers
        self._queue: deque[Job] = deque()
        self._jobs: list[Job] = []

    def submit(self, action: Callable[..., Any], *args: Any) -> Job:
        job = Job(lambda: action(*args))
        self._jobs = [other for other in self._jobs if not other._done]
        self._jobs.append(job)
        self._queue.append(job)
        self._begin()
        return job

    def map(self, action: Callable[..., Any], *arguments: Iterable[Any]) -> Iterator[Any]:
        jobs = [self.submit(action, *each) for each in zip(*arguments, strict=False)]
        return (job.result() for job in jobs)

    def shutdown(self) -> None:
        """Waits for what was begun, if a thread asks."""
        if current_strand() is not None:
            for job in list(self._jobs):
                job.wait()

    def _begin(self) -> None:
        while self._queue and self._free:
            self._free -= 1
            job = self._queue.popleft()
            Strand(lambda job=job: self._work(job)).wake()  # type: ignore[misc]

    def _work(self, job: Job) -> None:
        try:
            job.run()
        finally:
            self._free += 1
            self._begin()
