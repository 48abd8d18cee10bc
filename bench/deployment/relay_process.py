"""Our relay without the rest of the broker, in a process of its own: `python -m bench.deployment.relay_process FILE`.

The same uvicorn, the same event loop and the same relay as `consentry serve`. FILE holds the settings as JSON.
"""

import asyncio
import contextlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bench.deployment.openssh import free_port, wait_for_port
from broker.relay.relay import Relay
from broker.relay.tickets import LegRole, LegTickets
from broker.relay.upgrade import relay_websocket_protocol
from serving.http.shared_tls import SharedBuffers, over_tls, server_context

TICKET_LIFE_MS = 3600 * 1000


@dataclass(frozen=True)
class RelayProcess:
    """A running relay that admits legs of its sessions."""

    pid: int
    port: int
    session_ids: list[bytes]
    tickets: LegTickets

    def ticket(self, session_id: bytes, role: LegRole) -> str:
        return self.tickets.issue(session_id, role, b"e" if role == "engineer" else b"", _now_ms() + TICKET_LIFE_MS)


@contextlib.contextmanager
def relay_process(folder: Path, certificate: tuple[Path, Path], *, sessions: int) -> Iterator[RelayProcess]:
    folder.mkdir(parents=True, exist_ok=True)
    key, port = secrets.token_bytes(32), free_port()
    session_ids = [secrets.token_bytes(16) for _ in range(sessions)]
    settings = folder / "relay.json"
    settings.write_text(
        json.dumps(
            {
                "port": port,
                "ticket_key": key.hex(),
                "session_ids": [one.hex() for one in session_ids],
                "certificate_file": str(certificate[0]),
                "key_file": str(certificate[1]),
            }
        )
    )
    process = subprocess.Popen([sys.executable, "-m", "bench.deployment.relay_process", str(settings)])
    try:
        wait_for_port(port)
        yield RelayProcess(process.pid, port, session_ids, LegTickets(key))
    finally:
        process.terminate()
        process.wait()


async def _no_application(scope: Any, receive: Any, send: Any) -> None:
    """Whatever is no leg is not answered."""


def main(settings_file: str) -> None:
    settings = json.loads(Path(settings_file).read_text())
    relay = Relay(
        LegTickets(bytes.fromhex(settings["ticket_key"])),
        request_legs=lambda _session_id, _count: None,  # the bench's agents dial by themselves
        clock=_now_ms,
    )
    for session_id in settings["session_ids"]:
        relay.session_opened(bytes.fromhex(session_id))
    tls = server_context(Path(settings["certificate_file"]), Path(settings["key_file"]))
    uvicorn.run(
        _no_application,
        http=cast("type[asyncio.Protocol]", over_tls(SharedBuffers(tls), HttpToolsProtocol)),
        host="127.0.0.1",
        port=settings["port"],
        ws=cast("type[asyncio.Protocol]", relay_websocket_protocol(relay)),  # as in `broker/server.py`
        log_config=None,
        lifespan="off",
    )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    main(sys.argv[1])
