"""Ports for servers that are stopped and started again, while others beside them look for ports, too."""

import contextlib
import os
import random
import socket

FIRST_PORT, END_OF_PORTS = 10_000, 32_768
"""Below those that systems give to connections that go out (RFC 6335, section 6): none of these gets one meanwhile."""

TEST_PROCESSES = 32
"""So many choose from ports of their own: what is free at this moment may be another's, who has stopped his server."""

_given: set[int] = set()


def free_port() -> int:
    """One that nobody listens on, and that no other test process, nor this one, is given again."""
    own = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % TEST_PROCESSES
    ports = range(FIRST_PORT + own, END_OF_PORTS, TEST_PROCESSES)
    while True:
        port = random.SystemRandom().choice(ports)
        with socket.socket() as probe, contextlib.suppress(OSError):
            if port not in _given:
                probe.bind(("127.0.0.1", port))
                _given.add(port)
                return port
