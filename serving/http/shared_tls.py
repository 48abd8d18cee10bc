"""TLS whose buffers belong to the listener, not to each connection.

The event loops keep some 250 KiB of buffers for every TLS connection that was ever used, for as long as it lives: a
relay is mostly connections that were used and wait. OpenSSL itself needs next to nothing for one that is quiet. So all
connections of a listener go through one pair of memory BIOs and two read buffers, which work because none of them ever
holds anything when control leaves this module:

    TCP ──► ciphertext ──► incoming ──OpenSSL──► plaintext ──► the inner protocol, once for each read
    TCP ◄──────────────── outgoing ◄──OpenSSL───────────────── its transport's `write`

    - what a read brought is decrypted to its end before anybody else is called; of a record that is not whole yet
      OpenSSL keeps the first part in the connection's own memory
    - what OpenSSL wants to say goes to the TCP transport before the call returns
    - an error empties both BIOs, and ends its connection

If one of these did not hold, bytes of one connection would be decrypted with another's keys: GCM refuses that, so a
mistake here costs connections, never secrets.

Buffering, back-pressure and closing are those of the TCP transport below, whichever event loop made it. Renegotiation
does not exist (TLS 1.3, or 1.2 without it): a write never has to wait for a read.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

HANDSHAKE_SECONDS = 10.0
"""Three packets. Whoever takes longer wants to hold the connection."""

GOODBYE_SECONDS = 30.0
"""How long what was written before `close` may take to leave."""

LARGEST_RECORD_BYTES = 16 * 1024 + 256
"""RFC 8446 section 5.2: the plaintext of one record, and what its encryption may add."""

PLAINTEXT_BUFFER_BYTES = 120 * 1024
"""What an inner BufferedProtocol has to have room for."""

CIPHERTEXT_BUFFER_BYTES = PLAINTEXT_BUFFER_BYTES - LARGEST_RECORD_BYTES
"""A read may complete a record whose first part is with OpenSSL: with it, all of it fits the plaintext's buffer."""


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """For a broker's port. Raises OSError and ssl.SSLError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0  # our clients resume no TLS sessions; two tickets for each handshake cost a tenth of it
    context.load_cert_chain(certificate, key)
    return context


def over_tls(
    buffers: "SharedBuffers", make_inner: Callable[..., asyncio.BaseProtocol]
) -> Callable[..., asyncio.BufferedProtocol]:
    """A factory for `create_server` without `ssl`. Its arguments go to `make_inner`, once the handshake is done."""

    def make(**arguments: Any) -> TlsProtocol:
        return TlsProtocol(buffers, lambda: make_inner(**arguments))

    return make


class SharedBuffers:
    """What all connections of one listener, hence of one event loop, use in turn.

    `context` may be replaced: connections that begin from then on have the new one.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self.incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self.ciphertext = memoryview(bytearray(CIPHERTEXT_BUFFER_BYTES))
        self.plaintext = memoryview(bytearray(PLAINTEXT_BUFFER_BYTES))


