"""Which event loop a client's program runs on."""

import asyncio

import pytest
import uvloop

from tunnel.event_loop import run


async def _loop_and_answer() -> tuple[asyncio.AbstractEventLoop, int]:
    await asyncio.sleep(0)
    return asyncio.get_running_loop(), 8841


def test_on_uvloop() -> None:
    """The program's value comes back, and it ran on uvloop."""
    loop, answer = run(_loop_and_answer())
    assert answer == 8841
    assert isinstance(loop, uvloop.Loop)


def test_on_pythons_own_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows uvloop is not even asked for."""
    monkeypatch.setattr("sys.platform", "cygwin")
    loop, answer = run(_loop_and_answer())
    assert answer == 8841
    assert not isinstance(loop, uvloop.Loop)
