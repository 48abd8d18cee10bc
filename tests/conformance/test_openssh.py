"""What stock OpenSSH can ask for: multiplexing, rekeying in mid-transfer, forwarding of every kind, odd requests."""

import asyncio
import hashlib
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from agent_client.shell.command import COMMAND_LIMIT_BYTES
from agent_client.ssh.server import CHANNEL_LIMIT
from protocol.events import ChannelClosed, ChannelOpened, ConnectionForwarded
from protocol.grants import Scope
from tests.agent_client.ssh.conftest import HOST_KEYS, Bench, Engineer
from tests.helpers.ports import free_port
from tests.helpers.waiting import PATIENCE_SECONDS, until

ALL = (Scope.SHELL, Scope.FILES_READ, Scope.FILES_WRITE, Scope.FORWARD)


@pytest.fixture
async def echo_port() -> AsyncIterator[int]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


# ── one connection, many channels ───────────────────────────────────────────────────────────────────────────────


async def test_thirty_commands_share_one_connection(bench: Bench) -> None:
    """ControlMaster: a command per channel, at the same time and one after the other, each with its own status."""
    engineer = await bench.engineer(*ALL, folders=(bench.home,))
    socket = bench.folder / "mux"
    master = await engineer.start("-M", "-S", str(socket), "-N", "alias")
    await until(socket.exists)
    shared = ("-S", str(socket))
    for begin in (0, 15):
        runs = [engineer.run(*shared, "alias", f"echo {n}; exit {n}") for n in range(begin, begin + 15)]
        for number, ran in enumerate(await asyncio.gather(*runs), start=begin):
            assert (ran.output, ran.status) == (f"{number}\n".encode(), number)
    listed = await engineer.run("-o", f"ControlPath={socket}", "-b", "-", "alias", program="sftp", feed=b"pwd\n")
    assert b"Remote working directory" in listed.output
    await engineer.run(*shared, "-O", "exit", "alias")
    await master.wait()


async def test_more_channels_than_any_tool_needs_are_refused_in_order(bench: Bench) -> None:
    """The client is told, the connection and what runs on it stay."""
    engineer = await bench.engineer(Scope.SHELL)
    socket = bench.folder / "mux"
    await engineer.start("-M", "-S", str(socket), "-N", "alias")
    await until(socket.exists)
    shared = ("-S", str(socket), "-o", "ProxyCommand=false")  # over the master, or not at all
    sleeping = [await engineer.start(*shared, "alias", "echo up; exec sleep 3600") for _ in range(66)]
    first = [asyncio.create_task(process.stdout.read(3)) for process in sleeping if process.stdout]
    answers = await asyncio.wait_for(asyncio.gather(*first), PATIENCE_SECONDS)
    assert answers.count(b"up\n") == 64
    assert answers.count(b"") == 2
    sleeping[answers.index(b"up\n")].kill()
    await bench.closed()
    assert (await engineer.run(*shared, "alias", "echo again")).output == b"again\n"


async def test_no_more_connections_than_that_wait_while_everything_stands_still(bench: Bench, echo_port: int) -> None:
    """Asked for in one breath, during a pause: what is beyond the limit is refused then, the rest is opened later."""
    engineer = await bench.engineer(Scope.FORWARD)
    async with ssh_client(bench, engineer) as connection:
        bench.ssh.pause()
        asked = [
            asyncio.create_task(connection.open_connection("127.0.0.1", echo_port)) for _ in range(CHANNEL_LIMIT + 2)
        ]
        await until(lambda: sum(one.done() for one in asked) == 2)
        bench.ssh.resume()
        answers = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), PATIENCE_SECONDS)
    assert [type(one) for one in answers if isinstance(one, Exception)] == [asyncssh.ChannelOpenError] * 2


