"""The practice is set up by our own commands, in one process."""

import io
import json
from pathlib import Path

import pytest

from audit.vault.keys import make_audit_key
from consentry.practice.processes import PracticeStepFailed
from consentry.practice.together import answer_all, commands_together
from protocol.profile import encode_recipient


def _adding(user: str) -> tuple[str, ...]:
    return "admin", "user", "add", user, "--name", user, "--staff-number", user, "--password-stdin"


def test_each_command_says_its_own_and_is_given_its_own(tmp_path: Path) -> None:
    """What one read or said is nothing to the next; one that says no is quoted, and the next one runs."""
    data, recipient = ("--data", tmp_path / "broker"), tmp_path / "recipient.json"
    recipient.write_bytes(encode_recipient(make_audit_key(tmp_path / "audit.key")))
    with commands_together() as run:
        run(
            "admin", "init", "--name", "Practice", "--origin", "https://localhost:1", "--audit-recipient", recipient,
            *data,
        )  # fmt: skip
        for user in ("ada", "grace"):
            run(*_adding(user), *data, stdin=f"{user}'s own long password\n")
        with pytest.raises(PracticeStepFailed, match=r"“consentry admin user” said: .*12 to 256 characters"):
            run(*_adding("wei"), *data)
        people = json.loads(run("admin", "user", "list", "--json", *data))
    assert [one["user_name"] for one in people] == ["ada", "grace"]


def test_a_mistake_of_ours_is_a_step_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told like at the end of a process of its own, and the next command is answered."""

    def broken_once(arguments: list[str]) -> int:
        if arguments == ["broken"]:
            raise ZeroDivisionError
        print("well")
        return 0

    monkeypatch.setattr("consentry.cli.run", broken_once)
    answers = io.StringIO()
    answer_all(io.StringIO('{"arguments": ["broken"], "stdin": ""}\n{"arguments": [], "stdin": ""}\n'), answers)
    first, second = map(json.loads, answers.getvalue().splitlines())
    assert first["status"] == 1
    assert "ZeroDivisionError" in first["stderr"]
    assert second == {"status": 0, "stdout": "well\n", "stderr": ""}


def test_a_process_that_stops_by_itself_is_a_step_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for an answer that cannot come."""
    monkeypatch.setattr("consentry.practice.together.sys.executable", "/bin/false")
    with pytest.raises(PracticeStepFailed, match="exit status 1"), commands_together() as run:
        run("admin", "init")
