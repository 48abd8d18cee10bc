"""`check-file-handle`: the SHA-256 of a part of an open file, so that two copies can be compared without moving them.

The extension of draft-ietf-secsh-filexfer-extensions-00, section 3. Resuming asks whether what is there begins what
is to come; the end of a transfer asks whether both ends hold the same. By handle alone: what is hashed was
opened, and that stands in the recording.
"""

from typing import Any

from asyncssh import SFTPError, SFTPNoConnection
from asyncssh.constants import FX_FAILURE, FXP_EXTENDED_REPLY
from asyncssh.packet import Byte, SSHPacket, String, UInt32
from asyncssh.sftp import SFTPInvalidHandle, SFTPServerHandler

from agent_client.files.sftp import FilesServer

EXTENSION = b"check-file"
REQUEST = b"check-file-handle"
ALGORITHM = b"sha256"


class _Hash:
    """The reply, as asyncssh sends one."""

    def __init__(self, digest: bytes) -> None:
        self._digest = digest

    def encode(self, sftp_version: int) -> bytes:
        del sftp_version
        return String(ALGORITHM) + self._digest


class FilesHandler(SFTPServerHandler):
    """asyncssh's protocol handler with one request more. Leans on: `_extensions`, `_packet_handlers`, `_return_types`,
    `_file_handles`; `tests/agent_client/ssh/test_sftp_protocol.py` notices when one moves."""

    _server: FilesServer
    _extensions = [*SFTPServerHandler._extensions, (EXTENSION, ALGORITHM)]  # noqa: RUF012 - as in asyncssh
    _return_types = {**SFTPServerHandler._return_types, REQUEST: FXP_EXTENDED_REPLY}  # noqa: RUF012

    def send_packet(self, pkttype: int, pktid: int | None, *args: bytes) -> None:
        """As asyncssh's, with one copy of what was read instead of three."""
        del pktid  # is in `args` already; asyncssh's log wants it
        if self._writer is None:
            raise SFTPNoConnection("Connection not open")
        if not self._writer.channel.is_closing():
            self._writer.write(b"".join((UInt32(1 + sum(map(len, args))), Byte(pkttype), *args)))

    def log_received_packet(self, *_: Any, **__: Any) -> None:
        """asyncssh makes the text before it asks whether anybody wants it."""

    async def _process_check_file(self, packet: SSHPacket) -> _Hash:
        file = self._file_handles.get(packet.get_string())
        algorithms = packet.get_string().split(b",")
        offset, length, block_bytes = packet.get_uint64(), packet.get_uint64(), packet.get_uint32()
        packet.check_end()
        if file is None:
            raise SFTPInvalidHandle("Invalid file handle")
        if ALGORITHM not in algorithms or block_bytes:
            raise SFTPError(FX_FAILURE, "Only one SHA-256 of the whole range is made")
        return _Hash(await self._server.sha256(file, offset, length))

    _packet_handlers: Any = {**SFTPServerHandler._packet_handlers, REQUEST: _process_check_file}  # noqa: RUF012
