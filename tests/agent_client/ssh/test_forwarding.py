"""`ssh -W` and friends: only under the forward scope, each connection recorded."""

import asyncio
import hashlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from typing import cast

import asyncssh
import pytest

from agent_client.shell.tally import ChannelRecord
from agent_client.ssh.forwarding import ForwardedConnection
from protocol.events import ConnectionForwarded
from protocol.grants import Scope
from tests.agent_client.collecting import ChangeableAccess, CollectedRecording
from tests.agent_client.ssh.conftest import Bench


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@pytest.fixture
async def echo_port() -> AsyncIterator[int]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """As a destination that crashed: no end of what it says, but an error."""
    linger_for_no_time = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_no_time)


class _Listening(ForwardedConnection):
    """A connection whose destination's doings can be waited for."""

    def __init__(self, recording: CollectedRecording) -> None:
        record = ChannelRecord(recording, channel=1, participant=1, stream_id=bytes(16), use="forward")
        super().__init__(ChangeableAccess(Scope.FORWARD), record, lambda _: None)
        self.far_side_spoke = asyncio.Event()
        self.is_lost = asyncio.Event()

    def far_side_received(self, data: bytes) -> None:
        super().far_side_received(data)
        self.far_side_spoke.set()

    def far_side_lost(self) -> None:
        super().far_side_lost()
        self.is_lost.set()


class _OpenChannel:
    """The engineer's side of a connection, as asyncssh shows it."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.came: asyncio.Future[bytes] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()

    def is_closing(self) -> bool:
        return self.closed.done()

    def write(self, data: bytes) -> None:
        self.came.set_result(data)

    def write_eof(self) -> None:
        self.ended.set_result(None)

    def close(self) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_reading(self) -> None:
        """Nobody writes here."""

    def resume_reading(self) -> None:
        """As above."""


class Connecting:
    """One connection to a destination of the test's own, whose channel opens when the test says so."""

    def __init__(self) -> None:
        self._recording = CollectedRecording(strict=True)
        self._connection = _Listening(self._recording)
        self._opening: list[asyncio.Task[ForwardedConnection]] = []
        self.channel = _OpenChannel()
        self.servers: list[asyncio.Server] = []

    async def to(self, greet: Callable[[asyncio.StreamWriter], None]) -> _Listening:
        """Connect; the destination does this, and closes."""

        def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            greet(writer)
            writer.close()

        self.servers.append(server := await asyncio.start_server(serve, "127.0.0.1", 0))
        connecting = self._connection.connect(self._recording, "127.0.0.1", server.sockets[0].getsockname()[1])
        self._opening.append(asyncio.create_task(connecting))
        return self._connection

    async def open(self) -> None:
        """The recording is on disk, and asyncssh opens the channel."""
        await self._recording.first(ConnectionForwarded)
        self._recording.acknowledge_always()
        await asyncio.gather(*self._opening)
        self._connection.connection_made(cast("asyncssh.SSHTCPChannel[bytes]", self.channel))
        self._connection.session_started()


@pytest.fixture
async def connecting() -> AsyncIterator[Connecting]:
    connecting = Connecting()
    yield connecting
    for server in connecting.servers:
        server.close()


async def test_a_granted_connection_carries_bytes_and_is_recorded(bench: Bench, echo_port: int) -> None:
    """A megabyte goes there and back; the recording says where to, how much, and its hash."""
    engineer = await bench.engineer(Scope.FORWARD)
    data = b"0123456789abcdef" * 65536
    ran = await engineer.run("-W", f"127.0.0.1:{echo_port}", "alias", feed=data)
    assert ran.output == data
    event = await bench.recording.first(ConnectionForwarded)
    assert (event.destination, event.outcome) == (f"127.0.0.1:{echo_port}", "ok")
    closed = await bench.closed()
    assert (closed.input_bytes, closed.output_bytes) == (len(data), len(data))
    assert closed.output_sha256 == hashlib.sha256(data).digest()


async def test_who_speaks_first_is_heard(connecting: Connecting) -> None:
    """What a mail or database server says before the channel is open, and that it is done, reaches the engineer."""
    connection = await connecting.to(lambda writer: writer.write(b"220 ready"))
    await connection.far_side_spoke.wait()
    await connecting.open()
    assert await connecting.channel.came == b"220 ready"
    assert await connecting.channel.ended is None


async def test_a_destination_that_is_gone_before_the_channel_opens(connecting: Connecting) -> None:
    """The engineer reads of its end as soon as the channel is open."""
    connection = await connecting.to(reset)
    await connection.is_lost.wait()
    await connecting.open()
    assert await connecting.channel.closed is None


async def test_a_lost_destination_is_left_alone(connecting: Connecting) -> None:
    """The customer pauses, and the engineer's client says its last: neither ends the whole SSH connection."""
    connection = await connecting.to(reset)
    await connecting.open()
    await connection.is_lost.wait()
    connection.pause()
    connection.resume()
    connection.pause_writing()
    connection.resume_writing()
    connection.data_received(b"late", None)
    connection.eof_received()
    connection.connection_lost(None)


async def test_who_left_while_it_was_opened_leaves_no_connection(bench: Bench) -> None:
    """The destination is let go of when the engineer is gone before the recording was on disk."""
    ended = asyncio.Event()

    async def read_to_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()
        writer.close()

    server = await asyncio.start_server(read_to_end, "127.0.0.1", 0)
    bench.recording.strict = True
    engineer = await bench.engineer(Scope.FORWARD)
    process = await engineer.start("-W", f"127.0.0.1:{server.sockets[0].getsockname()[1]}", "alias")
    await bench.recording.first(ConnectionForwarded)
    process.kill()
    await bench.all_gone()
    bench.recording.acknowledge_always()
    await ended.wait()
    server.close()


async def test_without_the_scope_no_connection_is_made(bench: Bench, echo_port: int) -> None:
    """A shell is no permission to open connections; the attempt is recorded as refused."""
    engineer = await bench.engineer(Scope.SHELL, Scope.FILES_READ, Scope.FILES_WRITE)
    ran = await engineer.run("-W", f"127.0.0.1:{echo_port}", "alias")
    assert ran.status != 0
    event = await bench.recording.first(ConnectionForwarded)
    assert event.outcome == "refused"


async def test_a_dead_destination_fails_with_a_reason(bench: Bench) -> None:
    """Nobody listens there: the client is told, the attempt is recorded as failed."""
    engineer = await bench.engineer(Scope.FORWARD)
    ran = await engineer.run("-W", "127.0.0.1:1", "alias")
    assert ran.status != 0
    assert (await bench.recording.first(ConnectionForwarded)).outcome == "failed"


async def test_revoking_forward_cuts_running_connections(bench: Bench, echo_port: int) -> None:
    """The connection ends when the scope is withdrawn, while another scope stays."""
    engineer = await bench.engineer(Scope.FORWARD, Scope.SHELL)
    process = await engineer.start("-W", f"127.0.0.1:{echo_port}", "alias", stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"hello")
    assert await process.stdout.readexactly(5) == b"hello"
    engineer.access.change(Scope.SHELL)
    assert await process.wait() != 0 or await process.stdout.read() == b""
    assert (await bench.closed()).output_bytes == 5


async def test_listening_on_the_customers_machine_is_not_offered(bench: Bench) -> None:
    """`ssh -R` is refused even with the forward scope: nothing ever listens on the customer's machine."""
    engineer = await bench.engineer(Scope.FORWARD, Scope.SHELL)
    ran = await engineer.run("-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:1", "alias", "true")
    assert ran.status == 255
