"""`consentry review …` as a reviewer uses it, from the first `next` on."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.quality.scorecards import STANDARD_FOLDER
from audit.vault.keys import load_audit_key, make_audit_key
from consentry.cli import run
from tests.helpers.recordings import START_MS, make_recording

Run = Callable[..., tuple[int, str, str]]
SESSIONS = [bytes([number]) * 16 for number in (0x11, 0x22)]
PERIOD = ("--from", "2026-09-01", "--to", "2026-09-30")
FILLED = "2 @0:05 the log first\nn\n2\nn\nn\n1\n2\n1\n"
"""Answers to the eight lines of the remote-diagnosis scorecard."""


@pytest.fixture
def review(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Two recorded sessions; runs `consentry review` with arguments and what is typed."""
    make_audit_key(tmp_path / "audit.key", now_ms=START_MS - 1)
    keys = [load_audit_key(tmp_path / "audit.key")]
    for session_id in SESSIONS:
        make_recording(keys=keys, session_id=session_id).write(tmp_path / "records")
    monkeypatch.setenv("CONSENTRY_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("CONSENTRY_AUDIT_KEY", str(tmp_path / "audit.key"))
    monkeypatch.setenv("CONSENTRY_REVIEWER", "ana")
    monkeypatch.setenv("CONSENTRY_LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = run(["review", *arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return call


def listed(review: Run, *arguments: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in review("list", "--json", *arguments)[1].splitlines()]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_from_next_to_submitted_without_a_manual(review: Run, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """Enter, Enter, one line for each criterion, a comment, y. The screen said how each time."""
    monkeypatch.setenv("CONSENTRY_LANGUAGE", language)
    status, out, _ = review("next", typed=f"\n\n{FILLED}fine work\ny\n")
    assert status == 0
    assert "2 @3:10" in out  # the example of an answer
    assert "Mei Example" in out
    assert "88.5" in out
    (case,) = listed(review)
    assert (case["status"], case["score"], case["comment"]) == ("submitted", pytest.approx(23 / 26), "fine work")
    assert case["answers"][0] == {  # type: ignore[index]  # JSON
        "criterion": "problem-understood", "points": 2, "at_ms": 5000, "note": "the log first"
    }  # fmt: skip


def test_help_wrong_lines_and_going_back(review: Run) -> None:
    """`?` explains, what cannot be used is asked again, `b` answers the line before anew, a number any line."""
    typed = "\n\n?\nperhaps\n7\n2\nb\n1\nn\n2\nn\nn\n1\n2\n1\n\n1\n2\ny\n"
    status, out, _ = review("next", typed=typed)
    assert status == 0
    assert "Met: the engineer saw the fault happen" in out
    assert "That is no answer" in out
    assert "takes 0, 1, 2 points, not 7" in out
    (case,) = listed(review)
    assert case["status"] == "submitted"
    assert case["answers"][0]["points"] == 2  # type: ignore[index]  # JSON


def test_leaving_keeps_the_draft_and_next_goes_on(review: Run) -> None:
    """By s, or by the end of input; nothing that was answered is asked again."""
    _, out, _ = review("next", typed="y\n1\n2\nn\ns\n")
    assert "2 of 8 lines" in out
    _, out, _ = review("next", typed="2\n")  # and then the terminal goes away
    assert "3/8" in out
    assert "1/8" not in out
    (case,) = listed(review, "--status", "draft")
    assert [answer["criterion"] for answer in case["answers"]] == [  # type: ignore[attr-defined]  # JSON
        "problem-understood", "causes-excluded", "cause-found"
    ]  # fmt: skip


def test_next_for_programs_asks_nothing(review: Run) -> None:
    """The case with its scorecard, or null."""
    assert json.loads(review("next", "--json")[1]) is None
    review("assign", "1111")
    case = json.loads(review("next", "--json")[1])
    assert case["session"]["engineer"] == "Mei Example"
    assert len(case["scorecard"]["criteria"]) == 8


def test_a_script_scores_by_options(review: Run) -> None:
    """A draft with gaps, then the whole; wrong lines get a sentence and change nothing."""
    made = json.loads(review("assign", "1111", "--scorecard", "security-conduct", "--json")[1])
    number = made["review_id"]
    status, _, err = review("score", number, "--answer", "least-scopes=2 @0:05 fits", "--answer", "secrets-kept=9")
    assert (status, "takes 0, 1 points" in err) == (1, True)
    assert review("score", number, "--draft", "--answer", "least-scopes=2 @0:05 fits")[0] == 0
    status, _, err = review("score", number, "--answer", "least-scopes=2")
    assert (status, "not answered yet" in err) == (1, True)
    filled = {
        "least-scopes": "1", "refusal-respected": "n", "root-with-reason": "n",
        "secrets-kept": "0 @0:07 opened id_rsa", "data-out": "n", "nothing-left": "2",
    }  # fmt: skip
    options = [part for name, given in filled.items() for part in ("--answer", f"{name}={given}")]
    _, out, _ = review("score", number, *options, "--json")
    assert (json.loads(out)["score"], json.loads(out)["auto_fails"]) == (0.0, ["secrets-kept"])


def test_dispute_and_decision(review: Run) -> None:
    """Once each, by others than the reviewer, and the list shows what became of it."""
    review("next", typed=f"\n\n{FILLED}\ny\n")
    number = str(listed(review)[0]["review_id"])
    assert review("dispute", number, "the cause is at 0:05", "--by", "Mei Example")[0] == 0
    assert "disputed before" in review("dispute", number, "again")[2]
    assert "other than the reviewer" in review("decide", number, "kept")[2]
    decided = (
        "decide",
        number,
        "amended",
        "--answer",
        "written-down=2",
        "--words",
        "they are there",
        "--reviewer",
        "sam",
    )
    _, out, _ = review(*decided)
    assert "Quality score: 100.0 of 100" in out
    assert "Decided by sam: amended. they are there" in out
    assert "decided already" in review(*decided)[2]


def test_sampling_from_plan_to_check(review: Run) -> None:
    """A plan with its seed, a run that assigns, a check that draws the same again."""
    _, out, _ = review("sample", "plan", "monthly", "--each", "1", "--to", "ana", "--json")
    assert len(json.loads(out)["seed"]) == 64
    _, out, _ = review("sample", "run", "monthly", *PERIOD, "--json")
    drawn = json.loads(out)
    assert len(drawn["assignments"]) == 1
    status, out, _ = review("sample", "check", drawn["run"]["run_id"])
    assert (status, "the same sessions" in out) == (0, True)
    assert "monthly" in review("sample", "list")[1]
    assert "needs either" in review("sample", "plan", "odd", "--each", "1", "--margin", "0.1", "--to", "ana")[2]


def test_calibration_in_the_terminal(review: Run) -> None:
    """Two reviewers, blind; afterwards the table."""
    assert "give --with twice" in review("calibrate", "1111", "--with", "ana")[2]
    review("calibrate", "1111", "--with", "ana", "--with", "ben")
    assert "    ana still to do · ben still to do\n" in review("calibrate")[1]
    review("next", typed=f"{FILLED}\ny\n")
    _, waiting, _ = review("calibrate")
    assert "    ana submitted · ben still to do\n" in waiting
    assert re.match(r"11111111 · 2026-09-21 \d\d:\d\dZ · Mei Example · ", waiting)
    assert [case["review_id"] for case in listed(review, "--reviewer", "ben", "--status", "submitted")] == []
    review("next", "--reviewer", "ben", typed=f"{FILLED}\ny\n")
    _, out, _ = review("calibrate", "--json")
    pair = json.loads(out)["pairs"][0]
    assert (pair["points_apart"], pair["lines"]["agreed"], pair["lines"]["count"]) == (0.0, 8, 8)
    assert "ana / ben" in review("calibrate")[1]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_reports_in_every_form(review: Run, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """A table within 80 columns, JSON, CSV, and the sessions behind a figure."""
    monkeypatch.setenv("CONSENTRY_LANGUAGE", language)
    _, out, _ = review("report", *PERIOD, "--by", "engineer")
    assert "34.2–100.0" in out
    assert max(len(line) for line in out.splitlines()) <= 80
    made = json.loads(review("report", *PERIOD, "--json")[1])
    csat = made["groups"][0]["figures"][0]
    assert (csat["name"], csat["value"], csat["too_few"], len(csat["sessions"])) == ("csat", 1.0, True, 2)
    assert review("report", *PERIOD, "--csv")[1].startswith("first_day,last_day,zone")
    _, out, _ = review("report", *PERIOD, "--open", "csat")
    assert [line.split()[1] for line in out.splitlines()] == [session_id.hex() for session_id in SESSIONS]
    assert "csat" in review("report", *PERIOD, "--open", "odd")[2]
    # A folder of recordings alone knows of no team: everything is in none, and that is said.
    _, out, _ = review("report", *PERIOD, "--by", "team", "--team", "-")
    assert ("(none)" if language == "en" else "（无）") in out
    assert json.loads(review("report", *PERIOD, "--by", "tier", "--json")[1])["groups"][0]["key"] == "-"
    assert json.loads(review("report", *PERIOD, "--team", "Berlin", "--json")[1])["sessions"] == 0


def test_a_mystery_session_is_out_of_the_figures(review: Run) -> None:
    """Flagged and unflagged."""
    review("mystery", "1111", "--note", "planted")
    assert json.loads(review("report", *PERIOD, "--json")[1])["groups"][0]["figures"][0]["count"] == 1
    review("mystery", "1111", "--remove")
    assert json.loads(review("report", *PERIOD, "--json")[1])["groups"][0]["figures"][0]["count"] == 2


def test_scorecards_can_be_read_and_added(review: Run, tmp_path: Path) -> None:
    """A file with another content needs another version."""
    assert "security-conduct 1" in review("scorecards")[1]
    assert "Met: the engineer saw" in review("scorecards", "remote-diagnosis")[1]
    text = (
        (STANDARD_FOLDER / "security_conduct.toml").read_text(encoding="utf-8").replace("weight = 25", "weight = 26", 1)
    )
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    assert "Raise its version" in review("scorecards", "--add", str(path))[2]
    path.write_text(text.replace("version = 1", "version = 2"), encoding="utf-8")
    assert "security-conduct 2" in review("scorecards", "--add", str(path))[1]


def test_without_a_key_there_is_a_sentence(review: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than an empty session."""
    monkeypatch.delenv("CONSENTRY_AUDIT_KEY")
    status, _, err = review("next")
    assert (status, "audit key is needed" in err) == (1, True)


def test_beside_keys_of_sessions_nothing_is_written_in_the_clear(review: Run, tmp_path: Path) -> None:
    """On the data folder of an audit service, reviews are under the session's key; without it they are gone."""
    (tmp_path / "epochs").mkdir()
    review("next", typed=f"\n\n{FILLED}remember-these-words\ny\n")
    (case,) = listed(review)
    assert case["comment"] == "remember-these-words"
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("audit.sqlite3*"))
    assert b"remember-these-words" not in stored
    assert b"Mei Example" not in stored
    for path in (tmp_path / "epochs").iterdir():
        path.unlink()
    (left,) = listed(review, "--key", str(tmp_path / "audit.key"))
    assert (left["comment"], left["answers"], left["status"]) == ("", [], "assigned")
