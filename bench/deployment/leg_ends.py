"""Both ends of a relayed connection, the same for our relay and for haproxy: blocking TLS sockets, frames made before.

Our relay is dialled by both ends, as engineer and as agent; haproxy is dialled by one and dials the other. What travels
are websocket frames in both cases. No end parses any: it knows how many bytes it waits for.
"""

import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from websockets.speedups import apply_mask

from bench.deployment.haproxy import Haproxy
from bench.deployment.relay_process import RelayProcess
from protocol.legs import AGENT_LEG_PATH, ENGINEER_LEG_PATH, LegHandshake
from protocol.websocket_frames import frame_header

PING_BYTES = 64
READ_BYTES = 256 * 1024


def masked_frame(payload_bytes: int) -> bytes:
    """One websocket frame as a client sends it."""
    mask = os.urandom(4)
    return frame_header(payload_bytes, masked=True) + mask + apply_mask(os.urandom(payload_bytes), mask)


@dataclass(frozen=True)
class Ends:
    """`near` and `far` of one connection. `ping_bytes` is what a ping of 64 bytes payload is when it arrives."""

    near: ssl.SSLSocket
    far: ssl.SSLSocket
    ping_bytes: int

    def close(self) -> None:
        self.near.close()
        self.far.close()


Connect = Callable[[], Ends]


def connect_through_relay(relay: RelayProcess) -> Connect:
    """Each call connects another session's two ends, until there is none left; then it begins anew."""
    waiting: list[bytes] = []

    def connect() -> Ends:
        if not waiting:
            waiting.extend(relay.session_ids)
        session_id = waiting.pop()
        far = _dial_leg(relay, AGENT_LEG_PATH, relay.ticket(session_id, "agent"))
        near = _dial_leg(relay, ENGINEER_LEG_PATH, relay.ticket(session_id, "engineer"))
        return Ends(near, far, len(frame_header(PING_BYTES)) + PING_BYTES)

    return connect


def connect_through_haproxy(proxy: Haproxy, certificate: tuple[Path, Path]) -> Connect:
    listener = socket.create_server(("127.0.0.1", proxy.target_port), backlog=128)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate)

    def connect() -> Ends:
        near = _dial(proxy.port)
        far, _ = listener.accept()
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Ends(near, tls.wrap_socket(far, server_side=True), len(masked_frame(PING_BYTES)))

    return connect


def _dial(port: int) -> ssl.SSLSocket:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname = False  # the peer is a process that we started on this machine
    tls.verify_mode = ssl.CERT_NONE
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return tls.wrap_socket(connection)


def _dial_leg(relay: RelayProcess, path: str, ticket: str) -> ssl.SSLSocket:
    leg = _dial(relay.port)
    handshake = LegHandshake(f"127.0.0.1:{relay.port}", path, ticket, os.urandom(16))
    leg.sendall(handshake.request)
    while handshake.receive_data(leg.recv(READ_BYTES)) is None:
        pass
    return leg


def receive(end: ssl.SSLSocket, size_bytes: int, buffer: bytearray) -> None:
    """Takes that many bytes off, or a little more."""
    while size_bytes > 0:
        count = end.recv_into(buffer)
        if not count:
            raise EOFError("the other end closed")
        size_bytes -= count