class TlsProtocol(asyncio.BufferedProtocol):
    """One connection: the protocol of a TCP transport, and behind its `TlsTransport` the transport of another."""

    __slots__ = ("_buffers", "_make_inner", "_timer", "inner", "tcp", "tls")

    def __init__(self, buffers: SharedBuffers, make_inner: Callable[[], asyncio.BaseProtocol]) -> None:
        self.inner: asyncio.Protocol | asyncio.BufferedProtocol | None = None
        self.tcp: asyncio.Transport
        self.tls = buffers.context.wrap_bio(buffers.incoming, buffers.outgoing, server_side=True)
        self._buffers = buffers
        self._make_inner: Callable[[], asyncio.BaseProtocol] | None = make_inner
        self._timer: asyncio.TimerHandle | None = None

    # ── the TCP transport ───────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.tcp = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._end_within(HANDSHAKE_SECONDS)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 (the size is ours to choose)
        return self._buffers.ciphertext

    def buffer_updated(self, nbytes: int) -> None:
        if self.tcp.is_closing():
            return
        self._buffers.incoming.write(self._buffers.ciphertext[:nbytes])
        try:
            if self.inner is None and not self._shake_hands():
                return
            received_bytes, is_end, buffer = self._decrypt()
        except ssl.SSLError:
            self._give_up()
            return
        self._flush()
        if received_bytes:
            self._hand_over(buffer, received_bytes)
        if is_end:
            self.eof_received()
            self.close()

    def eof_received(self) -> None:
        """Also without TLS's own goodbye: what the inner protocol carries knows its ends by itself."""
        if self.inner is not None:
            self.inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        # Each of the two knows the other: what OpenSSL holds of this connection would else wait for the collector.
        inner, self.inner = self.inner, None
        if inner is not None:
            inner.connection_lost(exc)

    def pause_writing(self) -> None:
        if self.inner is not None:
            self.inner.pause_writing()

    def resume_writing(self) -> None:
        if self.inner is not None:
            self.inner.resume_writing()

    # ── for the inner protocol's transport ──────────────────────────────────────────────────────────────────────

    @property
    def context(self) -> ssl.SSLContext:
        return self._buffers.context

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not data or self.tcp.is_closing():
            return
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self.tls.write(rest) :]
        except ssl.SSLError:
            self._give_up()
            return
        self._flush()

    def close(self) -> None:
        if self.tcp.is_closing():
            return
        with contextlib.suppress(ssl.SSLError):  # "wants to read": the other end's goodbye, which we do not wait for
            self.tls.unwrap()
        self._flush()
        self.tcp.close()
        self._end_within(GOODBYE_SECONDS)

    # ── TLS ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _shake_hands(self) -> bool:
        """True once it is done, and the inner protocol connected. Raises ssl.SSLError."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        self._flush()
        self._stop_waiting()
        make_inner, self._make_inner = self._make_inner, None
        assert make_inner is not None
        self.inner = cast("asyncio.Protocol", make_inner())
        self.inner.connection_made(TlsTransport(self))
        return True

    def _decrypt(self) -> tuple[int, bool, memoryview]:
        """All that can be decrypted: how many bytes, whether the other end says that it is the end, and where they are.

        Raises ssl.SSLError.
        """
        incoming, read = self._buffers.incoming, self.tls.read
        inner = self.inner
        buffer = self._buffers.plaintext
        if isinstance(inner, asyncio.BufferedProtocol):
            buffer = cast("memoryview", inner.get_buffer(PLAINTEXT_BUFFER_BYTES))
        filled, is_end = 0, False
        with contextlib.suppress(ssl.SSLWantReadError):
            while incoming.pending or self.tls.pending():
                count = cast("int", read(len(buffer) - filled, cast("bytearray", buffer[filled:])))
                if not count:
                    is_end = True
                    incoming.read()  # whatever comes after a goodbye
                    break
                filled += count
        return filled, is_end, buffer

    def _hand_over(self, buffer: memoryview, count: int) -> None:
        if isinstance(self.inner, asyncio.BufferedProtocol):
            self.inner.buffer_updated(count)
        elif self.inner is not None:
            self.inner.data_received(bytes(buffer[:count]))

    def _flush(self) -> None:
        if self._buffers.outgoing.pending:
            self.tcp.write(self._buffers.outgoing.read())

    def _give_up(self) -> None:
        """Says why, as far as TLS has a word for it."""
        self._buffers.incoming.read()
        self._flush()
        self.tcp.close()
        self._end_within(GOODBYE_SECONDS)

    # ── patience ────────────────────────────────────────────────────────────────────────────────────────────────

    def _end_within(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.tcp.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class TlsTransport(asyncio.Transport):
    """What the inner protocol writes to: TLS is ours, everything else the TCP transport's."""

    __slots__ = ("_connection", "_tcp")

    def __init__(self, connection: TlsProtocol) -> None:
        super().__init__()
        self._connection = connection
        self._tcp = connection.tcp

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "sslcontext":
            return self._connection.context
        if name == "ssl_object":
            return self._connection.tls
        return self._tcp.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._connection.inner = cast("asyncio.Protocol", protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        return cast("asyncio.Protocol", self._connection.inner)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._connection.write(data)

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self._connection.write(b"".join(list_of_data))

    def close(self) -> None:
        self._connection.close()

    def abort(self) -> None:
        self._tcp.abort()

    def is_closing(self) -> bool:
        return self._tcp.is_closing()

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self._tcp.pause_reading()

    def resume_reading(self) -> None:
        self._tcp.resume_reading()

    def is_reading(self) -> bool:
        return self._tcp.is_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._tcp.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        return self._tcp.get_write_buffer_size()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return self._tcp.get_write_buffer_limits()
