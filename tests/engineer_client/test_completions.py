"""The Tab key offers what this machine knows, and never fails."""

from pathlib import Path

import msgspec
import pytest

from engineer_client.completions import own_brokers, own_sessions
from engineer_client.login import Login
from engineer_client.state import HOME_VARIABLE


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return tmp_path


def test_on_a_new_machine_there_is_nothing_to_offer(home: Path) -> None:
    """No folder yet, and none is made."""
    assert own_sessions() == own_brokers() == []
    assert list(home.iterdir()) == []


def test_sessions_of_this_machine_are_offered_by_their_alias(home: Path) -> None:
    """Whatever stands in their files: they are not read."""
    for alias in ("cs-482-2", "cs-482"):
        (home / "sessions" / alias).mkdir(parents=True)
    assert own_sessions() == ["cs-482", "cs-482-2"]


def test_brokers_are_those_that_one_has_logged_in_to(home: Path) -> None:
    """A file that cannot be read is passed over."""
    (home / "logins").mkdir()
    login = Login("https://help.example.org", "", "wang", "Wang", "E-1", "Example", 0, "secret")
    (home / "logins" / "help.example.org-443.json").write_bytes(msgspec.json.encode(login))
    (home / "logins" / "odd.json").write_text("{")
    assert own_brokers() == ["https://help.example.org"]
