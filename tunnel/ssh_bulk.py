"""asyncssh's server connection with a short way for what bulk is made of: channel data, and window adjustments.

An SSH packet holds 32 KiB at most, so that a GiB is 32,768 of them, and what asyncssh does for each in the interpreter
(nine copies, three texts for a log that is switched off) cost more than the encryption. The short way is taken when
all of this holds, and everything else is asyncssh's own:

    sending    keys are agreed on, the user is in, AES-GCM, no compression, no new keys due
    receiving  the same; one whole packet is there, its length is plausible, it opens, and it is data or a window
               adjustment of a channel that exists

A packet that is not for the short way is handed to asyncssh exactly as it came, and is opened a second time there: so
that a forged one, or a length that is none, is refused by the same lines as without us. What a channel may be sent
(its window, its state) is asked by asyncssh's own `process_packet` in both cases.

It is the way of the agent's SSH server and of the broker's gateway, in sessions and in forwarded connections. Leans on
private names of asyncssh; `tests/tunnel/test_ssh_bulk.py` notices when one moves.
"""

import os
import struct
from typing import Any

import asyncssh
from asyncssh.channel import SSHChannel
from asyncssh.constants import (
    MSG_CHANNEL_DATA,
    MSG_CHANNEL_EXTENDED_DATA,
    MSG_CHANNEL_WINDOW_ADJUST,
    MSG_IGNORE,
)
from asyncssh.misc import DisconnectError, ProtocolError
from asyncssh.packet import PacketDecodeError, SSHPacket, String, UInt32

from tunnel.ssh_tuning import TAG_BYTES, CachedGcmEncryption

REKEY_BYTES = 64 * 1024**3
"""The client renews keys when it likes. We do it only here, long before AES-GCM's limit (RFC 4344, section 3.2)."""

LENGTH_BYTES = 4
BLOCK_BYTES = 16
"""AES-GCM packets are whole blocks, without their length and tag (RFC 5647, section 7.2)."""

PADDING_BYTES = 4
"""At least (RFC 4253, section 6)."""

_DATA_HEAD = struct.Struct(">BBII")
"""Padding length, message, channel, length of the data (RFC 4254, section 5.2)."""

_CHANNEL_END = 6
"""Where the number of the channel ends, behind the length of the padding and the message."""

_QUICK_MESSAGES = frozenset({MSG_CHANNEL_DATA, MSG_CHANNEL_WINDOW_ADJUST})


