"""Work beside a server: what fails is told and goes on."""

import asyncio
from contextlib import AsyncExitStack

from structlog.testing import capture_logs

from serving.background import AGAIN_AFTER_SECONDS, keep_running


async def test_work_that_fails_is_told_and_started_again() -> None:
    """Whatever it failed with; and it ends with the server."""
    tries, pauses = list[str](), list[float]()
    runs, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        tries.append("once more")
        if len(tries) < 3:
            raise OSError(28, "No space left on device") if len(tries) == 1 else KeyError("a mistake")
        runs.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    with capture_logs() as said:
        async with AsyncExitStack() as stack:
            keep_running(stack, work, name="retention", pause=pause)
            await runs.wait()
    assert ended.is_set()
    assert pauses == [AGAIN_AFTER_SECONDS] * 2
    assert [(line["event"], line["work"], line["log_level"]) for line in said] == [
        ("background_work_failed", "retention", "error")
    ] * 2
