"""`consentry logins`: what the broker lists, and which one is meant by a few digits."""

from typing import Any

import pytest

from engineer_client.logins import LoginUnclear, end_login, end_other_logins, list_logins
from protocol.errors import PeerError
from tunnel.json_api import JsonApi


class RememberingApi(JsonApi):
    """Answers with what it was given, and remembers what was deleted."""

    def __init__(self, answer: Any) -> None:
        super().__init__("https://broker.example", None)
        self.answer = answer
        self.deleted: list[str] = []

    def get(self, path: str) -> Any:
        assert path == "/v1/logins"
        return self.answer

    def delete(self, path: str) -> Any:
        self.deleted.append(path)
        return None if path != "/v1/logins" else {"ended": 2}


def entry(login_id: str, **changes: Any) -> dict[str, Any]:
    facts = {"method": "password", "device": "d", "address": "a", "created_at_ms": 1, "last_used_at_ms": 2}
    return {"login_id": login_id, "expires_at_ms": 3, "current": False} | facts | changes


FIRST, SECOND = "5c" + "0" * 62, "5d" + "0" * 62


def test_a_login_is_named_by_its_first_digits() -> None:
    """Enough of them to mean one."""
    api = RememberingApi({"logins": [entry(FIRST, current=True), entry(SECOND)]})
    assert [one.current for one in list_logins(api)] == [True, False]
    assert end_login(api, " 5D ").login_id == SECOND
    assert api.deleted == [f"/v1/logins/{SECOND}"]
    assert end_other_logins(api) == 2


@pytest.mark.parametrize("beginning", ["5", "", "ff", "../"])
def test_digits_that_mean_none_or_several_end_nothing(beginning: str) -> None:
    """Nobody wants the wrong one to end."""
    api = RememberingApi({"logins": [entry(FIRST), entry(SECOND)]})
    with pytest.raises(LoginUnclear):
        end_login(api, beginning)
    assert api.deleted == []


@pytest.mark.parametrize("answer", [None, [], {"logins": [entry("0" * 63)]}, {"logins": [{}]}])
def test_an_answer_that_makes_no_sense_is_one_sentence(answer: Any) -> None:
    """Not a traceback."""
    with pytest.raises(PeerError, match="makes no sense"):
        list_logins(RememberingApi(answer))
