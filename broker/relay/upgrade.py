"""The relay's door: websocket upgrades to /relay/* are ours, every other one is uvicorn's.

uvicorn hands a websocket upgrade to the class in `Config(ws=…)`: it calls `ws(config=, server_state=, app_state=)`,
then `connection_made`, then `data_received` with the request's head, and only then `transport.set_protocol`. The path
is thus known after the object, so one object has to be both: it reads the path, becomes a relay leg or keeps uvicorn's
own protocol behind it, and forwards every callback. This is not documented API: uvicorn is pinned, and a test fails
when the hook changes. Past the application means no middleware: admission, limits and figures are the relay's own.
"""

import asyncio
from typing import Any, cast

import structlog
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from broker.relay.pump import READ_BUFFER_BYTES, WRITE_HIGH_BYTES, WRITE_LOW_BYTES, LegPump, Payload, one_frame
from broker.relay.relay import Leg, LegNotAdmitted, Relay
from broker.relay.tickets import LegRole, LegTicket
from protocol.legs import (
    AGENT_LEG_PATH,
    CLOSE_PROTOCOL,
    CLOSE_RESTART,
    ENGINEER_LEG_PATH,
    LEG_SUBPROTOCOL,
    TICKET_PREFIX,
)

log = structlog.get_logger(__name__)

_ROLES: dict[bytes, LegRole] = {AGENT_LEG_PATH.encode(): "agent", ENGINEER_LEG_PATH.encode(): "engineer"}

CLOSE_SECONDS = 10.0
"""A leg that was told CLOSE and keeps its connection open for longer is cut."""

_read_buffer = memoryview(bytearray(READ_BUFFER_BYTES))
"""Shared by all connections of the process: asyncio and uvloop fill it and hand it over in one breath."""


class RelayLeg:
    """One connected leg, as the relay sees it: a transport, a pump, and the leg it is piped to.

    A relay is mostly legs that wait: slots, and nothing that outlives its use, are a quarter of what each one costs.
    """

    __slots__ = (
        "_cut",
        "_ended",
        "_full_since_seconds",
        "_heard_at_seconds",
        "_partner",
        "_pump",
        "_reading",
        "_relay",
        "ticket",
        "transport",
    )

    def __init__(self, relay: Relay, ticket: LegTicket, transport: asyncio.Transport) -> None:
        self.ticket = ticket
        self.transport = transport
        self._relay = relay
        self._pump = LegPump(transport)
        self._partner: Leg | None = None
        self._ended = False
        self._reading = True
        self._heard_at_seconds = asyncio.get_running_loop().time()
        self._full_since_seconds: float | None = None
        self._cut: asyncio.TimerHandle | None = None
        transport.set_write_buffer_limits(high=WRITE_HIGH_BYTES, low=WRITE_LOW_BYTES)
        if ticket.role == "engineer":
            self.partner_full()  # what it says waits in the kernel until there is somebody to hear it

    def data_received(self, data: memoryview) -> None:
        self._heard_at_seconds = asyncio.get_running_loop().time()
        if not self._ended and not self._pump.leg_data_received(data, self._partner):
            self.close(CLOSE_PROTOCOL)

    def connection_lost(self) -> None:
        self._end()
        if self._cut is not None:
            self._cut.cancel()  # it would keep the connection's TLS until then

    def pause_writing(self) -> None:
        self._full_since_seconds = asyncio.get_running_loop().time()
        if self._partner is not None:
            self._partner.partner_full()

    def resume_writing(self) -> None:
        self._full_since_seconds = None
        if self._partner is not None:
            self._partner.partner_drained()

    # ── for the relay ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def forwarded_bytes(self) -> int:
        return self._pump.forwarded_bytes

    def forward(self, payload: Payload) -> int:
        frame, length = one_frame(payload)
        self.transport.write(frame)
        return length

    def pipe_to(self, partner: Leg) -> None:
        self._partner = partner
        self.partner_drained()

    def partner_full(self) -> None:
        if self._reading and not self.transport.is_closing():
            self._reading = False
            self.transport.pause_reading()

    def partner_drained(self) -> None:
        if not self._reading and not self.transport.is_closing():
            self._reading = True
            self._heard_at_seconds = asyncio.get_running_loop().time()
            self.transport.resume_reading()

    def close(self, code: int) -> None:
        if self._ended:
            return
        self._pump.close(code)
        self._end()
        self.transport.close()
        # A peer that reads nothing would keep what it has not read in our memory for ever.
        self._cut = asyncio.get_running_loop().call_later(CLOSE_SECONDS, self.transport.abort)

    def is_silent(self, now_seconds: float, limit_seconds: float) -> bool:
        return self._reading and now_seconds - self._heard_at_seconds > limit_seconds

    def stalled_seconds(self, now_seconds: float) -> float:
        return 0.0 if self._full_since_seconds is None else now_seconds - self._full_since_seconds

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._relay.leg_ended(self)
            self._partner = None


