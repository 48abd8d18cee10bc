"""TLS of one connection between two memory buffers: whoever has the socket feeds ciphertext and takes ciphertext.

An event loop's own TLS is a second transport around the first, with buffers, states and calls of its own; for the echo
of a key it cost as much as the SSH packet inside. On the start-up path of `ssh-proxy`: standard library only.
"""

import contextlib
import ssl

RECORD_LIMIT_BYTES = 17 * 1024
"""A TLS record and its fringe (RFC 8446, section 5.2): what OpenSSL may hold of a record that was not whole."""


class TlsPipe:
    """The client's end. Not for two threads at a time: OpenSSL's objects are not made for that."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self._received = ssl.MemoryBIO()
        self._to_send = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._received, self._to_send, server_hostname=host)

    def feed(self, ciphertext: bytes | memoryview) -> None:
        """Bytes from the socket, for the next `shake_hands` or `decrypt`."""
        self._received.write(ciphertext)

    def shake_hands(self) -> bool:
        """True once the handshake is done. Send what `ciphertext` gives either way. Raises ssl.SSLError."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def ciphertext(self) -> bytes:
        """What waits to be sent: of the handshake, or why it failed."""
        return self._to_send.read()

    def encrypt(self, data: bytes) -> bytes:
        """The bytes to send for `data`, and for whatever else waited."""
        self._tls.write(data)
        return self._to_send.read()

    def decrypt(self, plaintext: memoryview) -> int:
        """Fills the buffer with all that was fed and is whole; how many bytes. Raises ssl.SSLError.

        The buffer is larger by RECORD_LIMIT_BYTES than what is fed at a time.
        """
        filled = 0
        # Asked first, because that there is nothing to read would be told by an exception: dearer than the reading.
        try:
            while self._received.pending or self._tls.pending():
                count = int(self._tls.read(len(plaintext) - filled, plaintext[filled:]))
                if not count:  # the other end's goodbye; the socket's end follows
                    self._received.read()
                    break
                filled += count
        except ssl.SSLWantReadError:
            return filled  # the last record is not whole
        return filled

    def goodbye(self) -> bytes:
        """The bytes that tell the other end that nothing more will come."""
        with contextlib.suppress(ssl.SSLError):  # "wants to read": the other end's goodbye, for which nobody waits
            self._tls.unwrap()
        return self._to_send.read()
