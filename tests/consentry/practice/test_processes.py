"""Our own commands as processes, and the ports that they listen on."""

import socket
import subprocess
import sys
from contextlib import ExitStack

import pytest

from consentry.practice import processes
from consentry.practice.claims import keeping_claims
from consentry.practice.processes import NoFreePort, PracticeStepFailed, free_port, run_consentry
from tests.helpers.ports import free_port as unused_port


def test_a_free_port_is_one_that_nobody_listens_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one that is free; where none is, one sentence says so."""
    begin = unused_port()
    monkeypatch.setattr(processes, "FIRST_PORT", begin)
    first = free_port()
    assert first >= begin
    with socket.create_server(("localhost", first)):
        assert free_port() > first
        monkeypatch.setattr(processes, "FIRST_PORT", first)
        monkeypatch.setattr(processes, "PORTS_TRIED", 1)
        with pytest.raises(NoFreePort, match=str(first)):
            free_port()


def test_two_practices_choose_different_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also before either listens: what one chose, another process does not get before the first one ends."""
    monkeypatch.setattr(processes, "FIRST_PORT", unused_port())
    ask = (
        f"from consentry.practice import processes; processes.FIRST_PORT = {processes.FIRST_PORT}\n"
        "from consentry.practice.claims import keeping_claims\n"
        "with keeping_claims(): print(processes.free_port(), flush=True); input()"
    )
    with ExitStack() as stack:
        others = [
            stack.enter_context(
                subprocess.Popen([sys.executable, "-c", ask], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(3)
        ]
        chosen = [int(one.stdout.readline()) for one in others if one.stdout]
        with keeping_claims():
            mine = [free_port(), free_port()]
        assert len({*chosen, *mine}) == 5
        for one in others:
            one.communicate("\n")
    with keeping_claims():
        assert free_port() == min(chosen)


def test_a_step_that_says_no_is_quoted() -> None:
    """The reader sees which command failed, and what it said."""
    with pytest.raises(PracticeStepFailed, match="consentry login nowhere"):
        run_consentry("login", "nowhere", "--user", "x", "--password-stdin", stdin="x\n")
