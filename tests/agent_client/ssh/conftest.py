"""A whole SSH server of a session on a local port, and the real OpenSSH in front of it."""

import asyncio
import base64
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from agent_client.recording import PassThrough
from agent_client.shell.environment import ShellProfile
from agent_client.shell.room import Room
from agent_client.ssh.host_keys import HostKeys
from agent_client.ssh.server import SessionSsh
from protocol.events import ChannelClosed
from tests.agent_client.collecting import ChangeableAccess, CollectedRecording

HOST_KEYS = HostKeys.generate()
PROMPT = b"$ " if os.geteuid() else b"# "


class StreamOverTcp:
    """A TCP transport as that of a resumable stream: with the id of one, and silent until somebody resumes it."""

    def __init__(self, transport: asyncio.Transport, stream_id: bytes, early: list[bytes]) -> None:
        self._transport = transport
        self._stream_id = stream_id
        self._early = early

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._stream_id if name == "stream_id" else default

    def resume_reading(self) -> None:
        listener = cast("asyncio.Protocol", self._transport.get_protocol())
        while self._early:
            listener.data_received(self._early.pop(0))
        self._transport.resume_reading()


class Accepting(asyncio.Protocol):
    """Keeps what comes before the server listens: uvloop starts to read after `connection_made`, whatever is said
    there."""

    def __init__(self, serve: Callable[[asyncio.Transport, list[bytes]], None]) -> None:
        self._serve = serve
        self._early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._serve(self._transport, self._early)

    def data_received(self, data: bytes) -> None:
        self._early.append(data)
        self._transport.pause_reading()


@dataclass
class Engineer:
    """An SSH client with its own key, admitted through its access."""

    bench: "Bench"
    access: ChangeableAccess
    port: int
    options: list[str]
    running: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self, *arguments: str, program: str = "ssh", **kwargs: Any) -> asyncio.subprocess.Process:
        kwargs = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **kwargs}
        process = await asyncio.create_subprocess_exec(program, *self.options, *arguments, **kwargs)
        self.running.append(process)
        return process

    async def run(self, *arguments: str, program: str = "ssh", feed: bytes | None = None, **kwargs: Any) -> "Ran":
        if feed is not None:
            kwargs["stdin"] = subprocess.PIPE
        process = await self.start(*arguments, program=program, **kwargs)
        output, errors = await process.communicate(feed)
        return Ran(process.returncode or 0, output, errors.decode())

    async def sftp(self, *lines: str) -> "Ran":
        return await self.run("-b", "-", "alias", program="sftp", feed="\n".join(lines).encode() + b"\n")


@dataclass
class Ran:
    status: int
    output: bytes
    errors: str


class Bench:
    """The server side of one session."""

    def __init__(self, folder: Path, recording: CollectedRecording) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.recording = recording
        self.profile = ShellProfile(
            "/bin/sh", self.home, {"PATH": os.environ["PATH"], "HOME": str(self.home), "PS1": "$ ", "LC_ALL": "C.UTF-8"}
        )
        self.room = Room(recording, PassThrough, self.profile)
        self.ssh = SessionSsh(HOST_KEYS, self.room, recording, PassThrough, self.profile)
        self._stream_ids = count(1)
        self._participants = count(1)
        self._servers: list[asyncio.Server] = []
        self._serving: set[asyncio.Task[None]] = set()
        self.engineers: list[Engineer] = []

    async def engineer(self, *scopes: Any, folders: tuple[Path, ...] = (), at_gateway: bool = False) -> Engineer:
        number = next(self._participants)
        key = self.folder / f"engineer-{number}"
        await asyncio.to_thread(
            subprocess.run, ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True
        )
        blob = base64.b64decode(key.with_suffix(".pub").read_text().split()[1])
        access = ChangeableAccess(*scopes, participant=number, ssh_user_key=blob, folders=folders)
        through = ChangeableAccess(*scopes, participant=number, ssh_user_key=blob, folders=folders)

        def serve(transport: asyncio.Transport, early: list[bytes]) -> None:
            over_tcp = StreamOverTcp(transport, next(self._stream_ids).to_bytes(16, "big"), early)
            stream = cast("asyncio.Transport", over_tcp)
            serving = self.ssh.serve_gateway(stream, access, through) if at_gateway else self.ssh.serve(stream, access)
            task = asyncio.create_task(serving)
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

        server = await asyncio.get_running_loop().create_server(lambda: Accepting(serve), "127.0.0.1", 0)
        self._servers.append(server)
        port = server.sockets[0].getsockname()[1]
        known = self.folder / f"known-{number}"
        known.write_text(f"[127.0.0.1]:{port} " + HOST_KEYS.ed25519.export_public_key().decode())
        config = self.folder / f"config-{number}"
        config.write_text(
            f"Host alias\n HostName 127.0.0.1\n Port {port}\n User customer\n IdentityFile {key}\n IdentitiesOnly yes\n"
            f" UserKnownHostsFile {known}\n GlobalKnownHostsFile /dev/null\n StrictHostKeyChecking yes\n"
            " LogLevel ERROR\n HostKeyAlgorithms ssh-ed25519\n"
        )
        engineer = Engineer(self, access, port, ["-F", str(config)])
        self.engineers.append(engineer)
        return engineer

    async def closed(self, *, participant: int = 1) -> ChannelClosed:
        return await self.recording.first(ChannelClosed, lambda event: event.participant == participant)

    async def all_gone(self) -> None:
        """Return when no SSH connection is left."""
        await asyncio.gather(*self._serving)

    async def close(self) -> None:
        await self.ssh.end()
        await self.room.end()
        for engineer in self.engineers:
            for process in engineer.running:
                if process.returncode is None:
                    process.kill()
                await process.communicate()  # to the end of its pipes, which would stay open otherwise
        for server in self._servers:
            server.close()
        if self._serving:
            await asyncio.wait(self._serving, timeout=2)


@asynccontextmanager
async def open_bench() -> AsyncIterator[Bench]:
    # Not pytest's tmp_path: the path of an SSH control socket may have 108 bytes at most.
    with tempfile.TemporaryDirectory(prefix="cs") as folder:
        bench = Bench(Path(folder), CollectedRecording())
        try:
            yield bench
        finally:
            await bench.close()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with open_bench() as bench:
        yield bench
