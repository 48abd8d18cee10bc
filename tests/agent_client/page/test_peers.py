"""Whose socket it is, asked of the real system."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from agent_client.page.peers import UNKNOWN_USER, Peer, _user_of, find_peer
from tests.helpers.waiting import PATIENCE_SECONDS

LINUX = sys.platform == "linux"
OUR_USER = os.geteuid() if LINUX else None
"""Other systems do not tell: there nobody is told apart by their user."""


def test_a_connection_of_another_process_has_its_user() -> None:
    """A program of the same user is told apart from a connection that this very process made."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ours = listening.getsockname()
        code = f"import socket, sys; s = socket.create_connection({ours}); sys.stdin.read()"
        program = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
        accepted, theirs = listening.accept()
        with accepted:
            assert find_peer(theirs, ours) == Peer(OUR_USER, is_ourselves=False)
        assert program.stdin is not None
        program.stdin.close()
        assert program.wait(PATIENCE_SECONDS) == 0
        with socket.create_connection(ours) as own, listening.accept()[0]:
            assert find_peer(own.getsockname(), ours) == Peer(OUR_USER, is_ourselves=True)


def test_a_connection_that_the_system_does_not_list_is_nobodys() -> None:
    """It has gone, or lives where we cannot look: either way it is not let in."""
    nobody = UNKNOWN_USER if LINUX else None
    assert find_peer(("127.0.0.1", 1), ("127.0.0.1", 2)) == Peer(nobody, is_ourselves=False)


def test_without_the_list_nothing_is_known(tmp_path: Path) -> None:
    """As on other systems."""
    assert _user_of(("127.0.0.1", 1), ("127.0.0.1", 2), tmp_path / "none") is None
