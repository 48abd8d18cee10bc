"""An SFTP session on an SSH channel: asyncssh's protocol handler around our server."""

import asyncio

import asyncssh
from asyncssh import stream as asyncssh_stream

from agent_client.access import Access
from agent_client.files.check_file import FilesHandler
from agent_client.files.sftp import FilesServer
from agent_client.recording import Recording
from agent_client.shell.pause import Pause
from agent_client.shell.tally import ChannelRecord

SFTP_VERSION = 3
"""The version that OpenSSH speaks (draft-ietf-secsh-filexfer-02)."""


class SftpRun:
    """As `runs.FilesRun` drives it. `closed` is done when everything that was open is closed and recorded."""

    def __init__(
        self,
        channel: asyncssh.SSHServerChannel[bytes],
        access: Access,
        recording: Recording,
        record: ChannelRecord,
        pause: Pause,
    ) -> None:
        self._server = FilesServer(channel, access, recording, record, pause)
        self.closed = self._server.closed
        self._stream = asyncssh_stream.SSHServerStreamSession[bytes](None)
        self._stream.connection_made(channel)
        reader, writer = asyncssh.SSHReader(self._stream, channel), asyncssh.SSHWriter(self._stream, channel)
        self._task = asyncio.create_task(self._serve(reader, writer), name=f"SFTP on channel {record.channel}")

    async def _serve(self, reader: asyncssh.SSHReader[bytes], writer: asyncssh.SSHWriter[bytes]) -> None:
        try:
            await FilesHandler(self._server, reader, writer, SFTP_VERSION).run()
        except (EOFError, asyncssh.Error):
            pass  # a client that left in the middle of a packet
        finally:
            self._server.exit()

    def feed(self, data: bytes) -> None:
        self._stream.data_received(data, None)

    def feed_end(self) -> None:
        self._stream.eof_received()

    def pause_writing(self) -> None:
        self._stream.pause_writing()

    def resume_writing(self) -> None:
        self._stream.resume_writing()

    def lost(self) -> None:
        """The handler notices, closes what is open, and the server records it."""
        self._stream.connection_lost(None)
