"""What the agent knows of its machine, and how it keeps others out of its memory."""

import getpass
import socket
import subprocess
import sys
import time

import pytest

from agent_client.host import LABEL_LIMIT_CHARACTERS, this_host, unix_ms

HARDENED = """
import pathlib, resource
from agent_client.host import harden_process
print(harden_process(), resource.getrlimit(resource.RLIMIT_CORE))
print(pathlib.Path("/proc/self/mem").stat().st_uid)
"""


def test_time_is_unix_time_and_never_runs_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wall clock that is set back in the middle of a session lengthens no grant."""
    before = unix_ms()
    assert abs(before - time.time_ns() // 1_000_000) < 60_000
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert unix_ms() >= before


def test_the_label_fits_into_what_engineers_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine's name may be long; the message has room for so much."""
    monkeypatch.setattr(socket, "gethostname", lambda: "x" * 300)
    assert len(this_host().label) == LABEL_LIMIT_CHARACTERS


def test_a_user_without_an_entry_has_a_name_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in many containers."""

    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert this_host().user_name.startswith("uid-")


def test_a_hardened_process_cannot_be_read_by_its_own_user() -> None:
    """No core file; on Linux its memory belongs to root: the granted shell runs as the same user."""
    told = subprocess.run([sys.executable, "-c", HARDENED], capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[:2] == ["True (0, 0)", "0"]
