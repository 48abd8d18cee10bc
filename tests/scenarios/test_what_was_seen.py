"""Every byte that an engineer saw is in the recording, and both ends vouch for it."""

import json
import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.helpers.deployment import ALL_SCOPES, CONSENTRY, REASON, Broker, Customer, Engineer, Lines, ended
from tests.helpers.waiting import PATIENCE_SECONDS


def _connect(engineer: Engineer, code: str, terminal: int) -> "subprocess.Popen[bytes]":
    """`consentry connect` with a terminal to type on; what it shows goes to a pipe, so that no byte of it is lost."""
    scopes = [word for scope in ALL_SCOPES for word in ("--scope", scope)]
    return engineer.popen(
        *CONSENTRY, "connect", code, "--reason", REASON, "--end", "--no-ssh-config", *scopes,
        stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_the_engineers_hash_is_the_recordings(
    broker: Broker, engineer: Engineer, new_customer: Callable[..., Customer], tmp_path: Path
) -> None:
    """What `connect` showed, byte for byte, is the room's output in the recording; its signed hash is FINAL's."""
    customer = new_customer(broker)
    ours, theirs = pty.openpty()
    with ended(_connect(engineer, customer.code, theirs)) as shell:
        os.close(theirs)
        lines = Lines(shell)
        os.write(ours, b"printf '\\033[31mred\\033[0m caf\\303\\251 \\377\\n'; seq 400\r")
        lines.wait_for(b"\r\n400\r\n")
        os.write(ours, b"exit\r")
        assert shell.wait(PATIENCE_SECONDS) == 0
        lines.wait_for_end()
    os.close(ours)
    session = customer.receipt.stem.removeprefix("receipt-")
    raw = tmp_path / "raw.jsonl"
    broker.audit("export", session, "--format", "jsonl", "--output", raw)
    events = [json.loads(line) for line in raw.read_text().splitlines()]
    shown = b"".join(_bytes_of(event) for event in events if event["kind"] == "out")
    assert shown
    assert lines.text.startswith(shown)
    (attested,) = [event for event in events if event["kind"] == "attested"]
    assert attested["matches"]
    assert attested["output_bytes"] == len(shown)
    verified = json.loads(broker.audit("verify", session, "--json").stdout)
    assert verified["intact"]


def _bytes_of(event: dict[str, str]) -> bytes:
    import base64

    return base64.b64decode(event["data"])
