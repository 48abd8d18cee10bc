"""How tests wait: for the condition itself, with a limit that only what never happens reaches."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 150.0
"""How long anything may take on a busy machine of two cores before a test says that it did not happen."""


def wait_until(condition: Callable[[], Any], what: str, *, seconds: float = PATIENCE_SECONDS) -> Any:
    """The condition's first true value. Polls: for conditions of other processes that cannot be awaited."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        threading.Event().wait(0.02)
    raise AssertionError(f"within {seconds:.0f} s it did not happen that {what}")


async def until(condition: Callable[[], bool]) -> None:
    """Waits for what happens in this process, in its own time, and announces itself to nobody."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.005)


async def until_answered(ask: Callable[[], Awaitable[T | None]]) -> T:
    """The first true answer. Asks again and again: for what another process or task does without telling anybody."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (answer := await ask()):
            await asyncio.sleep(0.02)
    return answer
