"""A short soak: the same command as `make soak`, with a small budget and a fixed seed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 5
SEED = 1249
"""Its first strikes hit everything once: wire, broker, clients, agent."""


PATIENCE_SECONDS = 600
"""Half a minute does on a quiet machine; a busy one kills as often, more slowly."""


@pytest.mark.timeout(PATIENCE_SECONDS)
def test_processes_that_are_killed_lose_nothing(tmp_path: Path) -> None:
    """Kills of broker, agents and engineers' clients under load: no acked record is lost, no byte is wrong, every
    recording verifies or names its gap, and nothing is left behind."""
    results = tmp_path / "soak.json"
    budget = ["--minutes", "2", "--kills", str(KILLS), "--seed", str(SEED), "--posts", "2", "--no-faults"]
    done = subprocess.run(
        [sys.executable, "-m", "soak", *budget, "--results", str(results)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS - 10,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stdout + done.stderr
    facts = json.loads(results.read_text())
    assert facts["violations"] == []
    assert facts["kills"] >= KILLS
    assert facts["counts"]["acked checks"] > 0