async def test_what_is_taken_away_during_a_pause_opens_no_connection(bench: Bench, echo_port: int) -> None:
    """The client is told when everything goes on, and the recording that it was refused; nothing is dialled."""
    engineer = await bench.engineer(Scope.FORWARD, Scope.SHELL)
    async with ssh_client(bench, engineer) as connection:
        bench.ssh.pause()
        asked = asyncio.create_task(connection.open_connection("127.0.0.1", echo_port))
        await bench.recording.first(ChannelOpened)
        engineer.access.change(Scope.SHELL)
        bench.ssh.resume()
        with pytest.raises(asyncssh.ChannelOpenError, match="withdrawn"):
            await asyncio.wait_for(asked, PATIENCE_SECONDS)
    assert [event.outcome for event in bench.recording.of(ConnectionForwarded)] == ["refused"]
    assert len(bench.recording.of(ChannelClosed)) == 1


async def test_a_thousand_channels_one_after_the_other(bench: Bench, echo_port: int) -> None:
    """One connection, a thousand forwarded channels, each opened, used and closed: none is left over."""
    engineer = await bench.engineer(Scope.FORWARD)
    async with ssh_client(bench, engineer) as connection:
        for number in range(1000):
            reader, writer = await connection.open_connection("127.0.0.1", echo_port)
            writer.write(b"%d" % number)
            writer.write_eof()
            assert await reader.read() == b"%d" % number
            writer.close()
    await bench.recording.until(lambda: len(bench.recording.of(ChannelClosed)) == 1000)


