"""`ssh -W` and friends: only under the forward scope, each connection recorded."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import cast

import asyncssh
import pytest
import uvloop

from agent_client.shell.tally import ChannelRecord
from agent_client.ssh.forwarding import ForwardedConnection
from protocol.events import ConnectionForwarded
from protocol.grants import Scope
from tests.agent_client.collecting import ChangeableAccess, CollectedRecording
from tests.agent_client.ssh.conftest import Bench
from tests.helpers.waiting import PATIENCE_SECONDS


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


class _OpenChannel:
    """The engineer's side of a connection, as asyncssh shows it: what comes for them is kept."""

    def __init__(self) -> None:
        self.came: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def is_closing(self) -> bool:
        return self.came.done()

    def write(self, data: bytes) -> None:
        self.came.set_result(data)

    def abort(self) -> None:
        """Nothing is left open here."""


def test_bytes_flow_on_the_loop_that_the_agent_runs_on() -> None:
    """uvloop's transports are not asyncio's own, and an agent at work has no others."""

    async def ask() -> bytes:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        recording = CollectedRecording()
        record = ChannelRecord(recording, channel=1, participant=1, stream_id=bytes(16), use="forward")
        connection = ForwardedConnection(ChangeableAccess(Scope.FORWARD), record, lambda _: None)
        await connection.connect(recording, "127.0.0.1", port)
        channel = _OpenChannel()
        connection.connection_made(cast("asyncssh.SSHTCPChannel[bytes]", channel))
        connection.session_started()
        connection.data_received(b"hello", None)
        came = await asyncio.wait_for(channel.came, PATIENCE_SECONDS)
        connection.cut()
        server.close()
        return came

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(ask()) == b"hello"


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
