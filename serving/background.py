"""Work that goes on beside a server, for as long as it serves."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any

import structlog

log = structlog.get_logger(__name__)

AGAIN_AFTER_SECONDS = 5.0
"""A disk that is full, or a mistake of ours, is not gone a moment later; and nobody waits for it."""


def keep_running(
    stack: AsyncExitStack,
    work: Callable[[], Coroutine[Any, Any, None]],
    *,
    name: str,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Starts `work`, and starts it again where it fails: what it does is done by nobody else, and a server that goes on
    without it looks well.

    When `stack` is left it is cancelled, and has ended before anything entered earlier is let go.
    """
    stack.push_async_callback(_cancel, asyncio.create_task(_again_and_again(work, name, pause), name=name))


async def _again_and_again(
    work: Callable[[], Coroutine[Any, Any, None]], name: str, pause: Callable[[float], Awaitable[None]]
) -> None:
    while True:
        try:
            await work()
        except Exception:  # whatever it is, it is told, and the work goes on
            log.exception("background_work_failed", work=name)
        else:
            return
        await pause(AGAIN_AFTER_SECONDS)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
