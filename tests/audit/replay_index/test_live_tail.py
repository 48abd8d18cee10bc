"""Watching a running session: a picture, then what happens, at once; and now rather than everything."""

import asyncio
from collections.abc import AsyncGenerator

from audit.replay_index.live_tail import QUEUE_LIMIT_BYTES, STILL_ALIVE, LiveSession


class Feeder:
    """Counts how often a picture was wanted."""

    def __init__(self) -> None:
        self.wanted = 0
        self.live = LiveSession(self._want)

    def _want(self) -> None:
        self.wanted += 1


async def test_a_follower_sees_a_picture_and_then_everything() -> None:
    """Who comes later begins with a picture of their own, and nobody sees a line twice."""
    feeder = Feeder()
    live = feeder.live
    first, second = live.follow(), live.follow()
    begun = asyncio.create_task(anext(first))
    await asyncio.sleep(0)
    assert (feeder.wanted, live.wants_picture) == (1, True)
    live.tell(b"before the picture\n")
    live.show(b"picture\n")
    assert await begun == b"picture\n"
    live.tell(b"one\n")
    late = asyncio.create_task(anext(second))
    await asyncio.sleep(0)
    live.show(b"picture of one\n")
    live.tell(b"two\n")
    assert await late == b"picture of one\ntwo\n"
    assert await anext(first) == b"one\ntwo\n"
    live.close()
    assert [line async for line in first] == [line async for line in second] == []


async def begin(feeder: Feeder, followed: AsyncGenerator[bytes, None]) -> None:
    """The follower has asked for a picture, and seen it."""
    begun = asyncio.create_task(anext(followed))
    await asyncio.sleep(0)  # the task runs up to where it waits for one
    feeder.live.show(b"picture\n")
    await begun


async def test_who_cannot_keep_up_with_a_flood_sees_now() -> None:
    """Instead of a queue without end: one new picture, and what comes after it."""
    feeder = Feeder()
    followed = feeder.live.follow()
    await begin(feeder, followed)
    for _ in range(20):
        feeder.live.tell(b"x" * (QUEUE_LIMIT_BYTES // 8))
    assert (feeder.wanted, feeder.live.wants_picture) == (2, True)
    feeder.live.show(b"now\n")
    feeder.live.tell(b"after\n")
    assert await anext(followed) == b"now\nafter\n"


async def test_a_thread_that_was_lost_begins_with_a_picture() -> None:
    """What feeds it was replaced: what waited is thrown away, it may not go on where it stopped."""
    feeder = Feeder()
    followed = feeder.live.follow()
    await begin(feeder, followed)
    feeder.live.tell(b"old\n")
    feeder.live.begin_anew()
    assert feeder.live.wants_picture
    feeder.live.show(b"anew\n")
    assert await anext(followed) == b"anew\n"


async def test_silence_is_told() -> None:
    """An empty line, so that whoever went away is found out; nothing happened."""
    feeder = Feeder()
    followed = feeder.live.follow(alive_seconds=0)
    assert await anext(followed) == STILL_ALIVE
    feeder.live.show(b"picture\n")
    assert await anext(followed) == b"picture\n"


async def test_a_follower_who_leaves_is_forgotten() -> None:
    """Nothing piles up for somebody who is gone."""
    feeder = Feeder()
    followed = feeder.live.follow(alive_seconds=0)
    await anext(followed)
    assert feeder.live.has_followers
    await followed.aclose()
    assert not feeder.live.has_followers
