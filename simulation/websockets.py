"""The broker's conversations, message by message: the client's end as `websockets` shows it, the broker's as ASGI.

The broker's own handlers run on a real Starlette `WebSocket`; only what carries the messages is simulated.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Self

from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.frames import Close

from protocol.messages.wire import SUBPROTOCOL
from simulation.network import Connection, Network, is_end
from simulation.nodes import Incarnation, current_incarnation
from tunnel.control import CONNECT_TIMEOUT_SECONDS, BrokerUnavailable, ConversationRefused

UNREAD_LIMIT_BYTES = 1024 * 1024
"""On the way or unread: then a sender waits, as TCP makes it."""

Message = MutableMapping[str, Any]
Watch = Callable[[Connection, str, str, bytes], None]
"""Called with the connection, its path, who speaks ("client" or "broker") and what they say, when they say it."""


class _End:
    """What both ends have in common: items that came, and whether the connection is gone."""

    def __init__(self, connection: Connection, index: int) -> None:
        self.connection = connection
        self.lost = False
        self.ended = False
        self._index = index
        self._items: deque[Any] = deque()
        self._changed = asyncio.Event()
        self._unread_bytes = 0
        directions = (connection.up, connection.down)
        self._out, incoming = directions[index], directions[1 - index]
        incoming.deliver = self._arrived
        connection.when_lost[index] = self._lose
        self.other: _End | None = None

    def _arrived(self, item: Any) -> None:
        if is_end(item):
            self.ended = True
        elif not self.lost:
            self._items.append(item)
        self._changed.set()

    def _lose(self) -> None:
        self.lost = True
        self._changed.set()

    def send_now(self, item: Any, size_bytes: int) -> None:
        if self.other is not None:
            self.other._unread_bytes += size_bytes
        self._out.send(item, size_bytes)

    async def wait_until_taken(self) -> None:
        while self.other is not None and self.other._unread_bytes > UNREAD_LIMIT_BYTES and not self.gone:
            await asyncio.sleep(0.005)

    async def next_item(self) -> Any:
        """None when there will be no more."""
        while not self._items:
            if self.gone:
                return None
            self._changed.clear()
            await self._changed.wait()
        item = self._items.popleft()
        if isinstance(item, bytes):
            self._unread_bytes -= len(item)
        return item

    @property
    def gone(self) -> bool:
        return self.lost or self.ended

    def let_go(self) -> None:
        if not self.gone:
            self.connection.closed_by(self._index)
        self.lost = True
        self._changed.set()


class ClientSocket:
    """The client's end, as far as the product uses one of `websockets`."""

    subprotocol = SUBPROTOCOL

    def __init__(self, end: _End, path: str, watch: Watch) -> None:
        self._end = end
        self._path = path
        self._watch = watch

    async def send(self, message: bytes) -> None:
        if self._end.gone:
            raise ConnectionClosedError(None, None)
        self._watch(self._end.connection, self._path, "client", message)
        self._end.send_now(message, len(message))
        await self._end.wait_until_taken()

    async def recv(self) -> bytes:
        item = await self._end.next_item()
        if isinstance(item, bytes):
            return item
        if isinstance(item, dict) or self._end.ended:
            close = Close(1000, "")
            raise ConnectionClosedOK(close, close, rcvd_then_sent=True)
        raise ConnectionClosedError(None, None)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while True:
                yield await self.recv()
        except ConnectionClosedOK:
            return

    async def close(self) -> None:
        self._end.let_go()
        await asyncio.sleep(0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class ServerSocket:
    """The broker's end: `receive` and `send` of an ASGI websocket."""

    def __init__(self, end: _End, path: str, watch: Watch) -> None:
        self._end = end
        self._path = path
        self._watch = watch
        self._greeted = False
        self._refused = 0
        self._closed = False

    async def receive(self) -> Message:
        if not self._greeted:
            self._greeted = True
            return {"type": "websocket.connect"}
        item = await self._end.next_item()
        if isinstance(item, bytes):
            return {"type": "websocket.receive", "bytes": item}
        return {"type": "websocket.disconnect", "code": 1006}

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if self._closed or (self._end.gone and kind == "websocket.send"):
            raise OSError("the client has gone")  # as uvicorn does; before the handshake is over it says nothing
        match kind:
            case "websocket.accept":
                self._end.send_now(101, 0)
            case "websocket.send":
                self._watch(self._end.connection, self._path, "broker", message["bytes"])
                self._end.send_now(message["bytes"], len(message["bytes"]))
                await self._end.wait_until_taken()
            case "websocket.close":
                self._end.send_now({"close": message.get("code", 1000)}, 0)
                self._closed = True
            case "websocket.http.response.start":
                self._refused = message["status"]
            case "websocket.http.response.body":
                self._end.send_now(self._refused, 0)

    def handler_ended(self) -> None:
        self._end.let_go()


class WebsocketNetwork:
    """`connect` stands in the place of `tunnel.control.connect_websocket`."""

    def __init__(self, network: Network, watch: Watch) -> None:
        self._network = network
        self._watch = watch

    def serve(
        self, incarnation: Incarnation, path: str, app: Any, handler: Callable[[WebSocket], Awaitable[None]]
    ) -> None:
        """The broker answers `path` with one of its own handlers."""

        def accept(client_end: _End, server_end: _End, headers: Mapping[str, str]) -> None:
            socket = ServerSocket(server_end, path, self._watch)
            scope = {
                "type": "websocket",
                "path": path,
                "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
                "query_string": b"",
                "server": ("broker", 443),
                "client": (client_end.connection.ends[0].node.name, 1),
                "subprotocols": [SUBPROTOCOL],
                "scheme": "wss",
                "app": app,
                "extensions": {"websocket.http.response": {}},
            }

            async def talk() -> None:
                try:
                    await handler(WebSocket(scope, socket.receive, socket.send))
                finally:
                    socket.handler_ended()

            incarnation.start_task(talk(), name=f"{path} of {client_end.connection.ends[0]}")

        self._network.listen(path, incarnation, accept)

    async def connect(
        self, profile: Any, path: str, *, headers: Mapping[str, str] | None = None, max_size: int = 0
    ) -> ClientSocket:
        """Raises BrokerUnavailable or ConversationRefused."""
        del profile, max_size
        network, dice = self._network, self._network.loop.dice
        me = current_incarnation()
        waited = 0.0
        while True:
            delay = dice.uniform(0.001, 0.1)
            await asyncio.sleep(delay)
            waited += delay
            door = network.door("broker", path)
            if door is not None and not network.is_parted(me.node.name, "broker"):
                break
            if door is None and not network.is_parted(me.node.name, "broker"):
                raise BrokerUnavailable(host="broker", problem="connection refused")
            await asyncio.sleep(1.0)
            waited += 1.0
            if waited > CONNECT_TIMEOUT_SECONDS:
                raise BrokerUnavailable(host="broker", problem="no answer in time")
        server, accept = door
        connection = Connection(network, me, server, f"{path} of {me}")
        ours, theirs = _End(connection, 0), _End(connection, 1)
        ours.other, theirs.other = theirs, ours
        network.loop.call_soon(accept, ours, theirs, headers or {}, context=server.context)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                status = await ours.next_item()
        except TimeoutError:
            ours.let_go()
            raise BrokerUnavailable(host="broker", problem="no answer in time") from None
        if status == 101:
            return ClientSocket(ours, path, self._watch)
        ours.let_go()
        if isinstance(status, int):
            raise ConversationRefused(status=status)
        raise BrokerUnavailable(host="broker", problem="the connection broke")
