"""The control connection: opened once, attached again after every cut, and sceptical of what comes back."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from agent_client import broker_link
from agent_client.broker_link import BrokerLink
from protocol.errors import PeerError, RefusedError
from protocol.messages.agent import (
    AgentToBroker,
    AttachSession,
    BrokerToAgent,
    DialLegs,
    NewCode,
    OpenSession,
    SessionAttached,
    SessionEnded,
    SessionOpened,
)
from protocol.messages.wire import SUBPROTOCOL, MessageDecoder, Refused, encode
from tests.agent_client.people import a_profile
from tests.helpers.relay_house import make_certificate
from tests.helpers.waiting import PATIENCE_SECONDS
from tunnel.backoff import Backoff

AGENT_KEY = b"\x01" * 32
OPENED = SessionOpened(session_id=b"\x02" * 16, session_token=b"\x03" * 32, leg_ticket="first", broker_time_ms=1)
ATTACHED = SessionAttached(leg_ticket="second", broker_time_ms=2)


class BrokerAtTest:
    """A websocket server whose every answer to a hello is in the test's hand."""

    def __init__(self, folder: Path) -> None:
        certificate, key, self.pem = make_certificate(folder)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate, key)
        self._decoder: MessageDecoder[AgentToBroker] = MessageDecoder(AgentToBroker)
        self.answers: list[BrokerToAgent | bytes | str | int] = []
        """What each hello gets, in order: a message, raw bytes, a text, or the status of the handshake."""
        self.heard: list[AgentToBroker] = []
        self.connection: ServerConnection | None = None
        self.changed = asyncio.Event()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[BrokerLink]:
        async with serve(
            self._talk,
            "127.0.0.1",
            0,
            ssl=self._tls,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            process_request=self._admit,
        ) as server:
            port = server.sockets[0].getsockname()[1]
            profile = a_profile(broker_origin=f"https://localhost:{port}", broker_certificate_pem=self.pem)
            link = BrokerLink(profile, agent_key=AGENT_KEY, language="en")
            yield link
            await link.close()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.answers and isinstance(self.answers[0], int):
            return connection.respond(self.answers.pop(0), "")  # type: ignore[arg-type]
        return None

    async def _talk(self, connection: ServerConnection) -> None:
        try:
            self._keep(await connection.recv(decode=False))
            answer = self.answers.pop(0)
            assert not isinstance(answer, int)
            await connection.send(answer if isinstance(answer, bytes | str) else encode(answer))
            self.connection = connection
            self.changed.set()
            async for message in connection:
                assert isinstance(message, bytes)
                self._keep(message)
        except ConnectionClosed:
            """The test cut it."""

    def _keep(self, message: bytes) -> None:
        self.heard.append(self._decoder.decode(message))
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def cut(self) -> None:
        assert self.connection is not None
        self.connection.transport.abort()


class Listener:
    """What a session hears."""

    def __init__(self) -> None:
        self.messages: list[BrokerToAgent] = []
        self.waiting = 0
        self.attached = asyncio.Event()
        self.lost = asyncio.Event()

    def broker_says(self, message: BrokerToAgent) -> None:
        if isinstance(message, Refused):
            raise PeerError(problem="as a session does with an answer that it did not ask for")
        self.messages.append(message)

    def link_attached(self, *, clock_offset_ms: int) -> None:
        self.attached.set()

    def link_waiting(self, *, since_ms: int) -> None:
        self.waiting += 1
        self.lost.set()


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BrokerAtTest:
    monkeypatch.setattr(broker_link, "Backoff", lambda: Backoff(first_seconds=0.01, longest_seconds=0.01))
    return BrokerAtTest(tmp_path)


@asynccontextmanager
async def kept(link: BrokerLink, listener: Listener) -> AsyncIterator["asyncio.Task[None]"]:
    keeping = asyncio.create_task(link.run(listener))
    yield keeping
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


async def test_a_session_is_opened_with_a_fresh_key(broker: BrokerAtTest) -> None:
    """The broker learns the session's key and the language; ticket and clock come back."""
    broker.answers = [OPENED]
    async with broker.listening() as link:
        assert await link.open() == OPENED
        hello = broker.heard[0]
        assert isinstance(hello, OpenSession)
        assert (hello.agent_key, hello.language) == (AGENT_KEY, "en")
        assert link.leg_ticket == "first"
        assert link.clock_offset_ms > 0


