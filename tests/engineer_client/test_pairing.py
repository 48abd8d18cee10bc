"""The engineer's half of a pairing against a broker that does not play by the rules.

The honest way is in test_connect.py. Here the other end of the websocket is the test's.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from engineer_client import pairing
from engineer_client.pairing import (
    CodeCancelled,
    CodeExpired,
    CustomerLost,
    Paired,
    PairingBroken,
    WrongCode,
    pair,
)
from protocol.errors import PeerError
from protocol.messages.pairing import (
    ClaimCode,
    EngineerToBroker,
    PairingAdmitted,
    PairingFailed,
    PairingMail,
    PairingStarted,
)
from protocol.messages.wire import MessageDecoder, Refused, encode
from protocol.pairing import AgentPairing, PairingContext
from tests.helpers.pairing import CODE, IDENTITY, NOW_MS
from tunnel.json_api import ServerRefused

ORIGIN = "https://help.example.org"
ROOT_KEY = b"\x11" * 32
SESSION_ID = b"\x22" * 16


@dataclass
class BrokerEnd:
    """The broker's end of one `/v1/pairing`."""

    websocket: ServerConnection

    async def receive(self) -> ClaimCode | PairingMail:
        decoder: MessageDecoder[ClaimCode | PairingMail] = MessageDecoder(EngineerToBroker)
        data = await self.websocket.recv()
        assert isinstance(data, bytes)
        return decoder.decode(data)

    async def send(self, message: object) -> None:
        await self.websocket.send(encode(message))  # type: ignore[arg-type]  # any message of the page

    async def start(self, **changes: object) -> PairingStarted:
        claim = await self.receive()
        assert isinstance(claim, ClaimCode)
        facts = {
            "session_id": SESSION_ID,
            "nameplate": claim.nameplate,
            "engineer_nonce": claim.engineer_nonce,
            "agent_nonce": b"\x44" * 16,
        }
        started = PairingStarted(**(facts | changes))  # type: ignore[arg-type]
        await self.send(started)
        return started


Script = Callable[[BrokerEnd], Awaitable[None]]


@asynccontextmanager
async def a_broker_that(script: Script) -> AsyncIterator[int]:
    async def handle(websocket: ServerConnection) -> None:
        await script(BrokerEnd(websocket))
        await websocket.wait_closed()

    async with serve(handle, "127.0.0.1", 0) as server:
        yield next(iter(server.sockets)).getsockname()[1]


async def attempt(script: Script) -> Paired:
    async with a_broker_that(script) as port, connect(f"ws://127.0.0.1:{port}", proxy=None) as connection:
        return await pair(connection, CODE, b"certificate", broker_origin=ORIGIN, root_key=ROOT_KEY)


def agent_for(started: PairingStarted, **changes: object) -> AgentPairing:
    facts = {
        "broker_origin": ORIGIN,
        "root_key": ROOT_KEY,
        "session_id": started.session_id,
        "nameplate": started.nameplate,
        "engineer_nonce": started.engineer_nonce,
        "agent_nonce": started.agent_nonce,
    }
    return AgentPairing(CODE, PairingContext(**(facts | changes)), IDENTITY, now_ms=NOW_MS)  # type: ignore[arg-type]


async def carry(broker: BrokerEnd, agent: AgentPairing) -> None:
    """Hands mail on until the agent has a verdict."""
    while agent.outcome is None:
        mail = await broker.receive()
        assert isinstance(mail, PairingMail)
        agent.receive_mail(mail, NOW_MS)
        for answer in agent.mail_to_send():
            await broker.send(answer)


