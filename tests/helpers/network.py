"""What stands between the people and the broker: a wire that can be cut, and a tap that reads what the broker reads."""

import contextlib
import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeVar

from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

T = TypeVar("T")


class Wire:
    """Forwards TCP connections from `port` to `target_port`. `cut` drops them all and refuses new ones until `mend`.

    With a `certificate` it ends TLS, as a proxy in front of a broker does, and keeps in `streams` everything that
    passed, one pair of byte strings for each connection: to the broker, and from it.
    """

    def __init__(self, port: int, target_port: int, *, certificate: tuple[Path, Path] | None = None) -> None:
        self._target = ("127.0.0.1", target_port)
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*certificate)
        self._is_cut = False
        self._bytes_to_cut: int | None = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.streams: list[tuple[bytearray, bytearray]] = []
        self._listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            broken = list(self._open)
        for end in broken:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut_after(self, byte_count: int) -> None:
        """Cuts in the middle of whatever goes on then: when so many more bytes have come, in either direction."""
        with self._lock:
            self._bytes_to_cut = byte_count

    @property
    def is_cut(self) -> bool:
        return self._is_cut

    def _count(self, byte_count: int) -> None:
        with self._lock:
            if self._bytes_to_cut is None:
                return
            self._bytes_to_cut -= byte_count
            is_due = self._bytes_to_cut <= 0
            if is_due:
                self._bytes_to_cut = None
        if is_due:
            self.cut()

    def snap(self, choose: Callable[[int], int]) -> None:
        """Breaks one connection: of so many, the one that `choose` names by its place."""
        with self._lock:
            ends = sorted(self._open, key=socket.socket.fileno)
        if ends:
            with contextlib.suppress(OSError):
                ends[choose(len(ends))].shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._is_cut = False

    def close(self) -> None:
        self.cut()
        # Who waits in `accept` keeps the port open; the next who comes to it must not meet us there.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                caller.close()
            else:
                threading.Thread(target=self._carry, args=(caller,), daemon=True).start()

    def _carry(self, caller: socket.socket) -> None:
        kept = (bytearray(), bytearray())
        with contextlib.suppress(OSError, ssl.SSLError), contextlib.ExitStack() as stack:
            near = stack.enter_context(self._tls.wrap_socket(caller, server_side=True) if self._tls else caller)
            far = stack.enter_context(socket.create_connection(self._target))
            with self._lock:
                if self._is_cut:  # since it was accepted
                    return
                self._open |= {near, far}
                self.streams.append(kept)
            try:
                self._pump(near, far, kept)
            finally:
                with self._lock:
                    self._open -= {near, far}

    def _pump(self, near: socket.socket, far: socket.socket, kept: tuple[bytearray, bytearray]) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(near, selectors.EVENT_READ, (far, kept[0]))
            selector.register(far, selectors.EVENT_READ, (near, kept[1]))
            while True:
                for key, _ in selector.select():
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    target, tape = key.data
                    data = source.recv(65536)
                    # TLS may hold decrypted bytes that no select can see.
                    while isinstance(source, ssl.SSLSocket) and source.pending():
                        data += source.recv(65536)
                    if not data:
                        return
                    self._count(len(data))
                    if self._tls:
                        tape += data
                    target.sendall(data)


def payload_of(stream: bytes) -> bytes:
    """One direction of a connection as its reader understands it: HTTP head, then all websocket payload, unmasked."""
    head, separator, rest = bytes(stream).partition(b"\r\n\r\n")
    if b"websocket" not in head.lower():
        return bytes(stream)
    reader = StreamReader()
    reader.feed_data(rest)
    reader.feed_eof()
    payload = bytearray(head + separator)
    masked = head.startswith(b"GET")
    while not _at_end(reader):
        parsing = Frame.parse(reader.read_exact, mask=masked)
        frame = _finish(parsing)
        if frame is None:
            break
        if frame.opcode in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
            payload += frame.data
    return bytes(payload)


def _at_end(reader: StreamReader) -> bool:
    return _finish(reader.at_eof()) is True


def _finish(parsing: Generator[None, None, T]) -> T | None:
    try:
        next(parsing)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    except EOFError:
        return None
    return None
