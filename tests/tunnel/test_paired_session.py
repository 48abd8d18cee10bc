"""The session file: private, replaced at once, and refused with a sentence when it is not whole."""

import json
import stat
from pathlib import Path

import pytest

from tests.helpers.relay_house import Pairing
from tunnel.paired_session import PairedSession, SessionFileUnusable


@pytest.fixture
def session() -> PairedSession:
    return Pairing(8443, "pem").session(ssh_host_keys=(b"one", b"two"), alias="cs-482", expires_at_ms=5)


def test_round_trip(session: PairedSession, tmp_path: Path) -> None:
    """What was saved is loaded; nobody else may read it; nothing is left beside it."""
    file = tmp_path / "session.json"
    session.save(file)
    session.save(file)
    assert PairedSession.load(file) == session
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_keys_are_not_shown(session: PairedSession) -> None:
    """A session in a log or a traceback gives nothing away."""
    assert session.stream_key.hex() not in repr(session)
    assert session.leg_ticket not in repr(session)


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "session_id": 7}'])
def test_damaged(tmp_path: Path, damage: str) -> None:
    """A file that is cut off, empty or of another version is one clear sentence."""
    file = tmp_path / "session.json"
    file.write_text(damage)
    with pytest.raises(SessionFileUnusable, match="Connect again"):
        PairedSession.load(file)


def test_unknown_field(session: PairedSession, tmp_path: Path) -> None:
    """A field that this version does not know is not skipped."""
    file = tmp_path / "session.json"
    session.save(file)
    file.write_text(json.dumps({**json.loads(file.read_text()), "surprise": 1}))
    with pytest.raises(SessionFileUnusable):
        PairedSession.load(file)


def test_missing(tmp_path: Path) -> None:
    """A file that is not there is said to be not there."""
    with pytest.raises(SessionFileUnusable, match="No such file"):
        PairedSession.load(tmp_path / "none")
