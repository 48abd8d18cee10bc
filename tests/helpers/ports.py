"""Ports for servers that are stopped and started again, while others beside them look for ports, too."""

import contextlib
import os
import random
import socket
from collections.abc import Iterator
from functools import cache
from itertools import cycle, islice

FIRST_PORT, END_OF_PORTS = 10_000, 32_768
"""Below those that systems give to connections that go out (RFC 6335, section 6): none of these gets one meanwhile."""

TEST_PROCESSES = 32
"""So many choose from ports of their own: what is free at this moment may be another's, who has stopped his server."""

OWN_PORTS = (END_OF_PORTS - FIRST_PORT) // TEST_PROCESSES


def free_port() -> int:
    """One that nobody listens on, no other test process is given, and this one was given longest ago, if ever."""
    for port in islice(_own_ports(), OWN_PORTS):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"none of {OWN_PORTS} ports is free")


@cache
def _own_ports() -> Iterator[int]:
    own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % TEST_PROCESSES
    ports = [FIRST_PORT + own + number * TEST_PROCESSES for number in range(OWN_PORTS)]
    random.SystemRandom().shuffle(ports)
    return cycle(ports)
