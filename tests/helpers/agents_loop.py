"""The event loop of an agent at work, for the tests of one. Imported by the `conftest.py` of its folders.

uvloop's transports differ from those of Python's own loop where it hurts: one that is paused in `connection_made` reads
all the same, and one that is closed raises where the other says nothing.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tunnel.event_loop import new_event_loop


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"as the agent": _loop_with_a_time_limit}


def _loop_with_a_time_limit() -> asyncio.AbstractEventLoop:
    loop = new_event_loop()
    loop.set_exception_handler(_stop_at_the_time_limit)
    return loop


def _stop_at_the_time_limit(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """uvloop logs what a signal's handler raises, pytest-timeout's verdict among it, and waits on."""
    if isinstance(context.get("exception"), pytest.fail.Exception):
        loop.stop()
    loop.default_exception_handler(context)
