"""Our own commands as processes, and the ports that they listen on."""

import socket

import pytest

from consentry.practice import processes
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


def test_a_step_that_says_no_is_quoted() -> None:
    """The reader sees which command failed, and what it said."""
    with pytest.raises(PracticeStepFailed, match="consentry login nowhere"):
        run_consentry("login", "nowhere", "--user", "x", "--password-stdin", stdin="x\n")
