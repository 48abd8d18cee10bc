"""Two processes under one command: they start, stop and fall together."""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.audit.service.harness import make_audit_settings, set_up_alone
from tests.broker.harness import found, make_settings
from tests.helpers.deployment import CONSENTRY, plain_environment, wait_until


@pytest.fixture
def house(tmp_path: Path) -> Path:
    found(make_settings(tmp_path / "broker"))
    set_up_alone(make_audit_settings(tmp_path / "audit"))
    return tmp_path


class Served:
    def __init__(self, folder: Path, *options: str) -> None:
        self.log = folder / "serve.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*CONSENTRY, "serve", "--data", str(folder / "broker"), "--host", "127.0.0.1", "--port", "0", *options],
                stderr=log,
                env=plain_environment(CONSENTRY_AUDIT_LISTEN_PORT="0"),
            )

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def heard(self, event: str) -> dict[str, Any]:
        found: dict[str, Any] = wait_until(
            lambda: next((one for one in self.events() if one["event"] == event), None), event
        )
        return found

    def parts(self) -> dict[str, psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return {words[words.index("--role") + 1]: one for one in children for words in [one.cmdline()]}


@contextlib.contextmanager
def served(folder: Path, *options: str) -> Iterator[Served]:
    one = Served(folder, *options)
    try:
        yield one
    finally:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGTERM)
        one.process.wait(30)


def test_both_stop_when_one_is_told_to(house: Path) -> None:
    """SIGTERM to the command ends both in order, with status 0."""
    with served(house) as one:
        one.heard("broker_listening")
        one.heard("audit_listening")
        parts = list(one.parts().values())
        assert len(parts) == 2
    assert one.process.returncode == 0
    assert not any(part.is_running() for part in parts)


def test_both_fall_when_the_command_is_killed(house: Path) -> None:
    """SIGKILL gives nobody time to tell them: the kernel closes the pipe that they listen on."""
    with served(house) as one:
        one.heard("broker_listening")
        one.heard("audit_listening")
        parts = list(one.parts().values())
        one.process.kill()
        gone, alive = psutil.wait_procs(parts, timeout=30)
    assert (len(gone), alive) == (2, [])


@pytest.mark.parametrize("part", ["broker", "audit"])
def test_one_that_dies_takes_the_other_along(house: Path, part: str) -> None:
    """Nothing is restarted in silence: one sentence says which, and the status is not 0."""
    with served(house) as one:
        one.heard("broker_listening")
        one.heard("audit_listening")
        parts = one.parts()
        os.kill(parts[part].pid, signal.SIGKILL)
        assert one.process.wait(30) == 1
    assert f"The {part} process ended by itself with status -9" in one.log.read_text()
    assert not any(process.is_running() for process in parts.values())


def test_without_an_audit_service_here_the_broker_runs_alone(tmp_path: Path) -> None:
    """And says so, in one line."""
    found(make_settings(tmp_path / "broker"))
    with served(tmp_path) as one:
        one.heard("broker_listening")
        assert one.heard("no_audit_service_here")["folder"] == str(tmp_path / "audit")
        assert one.parts() == {}


def test_the_audit_role_runs_without_a_broker_here(house: Path) -> None:
    """On its own host it has its own folder, and nothing of the broker's is looked at."""
    (house / "broker").rename(house / "elsewhere")
    with served(house, "--role", "audit", "--audit-data", str(house / "audit")) as one:
        one.heard("audit_listening")
        assert one.parts() == {}
    assert one.process.returncode == 0
