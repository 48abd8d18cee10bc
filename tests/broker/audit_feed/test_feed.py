"""What a service that asks is told, and when."""

import asyncio

import pytest

from broker.audit_feed import feed as feed_module
from broker.audit_feed.feed import AuditFeed
from tests.helpers.waiting import PATIENCE_SECONDS


def session(number: int) -> bytes:
    return bytes([number]) * 16


def test_what_grew_since_is_told_once() -> None:
    """In the order in which it last grew; a position never misses what comes after it."""
    feed = AuditFeed()
    first = feed.since("")
    assert (first.resync, first.session_ids) == (True, [])
    for number in (1, 2, 1):
        feed.recording_grew(session(number))
    second = feed.since(first.position)
    assert (second.resync, second.session_ids) == (False, [session(2), session(1)])
    assert feed.since(second.position).session_ids == []


@pytest.mark.parametrize("position", ["", "other.3", "nonsense", "x.y", ".", "-1"])
def test_a_position_of_another_life_means_to_look_at_everything(position: str) -> None:
    """Also after a restart of the broker, and for whatever else a peer may send."""
    assert AuditFeed().since(position).resync


def test_a_position_that_is_too_old_means_to_look_at_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered is bounded; what is forgotten is said to be."""
    monkeypatch.setattr(feed_module, "RECORDINGS_REMEMBERED", 2)
    feed = AuditFeed()
    position = feed.since("").position
    for number in range(4):
        feed.recording_grew(session(number))
    assert feed.since(position).resync


def test_a_long_answer_is_cut_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left out between two pages."""
    monkeypatch.setattr(feed_module, "ANSWER_LIMIT_RECORDINGS", 2)
    feed = AuditFeed()
    position = feed.since("").position
    for number in range(3):
        feed.recording_grew(session(number))
    first = feed.since(position)
    assert first.session_ids == [session(0), session(1)]
    assert feed.since(first.position).session_ids == [session(2)]


async def test_whoever_listens_hears_what_came_before_they_waited() -> None:
    """Between the look and the wait nothing is lost; without news the wait ends by itself."""
    feed = AuditFeed()
    listener = feed.listen()
    feed.sessions_changed()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await listener.wait(3600)
    listener.close()
    quiet = feed.listen()
    await quiet.wait(0.001)
    quiet.close()


async def test_nobody_waits_for_a_broker_that_stops() -> None:
    """Neither who waits already nor who comes then: a stop is not held up by an audit service."""
    feed = AuditFeed()
    early = feed.listen()
    feed.close()
    late = feed.listen()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await early.wait(3600)
        await late.wait(3600)
