"""Which event loop a client's program runs on: uvloop, where there is one, as a turn of Python's own loop costs as much
as a TLS record. The tests of the agent ask here, too."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


def run(main: Coroutine[None, None, T]) -> T:
    """As `asyncio.run`. For programs that stay: loading uvloop takes some 5 ms."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


def new_event_loop() -> asyncio.AbstractEventLoop:
    """As `asyncio.new_event_loop`."""
    if sys.platform in {"win32", "cygwin"} or sys.implementation.name == "pypy":
        return asyncio.new_event_loop()  # as in pyproject.toml
    from uvloop import new_event_loop as new_uvloop

    return new_uvloop()