class RelayDoor(asyncio.BufferedProtocol):
    """What uvicorn makes for each upgrade. `relay` and `fallback` are set by `relay_websocket_protocol`."""

    relay: Relay
    fallback: type[WebSocketsSansIOProtocol]

    __slots__ = ("_app_state", "_config", "_inner", "_server_state", "_transport")

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        self._config = config
        self._app_state = app_state
        self._server_state = server_state
        self._inner: RelayLeg | WebSocketsSansIOProtocol | None = None
        self._transport: asyncio.Transport

    # ── uvicorn ─────────────────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def data_received(self, head: bytes) -> None:
        """Once, from uvicorn, with the request. Later bytes come through the buffer below."""
        if self._inner is not None:
            self._feed(memoryview(head))
            return
        target = head.split(b" ", 2)[1]
        role = _ROLES.get(target)
        if role is not None:
            self._server_state.connections.add(self)  # type: ignore[arg-type]  # uvicorn asks for shutdown(), no more
            self._open_leg(role, head)
        else:
            self._inner = self.fallback(self._config, self._server_state, self._app_state)
            self._inner.connection_made(self._transport)
            self._inner.data_received(head)

    def shutdown(self) -> None:
        """uvicorn stops."""
        if isinstance(self._inner, RelayLeg):
            self._inner.close(CLOSE_RESTART)
        elif self._inner is not None:
            self._inner.shutdown()

    # ── the event loop ──────────────────────────────────────────────────────────────────────────────────────────

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 (the size is ours to choose)
        return _read_buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._feed(_read_buffer[:nbytes])

    def eof_received(self) -> None:
        if isinstance(self._inner, WebSocketsSansIOProtocol):
            self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(self._inner, WebSocketsSansIOProtocol):
            self._inner.connection_lost(exc)
        else:
            self._server_state.connections.discard(self)
            if self._inner is not None:
                self._inner.connection_lost()

    def pause_writing(self) -> None:
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._inner is not None:
            self._inner.resume_writing()

    def _feed(self, data: memoryview) -> None:
        if isinstance(self._inner, RelayLeg):
            self._inner.data_received(data)
        elif self._inner is not None:
            self._inner.data_received(bytes(data))

    # ── the handshake ───────────────────────────────────────────────────────────────────────────────────────────

    def _open_leg(self, role: LegRole, head: bytes) -> None:
        websocket = ServerProtocol(subprotocols=[Subprotocol(LEG_SUBPROTOCOL)])
        websocket.receive_data(head)
        request = next((event for event in websocket.events_received() if isinstance(event, Request)), None)
        if request is None:
            self._transport.close()
            return
        try:
            ticket = self.relay.admit(_ticket_of(request), role)
            response = websocket.accept(request)
        except LegNotAdmitted as refusal:
            ticket = None
            response = websocket.reject(refusal.status, refusal.reason + "\n")
        websocket.send_response(response)
        for data in websocket.data_to_send():
            if data:
                self._transport.write(data)
        websocket.parser.close()  # the two hold each other, and the handshake
        if ticket is None or response.status_code != 101:
            self._transport.close()
            return
        leg = RelayLeg(self.relay, ticket, self._transport)
        self._inner = leg
        self.relay.leg_connected(leg)


def relay_websocket_protocol(
    relay: Relay, fallback: type[WebSocketsSansIOProtocol] = WebSocketsSansIOProtocol
) -> type[RelayDoor]:
    """The class for `uvicorn.Config(ws=…)`."""

    class Door(RelayDoor):
        __slots__ = ()

    Door.relay = relay
    Door.fallback = fallback
    return Door


def _ticket_of(request: Request) -> str:
    items = [item.strip() for value in request.headers.get_all("Sec-WebSocket-Protocol") for item in value.split(",")]
    tickets = [item.removeprefix(TICKET_PREFIX) for item in items if item.startswith(TICKET_PREFIX)]
    return tickets[0] if len(tickets) == 1 else ""
