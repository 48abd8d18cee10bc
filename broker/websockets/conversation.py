"""What the conversations share: admission, one reader, one writer, refusals, patience.

    messages out --send()--> queue --writer task--> websocket
    websocket --receive()--> one message at a time, in the handler's own time

The handler reads; whoever else has something to say calls `send`, which never waits. A peer that does not read fills
the queue and is hung up on. Only a handler that waits in `receive` is ever interrupted, so that nothing is left
half-written.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Generic, TypeVar

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from broker.http_api.origins import OriginForeign, check_origin
from broker.http_api.problems import PROBLEMS
from broker.observability.alerts import AlertKind
from broker.services import services_of
from protocol.errors import ConsentryError, PeerError
from protocol.messages.agent import BrokerToAgent
from protocol.messages.pairing import BrokerToEngineer
from protocol.messages.recorder import BrokerToRecorder
from protocol.messages.wire import HELLO_TIMEOUT_SECONDS, SUBPROTOCOL, MessageDecoder, Refused, encode
from serving.http.problems import problem
from serving.identity_api.devices import address_of

log = structlog.get_logger(__name__)

QUEUE_LIMIT_MESSAGES = 256
"""Far more than an honest peer ever lets wait."""

FLUSH_SECONDS = 5.0
"""How long the last messages of a connection may take to leave."""

NORMAL_CLOSURE = 1000
POLICY_VIOLATION = 1008
MESSAGE_TOO_BIG = 1009
TRY_AGAIN_LATER = 1013
PEER_DOES_NOT_READ = 999
"""Never on the wire, so that no peer can claim it (RFC 6455, section 7.4.2): our own server's word for its end."""

_ALERTS_AT_END: dict[int, AlertKind] = {MESSAGE_TOO_BIG: "frame_too_large", PEER_DOES_NOT_READ: "peer_too_slow"}
"""By the code with which our own server ended it: it did not take a message in, or its pings were not read."""

I = TypeVar("I")  # noqa: E741 - incoming
Outgoing = BrokerToAgent | BrokerToEngineer | BrokerToRecorder


class HelloMissing(PeerError):
    sentence = "No first message came within {seconds} seconds. The connection was closed; try again."


class PeerLeft(Exception):
    """The other end has gone, or we hung up: the handler ends quietly."""


class Conversation(Generic[I]):
    """One accepted websocket. Made and run by `converse`."""

    def __init__(self, websocket: WebSocket, decoder: MessageDecoder[I]) -> None:
        self.decoder = decoder
        self.patience_seconds: float | None = HELLO_TIMEOUT_SECONDS
        """How long `receive` waits; None for as long as the connection lives (pings look after that)."""
        self._websocket = websocket
        self._alerts = services_of(websocket).alerts
        # A list and a future, of which a quiet conversation has next to nothing: a deque and an event are 1.5 KiB.
        self._outgoing: list[Outgoing] = []
        self._stirred: asyncio.Future[None] | None = None
        self._closing: tuple[int, str] | None = None
        self._failure: ConsentryError | None = None
        self._waiting: asyncio.Timeout | None = None

    @property
    def address(self) -> str:
        return address_of(self._websocket)

    def send(self, message: Outgoing) -> None:
        """Never waits. After the end has begun, messages are dropped."""
        if self._closing is not None:
            return
        if len(self._outgoing) >= QUEUE_LIMIT_MESSAGES:
            self._outgoing.clear()
            self._alerts.raised("peer_too_slow")
            self._close(TRY_AGAIN_LATER, "slow")
            return
        self._outgoing.append(message)
        self._stir()

    def hang_up(self, reason: str) -> None:
        """Ends the conversation from our side, after what was sent before."""
        self._close(NORMAL_CLOSURE, reason)

    def fail(self, error: ConsentryError) -> None:
        """Makes the handler's next `receive` raise this error."""
        self._failure = self._failure or error
        self._interrupt()

    async def receive_bytes(self) -> bytes:
        """The next message, raw. Raises PeerLeft, PeerError, HelloMissing, or what `fail` was given."""
        if self._failure is not None:
            raise self._failure
        if self._closing is not None:
            raise PeerLeft
        try:
            async with asyncio.timeout(self.patience_seconds) as self._waiting:
                message = await self._websocket.receive()
        except TimeoutError:
            if self._failure is not None:
                raise self._failure from None
            if self._closing is not None:
                raise PeerLeft from None
            raise HelloMissing(seconds=int(self.patience_seconds or 0)) from None
        finally:
            self._waiting = None
        if message["type"] == "websocket.disconnect":
            alert = _ALERTS_AT_END.get(message["code"])
            if alert is not None:
                self._alerts.raised(alert)
            raise PeerLeft
        data = message.get("bytes")
        if not isinstance(data, bytes):
            raise PeerError(problem="a text message, only binary ones are allowed")
        return data

    async def receive(self) -> I:
        """The next message. Raises as `receive_bytes` does."""
        return self.decoder.decode(await self.receive_bytes())

    async def run(self, talk: Callable[[], Awaitable[None]]) -> None:
        """Talks until one side ends it; what goes wrong on purpose is said to the peer as `Refused`."""
        writer = asyncio.create_task(self._write(), name="conversation-writer")
        try:
            await talk()
        except PeerLeft:
            pass
        except ConsentryError as error:
            log.info("conversation_refused", path=self._websocket.url.path, code=PROBLEMS.code(error))
            self._alerts.refused(error)
            self.send(refusal(error))
            self._close(POLICY_VIOLATION, PROBLEMS.code(error))
        finally:
            self._close(NORMAL_CLOSURE, "")
            with suppress(TimeoutError):
                await asyncio.wait_for(writer, FLUSH_SECONDS)

    def _close(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._stir()
            self._interrupt()

    def _stir(self) -> None:
        """The writer has something to do."""
        if self._stirred is not None and not self._stirred.done():
            self._stirred.set_result(None)

    def _interrupt(self) -> None:
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    async def _write(self) -> None:
        # A peer that is gone is the reader's to notice; here there is only nothing left to write.
        with suppress(WebSocketDisconnect):
            while True:
                while self._outgoing:
                    await self._websocket.send_bytes(encode(self._outgoing.pop(0)))
                if self._closing is not None:
                    break
                self._stirred = asyncio.get_running_loop().create_future()
                await self._stirred
                self._stirred = None
            if self._websocket.client_state is not WebSocketState.DISCONNECTED:
                await self._websocket.close(*self._closing)


async def converse(
    websocket: WebSocket, decoder: MessageDecoder[I], talk: Callable[[Conversation[I]], Awaitable[None]]
) -> None:
    """Admits a websocket, or answers why not over HTTP; then talks."""
    if SUBPROTOCOL not in websocket.scope["subprotocols"]:
        detail = f"This address speaks the websocket subprotocol {SUBPROTOCOL}. Use a Consentry client of this version."
        await websocket.send_denial_response(problem(HTTPStatus.BAD_REQUEST, "subprotocol-unknown", detail))
        return
    try:
        check_origin(websocket)
    except OriginForeign as error:
        await deny(websocket, error)
        return
    await websocket.accept(subprotocol=SUBPROTOCOL)
    conversation = Conversation(websocket, decoder)
    await conversation.run(lambda: talk(conversation))


async def deny(websocket: WebSocket, error: ConsentryError) -> None:
    """Answers the upgrade with a problem document instead of a websocket."""
    await websocket.send_denial_response(PROBLEMS.of(error))


def refusal(error: ConsentryError) -> Refused:
    return Refused(code=PROBLEMS.code(error), sentence=str(error)[:2000])