async def test_a_refusal_to_open_is_said_as_it_came(broker: BrokerAtTest) -> None:
    """A full disk, a rate limit: the broker's own sentence reaches the customer."""
    broker.answers = [Refused(code="too-busy", sentence="The broker's disk is full.")]
    async with broker.listening() as link:
        with pytest.raises(RefusedError, match="disk is full"):
            await link.open()


@pytest.mark.parametrize("answer", [DialLegs(count=1), ATTACHED, b"\xc1", "text"])
async def test_an_answer_that_opens_nothing_is_an_error(
    broker: BrokerAtTest, answer: BrokerToAgent | bytes | str
) -> None:
    """A broker that does not keep to the protocol gets no session."""
    broker.answers = [answer]
    async with broker.listening() as link:
        with pytest.raises(PeerError):
            await link.open()


async def test_after_a_cut_the_session_goes_on_with_its_token(broker: BrokerAtTest) -> None:
    """What was said meanwhile is delivered then; the new ticket counts."""
    broker.answers = [OPENED, ATTACHED]
    listener = Listener()
    async with broker.listening() as link:
        await link.open()
        async with kept(link, listener):
            link.send(NewCode(agent_nonce=bytes(16)))
            await broker.until(lambda: len(broker.heard) == 2)
            await broker.cut()
            await listener.attached.wait()
            link.send(SessionEnded(reason="idle", records=0))
            await link.flush()
            await broker.until(lambda: len(broker.heard) == 4)
    assert broker.heard[2] == AttachSession(version=1, session_id=OPENED.session_id, session_token=OPENED.session_token)
    assert broker.heard[3] == SessionEnded(reason="idle", records=0)
    assert (link.leg_ticket, listener.waiting) == ("second", 1)


async def test_a_link_that_is_hurried_does_not_wait(broker: BrokerAtTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker was reached on another way: the link that waits for its next try is there with it."""
    an_hour = partial(Backoff, first_seconds=3600, longest_seconds=3600, random_fraction=lambda: 1.0)
    monkeypatch.setattr(broker_link, "Backoff", an_hour)
    broker.answers = [OPENED, ATTACHED]
    listener = Listener()
    async with broker.listening() as link:
        await link.open()
        async with kept(link, listener):
            await broker.until(lambda: broker.connection is not None)
            await broker.cut()
            await listener.lost.wait()
            link.hurry()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await listener.attached.wait()


@pytest.mark.parametrize(
    "answer",
    [503, Refused(code="too-busy", sentence="Later."), DialLegs(count=1), OPENED, b"\xc1", "text"],
)
async def test_what_may_pass_is_tried_again(broker: BrokerAtTest, answer: BrokerToAgent | bytes | str | int) -> None:
    """A proxy before a broker that restarts, a busy one, one that talks nonsense: none of them ends a session."""
    broker.answers = [OPENED, answer, ATTACHED]
    listener = Listener()
    async with broker.listening() as link:
        await link.open()
        async with kept(link, listener):
            await broker.until(lambda: broker.connection is not None)
            await broker.cut()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await listener.attached.wait()
    assert listener.messages == []


@pytest.mark.parametrize("code", ["session-unknown", "session-token-wrong", "session-over"])
async def test_a_session_that_the_broker_does_not_know_is_over(broker: BrokerAtTest, code: str) -> None:
    """No second try will change that."""
    broker.answers = [OPENED, Refused(code=code, sentence="That session is over.")]
    async with broker.listening() as link:
        await link.open()
        async with kept(link, Listener()) as keeping:
            await broker.until(lambda: broker.connection is not None)
            await broker.cut()
            with pytest.raises(RefusedError, match="over"):
                await asyncio.wait_for(keeping, PATIENCE_SECONDS)


async def test_nonsense_in_the_middle_costs_the_connection_not_the_session(broker: BrokerAtTest) -> None:
    """The link is made anew; the session goes on."""
    broker.answers = [OPENED, ATTACHED]
    listener = Listener()
    async with broker.listening() as link:
        await link.open()
        async with kept(link, listener):
            await broker.until(lambda: broker.connection is not None)
            assert broker.connection is not None
            await broker.connection.send(encode(DialLegs(count=2)))
            await broker.connection.send(b"\xc1")
            async with asyncio.timeout(PATIENCE_SECONDS):
                await listener.attached.wait()
    assert listener.messages == [DialLegs(count=2)]
