"""A machine that can crash at any step. A crash is not an exception: what was running is simply never run again.

Each start of a node is an `Incarnation`. Everything it does runs in a context that names it; the event loop does not
run the steps of one that is dead. Its tasks are kept until the simulation ends, so that no `finally` of theirs runs.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulation.loop import VirtualLoop

INCARNATION: ContextVar["Incarnation | None"] = ContextVar("incarnation", default=None)

EPOCH_UNIX_NS = 1_790_000_000 * 10**9
"""Wall clock time at which every simulation begins."""


class Incarnation:
    """One life of a node, from its start to its crash."""

    def __init__(self, node: "Node", number: int) -> None:
        self.node = node
        self.number = number
        self.alive = True
        self.context: Context = copy_context()
        self.context.run(INCARNATION.set, self)
        self.steady_at_start_ns = node.loop.now_ns
        self.unix_at_start_ns = node.unix_ns()
        self.steps_to_live: int | None = None
        """The crash comes after so many steps more; None where none is planned."""
        self.when_dead: list[Callable[[bool], None]] = []
        """Called with whether the power went, or only the process."""

    def __repr__(self) -> str:
        return f"{self.node.name}.{self.number}"

    def call_soon(self, callback: Callable[..., object], *args: Any) -> None:
        """Runs a callback as a step of this incarnation."""
        self.node.loop.call_soon(callback, *args, context=self.context)

    def start_task(self, coroutine: Coroutine[Any, Any, Any], name: str) -> None:
        """A task of this incarnation, whoever asks for it."""
        task = self.node.loop.create_task(coroutine, name=name, context=self.context)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.node.loop.call_exception_handler({"message": f"{task.get_name()} failed", "exception": error})


class Node:
    """A machine: what survives its crashes. `program` is what it runs from each start on."""

    def __init__(self, name: str, loop: "VirtualLoop") -> None:
        self.name = name
        self.loop = loop
        self.clock_error_ns = 0
        self.incarnation: Incarnation | None = None
        self.starts = 0
        self.program: Callable[[Incarnation], Coroutine[Any, Any, None]]
        self.when_crashed: Callable[[bool], None] = lambda power_cut: None  # noqa: ARG005

    @property
    def is_up(self) -> bool:
        return self.incarnation is not None

    def unix_ns(self) -> int:
        """What the wall clock of this machine shows."""
        return EPOCH_UNIX_NS + self.loop.now_ns + self.clock_error_ns

    def start(self) -> None:
        if self.incarnation is None:
            self.starts += 1
            self.incarnation = incarnation = Incarnation(self, self.starts)
            self.loop.note(f"{incarnation} starts")
            incarnation.start_task(self.program(incarnation), name=f"{incarnation}")

    def crash(self, *, power_cut: bool) -> None:
        """Everything in memory is gone; with the power, everything that was not synced may be."""
        incarnation, self.incarnation = self.incarnation, None
        if incarnation is None:
            return
        incarnation.alive = False
        self.loop.note(f"{incarnation} {'loses its power' if power_cut else 'is killed'}")
        for callback in incarnation.when_dead:
            callback(power_cut)
        self.when_crashed(power_cut)


def current_incarnation() -> Incarnation:
    """Whose step is being run. Only for what the product calls."""
    incarnation = INCARNATION.get()
    assert incarnation is not None, "the product runs on a node"
    return incarnation
