"""Stock OpenSSH through ssh-proxy, a relay that really listens, and an SSH server behind the agent's legs."""

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import asyncssh
import pytest

from engineer_client.ssh_proxy import FLOW_BYTES, FLOW_PAUSE_SECONDS, SshProxy
from protocol.stream_frames import CloseCode
from tests.helpers.ports import free_port
from tests.helpers.relay_house import Pairing, make_certificate
from tests.helpers.waiting import until
from tunnel.agent_legs import AgentLegs
from tunnel.stream_connection import StreamConnection
from tunnel.tasks import TaskGroupOwner

PAYLOAD_BYTES = 24 * 1024 * 1024


class StreamListener:
    """What `asyncssh.listen(tunnel=…)` wants of a tunnel: it hands over the factory of its connections."""

    def __init__(self) -> None:
        self.connections = 0

    async def create_server(self, factory: object, *_: object) -> "StreamListener":
        self._factory = factory
        return self

    def accept(self, stream: StreamConnection) -> None:
        self.connections += 1
        connection = self._factory("", 0)  # type: ignore[operator]
        stream.set_protocol(connection)
        connection.connection_made(stream)

    def close(self) -> None:
        """asyncssh closes its listener."""

    async def wait_closed(self) -> None: ...


class PlainServer(asyncssh.SSHServer):
    """Nobody has to authenticate: who may come in is not what is tested here."""

    def begin_auth(self, username: str) -> bool:
        return False


class House:
    """Relay process, agent, session file: all that `ssh` needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate_file, self.key_file, pem = make_certificate(folder)
        self.pairing = Pairing(free_port(), pem)
        self.session_file = folder / "session.json"
        self.pairing.session(resume_window_seconds=600).save(self.session_file)
        self.started_bytes = asyncio.Event()
        self.listener = StreamListener()
        self.tasks = TaskGroupOwner()
        self.streams: list[StreamConnection] = []
        self.relay: asyncio.subprocess.Process
        self.agent: AgentLegs

    async def start_relay(self) -> None:
        settings = self.folder / "relay.json"
        fields = {
            "port": str(self.pairing.port),
            "ticket_key": self.pairing.ticket_key.hex(),
            "session_id": self.pairing.session_id.hex(),
            "certificate_file": str(self.certificate_file),
            "key_file": str(self.key_file),
        }
        settings.write_text(json.dumps(fields))
        self.relay = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.helpers.relay_process", settings, stdout=asyncio.subprocess.PIPE
        )
        assert self.relay.stdout is not None
        assert await self.relay.stdout.readline() == b"listening\n"

    async def kill_relay(self) -> None:
        self.relay.kill()
        await self.relay.wait()

    async def start_agent(self) -> None:
        host_key = asyncssh.generate_private_key("ssh-ed25519")
        known = host_key.export_public_key().decode().split()
        (self.folder / "known_hosts").write_text(f"case {known[0]} {known[1]}\n")
        await asyncssh.listen(
            tunnel=self.listener,
            server_factory=PlainServer,
            server_host_keys=[host_key],
            process_factory=self._run_command,
            encoding=None,
        )
        self.agent = AgentLegs(
            self.pairing.profile(),
            self.pairing.agent_ticket,
            stream_key_for=self.pairing.stream_key_for,
            on_stream=self._accept,
        )
        self.tasks.start(self.agent.run(), name="agent legs")
        await until(lambda: self.agent.spare_legs > 0)

    def _accept(self, stream: StreamConnection) -> None:
        self.streams.append(stream)
        self.listener.accept(stream)

    async def _run_command(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        """`send` writes the payload, `receive` answers with the SHA-256 of its input, `exit N` exits."""
        name, *arguments = (process.command or "").split()
        if name == "send":
            for at in range(0, PAYLOAD_BYTES, 65536):
                process.stdout.write(payload()[at : at + 65536])
                await process.stdout.drain()
                self.started_bytes.set()
        elif name == "receive":
            digest = hashlib.sha256()
            while data := await process.stdin.read(65536):
                digest.update(data)
                self.started_bytes.set()
            process.stdout.write(digest.hexdigest().encode())
        process.exit(int(arguments[0]) if name == "exit" else 0)

    def ssh_command(self, *words: str) -> list[str]:
        proxy = f"{sys.executable} -P -m consentry ssh-proxy {self.session_file}"
        options = [
            f"ProxyCommand={proxy}",
            f"UserKnownHostsFile={self.folder / 'known_hosts'}",
            "HostKeyAlias=case",
            "StrictHostKeyChecking=yes",
            "PreferredAuthentications=none",
            "LogLevel=ERROR",
        ]
        return ["ssh", "-F", "none", *(word for option in options for word in ("-o", option)), "case", *words]

    async def ssh(self, *words: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(*self.ssh_command(*words), stdin=pipe, stdout=pipe, stderr=pipe)


def payload() -> bytes:
    """Bytes that do not repeat within any frame, so that a shift or a gap cannot go unnoticed."""
    if not _payload:
        _payload.append(b"".join(hashlib.sha256(i.to_bytes(4, "big")).digest() for i in range(PAYLOAD_BYTES // 32)))
    return _payload[0]


_payload: list[bytes] = []


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.start_relay()
    await house.start_agent()
    yield house
    await house.agent.close()
    await house.tasks.aclose()
    with contextlib.suppress(ProcessLookupError):
        house.relay.send_signal(signal.SIGTERM)
    await house.relay.wait()


async def test_exit_status_and_end(house: House) -> None:
    """`ssh ALIAS 'exit 7'` returns 7, says nothing, and the agent's end of the stream ends in order."""
    ssh = await house.ssh("exit 7")
    output, errors = await ssh.communicate()
    assert (ssh.returncode, output, errors) == (7, b"", b"")
    assert await house.streams[0].wait_closed() is CloseCode.DONE


