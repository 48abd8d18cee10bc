"""/v1/agent and what strangers may try there: one clear sentence, and nothing begun."""

from http import HTTPStatus

import msgspec
import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from protocol.messages.agent import NewCode, OpenSession
from protocol.messages.wire import Refused, encode
from tests.broker.harness import RunningBroker

pytestmark = pytest.mark.asyncio(loop_scope="module")

HELLO = OpenSession(version=1, agent_key=b"\x01" * 32, language="en", sent_at_ms=1)
FIELDS: dict[str, object] = {
    "type": "open-session",
    "version": 1,
    "agent_key": b"\x01" * 32,
    "language": "en",
    "sent_at_ms": 1,
}

HOSTILE = {
    "empty": b"",
    "no msgpack": b"\xc1",
    "cut off": encode(HELLO)[:-1],
    "something behind it": encode(HELLO) + b"\x00",
    "no map": msgspec.msgpack.encode([1, 2, 3]),
    "unknown type": msgspec.msgpack.encode(FIELDS | {"type": "become-root"}),
    "unknown field": msgspec.msgpack.encode(FIELDS | {"admin": True}),
    "missing field": msgspec.msgpack.encode({k: v for k, v in FIELDS.items() if k != "agent_key"}),
    "short key": msgspec.msgpack.encode(FIELDS | {"agent_key": b"\x01" * 31}),
    "text for bytes": msgspec.msgpack.encode(FIELDS | {"agent_key": "a" * 32}),
    "another version": msgspec.msgpack.encode(FIELDS | {"version": 2}),
    "another language": msgspec.msgpack.encode(FIELDS | {"language": "$(reboot)"}),
    "a time before 1970": msgspec.msgpack.encode(FIELDS | {"sent_at_ms": -1}),
    "a time out of range": msgspec.msgpack.encode(FIELDS | {"sent_at_ms": 2**63}),
    "oversized": msgspec.msgpack.encode(FIELDS | {"language": "e" * 5000}),
    "deeply nested": b"\x91" * 3000,
    "a promise of 4 GiB": b"\xdd\xff\xff\xff\xff",
    "no hello": encode(NewCode(agent_nonce=b"\x02" * 16)),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_bad_hello_gets_one_sentence(shared_broker: RunningBroker, kind: str) -> None:
    """The connection is closed, nothing is begun, and the broker goes on."""
    async with shared_broker.dial("/v1/agent") as client:
        await client.websocket.send(HOSTILE[kind])
        refusal = await client.receive()
        assert isinstance(refusal, Refused)
        assert refusal.code == "peer-error"
        assert refusal.sentence.startswith("The other end broke the protocol: ")
        assert await client.closed() == 1008
    assert len(shared_broker.server.broker.services.sessions) == 0


async def test_a_text_message_gets_one_sentence(shared_broker: RunningBroker) -> None:
    """All messages are binary."""
    async with shared_broker.dial("/v1/agent") as client:
        await client.websocket.send("hello")
        refusal = await client.receive()
        assert isinstance(refusal, Refused)
        assert "text message" in refusal.sentence


async def test_a_message_beyond_every_limit_is_not_even_read(shared_broker: RunningBroker) -> None:
    """Close code 1009, message too big."""
    async with shared_broker.dial("/v1/agent") as client:
        await client.websocket.send(b"x" * (300 * 1024 + 1))
        assert await client.closed() == 1009


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"subprotocols": None}, HTTPStatus.BAD_REQUEST),
        ({"subprotocols": [Subprotocol("consentry.v2")]}, HTTPStatus.BAD_REQUEST),
        ({"origin": "https://evil.example"}, HTTPStatus.FORBIDDEN),
    ],
)
async def test_who_does_not_speak_our_protocol_is_turned_away(
    shared_broker: RunningBroker, options: dict[str, object], status: HTTPStatus
) -> None:
    """Before the upgrade, with a problem document; pages of other origins too."""
    with pytest.raises(InvalidStatus) as refusal:
        async with shared_broker.dial("/v1/agent", **options):
            pass
    assert refusal.value.response.status_code == status
    assert refusal.value.response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/agent/", "/v1/Agent", "/v1//agent", "/", "/relay/agent/x"])
async def test_other_addresses_have_no_websocket(shared_broker: RunningBroker, path: str) -> None:
    """Exact paths only."""
    with pytest.raises(InvalidStatus):
        async with shared_broker.dial(path):
            pass
