"""A peer that is not installed."""

from pathlib import Path

import pytest

from bench.core import needs


def test_missing_peer_is_named_with_the_command_that_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them in one sentence, so that nobody installs one after the other."""
    monkeypatch.setattr(needs, "_SEARCHED", str(tmp_path))
    with pytest.raises(needs.PeerMissing, match=r"sudo apt-get install haproxy openssh-server$"):
        needs.require(["sshd", "haproxy"])