async def test_relay_killed_while_receiving(house: House) -> None:
    """The relay is killed and started again in the middle of a download: `ssh` gets every byte, once, in order."""
    ssh = await house.ssh("send")
    assert ssh.stdout is not None
    first = await ssh.stdout.readexactly(1024 * 1024)
    await house.kill_relay()
    await house.start_relay()
    rest, errors = await ssh.communicate()
    assert (ssh.returncode, errors) == (0, b"")
    assert hashlib.sha256(first + rest).digest() == hashlib.sha256(payload()).digest()
    assert house.listener.connections == 1


async def test_relay_killed_while_sending(house: House) -> None:
    """The same for an upload, killed twice."""
    ssh = await house.ssh("receive")
    assert ssh.stdin is not None
    assert ssh.stdout is not None
    third = PAYLOAD_BYTES // 3
    for part in range(3):
        ssh.stdin.write(payload()[part * third : (part + 1) * third])
        with suppress(ConnectionError):  # what `ssh` says about it stands below
            await ssh.stdin.drain()
        if part < 2:
            await house.kill_relay()
            await house.start_relay()
    ssh.stdin.close()
    output, errors = await ssh.communicate()
    assert (ssh.returncode, errors) == (0, b"")
    assert output.decode() == hashlib.sha256(payload()).hexdigest()


def test_only_in_a_flow_of_output_is_input_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """`ssh` that widens its window in the middle of a download is heard a little later, together with the next time;
    a key, a key in a trickle of output, and an upload are not kept waiting."""
    pauses: list[float] = []
    proxy = SshProxy(Pairing(1, "").session(resume_window_seconds=600), -1, -1)
    steps = iter([(0, 1), (FLOW_BYTES - 1, 1), (10 * FLOW_BYTES, 32_000), (FLOW_BYTES, 36), (0, 36), (0, 0)])

    def read(_descriptor: int, _limit_bytes: int) -> bytes:
        output_bytes, input_bytes = next(steps)
        proxy._output_bytes += output_bytes
        return bytes(input_bytes)

    monkeypatch.setattr("engineer_client.ssh_proxy.os.read", read)
    monkeypatch.setattr("engineer_client.ssh_proxy.time.sleep", pauses.append)
    proxy._pump_input()
    assert pauses == [FLOW_PAUSE_SECONDS]


async def test_session_over(house: House) -> None:
    """A session that is closed while `ssh` waits for output ends with one sentence that says what to do."""
    ssh = await house.ssh("receive")
    assert ssh.stdin is not None
    ssh.stdin.write(b"something")
    await house.started_bytes.wait()
    house.agent.streams[0].kill(CloseCode.OVER)
    _, errors = await ssh.communicate()
    assert ssh.returncode == 255
    assert b"The session has ended. To go on, ask the customer for a new code: consentry connect\n" in errors


async def test_session_file_missing(tmp_path: Path) -> None:
    """A session that is not there is said to be not there, in the reader's language, with exit status 1."""
    environment = {**os.environ, "CONSENTRY_LANGUAGE": "en"}
    proxy = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "consentry", "ssh-proxy", tmp_path / "none.json"),
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    _, errors = await proxy.communicate()
    assert proxy.returncode == 1
    assert errors.decode().count("\n") == 1
    assert "No such file" in errors.decode()
