"""Waiting for the next try, and how the success of another connection cuts it short."""

import asyncio

from tests.helpers.waiting import PATIENCE_SECONDS, until
from tunnel.backoff import Backoff
from tunnel.patience import Patience

HOUR_SECONDS = 3600.0


def patient_for(seconds: float) -> Patience:
    return Patience(Backoff(first_seconds=seconds, longest_seconds=seconds, random_fraction=lambda: 1.0))


async def waited_at_once(patience: Patience) -> bool:
    """Without a turn of the clock. A wait that goes on is given up."""
    waiting = asyncio.create_task(patience.wait())
    for _ in range(5):
        await asyncio.sleep(0)
    waiting.cancel()
    return waiting.done()


async def test_a_wait_ends_by_itself() -> None:
    """After what the backoff says, without anybody's word."""
    await patient_for(0.001).wait()


async def test_a_wait_ends_when_somebody_hurries() -> None:
    """An hour is over at once, and the wait after it is a whole one again."""
    patience = patient_for(HOUR_SECONDS)
    waiting = asyncio.create_task(patience.wait())
    await until(lambda: patience._is_trying)
    patience.hurry()
    await asyncio.wait_for(waiting, PATIENCE_SECONDS)
    assert not await waited_at_once(patience)


async def test_a_hurry_during_a_try_counts_for_the_next() -> None:
    """The try that is under way may have begun too early to succeed."""
    patience = patient_for(HOUR_SECONDS)
    waiting = asyncio.create_task(patience.wait())
    await until(lambda: patience._is_trying)
    waiting.cancel()
    await asyncio.wait([waiting])
    patience.hurry()
    await asyncio.wait_for(patience.wait(), PATIENCE_SECONDS)


async def test_a_hurry_while_a_broken_connection_is_let_go_of_counts() -> None:
    """Its goodbye waits for somebody who is not there; another connection may be through before that ends."""
    patience = patient_for(HOUR_SECONDS)
    patience.reset()
    patience.lost()
    patience.hurry()
    await asyncio.wait_for(patience.wait(), PATIENCE_SECONDS)


async def test_who_is_connected_is_not_hurried() -> None:
    """Before the first loss and after a success: else all customers of a broker that restarts came back at once."""
    patience = patient_for(HOUR_SECONDS)
    patience.hurry()
    assert not await waited_at_once(patience)
    patience.reset()
    patience.hurry()
    assert not await waited_at_once(patience)
