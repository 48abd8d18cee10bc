"""/v1/agent over real connections: hellos of every kind, ends, ratings."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.config import Settings
from protocol.messages.agent import (
    AttachSession,
    EndRequested,
    NewCode,
    OpenSession,
    RateSession,
    RatingKept,
    SessionAttached,
    SessionEnded,
)
from protocol.messages.wire import Refused
from protocol.ratings import sign_rating
from tests.broker.harness import RunningBroker, found, make_settings, running
from tests.helpers.waiting import until

HELLO = OpenSession(version=1, agent_key=b"\x01" * 32, language="en", sent_at_ms=1)


async def test_a_silent_connection_is_closed(broker: RunningBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not said what they are within ten seconds (here: a moment) is told so."""
    monkeypatch.setattr("broker.websockets.conversation.HELLO_TIMEOUT_SECONDS", 0.05)
    async with broker.dial("/v1/agent") as client:
        refusal = await client.receive()
        assert isinstance(refusal, Refused)
        assert refusal.code == "hello-missing"


async def test_a_second_hello_ends_the_connection_but_not_the_session(broker: RunningBroker) -> None:
    """The session waits for its agent to come back with better manners."""
    async with broker.agent() as (client, opened):
        await client.send(HELLO)
        assert isinstance(await client.receive(), Refused)
        await client.closed()
    assert len(broker.server.broker.services.sessions) == 1
    async with broker.dial("/v1/agent") as client:
        await client.send(AttachSession(version=1, session_id=opened.session_id, session_token=opened.session_token))
        assert isinstance(await client.receive(), SessionAttached)


async def test_a_wrong_token_attaches_nothing(broker: RunningBroker) -> None:
    """And does not disturb the agent that is there."""
    async with broker.agent() as (client, opened), broker.dial("/v1/agent") as stranger:
        await stranger.send(AttachSession(version=1, session_id=opened.session_id, session_token=b"\x00" * 32))
        refusal = await stranger.receive()
        assert isinstance(refusal, Refused)
        assert refusal.code == "session-token-wrong"
        await client.send(NewCode(agent_nonce=b"\x02" * 16))
        await client.receive()


async def test_a_newer_connection_takes_over(broker: RunningBroker) -> None:
    """The older one is hung up."""
    async with broker.agent() as (older, opened), broker.dial("/v1/agent") as newer:
        await newer.send(AttachSession(version=1, session_id=opened.session_id, session_token=opened.session_token))
        assert isinstance(await newer.receive(), SessionAttached)
        assert await older.closed() == 1000
        await newer.send(NewCode(agent_nonce=b"\x02" * 16))
        await newer.receive()


async def test_a_rating_is_kept_if_the_customer_signed_it(broker: RunningBroker) -> None:
    """Also after the end, also on a new connection; a forged one is refused and changes nothing."""
    key = Ed25519PrivateKey.generate()
    public_key = key.public_key().public_bytes_raw()
    store = broker.server.broker.services.session_store
    async with broker.agent(public_key) as (client, opened):
        await client.send(SessionEnded(reason="customer-ended", records=0))
        rating = sign_rating(key, opened.session_id, stars=5, solved=True, comment="好" * 2000, rated_at_ms=7)
        await client.send(rating)
        assert await client.receive() == RatingKept()
    async with broker.dial("/v1/agent") as client:
        await client.send(AttachSession(version=1, session_id=opened.session_id, session_token=opened.session_token))
        assert isinstance(await client.receive(), SessionAttached)
        assert await client.receive() == EndRequested(reason="customer-ended")
        await client.send(msgspec.structs.replace(rating, stars=1))
        refusal = await client.receive()
        assert isinstance(refusal, Refused)
        assert refusal.code == "rating-forged"
    kept = await store.rating(opened.session_id)
    assert kept is not None
    assert (kept.stars, kept.solved, kept.comment) == (5, True, "好" * 2000)


@pytest.mark.parametrize("stars", [0, 6])
async def test_a_rating_has_one_to_five_stars(broker: RunningBroker, stars: int) -> None:
    """Whatever its signature says."""
    async with broker.agent() as (client, _):
        await client.send(RateSession(stars=stars, solved=None, comment="", rated_at_ms=1, signature=b"\x00" * 64))
        assert isinstance(await client.receive(), Refused)


async def test_a_full_disk_takes_no_new_session(settings: Settings) -> None:
    """With the reason, and in /readyz."""
    full = make_settings(settings.data_folder, min_free_disk_gib=10**9)
    async with running(full, found(full)) as broker:
        async with broker.dial("/v1/agent") as client:
            await client.send(HELLO)
            refusal = await client.receive()
            assert isinstance(refusal, Refused)
            assert refusal.code == "disk-full"
        assert (await broker.request("GET", "/readyz")).status == 503


async def test_one_address_cannot_open_sessions_without_end(settings: Settings) -> None:
    """After its burst it waits; the sentence says how long."""
    limited = make_settings(settings.data_folder, openings_per_minute_per_address=1)
    async with running(limited, found(limited)) as broker:
        for _ in range(2):
            async with broker.agent():
                pass
        async with broker.dial("/v1/agent") as client:
            await client.send(HELLO)
            refusal = await client.receive()
            assert isinstance(refusal, Refused)
            assert refusal.code == "too-busy"
            assert "seconds" in refusal.sentence


async def test_a_peer_that_does_not_read_is_hung_up_on(broker: RunningBroker) -> None:
    """Its queue is bounded: the broker's memory is not its to fill."""
    services = broker.server.broker.services
    async with broker.agent() as (client, opened):
        for _ in range(300):
            services.lines.send(opened.session_id, EndRequested(reason="idle"))
        assert await client.closed() == 1013
        await until(lambda: not services.lines.connected(opened.session_id))
