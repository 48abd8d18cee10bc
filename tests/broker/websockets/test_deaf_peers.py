"""Peers that never read what they are sent: hung up on; and told of, unless they are simply gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed

from broker.config import Settings
from protocol.messages.agent import CancelCode
from tests.broker.harness import Client, RunningBroker, found, running
from tests.helpers.waiting import PATIENCE_SECONDS

PONG_SECONDS = 2.0


@pytest.fixture
async def impatient(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningBroker]:
    """A broker whose pings are answered within two seconds, where others have 45; in less a busy one is deaf."""
    monkeypatch.setattr("broker.server.PING_SECONDS", 0.05)
    monkeypatch.setattr("broker.server.PONG_SECONDS", PONG_SECONDS)
    organisation = found(settings)
    async with running(settings, organisation) as broker:
        yield broker


async def _alerts_until_cut_off(broker: RunningBroker, client: Client, *, talks: bool) -> list[str]:
    """From the moment on in which it stops reading."""
    client.websocket.transport.pause_reading()
    with capture_logs() as lines, suppress(ConnectionClosed):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(broker.server.broker.services.lines):
                if talks:
                    await client.send(CancelCode(nameplate="123"))
                await asyncio.sleep(0.005)
    client.websocket.transport.resume_reading()  # or its own end would be waited for
    return [line["event"] for line in lines if line.get("alert")]


async def test_who_talks_on_and_reads_nothing_is_told_of(impatient: RunningBroker) -> None:
    """A recorder that never hears an acknowledgement fills no queue of ours for hours: the kernel's takes them."""
    async with impatient.agent() as (client, _):
        assert await _alerts_until_cut_off(impatient, client, talks=True) == ["peer_too_slow"]
    assert b'consentry_alerts_total{kind="peer_too_slow"} 1.0' in impatient.server.broker.services.metrics.text()


async def test_who_is_gone_without_a_word_is_no_alert(impatient: RunningBroker) -> None:
    """Networks break all day."""
    async with impatient.agent() as (client, _):
        assert await _alerts_until_cut_off(impatient, client, talks=False) == []


async def test_who_answers_pings_stays(impatient: RunningBroker) -> None:
    """Longer than any ping may take."""
    async with impatient.agent() as (client, _):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(PONG_SECONDS + 0.3):
                await client.websocket.wait_closed()
        assert len(impatient.server.broker.services.lines) == 1
