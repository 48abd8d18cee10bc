"""What the broker numbers is asked for again and again."""

import asyncio

import pytest

from audit.service import pull_loop
from protocol.errors import PeerError
from tests.helpers.waiting import PATIENCE_SECONDS


async def test_asking_goes_on_after_every_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was wrong with the broker, the network or the disk; and after what went well."""
    monkeypatch.setattr(pull_loop, "FIRST_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(pull_loop, "LOOK_AGAIN_SECONDS", 0.0)
    failures = [PeerError(problem="nonsense"), OSError("no network"), None, PeerError(problem="nonsense"), None]
    done = asyncio.Event()

    async def pull() -> None:
        if not failures:
            done.set()
        elif failure := failures.pop(0):
            raise failure

    pulling = asyncio.create_task(pull_loop.keep_pulling("things", pull))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await done.wait()
    assert not pulling.done()
    pulling.cancel()