async def test_with_the_right_code_both_hold_the_same_keys() -> None:
    """And the engineer knows whose host keys to pin."""
    agents: list[AgentPairing] = []

    async def honest(broker: BrokerEnd) -> None:
        agents.append(agent_for(await broker.start()))
        await carry(broker, agents[0])
        await broker.send(PairingAdmitted(leg_ticket="ticket"))

    paired = await attempt(honest)
    assert (paired.session_id, paired.agent, paired.leg_ticket) == (SESSION_ID, IDENTITY, "ticket")
    assert paired.keys == agents[0].keys
    assert "ticket" not in repr(paired)


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        ("wrong-code", WrongCode),
        ("expired", CodeExpired),
        ("cancelled", CodeCancelled),
        ("lost", CustomerLost),
        ("broken", PairingBroken),
        ("paired", PairingBroken),
    ],
)
async def test_each_ending_has_its_own_sentence(outcome: str, error: type[Exception]) -> None:
    """Whatever verdict the broker reports; that it failed because it succeeded makes no sense."""

    async def failing(broker: BrokerEnd) -> None:
        await broker.start()
        await broker.send(PairingFailed(outcome=outcome))  # type: ignore[arg-type]

    with pytest.raises(error):
        await attempt(failing)


async def test_a_refusal_keeps_its_code() -> None:
    """So that it can be told in the reader's language."""

    async def refusing(broker: BrokerEnd) -> None:
        await broker.receive()
        await broker.send(Refused(code="code-unknown", sentence="No customer is waiting with that code."))

    with pytest.raises(ServerRefused) as caught:
        await attempt(refusing)
    assert caught.value.fields["code"] == "code-unknown"


@pytest.mark.parametrize("changes", [{"nameplate": "999"}, {"engineer_nonce": b"\x00" * 16}])
async def test_a_start_for_another_claim_is_broken(changes: dict[str, object]) -> None:
    """A broker that mixes up two claims is not talked to any further."""

    async def mixing(broker: BrokerEnd) -> None:
        await broker.start(**changes)

    with pytest.raises(PairingBroken):
        await attempt(mixing)


@pytest.mark.parametrize(
    "swapped",
    [
        {"broker_origin": "https://evil.example.org"},
        {"root_key": b"\x12" * 32},
        {"session_id": b"\x23" * 16},
        {"agent_nonce": b"\x45" * 16},
    ],
)
async def test_what_the_broker_swaps_for_one_end_is_noticed(swapped: dict[str, object]) -> None:
    """The agent was told something else: its verdict is wrong-code, and the engineer gets no keys."""

    async def swapping(broker: BrokerEnd) -> None:
        agent = agent_for(await broker.start(), **swapped)
        await carry(broker, agent)
        assert agent.outcome == "wrong-code"
        await broker.send(PairingAdmitted(leg_ticket="ticket"))

    with pytest.raises(PairingBroken):
        await attempt(swapping)


async def test_admission_before_the_proof_is_worth_nothing() -> None:
    """A ticket without keys is no session."""

    async def hasty(broker: BrokerEnd) -> None:
        await broker.start()
        await broker.send(PairingAdmitted(leg_ticket="ticket"))

    with pytest.raises(PairingBroken):
        await attempt(hasty)


async def test_a_reflected_message_is_broken() -> None:
    """The engineer's own share sent back as if it were the agent's."""

    async def reflecting(broker: BrokerEnd) -> None:
        await broker.start()
        mail = await broker.receive()
        assert isinstance(mail, PairingMail)
        await broker.send(PairingMail(nameplate=mail.nameplate, phase="yb", body=mail.body))

    with pytest.raises(PairingBroken):
        await attempt(reflecting)


async def test_a_silent_broker_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code counts as expired."""
    monkeypatch.setattr(pairing, "HELLO_TIMEOUT_SECONDS", 0.05)

    async def silent(broker: BrokerEnd) -> None:
        await broker.receive()

    with pytest.raises(CodeExpired):
        await attempt(silent)


async def test_a_broker_that_hangs_up_is_a_lost_connection() -> None:
    """Told as that, not as a traceback of the websocket library."""

    async def leaving(broker: BrokerEnd) -> None:
        await broker.websocket.close()

    with pytest.raises(CustomerLost):
        await attempt(leaving)


@pytest.mark.parametrize("garbage", ["text", b"", b"\xc1", b"\x81\xa4type\xa3odd", b"\x00" * 5000])
async def test_garbage_is_a_broken_protocol(garbage: str | bytes) -> None:
    """Text, nothing, no msgpack, an unknown message, too much."""

    async def babbling(broker: BrokerEnd) -> None:
        await broker.receive()
        await broker.websocket.send(garbage)

    with pytest.raises(PeerError):
        await attempt(babbling)