@asynccontextmanager
async def ssh_client(bench: Bench, engineer: Engineer, **options: Any) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Another client than OpenSSH: it can ask for what that never would."""
    known = asyncssh.import_known_hosts("* " + HOST_KEYS.ed25519.export_public_key().decode())
    key = str(bench.folder / f"engineer-{engineer.access.participant}")
    async with asyncssh.connect(
        "127.0.0.1", engineer.port, client_keys=[key], known_hosts=known, config=None, **options
    ) as connection:
        yield connection


# ── rekeying ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("cipher", ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com"])
async def test_the_client_rekeys_in_mid_transfer(bench: Bench, cipher: str) -> None:
    """RekeyLimit 1M in both directions at once: 12 MiB there and back arrive whole, with a dozen new keys."""
    engineer = await bench.engineer(*ALL, folders=(bench.home,))
    data = os.urandom(12 * 1024 * 1024)
    ran = await engineer.run(
        "-v", "-c", cipher, "-o", "RekeyLimit=1M", "-o", "LogLevel=DEBUG1", "alias", "cat", feed=data
    )
    assert hashlib.sha256(ran.output).digest() == hashlib.sha256(data).digest()
    assert ran.errors.count("SSH2_MSG_NEWKEYS received") >= 8


async def test_sftp_rekeys_in_mid_transfer(bench: Bench, tmp_path: Path) -> None:
    """A put and a get with a new key every megabyte."""
    engineer = await bench.engineer(*ALL, folders=(bench.home,))
    original, back = tmp_path / "original", tmp_path / "back"
    original.write_bytes(os.urandom(8 * 1024 * 1024))
    ran = await engineer.run(
        "-o", "RekeyLimit=1M", "-b", "-", "alias", program="sftp", feed=f"put {original} x\nget x {back}\n".encode()
    )
    assert ran.status == 0, ran.errors
    assert back.read_bytes() == original.read_bytes()


# ── forwarding ──────────────────────────────────────────────────────────────────────────────────────────────────


async def connect_through(port: int, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        writer.write_eof()
        return await asyncio.wait_for(reader.read(), PATIENCE_SECONDS)
    except OSError:  # refused: the client closed the connection, perhaps before we were done
        return b""
    finally:
        writer.close()


async def listens(port: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


@pytest.mark.parametrize("option", ["-L", "-D"])
async def test_local_and_dynamic_forwarding_need_their_scope(bench: Bench, echo_port: int, option: str) -> None:
    """`-N -L` and `-N -D` carry bytes under `forward`; without it each connection is refused and recorded."""
    allowed, refused = await bench.engineer(Scope.FORWARD), await bench.engineer(Scope.SHELL)
    for engineer in (allowed, refused):
        port = free_port()
        where = f"127.0.0.1:{port}:127.0.0.1:{echo_port}" if option == "-L" else f"127.0.0.1:{port}"
        client = await engineer.start("-N", option, where, "alias")
        await listens(port)
        data = b"through" if option == "-L" else _socks_request(echo_port) + b"through"
        answer = await connect_through(port, data)
        assert answer.endswith(b"through") is (engineer is allowed)
        client.terminate()
    outcomes = {(event.participant, event.outcome) for event in bench.recording.of(ConnectionForwarded)}
    assert outcomes >= {(1, "ok"), (2, "refused")}


def _socks_request(port: int) -> bytes:
    """SOCKS4 to 127.0.0.1, without waiting for the answer in between."""
    return b"\x04\x01" + port.to_bytes(2, "big") + b"\x7f\x00\x00\x01\x00"


@pytest.mark.parametrize(
    "arguments",
    [
        ("-R", "0:127.0.0.1:22"),
        ("-R", "0"),
        ("-R", "/tmp/forwarded.sock:127.0.0.1:22"),
    ],
)
async def test_nothing_ever_listens_at_the_customers(bench: Bench, arguments: tuple[str, ...]) -> None:
    """`-R` in every form is refused, with every scope that there is."""
    engineer = await bench.engineer(*ALL)
    ran = await engineer.run("-N", "-o", "ExitOnForwardFailure=yes", *arguments, "alias")
    assert ran.status == 255
    assert "remote port forwarding failed" in ran.errors.lower() or "remote forward failure" in ran.errors.lower()


async def test_no_unix_socket_of_the_customers_is_reached(bench: Bench, tmp_path: Path) -> None:
    """`-L` to a socket file: not offered, so no agent, no Docker, no desktop bus."""
    engineer = await bench.engineer(*ALL)
    target = bench.folder / "target.sock"
    server = await asyncio.start_unix_server(lambda _reader, writer: writer.write(b"inside"), target)
    port = free_port()
    await engineer.start("-N", "-L", f"127.0.0.1:{port}:{target}", "alias")
    await listens(port)
    assert await connect_through(port, b"x") == b""
    server.close()


async def test_no_agent_no_display_no_tunnel(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-A`, `-X` and `-w` give a program nothing, whatever the client sends along; the command itself runs."""
    engineer = await bench.engineer(*ALL)
    key_agent = await asyncio.to_thread(subprocess.run, ["ssh-agent", "-s"], capture_output=True, text=True, check=True)
    variables = dict(
        part.split("=", 1) for line in key_agent.stdout.splitlines() for part in line.split(";") if "=" in part
    )
    monkeypatch.setenv("SSH_AUTH_SOCK", variables["SSH_AUTH_SOCK"])
    monkeypatch.setenv("DISPLAY", "127.0.0.1:7")
    try:
        ran = await engineer.run("-A", "-X", "alias", 'echo "agent=$SSH_AUTH_SOCK display=$DISPLAY"')
        assert ran.output == b"agent= display=\n"
        tunnel = await engineer.run("-w", "any:any", "-o", "ExitOnForwardFailure=yes", "alias", "true")
        assert tunnel.status != 0
    finally:
        os.kill(int(variables["SSH_AGENT_PID"]), 15)


# ── odd requests ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_variables_of_the_client_do_not_reach_programs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """SendEnv and SetEnv are heard and not obeyed: LD_PRELOAD, PATH and locale are the customer's."""
    monkeypatch.setenv("LD_PRELOAD_X", "evil")
    engineer = await bench.engineer(Scope.SHELL)
    ran = await engineer.run(
        "-o", "SendEnv=LD_PRELOAD_X", "-o", "SetEnv=BASH_ENV=/tmp/evil PATH=/evil", "alias",
        'echo "$LD_PRELOAD_X $BASH_ENV"; case "$PATH" in /evil*) echo evil;; esac',
    )  # fmt: skip
    assert ran.output == b" \n"


