"""What ssh-audit, a judge that is not ours, says of our SSH server. https://github.com/jtesta/ssh-audit"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from protocol.grants import Scope
from tests.agent_client.ssh.conftest import Bench
from tests.helpers.waiting import PATIENCE_SECONDS

SSH_AUDIT = Path(sys.executable).parent / "ssh-audit"

ON_PURPOSE = {
    ("kex", "curve25519-sha256", "warn"): ["does not provide protection against post-quantum attacks"],
    ("key", "ecdsa-sha2-nistp256", "fail"): [
        "using elliptic curves that are suspected as being backdoored by the U.S. National Security Agency"
    ],
    ("key", "ecdsa-sha2-nistp256", "warn"): ["using weak random number generator could reveal the key"],
}
"""OpenSSH before 9.9 has no better key exchange; and the P-256 host key is for the browser's SSH library, which knows
no other: stock clients are pinned to Ed25519. `test_algorithms.py` shows which are offered, and in which order."""


async def audit(port: int) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        SSH_AUDIT, "--json", "--skip-rate-test", "--port", str(port), "127.0.0.1", stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    return dict(json.loads(said))


async def test_nothing_is_found_but_what_is_there_on_purpose(bench: Bench) -> None:
    """No failure, warning or CVE beside three remarks; it sees the answer to Terrapin, and recommends nothing."""
    engineer = await bench.engineer(Scope.SHELL)
    report = await audit(engineer.port)
    found = {
        (kind, one["algorithm"], level): remarks
        for kind in ("kex", "key", "enc", "mac")
        for one in report[kind]
        for level, remarks in one["notes"].items()
        if level != "info"
    }
    assert found == ON_PURPOSE
    assert (report["cves"], report["recommendations"], report["additional_notes"]) == ([], {}, [])
    assert "kex-strict-s-v00@openssh.com" in [one["algorithm"] for one in report["kex"]]
    assert (await engineer.run("alias", "echo unharmed")).output == b"unharmed\n"
