"""A relay leg for threads: what `leg.py` is to an event loop, with a fraction of its start-up time.

On the start-up path of `ssh-proxy`. One thread receives, any thread sends. Python's SSLSocket cannot do that: OpenSSL's
objects are not made for two threads at a time. So TLS runs between two memory buffers under a lock that is only ever
held for encryption and decryption, and the plain socket blocks outside of it. The kernel keeps the time limit: Python's
own costs a `poll` before each call.
"""

import contextlib
import importlib.machinery
import importlib.util
import os
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable

from protocol.details import system_reason
from protocol.errors import PeerError, UnavailableError
from protocol.legs import CLOSE_PROTOCOL, LegHandshake, split_origin
from protocol.websocket_frames import (
    BINARY_FRAME,
    CLOSE_FRAME,
    PING_FRAME,
    PONG_FRAME,
    ApplyMask,
    FrameError,
    FrameReader,
    close_payload,
    frame_header,
)
from tunnel.tls_pipe import RECORD_LIMIT_BYTES, TlsPipe

DIAL_TIMEOUT_SECONDS = 15.0
SILENCE_SECONDS = 50.0
"""The other end says ALIVE every 15 s; a little more than the stream itself allows, so that the stream decides."""

RECEIVE_BYTES = 128 * 1024


class LegLost(Exception):
    """The leg is gone. `code` is the relay's close code, if it said one."""

    def __init__(self, code: int | None = None) -> None:
        super().__init__(code)
        self.code = code


class BrokerOutOfReach(UnavailableError):
    """No connection, no TLS, or no answer in time."""

    sentence = "The broker at {host} cannot be reached ({problem}). Check the connection."


class BlockingLeg:
    """A connected leg. Made by `dial_blocking_leg`."""

    def __init__(self, connection: socket.socket, tls: TlsPipe) -> None:
        self._socket = connection
        self._tls = tls
        self._tls_lock = threading.Lock()
        self._send_lock = threading.Lock()
        self._frames = FrameReader(masked=False, apply_mask=apply_mask)
        self._plain = memoryview(bytearray(RECEIVE_BYTES + RECORD_LIMIT_BYTES))

    def send(self, pieces: list[bytes]) -> None:
        """Sends the pieces as one frame. Blocks. Raises LegLost."""
        self._send_frame(b"".join(pieces))

    def receive(self) -> list[memoryview]:
        """The next payload, as views that are good until the next call. Blocks. Raises LegLost."""
        try:
            pieces = [memoryview(piece) for piece in self._frames.receive_data(self.receive_plain())]
        except FrameError:
            raise LegLost(CLOSE_PROTOCOL) from None
        for frame in self._frames.control_frames:
            if frame[0] == PING_FRAME:
                self._send_frame(frame[2:], PONG_FRAME)
            elif frame[0] == CLOSE_FRAME and not pieces:
                raise LegLost(int.from_bytes(frame[2:4], "big") if len(frame) >= 4 else None)
        self._frames.control_frames.clear()
        return pieces

    def close(self) -> None:
        """Ends the leg, and wakes who receives from it or sends to it. From any thread; twice is harmless."""
        with contextlib.suppress(OSError):  # it may be gone already
            self._socket.shutdown(socket.SHUT_RDWR)

    def say_goodbye(self) -> None:
        """Tells the relay that nothing more will come, after which it closes."""
        self._send_frame(close_payload(1000), CLOSE_FRAME)

    # ── bytes ───────────────────────────────────────────────────────────────────────────────────────────────────

    def send_plain(self, data: bytes) -> None:
        """Encrypts and sends, in the order of the calls."""
        try:
            with self._send_lock:
                with self._tls_lock:
                    encrypted = self._tls.encrypt(data)
                self._socket.sendall(encrypted)
        except OSError:
            self.close()
            raise LegLost from None

    def receive_plain(self) -> memoryview:
        """The next bytes, at least one."""
        while True:
            try:
                encrypted = self._socket.recv(RECEIVE_BYTES)
            except OSError:
                raise LegLost from None
            if not encrypted:
                raise LegLost
            try:
                with self._tls_lock:
                    self._tls.feed(encrypted)
                    length = self._tls.decrypt(self._plain)
            except ssl.SSLError:
                raise LegLost from None
            if length:
                return self._plain[:length]

    def _send_frame(self, payload: bytes, first_byte: int = BINARY_FRAME) -> None:
        mask = os.urandom(4)
        header = frame_header(len(payload), first_byte=first_byte, masked=True)
        self.send_plain(b"".join((header, mask, apply_mask(payload, mask))))


def dial_blocking_leg(origin: str, tls_context: ssl.SSLContext, path: str, ticket: str) -> BlockingLeg:
    """A connected leg. Raises BrokerOutOfReach, or LegRefused and PeerError of the handshake."""
    netloc, host, port = split_origin(origin)
    try:
        connection = socket.create_connection((host, port), DIAL_TIMEOUT_SECONDS)
        try:
            leg = _shake_hands(connection, tls_context, host, LegHandshake(netloc, path, ticket, os.urandom(16)))
            _limit_silence(connection, SILENCE_SECONDS)
        except BaseException:
            connection.close()
            raise
    except OSError as error:
        raise BrokerOutOfReach(host=netloc, problem=system_reason(error)) from None
    except LegLost:
        raise BrokerOutOfReach(host=netloc, problem="it closed the connection") from None
    return leg


def _shake_hands(
    connection: socket.socket, tls_context: ssl.SSLContext, host: str, handshake: LegHandshake
) -> BlockingLeg:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    tls = TlsPipe(tls_context, host)
    while not tls.shake_hands():
        connection.sendall(tls.ciphertext())
        encrypted = connection.recv(RECEIVE_BYTES)
        if not encrypted:
            raise LegLost
        tls.feed(encrypted)
    leg = BlockingLeg(connection, tls)
    leg.send_plain(handshake.request)  # the end of TLS's own handshake goes along
    rest = None
    while rest is None:
        rest = handshake.receive_data(bytes(leg.receive_plain()))
    if rest:
        raise PeerError(problem="bytes right behind the handshake")
    return leg


def _limit_silence(connection: socket.socket, seconds: float) -> None:
    """From now on a call that takes longer fails (socket(7), SO_RCVTIMEO)."""
    timeval = struct.pack("ll", int(seconds), 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeval)
    connection.settimeout(None)


def _load_apply_mask() -> ApplyMask:
    """`websockets.speedups.apply_mask` without the package around it, whose import takes as long as all else here."""
    if "websockets" in sys.modules:
        from websockets.speedups import apply_mask

        return apply_mask
    package = importlib.util.find_spec("websockets")  # finds it without importing it
    places = package.submodule_search_locations if package is not None else None
    found = importlib.machinery.PathFinder.find_spec("websockets.speedups", places)
    if found is None or found.loader is None:
        return _apply_mask_slowly  # an installation without compiled parts
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    compiled: Callable[[bytes | bytearray | memoryview, bytes], bytes] = module.apply_mask
    return compiled


def _apply_mask_slowly(data: bytes | bytearray | memoryview, mask: bytes) -> bytes:
    length = len(data)
    pad = int.from_bytes((mask * (length // 4 + 1))[:length], "little")
    return (int.from_bytes(data, "little") ^ pad).to_bytes(length, "little")


apply_mask = _load_apply_mask()
