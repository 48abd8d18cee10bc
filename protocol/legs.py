"""How a leg is asked for: paths, the subprotocol that carries the ticket, the client's handshake, close codes.

A leg is a websocket to `/relay/agent` or `/relay/engineer`. Its ticket travels as an item of Sec-WebSocket-Protocol,
because browsers can set that header and no other, and because URLs end up in logs:

    Sec-WebSocket-Protocol: consentry.leg.v1, ticket.<ticket>

The server selects `consentry.leg.v1`. What follows are the frames of `stream_frames.py`.

    status  before the upgrade                         code  at the end of a leg
    401     the ticket is not ours, or has expired     1012  the broker restarts: dial again
    403     this engineer's access was revoked         4001  the partner's leg is gone: dial again
    410     the session is not open: it has ended      4002  the session has ended
    429     too many legs wait already: try later      4003  no leg of the agent came in time: dial again
                                                       4004  this engineer's access was revoked
                                                       4005  nothing was heard for too long
                                                       4006  the bytes were not a leg's
"""

import base64
import hashlib

from protocol.errors import PeerError, RefusedError

LEG_SUBPROTOCOL = "consentry.leg.v1"
TICKET_PREFIX = "ticket."
AGENT_LEG_PATH = "/relay/agent"
ENGINEER_LEG_PATH = "/relay/engineer"

CLOSE_RESTART = 1012
CLOSE_PARTNER_GONE = 4001
CLOSE_SESSION_OVER = 4002
CLOSE_NO_AGENT = 4003
CLOSE_REVOKED = 4004
CLOSE_SILENT = 4005
CLOSE_PROTOCOL = 4006

FINAL_STATUSES = frozenset({401, 403, 410})
"""Answers after which dialling again is of no use."""

FINAL_CLOSE_CODES = frozenset({CLOSE_SESSION_OVER, CLOSE_REVOKED})

HANDSHAKE_LIMIT_BYTES = 8 * 1024
"""Largest answer to a handshake that is read."""

_KEY_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3


class LegRefused(RefusedError):
    """The broker answered the handshake with another status than 101."""

    sentence = "The broker did not open a connection to the session (status {status})."

    @property
    def is_final(self) -> bool:
        return self.fields["status"] in FINAL_STATUSES


class LegHandshake:
    """The client's half of the upgrade, without a socket. `key` is 16 random bytes."""

    def __init__(self, host: str, path: str, ticket: str, key: bytes) -> None:
        self._key = base64.b64encode(key)
        self._received = b""
        self.request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {self._key.decode()}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {LEG_SUBPROTOCOL}, {TICKET_PREFIX}{ticket}\r\n\r\n"
        ).encode("ascii")

    def receive_data(self, data: bytes) -> bytes | None:
        """None until the answer is whole, then the bytes behind it. Raises LegRefused or PeerError."""
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            if len(self._received) > HANDSHAKE_LIMIT_BYTES:
                raise PeerError(problem="an endless answer to a handshake")
            return None
        status_line, *lines = head.split(b"\r\n")
        parts = status_line.split(b" ", 2)
        if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit():
            raise PeerError(problem="an answer that is not HTTP")
        if parts[1] != b"101":
            raise LegRefused(status=int(parts[1][:3]))
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        expected = base64.b64encode(hashlib.sha1(self._key + _KEY_SUFFIX, usedforsecurity=False).digest())
        if headers.get(b"sec-websocket-accept") != expected:
            raise PeerError(problem="an answer to another handshake")
        if headers.get(b"sec-websocket-protocol") != LEG_SUBPROTOCOL.encode() or b"sec-websocket-extensions" in headers:
            raise PeerError(problem="a handshake that chose what was not offered")
        return rest


def split_origin(origin: str) -> tuple[str, str, int]:
    """Netloc, host and port of a normal origin (`share_url.normal_origin`); urllib would take 5 ms to load."""
    netloc = origin.removeprefix("https://")
    host, colon, port = netloc.rpartition(":")
    if not colon or port.endswith("]"):  # no port; the colon, if any, is inside an IPv6 address
        host, port = netloc, "443"
    return netloc, host.strip("[]"), int(port)
