"""Tickets for relay legs: the relay issues them itself and checks them without asking anybody.

    base64url( version u8 | role u8 | session_id 16 | expires u64 ms | length u8 | participant | HMAC-SHA256 32 )

A ticket admits legs of one role to one session until it expires. It opens nothing else: the two ends of a stream
authenticate each other inside, so that a stolen ticket lets its thief waste a leg and no more.
"""

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from typing import Literal

from protocol.errors import RefusedError

LegRole = Literal["agent", "engineer"]

KEY_BYTES = 32
PARTICIPANT_LIMIT_BYTES = 32

_VERSION = 1
_ROLES: tuple[LegRole, ...] = ("agent", "engineer")
_FIELDS = struct.Struct(">BB16sQB")
_MAC_BYTES = 32
_LABEL = b"consentry/leg-ticket/v1\0"
_LONGEST = 200


class TicketRefused(RefusedError):
    """Not one of our tickets, or too late."""

    sentence = "The ticket for this connection is not valid: {reason}. Connect again to get a new one."


@dataclass(frozen=True, slots=True)
class LegTicket:
    """What a valid ticket says. `participant` names the engineer for `Relay.revoke`; empty for an agent."""

    session_id: bytes
    role: LegRole
    participant: bytes
    expires_at_ms: int


class LegTickets:
    """Issues and checks tickets under one key. Everybody who holds the key can admit legs: keep it in the broker."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a ticket key has {KEY_BYTES} bytes")
        self._key = key

    def issue(self, session_id: bytes, role: LegRole, participant: bytes, expires_at_ms: int) -> str:
        """At most 122 characters, all of them fit for an HTTP header token."""
        if len(participant) > PARTICIPANT_LIMIT_BYTES:
            raise ValueError(f"a participant's name has at most {PARTICIPANT_LIMIT_BYTES} bytes")
        fields = _FIELDS.pack(_VERSION, _ROLES.index(role), session_id, expires_at_ms, len(participant))
        body = fields + participant
        return base64.urlsafe_b64encode(body + self._mac(body)).rstrip(b"=").decode("ascii")

    def check(self, ticket: str, now_ms: int) -> LegTicket:
        """What the ticket admits. `now_ms` is Unix time. Raises TicketRefused."""
        raw = _decode(ticket)
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if len(body) < _FIELDS.size or not hmac.compare_digest(self._mac(body), mac):
            raise TicketRefused(reason="it was not issued here")
        version, role, session_id, expires_at_ms, length = _FIELDS.unpack_from(body)
        participant = body[_FIELDS.size :]
        if version != _VERSION or role >= len(_ROLES) or length != len(participant):
            raise TicketRefused(reason="it was not issued here")
        if now_ms >= expires_at_ms:
            raise TicketRefused(reason="it has expired")
        return LegTicket(session_id, _ROLES[role], participant, expires_at_ms)

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, _LABEL + body, "sha256")


def _decode(ticket: str) -> bytes:
    if len(ticket) > _LONGEST:
        raise TicketRefused(reason="it was not issued here")
    try:
        encoded = ticket.encode("ascii")
        raw = base64.b64decode(encoded + b"=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise TicketRefused(reason="it was not issued here") from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=") != encoded:  # bits that no byte needs must be zero (RFC 4648, 3.5)
        raise TicketRefused(reason="it was not issued here")
    return raw
