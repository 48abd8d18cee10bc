"""Broker and audit service of the practice organisation: one process, as on a laptop."""

import contextlib
import subprocess
import time
from collections.abc import Iterator

from consentry.practice.place import Place
from consentry.practice.processes import PracticePartFailed, free_port, listens, own_command, stopped_after
from protocol.errors import UnavailableError

START_WITHIN_SECONDS = 30.0
DESK_HOST = "127.0.0.1"
"""Not the broker's “localhost”: a browser keeps cookies by host name alone, and sends each server its own this way."""


class PortTaken(UnavailableError):
    """The broker's address is part of its profile: another port will not do."""

    sentence = "Something listens on port {port} already, perhaps another practice. Stop it and try again."


@contextlib.contextmanager
def broker_running(place: Place) -> Iterator[str]:
    """A broker that answers while the block runs; gives the address of the desk at its audit service."""
    port = int(place.facts["broker_origin"].rpartition(":")[2])
    if listens(port):
        raise PortTaken(port=port)
    audit_port = free_port(besides=port)
    with place.log("broker").open("a") as log:
        process = subprocess.Popen(
            [
                *own_command(), "serve", "--data", str(place.broker), "--host", "localhost", "--port", str(port),
                "--audit-data", str(place.audit), "--audit-host", DESK_HOST, "--audit-port", str(audit_port),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us: we stop the customer first
        )  # fmt: skip
        with stopped_after(process):
            deadline = time.monotonic() + START_WITHIN_SECONDS
            while not listens(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise PracticePartFailed(part="broker", log=place.log("broker"))
                time.sleep(0.05)
            yield f"https://{DESK_HOST}:{audit_port}/desk/"