class BulkConnection(asyncssh.SSHServerConnection):
    """Sends no MSG_IGNORE before each packet: asyncssh does so against an attack on CBC ciphers (RFC 4251, section
    9.3.1), which we do not offer, and it doubles the number of packets."""

    def send_packet(self, pkttype: int, *args: bytes, handler: Any = None) -> None:
        if pkttype != MSG_IGNORE:
            super().send_packet(pkttype, *args, handler=handler)

    def log_sent_packet(self, *_: Any, **__: Any) -> None:
        """asyncssh makes the text before it asks whether anybody wants it."""

    def log_received_packet(self, *_: Any, **__: Any) -> None:
        """As above."""

    def create_server_channel(
        self, encoding: str | None = "", errors: str = "", window: int = 0, max_pktsize: int = 0
    ) -> asyncssh.SSHServerChannel[bytes]:
        """Always of bytes, and without a line editor."""
        del encoding, errors
        packet_bytes = max_pktsize or self._max_pktsize
        self._update_recv_pktlen(packet_bytes)
        return BulkChannel(
            self, self._loop, self._allow_pty, False, False, 0, 0, None, "strict", window or self._window, packet_bytes
        )

    def create_tcp_channel(
        self, encoding: str | None = None, errors: str = "strict", window: int = 0, max_pktsize: int = 0
    ) -> asyncssh.SSHTCPChannel[bytes]:
        """Of bytes; for what a client asks to be connected to."""
        del encoding
        packet_bytes = max_pktsize or self._max_pktsize
        self._update_recv_pktlen(packet_bytes)
        return BulkTcpChannel(self, self._loop, None, errors, window or self._window, packet_bytes)

    # ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────

    def send_channel_data(self, channel: "BulkWriting", number: int, pieces: list[memoryview]) -> None:
        """Each piece as a packet of its own, all of them in one write. `number` is the client's of the channel."""
        sealed: list[bytes] = []
        for piece in pieces:
            cipher = self._quick_sealer()
            if cipher is not None:
                sealed += self._seal_data(cipher, number, piece)
            else:
                self._write(sealed)
                sealed = []
                self.send_packet(MSG_CHANNEL_DATA, UInt32(number), String(bytes(piece)), handler=channel)
        self._write(sealed)

    def _quick_sealer(self) -> CachedGcmEncryption | None:
        cipher = self._send_encryption
        if (
            isinstance(cipher, CachedGcmEncryption)
            and self._auth_complete
            and self._kex_complete
            and self._compressor is None
            and not self._rekey_seconds
            and self._rekey_bytes_sent < self._rekey_bytes
        ):
            return cipher
        return None

    def _seal_data(self, cipher: CachedGcmEncryption, number: int, data: memoryview) -> tuple[bytes, bytes]:
        size = _DATA_HEAD.size + len(data)
        padding = PADDING_BYTES + -(size + PADDING_BYTES) % BLOCK_BYTES
        length = UInt32(size + padding)
        head = _DATA_HEAD.pack(padding, MSG_CHANNEL_DATA, number, len(data))
        sealed = cipher.seal(length, b"".join((head, data, os.urandom(padding))))
        self._send_seq = (self._send_seq + 1) & 0xFFFF_FFFF
        self._rekey_bytes_sent += size + padding
        return length, sealed

    def _write(self, pieces: list[bytes]) -> None:
        if len(pieces) == 2:
            self._send(b"".join(pieces))  # somebody's key, perhaps, which the transport knows by its size
        elif pieces and self._transport is not None:
            self._transport.writelines(pieces)

    # ── receiving ───────────────────────────────────────────────────────────────────────────────────────────────

    def _recv_data(self) -> None:
        """What is in the buffer, packet by packet. asyncssh calls this with every piece that came, and again after a
        message that took its time."""
        self._reset_keepalive_timer()
        try:
            is_asyncsshs_turn = self._take_packets()
        except DisconnectError as error:  # as asyncssh does around its own
            self._send_disconnect(error.code, error.reason, error.lang)
            self._force_close(error)
        except Exception:  # noqa: BLE001 - whatever it is, it is this connection's end and nobody else's
            self.internal_error()
        else:
            if is_asyncsshs_turn:
                super()._recv_data()

    def _take_packets(self) -> bool:
        """What is left in the buffer: True if it is not the beginning of a packet that the short way may look at."""
        view, at = memoryview(self._inpbuf), 0
        self._inpbuf = b""
        while (cipher := self._quick_opener()) is not None:
            size = self._size_of_packet(view, at)
            if size is None or at + size > len(view):
                self._inpbuf = view[at:].tobytes()
                return size is None and len(view) - at >= LENGTH_BYTES
            if not self._take_quickly(cipher, view[at : at + size]):
                self._inpbuf = view[at : at + size].tobytes()
                super()._recv_data()
            at += size
        self._inpbuf += view[at:].tobytes()
        return self._transport is not None

    def _quick_opener(self) -> CachedGcmEncryption | None:
        cipher = self._recv_encryption
        if (
            isinstance(cipher, CachedGcmEncryption)
            and self._recv_handler == self._recv_pkthdr
            and self._auth_complete
            and self._decompressor is None
            and self._transport is not None
        ):
            return cipher
        return None

    def _size_of_packet(self, view: memoryview, at: int) -> int | None:
        """In bytes, with its length and its tag; None if the length is not there, or is none."""
        length = int.from_bytes(view[at : at + LENGTH_BYTES], "big")
        is_length = length % BLOCK_BYTES == 0 and BLOCK_BYTES <= length <= self._max_recv_pktlen
        return LENGTH_BYTES + length + TAG_BYTES if is_length and len(view) - at >= LENGTH_BYTES else None

    def _take_quickly(self, cipher: CachedGcmEncryption, sealed: memoryview) -> bool:
        """Opens and handles one whole packet; False, and nothing has happened, if it is asyncssh's.

        Raises DisconnectError, as asyncssh's own reading does.
        """
        opened = cipher.opened(sealed)
        if opened is None or opened[1] not in _QUICK_MESSAGES or len(opened) - opened[0] < _CHANNEL_END:
            return False
        channel = self._channels.get(int.from_bytes(opened[_CHANNEL_END - 4 : _CHANNEL_END], "big"))
        if channel is None:
            return False
        cipher.take_opened()
        packet = SSHPacket(opened)
        packet._idx, packet._len = _CHANNEL_END, len(opened) - opened[0]
        sequence = self._recv_seq
        try:
            channel.process_packet(opened[1], sequence, packet)
        except PacketDecodeError as error:
            raise ProtocolError(str(error)) from None
        self._finish_recv_packet(opened[1], sequence)
        return True


class BulkWriting(SSHChannel[bytes]):
    """Sends what it was given without a copy of its own, as many packets at once as the window allows."""

    _conn: BulkConnection

    def log_sent_packet(self, *_: Any, **__: Any) -> None:
        """As the connection's."""

    def log_received_packet(self, *_: Any, **__: Any) -> None:
        """As the connection's."""

    def write(self, data: bytes, datatype: asyncssh.DataType = None) -> None:
        if self._send_state != "open" or (datatype is not None and datatype not in self._write_datatypes):
            super().write(data, datatype)  # raises
        elif data:
            self._send_buf.append((memoryview(bytes(data)), datatype))  # type: ignore[arg-type]  # cut below only
            self._send_buf_len += len(data)
            self._flush_send_buf()

    def _flush_send_buf(self) -> None:
        ready: list[memoryview] = []
        while self._send_buf and self._send_window:
            piece, datatype = self._next_piece()
            if datatype is None:
                ready.append(piece)
            else:
                self._send_ready(ready)
                self.send_packet(MSG_CHANNEL_EXTENDED_DATA, UInt32(datatype), String(bytes(piece)))
        self._send_ready(ready)
        super()._flush_send_buf()  # finds nothing to send: tells writers to go on, and ends an output that is to end

    def _next_piece(self) -> tuple[memoryview, asyncssh.DataType]:
        """What fits the window and one packet."""
        waiting, datatype = self._send_buf[0]
        piece = memoryview(waiting)[: min(self._send_window, self._send_pktsize)]
        if len(piece) < len(waiting):
            self._send_buf[0] = (memoryview(waiting)[len(piece) :], datatype)  # type: ignore[assignment]  # as above
        else:
            del self._send_buf[0]
        self._send_buf_len -= len(piece)
        self._send_window -= len(piece)
        return piece, datatype

    def _send_ready(self, pieces: list[memoryview]) -> None:
        if pieces and self._send_chan is not None:
            self._conn.send_channel_data(self, self._send_chan, pieces)
            pieces.clear()


class BulkChannel(BulkWriting, asyncssh.SSHServerChannel[bytes]):
    """A session's: a shell, a command, files."""

    _conn: BulkConnection


class BulkTcpChannel(BulkWriting, asyncssh.SSHTCPChannel[bytes]):
    """A connection that a client forwards."""

    _conn: BulkConnection
