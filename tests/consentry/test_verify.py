"""`consentry verify`: a receipt explained, in both languages and for scripts, with nothing but the file."""

import json
from pathlib import Path

import pytest

from consentry.cli import run
from tests.vectors.make_receipt_vectors import FOLDER, START_MS

PROVED = FOLDER / "0.2.0-proved.json"


def test_a_person_reads_what_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    """Who, when, what, each check, the root's fingerprint, and the verdict; the status is 0."""
    assert run(["verify", str(PROVED), "--language", "en"]) == 0
    said = capsys.readouterr().out
    for words in (
        "Example Help: Wei Example (E-17)", "ticket T-1", "Wei Example may read files",
        "allowed: type in the terminal and run commands, read files",
        "/srv/printer.log", "✓ The log has the beginning of this session: entry 1",
        "✓ A witness vouched for the log",
        "fingerprint 3475 0f98", "Proved: the organisation's log has this session",
    ):  # fmt: skip
        assert words in said


def test_in_chinese_it_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever language the session was in."""
    assert run(["verify", str(FOLDER / "0.2.0-proved-zh-CN.json"), "--language", "zh-CN"]) == 0
    said = capsys.readouterr().out
    assert "已证明" in said
    assert "打印机没有声音" in said


def test_who_took_over_from_whom_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Each in turn, with the time; to scripts as facts."""
    path = str(FOLDER / "0.2.0-taken-over.json")
    assert run(["verify", path, "--language", "zh-CN"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "接替" in line]
    assert ["Ana 例" in line and "Wei Example" in line for line in lines] == [True, False]
    assert run(["verify", path, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["take_overs"]
    assert [(one["leaver"]["staff_number"], one["by"]["staff_number"]) for one in told] == [
        ("E-17", "E-18"),
        ("E-18", "E-19"),
    ]
    assert [one["at_ms"] - START_MS for one in told] == [20_000, 40_000]


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("0.2.0-proved", "proved"), ("0.2.0-not-closed", "not-closed"), ("0.1.0-before-the-log", "unlogged")],
)
def test_scripts_get_one_document(name: str, verdict: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With every check and its sentence; only what is proved from beginning to end has status 0."""
    status = run(["verify", str(FOLDER / f"{name}.json"), "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == verdict
    assert status == (0 if verdict == "proved" else 1)
    assert all(check["sentence"] for check in document["checks"])


def test_a_changed_receipt_is_one_clear_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of it is shown as if it were true."""
    changed = tmp_path / "receipt.json"
    changed.write_text(PROVED.read_text().replace("printer.log", "printer.txt"))
    assert run(["verify", str(changed)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "changed after it was signed" in captured.err or "签署" in captured.err


def test_a_false_receipt_says_what_is_false(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The proof of another entry, in a receipt whose own signature is right."""
    document = json.loads(PROVED.read_text())
    document["evidence"]["closed"] = document["evidence"]["opened"]
    (tmp_path / "receipt.json").write_text(json.dumps(document))
    assert run(["verify", str(tmp_path / "receipt.json"), "--language", "en"]) == 1
    said = capsys.readouterr().out
    assert "✗ The log does not prove the end of this session." in said
    assert "False: this receipt does not hold" in said


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, no traceback."""
    assert run(["verify", str(tmp_path / "none.json")]) == 1
    assert "none.json" in capsys.readouterr().err


def test_what_was_done_with_files_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """In the reader's language."""
    assert run(["verify", str(PROVED), "--language", "zh-CN"]) == 0
    assert "  读取 " in capsys.readouterr().out
