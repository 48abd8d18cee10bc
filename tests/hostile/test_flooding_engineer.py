"""An engineer who floods: stock OpenSSH with input without end, where nobody reads it. Memory stays where it is."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncssh
import psutil
import pytest
from asyncssh.packet import SSHPacket, String

from protocol.grants import Scope
from tests.agent_client.ssh.conftest import HOST_KEYS, Bench, Engineer, bench  # noqa: F401 (a fixture)
from tests.helpers.waiting import PATIENCE_SECONDS
from tunnel.ssh_tuning import leave_out_environment

FLOOD_BYTES = 192 * 1024 * 1024
GROWTH_LIMIT_BYTES = 96 * 1024 * 1024
"""Two windows of 16 MiB in SSH, what the sockets of both processes hold, and what Python does not give back."""

QUIET_SECONDS = 0.5


async def pour(process: asyncio.subprocess.Process) -> int:
    """Writes until the other end takes no more; how many bytes it took."""
    assert process.stdin is not None
    taken = 0
    while taken < FLOOD_BYTES:
        process.stdin.write(bytes(1024 * 1024))
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                await process.stdin.drain()
        except TimeoutError:
            break
        taken += 1024 * 1024
    return taken


@pytest.mark.parametrize("use", ["command", "sftp", "shell"])
async def test_a_flood_into_a_paused_session_waits_with_the_engineer(bench: Bench, use: str) -> None:  # noqa: F811
    """A channel that is opened while the customer has paused takes a window and no more; after it, everything."""
    engineer = await bench.engineer(Scope.SHELL, Scope.FILES_WRITE, folders=(bench.home,))
    bench.ssh.pause()
    arguments = {
        "command": ("alias", "wc -c"),
        "sftp": ("-s", "alias", "sftp"),
        "shell": ("-tt", "alias"),
    }[use]
    before_bytes = psutil.Process().memory_info().rss
    process = await engineer.start(*arguments, stdin=subprocess.PIPE)
    taken = await pour(process)
    assert taken < FLOOD_BYTES
    assert psutil.Process().memory_info().rss - before_bytes < GROWTH_LIMIT_BYTES
    if use == "command":
        bench.ssh.resume()
        assert process.stdin is not None
        await process.stdin.drain()
        process.stdin.close()
        assert process.stdout is not None
        said = int(await asyncio.wait_for(process.stdout.read(), PATIENCE_SECONDS))
        assert taken <= said <= taken + 1024 * 1024


async def test_a_flood_into_a_program_that_does_not_read_waits_with_the_engineer(bench: Bench) -> None:  # noqa: F811
    """`sleep` reads nothing: its pipe, a window, and then the client waits. Another engineer notices nothing."""
    flooder, other = await bench.engineer(Scope.SHELL), await bench.engineer(Scope.SHELL)
    before_bytes = psutil.Process().memory_info().rss
    process = await flooder.start("alias", "sleep 600", stdin=subprocess.PIPE)
    assert await pour(process) < FLOOD_BYTES
    assert psutil.Process().memory_info().rss - before_bytes < GROWTH_LIMIT_BYTES
    assert (await other.run("alias", "echo unharmed")).output == b"unharmed\n"


@asynccontextmanager
async def hostile_client(bench: Bench, engineer: Engineer) -> AsyncIterator[asyncssh.SSHClientConnection]:  # noqa: F811
    known = asyncssh.import_known_hosts("* " + HOST_KEYS.ed25519.export_public_key().decode())
    key = str(bench.folder / f"engineer-{engineer.access.participant}")
    async with asyncssh.connect(
        "127.0.0.1", engineer.port, client_keys=[key], known_hosts=known, config=None
    ) as connection:
        yield connection


async def test_variables_without_end_are_not_kept(bench: Bench) -> None:  # noqa: F811
    """Three thousand of 8 KiB in one request: none is kept, none reaches the program."""
    engineer = await bench.engineer(Scope.SHELL)
    before_bytes = psutil.Process().memory_info().rss
    async with hostile_client(bench, engineer) as connection:
        variables = {f"V{number}": "x" * 8192 for number in range(3000)}
        ran = await connection.run("env | grep -c ^V", env=variables)
    assert ran.stdout == "0\n"
    assert psutil.Process().memory_info().rss - before_bytes < GROWTH_LIMIT_BYTES


def test_the_private_name_is_where_it_was() -> None:
    """asyncssh keeps variables in `_env`, where ours takes its place and stays empty."""
    channel = asyncssh.SSHServerChannel.__new__(asyncssh.SSHServerChannel)
    leave_out_environment(channel)
    request = SSHPacket(String(b"LD_PRELOAD") + String(b"evil.so"))
    channel._logger = asyncssh.logging.logger
    assert channel._process_env_request(request)
    assert channel.get_environment_bytes() == {}