@pytest.mark.parametrize("name", ["netconf", "sftp ", "SFTP", "../sftp", "x" * 5000, "\u202eptfs"])
async def test_only_one_subsystem_exists(bench: Bench, name: str) -> None:
    """Every other name is refused, and sftp works on."""
    engineer = await bench.engineer(*ALL, folders=(bench.home,))
    ran = await engineer.run("-s", "alias", name)
    assert ran.status != 0
    assert (await engineer.sftp("ls")).status == 0


async def test_a_huge_command_line_runs_or_is_refused_in_a_sentence(bench: Bench) -> None:
    """Up to the limit a command runs whole; beyond it, 126 and a sentence, and nothing of it has run."""
    engineer = await bench.engineer(Scope.SHELL)
    fits = "echo " + "x" * 30_000
    ran = await engineer.run("alias", fits)
    assert ran.output == b"x" * 30_000 + b"\n"
    async with ssh_client(bench, engineer) as connection:  # Linux gives no program an argument of this length
        refused = await connection.run("touch ran; echo " + "x" * COMMAND_LIMIT_BYTES)
    assert (refused.exit_status, refused.stdout) == (126, "")
    assert "does not offer" in str(refused.stderr)
    assert not (bench.home / "ran").exists()


# ── windows ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("window_bytes", "lines"), [(1, 40), (2**32 - 1, 300_000)])
async def test_channel_windows_of_a_byte_and_of_four_gibibytes(bench: Bench, window_bytes: int, lines: int) -> None:
    """RFC 4254, section 5.2: what a client grants is what it gets at a time, and all of it arrives."""
    engineer = await bench.engineer(Scope.SHELL)
    async with ssh_client(bench, engineer) as connection:
        ran = await asyncio.wait_for(connection.run(f"seq {lines}", window=window_bytes), PATIENCE_SECONDS)
    assert ran.stdout == "".join(f"{number}\n" for number in range(1, lines + 1))


async def test_a_channel_window_of_nothing_waits_and_harms_nobody(bench: Bench) -> None:
    """A client that grants no byte gets none, for as long as it likes; the output waits in its program's pipe."""
    engineer, other = await bench.engineer(Scope.SHELL), await bench.engineer(Scope.SHELL)
    async with ssh_client(bench, engineer) as connection:
        process = await connection.create_process("yes", window=0)
        assert (await other.run("alias", "echo unharmed")).output == b"unharmed\n"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(process.stdout.read(1), 0.3)
        process.close()


@pytest.mark.parametrize(("columns", "rows"), [(0, 0), (1, 1), (65535, 65535), (0, 50)])
async def test_windows_of_any_size_are_survived(bench: Bench, columns: int, rows: int) -> None:
    """Zero and huge: the shell has a size that programs can live with, and the engineer's client is served."""
    engineer = await bench.engineer(Scope.SHELL)
    said = await _in_a_window(engineer, columns, rows)
    assert b"size " in said
    seen_rows, seen_columns = (int(number) for number in said.split(b"size ", 1)[1].split()[:2])
    assert 1 <= seen_rows <= 1000
    assert 1 <= seen_columns <= 1000


async def _in_a_window(engineer: Engineer, columns: int, rows: int) -> bytes:
    """What a shell prints in a window of that size: ssh reads the size off its own terminal."""
    script = f"stty rows {rows} columns {columns}; exec ssh {' '.join(engineer.options)} -tt alias"
    process = await asyncio.create_subprocess_exec(
        "script", "-qec", script, "/dev/null",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    engineer.running.append(process)
    assert process.stdin is not None
    process.stdin.write(b'echo "si""ze $(stty size)"; exit\n')
    output, _ = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    return output
