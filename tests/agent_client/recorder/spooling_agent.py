"""An agent in a process of its own that records to an unreachable broker until it is killed. Started by test_deliver.

Arguments: state folder, port of the broker. Writes one line when record 0 is durable, and one per sealed record.
"""

import asyncio
import os
import sys
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect

from agent_client.recorder.limits import RecorderLimits
from agent_client.recorder.recorded_session import RecordedSession, RecorderCallbacks
from agent_client.recorder.recorder import Recorder
from protocol.events import ROOM_CHANNEL, TerminalOutput
from protocol.profile import AuditRecipient, Profile


async def main(state: Path, port: int) -> None:
    async def dial() -> ClientConnection:
        return await connect(f"ws://127.0.0.1:{port}", proxy=None)

    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    recipient = AuditRecipient(
        bytes(8), "x25519", X25519PrivateKey.generate().public_key().public_bytes_raw(), 0, 2**52
    )
    profile = Profile(
        version=1,
        organisation="Example",
        broker_origin="https://broker.example:8443",
        engineer_ca_key=bytes(32),
        audit_recipients=(recipient,),
    )
    recorder = Recorder(
        RecordedSession(b"s" * 16, b"t" * 32, key, profile),
        state,
        connect=dial,
        callbacks=RecorderCallbacks(on_progress=lambda recorded, acked: print(recorded, acked, flush=True)),
        limits=RecorderLimits(seal_after_ms=1),
    )
    await recorder.start(b"manifest", bytes(32))
    print("live", flush=True)
    while True:
        recorder.record(TerminalOutput(recorder.elapsed_ms(), ROOM_CHANNEL, os.urandom(1_000)))
        await asyncio.sleep(0.001)


structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
