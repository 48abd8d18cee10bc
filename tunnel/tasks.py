"""Tasks that have names and are not forgotten, for whoever starts them as they come and ends them together."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tunnel.lazy_logger import LazyLogger

log = LazyLogger(__name__)


class TaskGroupOwner:
    """Keeps its tasks (asyncio itself holds them weakly), logs those that fail, cancels them all at the end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, coroutine: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def aclose(self) -> None:
        """Cancels what still runs and waits until it has stopped. May be called from one of the tasks itself."""
        mine = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task_failed", task=task.get_name(), exc_info=error)
