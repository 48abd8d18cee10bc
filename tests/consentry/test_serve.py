"""Two processes under one command: they start, stop and fall together."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.audit.service.harness import make_audit_settings, set_up_alone
from tests.broker.harness import found, make_settings
from tests.helpers.deployment import CONSENTRY, hearing_hangup, plain_environment
from tests.helpers.log_lines import logged
from tests.helpers.waiting import PATIENCE_SECONDS, wait_until


@pytest.fixture
def house(tmp_path: Path) -> Path:
    found(make_settings(tmp_path / "broker"))
    set_up_alone(make_audit_settings(tmp_path / "audit"))
    return tmp_path


class Served:
    def __init__(self, folder: Path, *options: str) -> None:
        self.log = folder / "serve.log"
        with self.log.open("wb") as log, hearing_hangup():
            self.process = subprocess.Popen(
                [*CONSENTRY, "serve", "--data", str(folder / "broker"), "--host", "127.0.0.1", "--port", "0", *options],
                stderr=log,
                env=plain_environment(CONSENTRY_AUDIT_LISTEN_PORT="0"),
            )

    def heard(self, event: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = wait_until(lambda: logged(self.log, event), event)
        return found[0]

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
        one.process.wait(PATIENCE_SECONDS)


def test_both_run_and_stop_together(house: Path) -> None:
    """One command, two processes, each with its own folder; SIGTERM ends both in order, with status 0."""
    with served(house) as one:
        one.heard("broker_listening")
        one.heard("audit_listening")
        parts = one.parts()
        assert set(parts) == {"broker", "audit"}
        assert "--audit-data" not in parts["broker"].cmdline()
    assert one.process.returncode == 0
    assert not any(part.is_running() for part in parts.values())


@pytest.mark.parametrize("roles", [[], ["--role", "broker"]], ids=["both", "broker alone"])
def test_a_closed_terminal_stops_in_order(house: Path, roles: list[str]) -> None:
    """As SIGTERM does: what `kill -HUP` of somebody's log rotation would else cut off in the middle."""
    with served(house, *roles) as one:
        one.heard("broker_listening")
        one.process.send_signal(signal.SIGHUP)
        assert one.process.wait(PATIENCE_SECONDS) == 0
        one.heard("broker_stopped")


def test_without_an_audit_service_here_the_broker_runs_alone(tmp_path: Path) -> None:
    """And says so, in one line."""
    found(make_settings(tmp_path / "broker"))
    with served(tmp_path) as one:
        one.heard("broker_listening")
        assert one.heard("no_audit_service_here")["folder"] == str(tmp_path / "audit")
        assert one.parts() == {}


# ── the supervisor, with parts that do nothing ──

WAITS = "import signal; from serving.lifeline import stop_with_parent; stop_with_parent(); signal.pause()"
SUPERVISOR = """
import sys
from consentry.serve import supervise
sys.exit(supervise({part: [sys.executable, "-c", WAITS] for part in ("broker", "audit")}))
""".replace("WAITS", repr(WAITS))


@contextlib.contextmanager
def supervised() -> Iterator[tuple[subprocess.Popen[str], list[psutil.Process]]]:
    process = subprocess.Popen([sys.executable, "-c", SUPERVISOR], stderr=subprocess.PIPE, text=True)
    try:
        children = psutil.Process(process.pid).children
        parts: list[psutil.Process] = wait_until(lambda: len(children()) == 2 and children(), "both parts run")
        yield process, parts
    finally:
        process.kill()
        process.wait()


def test_both_fall_when_the_command_is_killed() -> None:
    """SIGKILL gives nobody time to tell them: the kernel closes the pipe that they listen on."""
    with supervised() as (process, parts):
        process.kill()
        _, alive = psutil.wait_procs(parts, timeout=PATIENCE_SECONDS)
        assert alive == []


def test_parts_that_are_still_starting_are_stopped_in_order() -> None:
    """They do not listen for signals yet, and have nothing to bring to an end: that is no failure of the command."""
    with supervised() as (process, parts):
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert not any(part.is_running() for part in parts)


@pytest.mark.parametrize("dies", [0, 1])
def test_one_that_dies_takes_the_other_along(dies: int) -> None:
    """Nothing is restarted in silence: the error names the part and its status, and the status is not 0."""
    with supervised() as (process, parts):
        parts[dies].kill()
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 1
        assert f"The {('broker', 'audit')[dies]} process ended by itself with status -9" in said
        _, alive = psutil.wait_procs(parts, timeout=PATIENCE_SECONDS)
        assert alive == []
