"""The agent's control connection to the broker: opened once, attached again after every cut."""

import asyncio
from collections import deque
from typing import Protocol, TypeVar

import structlog
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from agent_client.host import unix_ms
from protocol.errors import ConsentryError, PeerError, RefusedError, UnavailableError
from protocol.messages.agent import (
    AgentToBroker,
    AttachSession,
    BrokerToAgent,
    OpenSession,
    SessionAttached,
    SessionOpened,
)
from protocol.messages.fields import Language
from protocol.messages.wire import CONTROL_FRAME_LIMIT_BYTES, HELLO_TIMEOUT_SECONDS, MessageDecoder, Refused, encode
from protocol.profile import Profile
from tunnel.backoff import Backoff
from tunnel.control import ConversationRefused, connect_websocket
from tunnel.patience import Patience

log = structlog.get_logger(__name__)

R = TypeVar("R", SessionOpened, SessionAttached)

PATH = "/v1/agent"

OUTBOX_LIMIT_MESSAGES = 256
"""Messages that wait for a connection. Far more than one session says in a resume window."""


FINAL_REFUSALS = frozenset({"session-unknown", "session-token-wrong", "session-over"})
"""Refusals of an attachment that no second try will change. Every other one is tried again while the window lasts."""


class LinkListener(Protocol):
    """What the session wants to hear of the link. Called on the event loop; returns at once."""

    def broker_says(self, message: BrokerToAgent) -> None: ...

    def link_attached(self, *, clock_offset_ms: int) -> None: ...

    def link_waiting(self, *, since_ms: int) -> None: ...


class BrokerLink:
    """One session's control connection. `run` keeps it, `send` never blocks and survives a cut."""

    def __init__(self, profile: Profile, *, agent_key: bytes, language: Language) -> None:
        self._profile = profile
        self._agent_key = agent_key
        self._language: Language = language
        self._decoder: MessageDecoder[BrokerToAgent] = MessageDecoder(
            BrokerToAgent, limit_bytes=CONTROL_FRAME_LIMIT_BYTES
        )
        self._outbox: deque[AgentToBroker] = deque(maxlen=OUTBOX_LIMIT_MESSAGES)
        self._outbox_filled = asyncio.Event()
        self._outbox_empty = asyncio.Event()
        self._outbox_empty.set()
        self._websocket: ClientConnection | None = None
        self._patience = Patience(Backoff())
        self._session_id = b""
        self._session_token = b""
        self.leg_ticket = ""
        self.clock_offset_ms = 0

    async def open(self) -> SessionOpened:
        """Open a new session. Raises UnavailableError, RefusedError or PeerError."""
        hello = OpenSession(version=1, agent_key=self._agent_key, language=self._language, sent_at_ms=unix_ms())
        reply = await self._connect(hello, SessionOpened)
        self._session_id, self._session_token = reply.session_id, reply.session_token
        self._adopt(reply)
        return reply

    async def run(self, listener: LinkListener) -> None:
        """Deliver messages for as long as it takes. Raises RefusedError when the broker knows the session no more."""
        while True:
            if self._websocket is not None:
                await self._converse(self._websocket, listener)
                self._websocket = None
                listener.link_waiting(since_ms=unix_ms())
            await self._patience.wait()
            try:
                await self._attach()
            except (UnavailableError, PeerError, ConversationRefused) as error:
                # Even a refused handshake may pass: a proxy in front of a broker that restarts answers with a status.
                log.info("broker_link_unreachable", problem=str(error))
                continue
            self._patience.reset()
            listener.link_attached(clock_offset_ms=self.clock_offset_ms)

    def hurry(self) -> None:
        """The broker was reached on another way: if the link is waiting for its next try, that is now."""
        self._patience.hurry()

    def send(self, message: AgentToBroker) -> None:
        """Hand a message over; it goes out now or after the next attachment."""
        self._outbox.append(message)
        self._outbox_filled.set()
        self._outbox_empty.clear()

    async def flush(self) -> None:
        """Return when everything was handed to the connection."""
        await self._outbox_empty.wait()

    async def close(self) -> None:
        if self._websocket is not None:
            await self._websocket.close()
            self._websocket = None

    async def _attach(self) -> None:
        hello = AttachSession(version=1, session_id=self._session_id, session_token=self._session_token)
        self._adopt(await self._connect(hello, SessionAttached))

    async def _connect(self, hello: OpenSession | AttachSession, expected: type[R]) -> R:
        """A new connection, once the broker has taken up the session on it. Raises like `open`."""
        websocket = await connect_websocket(self._profile, PATH)
        try:
            async with asyncio.timeout(HELLO_TIMEOUT_SECONDS):
                await websocket.send(encode(hello))
                reply = self._decoder.decode(_binary(await websocket.recv()))
            if isinstance(reply, Refused):
                raise _refusal(reply, hello)
            if not isinstance(reply, expected):
                raise PeerError(problem="an answer that does not take up the session")
        except (ConnectionClosed, TimeoutError):
            await websocket.close()
            raise UnavailableError(what="The broker") from None
        except ConsentryError:
            await websocket.close()
            raise
        self._websocket = websocket
        return reply

    def _adopt(self, reply: SessionOpened | SessionAttached) -> None:
        self.leg_ticket = reply.leg_ticket
        self.clock_offset_ms = unix_ms() - reply.broker_time_ms

    async def _converse(self, websocket: ClientConnection, listener: LinkListener) -> None:
        """Both directions, until the connection is gone."""
        sender = asyncio.create_task(self._send_outbox(websocket), name="broker-link-sender")
        try:
            async for data in websocket:
                listener.broker_says(self._decoder.decode(_binary(data)))
        except (ConnectionClosed, PeerError) as error:
            log.info("broker_link_lost", problem=type(error).__name__)
        finally:
            self._patience.lost()
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
            await websocket.close()

    async def _send_outbox(self, websocket: ClientConnection) -> None:
        while True:
            while self._outbox:
                # Taken off only when it is out: after a cut the next connection sends it.
                try:
                    await websocket.send(encode(self._outbox[0]))
                except ConnectionClosed:
                    return
                self._outbox.popleft()
            self._outbox_empty.set()
            self._outbox_filled.clear()
            await self._outbox_filled.wait()


def _refusal(reply: Refused, hello: OpenSession | AttachSession) -> ConsentryError:
    if isinstance(hello, OpenSession) or reply.code in FINAL_REFUSALS:
        return RefusedError(reason=reply.sentence)
    return UnavailableError(what="The broker")


def _binary(data: str | bytes) -> bytes:
    if isinstance(data, str):
        raise PeerError(problem="text where bytes belong")
    return data
