"""Work that goes on beside a server, for as long as it serves."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any


def keep_running(stack: AsyncExitStack, work: Coroutine[Any, Any, None], *, name: str) -> None:
    """Starts `work`. When `stack` is left it is cancelled, and has ended before anything entered earlier is let go."""
    stack.push_async_callback(_cancel, asyncio.create_task(work, name=name))


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
