"""The console's own code in Node, against real processes: what a browser does, without one."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.deployment import Broker, plain_environment
from tests.helpers.waiting import PATIENCE_SECONDS

WEB = Path(__file__).resolve().parents[2] / "web"
NPM = WEB.parent / "tools" / "npm.sh"


def run_end_to_end(name: str, *, patience_seconds: float = 4 * PATIENCE_SECONDS, **given: str) -> None:
    """One file of web/end_to_end, with what it is to know in its environment."""
    done = subprocess.run(
        ["sh", str(NPM), "exec", "--", "vitest", "run", "--config", "vitest.end_to_end.config.ts", name],
        cwd=WEB,
        env=plain_environment(**{key: os.environ[key] for key in ("PYTHON",) if key in os.environ}, **given),
        capture_output=True,
        text=True,
        timeout=patience_seconds,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.fixture
def broker(founded: Broker, tmp_path: Path) -> Iterator[Broker]:
    """One at a time: all copies of an organisation have its address."""
    broker = Broker(tmp_path / "organisation", like=founded)
    broker.start()
    yield broker
    broker.stop()
