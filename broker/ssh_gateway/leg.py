"""An engineer's leg that ends in the relay's own process: piped to an agent's leg like any other, without a websocket.

Two sides of one thing, because both say `close` and mean the other: `GatewayLeg` is the stream's, `_RelaySide` the
relay's. Payload goes from the agent's pump to the stream, and from the stream to the agent's leg, as it is.
"""

import asyncio
from typing import Final

from broker.relay.pump import Payload
from broker.relay.relay import Leg, LegNotAdmitted, Relay
from broker.relay.tickets import LegTicket
from protocol.legs import LegRefused
from tunnel.leg import LegListener


class GatewayLeg:
    """Fulfils `tunnel.leg.StreamLeg`. Made by `join_relay`."""

    def __init__(self, relay: Relay, ticket: LegTicket) -> None:
        self.listener: LegListener | None = None
        self.side: Final = _RelaySide(self, relay, ticket)

    @property
    def writable(self) -> bool:
        return self.side.partner is not None and not self.side.is_partner_full

    def send(self, pieces: list[bytes]) -> None:
        self.side.send(pieces)

    def pause_reading(self) -> None:
        self.side.pause_partner()

    def resume_reading(self) -> None:
        self.side.resume_partner()

    def close(self) -> None:
        self.listener = None
        self.side.end()


class _RelaySide:
    """Fulfils `relay.Leg`."""

    def __init__(self, leg: GatewayLeg, relay: Relay, ticket: LegTicket) -> None:
        self.ticket = ticket
        self.partner: Leg | None = None
        self.is_partner_full = False
        self.forwarded_bytes = 0
        self._leg = leg
        self._relay = relay
        self._ended = False
        self._full_since_seconds: float | None = None

    # ── for the relay ───────────────────────────────────────────────────────────────────────────────────────────

    def forward(self, payload: Payload) -> int:
        """What the agent sends. After `pause_partner` there may come one read of it yet."""
        # In one piece: each would become SSH packets of its own, of which the last is not full.
        data = memoryview(payload[0] if len(payload) == 1 else b"".join(payload))
        if self._leg.listener is not None:
            self._leg.listener.leg_bytes_received(self._leg, data)
        return len(data)

    def pipe_to(self, partner: Leg) -> None:
        self.partner = partner
        if self._leg.listener is not None:
            self._leg.listener.leg_writable(self._leg)

    def partner_full(self) -> None:
        self.is_partner_full = True

    def partner_drained(self) -> None:
        self.is_partner_full = False
        if self._leg.listener is not None:
            self._leg.listener.leg_writable(self._leg)

    def close(self, code: int) -> None:
        """The relay is done with this leg."""
        if self._ended:
            return
        self.end()
        listener, self._leg.listener = self._leg.listener, None
        if listener is not None:
            # Later: the relay may be in the middle of something, and the stream dials again at once.
            asyncio.get_running_loop().call_soon(listener.leg_lost, self._leg, code)

    def is_silent(self, now_seconds: float, limit_seconds: float) -> bool:
        """This end is here as long as the process is."""
        del now_seconds, limit_seconds
        return False

    def stalled_seconds(self, now_seconds: float) -> float:
        return 0.0 if self._full_since_seconds is None else now_seconds - self._full_since_seconds

    # ── for the stream ──────────────────────────────────────────────────────────────────────────────────────────

    def send(self, pieces: list[bytes]) -> None:
        if self.partner is not None:
            self.forwarded_bytes += self.partner.forward(pieces)

    def pause_partner(self) -> None:
        self._full_since_seconds = asyncio.get_running_loop().time()
        if self.partner is not None:
            self.partner.partner_full()

    def resume_partner(self) -> None:
        self._full_since_seconds = None
        if self.partner is not None:
            self.partner.partner_drained()

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            self._relay.leg_ended(self)
            self.partner = None


async def join_relay(relay: Relay, leg_ticket: str) -> GatewayLeg:
    """A leg that waits for an agent's, or has one. Set its listener at once. Raises LegRefused."""
    try:
        ticket = relay.admit(leg_ticket, "engineer")
    except LegNotAdmitted as refusal:
        raise LegRefused(status=refusal.status) from None
    leg = GatewayLeg(relay, ticket)
    relay.leg_connected(leg.side)
    return leg
