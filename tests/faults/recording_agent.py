"""An agent's recorder in a process of its own: `main` with the path of its settings.

Records groups of events, each acknowledged before the next, so that every step of the spool is taken one after the
other: append, sync, and a rewrite after each acknowledgement. Says what it was told on standard output.
"""

import asyncio
import base64
import json
import sys
from pathlib import Path

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_client.recorder.limits import RecorderLimits
from agent_client.recorder.recorded_session import RecordedSession, RecorderCallbacks
from agent_client.recorder.recorder import Recorder
from protocol.errors import ConsentryError
from protocol.events import decode_events
from protocol.profile import Profile

NOT_OPENED, BROKEN_OFF = 3, 4
"""Exit statuses: no recording came about; it came about and failed."""


async def record(settings: dict[str, str], groups: list[str]) -> int:
    def told(sealed_bytes: int, acked_bytes: int) -> None:
        print(json.dumps({"acked_bytes": acked_bytes}), flush=True)
        if sealed_bytes == acked_bytes:
            all_acked.set()

    all_acked, failed = asyncio.Event(), asyncio.Event()
    session = RecordedSession(
        bytes.fromhex(settings["session_id"]),
        bytes.fromhex(settings["session_token"]),
        Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings["signing_key"])),
        msgspec.json.decode(settings["profile"], type=Profile),
    )
    recorder = Recorder(
        session,
        Path(settings["state"]),
        callbacks=RecorderCallbacks(on_progress=told, on_failed=lambda _error: failed.set()),
        limits=RecorderLimits(seal_after_ms=1, spool_rewrite_bytes=1),
    )
    try:
        await recorder.start(base64.b64decode(settings["manifest"]), base64.b64decode(settings["salt"]))
    except ConsentryError as error:
        print(json.dumps({"failed": str(error)}), flush=True)
        return NOT_OPENED
    failing = asyncio.create_task(failed.wait())
    for group in groups:
        all_acked.clear()
        for event in decode_events(base64.b64decode(group)):
            recorder.record(event)
        acking = asyncio.create_task(all_acked.wait())
        await asyncio.wait([acking, failing], return_when=asyncio.FIRST_COMPLETED)
        acking.cancel()
    failing.cancel()
    finished = await recorder.finish("engineer-ended")
    print(json.dumps({"delivered": finished.delivered, "sealed_end": finished.summary is not None}), flush=True)
    return 0 if finished.summary is not None else BROKEN_OFF


def main() -> int:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    content = json.loads(Path(sys.argv[1]).read_text())
    return asyncio.run(record(content["settings"], content["groups"]))


if __name__ == "__main__":
    sys.exit(main())
