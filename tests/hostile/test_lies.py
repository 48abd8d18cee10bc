"""Every lie about a pairing, told to the real code of both ends through the broker's real mailbox, without sockets."""

import asyncio
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection

from agent_client.faces.notices import CodeEnded, CodeShown, Notice
from agent_client.invitations import Invitations, Paired
from broker.pairing.mailbox import CodeEnded as MailboxEnded
from broker.pairing.mailbox import Event, Mailbox, ToAgent, ToEngineer
from engineer_client.pairing import Paired as EngineerPaired
from engineer_client.pairing import pair
from protocol.codes import parse_code
from protocol.errors import ConsentryError
from protocol.messages.agent import AgentToBroker, BrokerToAgent, CancelCode, CodeOpened, NewCode, PairingFinished
from protocol.messages.pairing import BrokerToEngineer, ClaimCode, EngineerToBroker, PairingAdmitted, PairingMail
from protocol.messages.wire import MessageDecoder, encode
from tests.helpers.pairing import IDENTITY
from tests.helpers.waiting import PATIENCE_SECONDS
from tests.hostile.liar import Direction, Lie, honest
from tests.hostile.lies import LIES, UNKNOWING

ORIGIN, ROOT_KEY, SESSION_ID = "https://help.example.org", bytes(32), bytes(range(16))
CERTIFICATE = b"the engineer's certificate"
DECODERS: dict[tuple[str, Direction], MessageDecoder[Any]] = {
    ("/v1/agent", "up"): MessageDecoder(AgentToBroker),
    ("/v1/agent", "down"): MessageDecoder(BrokerToAgent),
    ("/v1/pairing", "up"): MessageDecoder(EngineerToBroker),
    ("/v1/pairing", "down"): MessageDecoder(BrokerToEngineer),
}


class LyingBroker:
    """One code's mailbox, with a liar at each of its doors. It is the engineer's connection, too."""

    def __init__(self, lie: Lie) -> None:
        self.lie = lie
        self.notices: list[Notice] = []
        self.paired: list[Paired] = []
        self.mailbox: Mailbox | None = None
        self._to_engineer: asyncio.Queue[bytes] = asyncio.Queue()
        self.agent = Invitations(
            broker_origin=ORIGIN,
            root_key=ROOT_KEY,
            session_id=SESSION_ID,
            identity=IDENTITY,
            send=self._from_agent,
            show=self.notices.append,
            on_paired=self.paired.append,
            on_too_many_burnt=lambda: None,
        )
        self.agent.offer()

    @property
    def code(self) -> str:
        return next(notice.code for notice in self.notices if isinstance(notice, CodeShown))

    @property
    def outcomes(self) -> list[str]:
        """How the first code ended at the customer's, if it has."""
        return [notice.outcome for notice in self.notices if isinstance(notice, CodeEnded)]

    async def send(self, data: bytes) -> None:
        for message in self._through("/v1/pairing", "up", data):
            assert self.mailbox is not None
            match message:
                case ClaimCode():
                    self._carry_out(self.mailbox.claim(message.engineer_nonce, 1))
                case PairingMail():
                    self._carry_out(self.mailbox.receive_mail("engineer", message))

    async def recv(self) -> bytes:
        return await self._to_engineer.get()

    def engineer_leaves(self) -> None:
        if self.mailbox is not None:
            self._carry_out(self.mailbox.engineer_lost())

    def _through(self, path: str, direction: Direction, data: bytes) -> list[Any]:
        said = self.lie(path, direction, msgspec.msgpack.decode(data))
        return [DECODERS[path, direction].decode(msgspec.msgpack.encode(message)) for message in said]

    def _from_agent(self, sent: AgentToBroker) -> None:
        for message in self._through("/v1/agent", "up", encode(sent)):
            match message:
                case NewCode() if self.mailbox is None:  # later codes of the customer's are not of this story
                    self.mailbox = Mailbox(SESSION_ID, "482", message.agent_nonce, now_ms=0)
                    self.agent.receive(CodeOpened(nameplate="482", expires_at_ms=600_000), 0)
                case PairingMail() if self.mailbox is not None:
                    self._carry_out(self.mailbox.receive_mail("agent", message))
                case PairingFinished() if self.mailbox is not None:
                    self._carry_out(self.mailbox.receive_verdict(message.outcome))
                case CancelCode() if self.mailbox is not None:
                    self._carry_out(self.mailbox.agent_cancelled())

    def _carry_out(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case ToAgent(message):
                    for said in self._through("/v1/agent", "down", encode(message)):
                        self.agent.receive(said, 1)
                case ToEngineer(message):
                    self._tell_engineer(encode(message))
                case MailboxEnded(outcome="paired"):
                    self._tell_engineer(encode(PairingAdmitted(leg_ticket="ticket")))

    def _tell_engineer(self, data: bytes) -> None:
        for said in self._through("/v1/pairing", "down", data):
            self._to_engineer.put_nowait(encode(said))


async def connect(broker: LyingBroker) -> EngineerPaired:
    connection: ClientConnection = broker  # type: ignore[assignment]  # as much of one as `pair` uses
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await pair(connection, parse_code(broker.code), CERTIFICATE, broker_origin=ORIGIN, root_key=ROOT_KEY)
    finally:
        broker.engineer_leaves()


async def test_without_a_lie_they_pair() -> None:
    """What follows fails because of the lies."""
    broker = LyingBroker(honest)
    paired = await connect(broker)
    assert broker.outcomes == ["paired"]
    assert broker.paired[0].keys == paired.keys
    assert paired.agent == IDENTITY


@pytest.mark.parametrize("what", LIES)
async def test_neither_end_has_a_key(what: str) -> None:
    """The engineer's end raises the sentence for it, the customer's shows how the code ended; nobody is paired."""
    lie, sentences, outcomes = LIES[what]
    broker = LyingBroker(lie())
    with pytest.raises(ConsentryError) as refusal:
        await connect(broker)
    assert any(sentence in str(refusal.value) for sentence in sentences)
    assert broker.outcomes[0] in outcomes
    assert not broker.paired or outcomes is UNKNOWING
