"""What the audit commands share."""

from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand

from audit.command_line import PassphrasesDiffer, ask_passphrase, recorded_sessions
from wording import Wording


@pytest.mark.parametrize(("records", "offered"), [(True, ["3f9a00000000"]), (False, [])])
def test_sessions_in_the_records_folder_are_offered_by_tab(tmp_path: Path, records: bool, offered: list[str]) -> None:
    """By the number that lists show; nothing else that lies there, and nothing where recordings are elsewhere."""
    (tmp_path / f"3f9a{0:028}").mkdir()
    (tmp_path / "qa").mkdir()
    context = typer.Context(TyperCommand("show"))
    context.params = {"records": tmp_path} if records else {}
    assert recorded_sessions(context) == offered
    context.params = {"records": tmp_path / "nowhere"}
    assert recorded_sessions(context) == []


def test_a_new_passphrase_is_asked_for_twice_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both questions are the catalogue's; what differs makes no key."""
    questions = []
    answers = ["one", "one", "one", "other"]

    def answer(question: str, **_: object) -> str:
        questions.append(question)
        return answers.pop(0)

    monkeypatch.setattr(typer, "prompt", answer)
    assert ask_passphrase(Wording("zh-CN"), confirm=True) == "one"
    assert questions == ["审计密钥的口令", "再输入一次"]
    with pytest.raises(PassphrasesDiffer):
        ask_passphrase(Wording("en"), confirm=True)
