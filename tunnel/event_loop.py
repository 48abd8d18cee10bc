"""Runs a client's program on uvloop, where there is one: a turn of Python's own loop costs as much as a TLS record."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")


def run(main: Coroutine[None, None, T]) -> T:
    """As `asyncio.run`. For programs that stay: loading uvloop takes some 5 ms."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform in {"win32", "cygwin"} or sys.implementation.name == "pypy":
        return None  # as in pyproject.toml
    from uvloop import new_event_loop

    return new_event_loop
