"""A relay in a process of its own, for tests that kill it: `python -m tests.helpers.relay_process SETTINGS.json`."""

import asyncio
import json
import sys
import time
from pathlib import Path

import uvicorn

from broker.relay.relay import Relay
from broker.relay.tickets import LegTickets
from broker.relay.upgrade import relay_websocket_protocol


async def serve(settings: dict[str, str]) -> None:
    """Prints one line when it listens. The session is registered, as a broker does for live ones after a restart."""
    relay = Relay(
        LegTickets(bytes.fromhex(settings["ticket_key"])),
        request_legs=lambda _session_id, _count: None,  # there is no agent's control connection here
        clock=lambda: time.time_ns() // 1_000_000,
    )
    relay.session_opened(bytes.fromhex(settings["session_id"]))
    config = uvicorn.Config(
        app="tests.helpers.relay_house:ordinary_application",
        host="127.0.0.1",
        port=int(settings["port"]),
        ws=relay_websocket_protocol(relay),
        ssl_certfile=settings["certificate_file"],
        ssl_keyfile=settings["key_file"],
        log_config=None,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    print("listening", flush=True)
    await serving


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(json.loads(Path(sys.argv[1]).read_text())))
