"""Who waits is woken by what they wait for, and by nothing else."""

import asyncio

from serving.bells import Bells
from tests.helpers.waiting import PATIENCE_SECONDS


async def test_a_bell_wakes_whoever_listens_to_it() -> None:
    """Also for what rang before they began to wait; what is not listened to is not remembered."""
    bells: Bells[str] = Bells()
    one, other = bells.listen("one"), bells.listen("other")
    bells.ring("one")
    async with asyncio.timeout(PATIENCE_SECONDS):
        await one.wait(3600)
    await other.wait(0.001)
    assert set(bells.listened_to) == {"one", "other"}
    one.close()
    one.close()
    assert set(bells.listened_to) == {"other"}
    bells.close()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await other.wait(3600)
        await bells.listen("late").wait(3600)
