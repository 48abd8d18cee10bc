"""Watching a running session: a picture, then what happens, at once; and now rather than everything."""

import asyncio
from pathlib import Path

from audit.replay_index.index_files import Keyframe
from audit.replay_index.indexer import SessionIndexer
from audit.replay_index.live_tail import QUEUE_LIMIT_BYTES, LiveEvents, LiveItem, LiveSession
from audit.replay_index.snapshots import restore, take
from audit.vault.emulator import Emulator, show_event
from protocol.events import Event, TerminalOutput
from tests.helpers.indexes import index_keys, opened_records, session_of


def _shown(items: list[LiveItem]) -> Emulator:
    """What a viewer of these sees."""
    emulator = Emulator()
    for item in items:
        if isinstance(item, Keyframe):
            emulator = next((restore(s.terminal) for s in item.channels if s.channel == 0), Emulator())
        else:
            for event in item.events:
                show_event(emulator, event, 0)
    return emulator


async def _collect(live: LiveSession) -> list[LiveItem]:
    return [item async for item in live.follow()]


async def test_each_follower_gets_every_event_before_the_next_record(tmp_path: Path) -> None:
    """There is no delay of its own: what was fed can be taken before anything else happens, from any time on."""
    groups: list[list[Event]] = [[TerminalOutput(5000 + at, 0, b"line %d\r\n" % at)] for at in range(40)]
    made = session_of(groups)
    live = LiveSession(SessionIndexer.open(tmp_path, made.session_id, index_keys(tmp_path)))
    records = opened_records(made)
    for record in records[:20]:
        live.feed(record)
    followed = live.follow()
    picture = await anext(followed)
    assert isinstance(picture, Keyframe)
    seen: list[LiveItem] = [picture]
    for record in records[20:-1]:
        live.feed(record)
        item = await anext(followed)
        assert item == LiveEvents(record.events)
        seen.append(item)
    live.feed(records[-1])
    assert [item async for item in followed] == []
    whole = Emulator()
    for record in records:
        for event in record.events:
            show_event(whole, event, 0)
    assert take(_shown(seen)) == take(whole)


async def test_a_record_that_is_fed_again_is_not_shown_again(tmp_path: Path) -> None:
    """Whoever feeds may begin a little early."""
    made = session_of([[TerminalOutput(5000, 0, b"once")]])
    live = LiveSession(SessionIndexer.open(tmp_path, made.session_id, index_keys(tmp_path)))
    records = opened_records(made)
    task = asyncio.create_task(_collect(live))
    await asyncio.sleep(0)
    for record in [*records[:3], *records]:
        live.feed(record)
    items = await task
    shown = [event for item in items if isinstance(item, LiveEvents) for event in item.events]
    assert shown == [event for record in records for event in record.events]


async def test_who_cannot_keep_up_with_a_flood_sees_now(tmp_path: Path) -> None:
    """Instead of a queue without end: one new picture, and it is right."""
    groups: list[list[Event]] = [[TerminalOutput(5000 + at, 0, b"line %4d\r\n" % at * 6000)] for at in range(18)]
    made = session_of(groups)
    live = LiveSession(SessionIndexer.open(tmp_path, made.session_id, index_keys(tmp_path)))
    records = opened_records(made)
    live.feed(records[0])
    followed = live.follow()
    await anext(followed)
    for record in records[1:-1]:
        live.feed(record)
    item = await anext(followed)
    assert isinstance(item, Keyframe)
    assert sum(len(event.data) for group in groups for event in group if isinstance(event, TerminalOutput)) > (
        QUEUE_LIMIT_BYTES
    )
    assert _shown([item]).text_rows()[-2] == "line   17"


async def test_a_follower_who_leaves_is_forgotten(tmp_path: Path) -> None:
    """Nothing piles up for somebody who is gone."""
    made = session_of([[TerminalOutput(5000, 0, b"x")]])
    live = LiveSession(SessionIndexer.open(tmp_path, made.session_id, index_keys(tmp_path)))
    followed = live.follow()
    await anext(followed)
    await followed.aclose()
    assert not live.has_followers
