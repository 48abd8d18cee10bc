"""What the Tab key offers for the engineer's commands: names on this machine's disk. No network, nothing changed."""

import os
from contextlib import suppress

from engineer_client.login import known_origins
from engineer_client.state import open_state


def own_sessions() -> list[str]:
    """Aliases of the sessions that this machine has open."""
    with suppress(OSError):
        return sorted(folder.name for folder in open_state(os.environ).sessions.iterdir())
    return []


def own_brokers() -> list[str]:
    """Addresses of brokers that somebody has logged in to here."""
    return known_origins(open_state(os.environ))
