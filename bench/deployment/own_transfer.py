"""What a transfer command of our own would do: `python -m bench.deployment.own_transfer FOLDER get|put FROM TO`.

SFTP requests of 255 KiB, 32 of them on the way, straight over a stream: no `ssh` process, no `ssh-proxy` and no pipe.
"""

import asyncio
import sys
from pathlib import Path

import asyncssh

from protocol.stream_frames import StreamKind
from tunnel.engineer_stream import open_stream
from tunnel.paired_session import PairedSession
from tunnel.ssh_tuning import install_cached_gcm
from tunnel.stream_connection import StreamConnection
from tunnel.tasks import TaskGroupOwner

BLOCK_BYTES = 255 * 1024
REQUESTS = 32
WINDOW_BYTES = 16 * 1024 * 1024


class StreamTunnel:
    """What `asyncssh.connect(tunnel=…)` asks for: a transport for the protocol that it makes."""

    def __init__(self, stream: StreamConnection) -> None:
        self._stream = stream

    async def create_connection(self, make: object, *_: object) -> tuple[asyncio.Transport, asyncio.Protocol]:
        assert callable(make)
        protocol = make()
        self._stream.set_protocol(protocol)
        protocol.connection_made(self._stream)
        return self._stream, protocol


async def move(session_folder: Path, verb: str, source: str, target: str) -> None:
    install_cached_gcm()
    tasks = TaskGroupOwner()
    paired = PairedSession.load(str(session_folder / "session.json"))
    stream = await open_stream(paired, StreamKind.SSH, tasks=tasks)
    async with (
        asyncssh.connect(
            "session",
            tunnel=StreamTunnel(stream),
            config=None,
            username="consentry",
            known_hosts=None,
            client_keys=[str(session_folder / "identity")],
            agent_path=None,
            encryption_algs=["aes256-gcm@openssh.com"],
            kex_algs=["curve25519-sha256"],
            compression_algs=None,
            rekey_bytes=64 * 1024**3,
        ) as connection,
        connection.start_sftp_client() as sftp,
    ):
        copy = sftp.get if verb == "get" else sftp.put
        await copy(source, target, block_size=BLOCK_BYTES, max_requests=REQUESTS)
    await tasks.aclose()


if __name__ == "__main__":
    asyncio.run(move(Path(sys.argv[1]), *sys.argv[2:5]))
