"""An engineer's client that reads everything and acknowledges nothing: `python -m bench.deployment.never_acks FILE`.

FILE is a paired session's. Runs a command that puts out zeros without end over one stream, and goes on until killed.
"""

import asyncio
import sys
from pathlib import Path

import asyncssh

import protocol.stream
from bench.deployment.own_transfer import StreamTunnel
from protocol.stream_frames import StreamKind, ack_frame
from tunnel.engineer_stream import open_stream
from tunnel.paired_session import PairedSession
from tunnel.tasks import TaskGroupOwner

READ_BYTES = 64 * 1024


async def main(session_file: Path) -> None:
    vars(protocol.stream)["ack_frame"] = lambda _received_bytes: ack_frame(0)  # true once, and no news since
    tasks = TaskGroupOwner()
    stream = await open_stream(PairedSession.load(str(session_file)), StreamKind.SSH, tasks=tasks)
    async with asyncssh.connect(
        "session",
        tunnel=StreamTunnel(stream),
        config=None,
        username="consentry",
        known_hosts=None,
        client_keys=[str(session_file.parent / "identity")],
        agent_path=None,
    ) as connection:
        process = await connection.create_process("cat /dev/zero", encoding=None)
        while await process.stdout.read(READ_BYTES):
            pass
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
