"""`consentry audit …` as a person or a script uses it."""

import base64
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from audit.vault.keys import load_audit_key, make_audit_key
from protocol.profile import decode_recipient
from tests.helpers.recordings import START_MS, SealedRecording
from tests.helpers.waiting import PATIENCE_SECONDS

Run = Callable[..., tuple[int, str, str]]
SESSION = "1111"


def test_list_shows_each_session(audit: Run) -> None:
    """One line for people, one object for programs."""
    _, out, _ = audit("list")
    assert re.search(r"1111.*complete.*★★★★★.*Mei Example: receipts never arrive", out)
    _, out, _ = audit("list", "--json")
    assert json.loads(out)["state"] == "complete"


def test_verify_says_what_it_checked(audit: Run, recording: SealedRecording) -> None:
    """Status 0, a line per check, and the same for programs."""
    status, out, _ = audit("verify", SESSION, "--ca", recording.ca_public_key.hex())
    assert status == 0
    assert out.count("✓") == 14
    assert "Intact" in out
    in_base64 = base64.b64encode(recording.ca_public_key).decode()
    status, out, _ = audit("verify", SESSION, "--json", "--ca", in_base64)
    assert json.loads(out)["intact"] is True
    assert "unchecked" not in out


def test_verify_names_the_damage_and_fails(audit: Run, recording: SealedRecording, tmp_path: Path) -> None:
    """Status 1 and the record's number."""
    data = bytearray(recording.data)
    data[len(recording.records[0]) + 300] ^= 1
    recording.write(tmp_path / "records", data=bytes(data))
    status, out, _ = audit("verify", SESSION)
    assert status == 1
    assert "✗ Record 1 was changed" in out
    status, out, _ = audit("verify", SESSION, "--json")
    assert status == 1
    assert json.loads(out)["fault"] == {"kind": "flipped", "record": 1, "offset": len(recording.records[0])}


def test_verify_with_a_key_that_does_not_fit_says_so(
    audit: Run, recording: SealedRecording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 3, no line that fails, whose keys would open it, and what nobody looked at; without any key, the last."""
    make_audit_key(tmp_path / "other.key", now_ms=START_MS)
    status, out, err = audit("verify", SESSION, "--key", tmp_path / "other.key")
    assert (status, err) == (3, "")
    assert "✗" not in out
    assert f"not sealed to this audit key. It names: {recording.keys[0].recipient.key_id.hex()}" in out
    assert out.splitlines()[-1].startswith("Not opened:")
    status, out, _ = audit("verify", SESSION, "--key", tmp_path / "other.key", "--json")
    assert (status, json.loads(out)["verdict"], json.loads(out)["intact"]) == (3, "sealed", False)
    monkeypatch.delenv("CONSENTRY_AUDIT_KEY")
    status, out, _ = audit("verify", SESSION)
    assert (status, out.splitlines()[-1].startswith("Whole, as far as")) == (0, True)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_command_speaks_both_languages(
    audit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str, recording: SealedRecording
) -> None:
    """Every command, whole recording and damaged, runs in both languages without a missing sentence."""
    monkeypatch.setenv("CONSENTRY_LANGUAGE", language)
    for data in (recording.data, recording.data[:-300], recording.data[:2000] + b"x" + recording.data[2001:], b""):
        recording.write(tmp_path / "records", data=data)
        for command in (["list"], ["show", SESSION], ["verify", SESSION], ["files", SESSION], ["export", SESSION]):
            status, _, err = audit(*command)
            assert status in (0, 1)
            assert "wording" not in err


def test_show_tells_the_story(audit: Run) -> None:
    """Who, why, what, and both ratings."""
    audit("rate", SESSION, "3", "--reviewer", "qa-1", "--comment", "slow")
    _, out, _ = audit("show", SESSION)
    for part in ("Mei Example (E-17)", "ran: cat /etc/hostname", "gave 5 of 5", "qa-1 gave 3 of 5. slow"):
        assert part in out
    _, out, _ = audit("show", SESSION, "--json")
    assert json.loads(out)["manifest"]["ticket"] == "T-1"


def test_files_lists_sizes_and_hashes(audit: Run) -> None:
    """What was moved, how much, and which bytes."""
    _, out, _ = audit("files", SESSION)
    assert re.search(r"read +ok +3 +ba7816bf[0-9a-f]+ +/etc/hosts", out)
    _, out, _ = audit("files", SESSION, "--json")
    assert json.loads(out)["path"] == "/etc/hosts"


@pytest.mark.parametrize(
    ("format_", "begins"), [("asciicast", '{"version": 3'), ("text", "  00:00.0"), ("jsonl", '{"kind": "manifest"')]
)
def test_export_writes_a_file_or_standard_output(audit: Run, tmp_path: Path, format_: str, begins: str) -> None:
    """The same bytes either way."""
    _, out, _ = audit("export", SESSION, "--format", format_)
    assert out.startswith(begins)
    audit("export", SESSION, "--format", format_, "-o", str(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == out


def test_what_is_missing_is_said(audit: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One sentence, status 1, nothing on standard output."""
    for arguments, sentence in (
        (["show", "ffff"], "No session in"),
        (["replay", SESSION, "--from", "soon"], "soon is no time"),
        (["replay", SESSION, "--search", "not there"], "not there does not stand"),
        (["verify", SESSION, "--ca", "xyz"], "as the profile writes it"),
        (["list", "--records", str(tmp_path / "nowhere")], "cannot be read"),
        (["show", SESSION, "--key", str(tmp_path / "nokey")], "cannot be used"),
    ):
        status, out, err = audit(*arguments)
        assert (status, out) == (1, "")
        assert sentence in err
    monkeypatch.delenv("CONSENTRY_AUDIT_KEY")
    assert "An audit key is needed" in audit("export", SESSION)[2]


def test_a_recording_that_is_not_whole_is_shown_with_a_warning(
    audit: Run, recording: SealedRecording, tmp_path: Path
) -> None:
    """What is proved is shown, and standard error says that it is not all."""
    recording.write(tmp_path / "records", data=b"".join(recording.records[:4]))
    _, out, err = audit("export", SESSION, "--format", "text")
    assert "$ ls" in out
    assert "not whole" in err


def test_make_key_prints_the_public_half(audit: Run, tmp_path: Path) -> None:
    """What belongs into the profile goes to standard output, ready for a file; the warning does not."""
    status, out, err = audit("make-key", str(tmp_path / "new.key"))
    assert status == 0
    assert decode_recipient(out.encode()) == load_audit_key(tmp_path / "new.key").recipient
    assert "Keep it away from the broker" in err


def test_replay_plays_on_a_real_terminal(recording: SealedRecording) -> None:
    """On a terminal it draws, takes keys and puts everything back; elsewhere it prints the text."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "consentry", "audit", "replay", SESSION, "--speed", "16"]
    environment = os.environ | {"COLUMNS": "100", "LINES": "20", "TERM": "xterm"}
    process = subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower, env=environment)
    os.close(follower)
    shown = b""
    while "■".encode() not in shown:
        shown += os.read(leader, 65536)
    os.write(leader, b"q")
    with suppress(OSError):  # Linux's way of saying that the other side is closed
        while piece := os.read(leader, 65536):  # a program that nobody reads would wait with what it draws
            shown += piece
    assert process.wait(PATIENCE_SECONDS) == 0
    os.close(leader)
    assert b"disk full" in shown
    assert b"\x1b[?1049h" in shown
    assert shown.rstrip().endswith(b"\x1b[?25h\x1b[?1049l")


def test_mark_rules_are_checked_and_tried(audit: Run, tmp_path: Path) -> None:
    """Those that come along and one's own; what they would mark, for people and for programs; or what is wrong."""
    status, out, err = audit("marks")
    assert status == 0
    assert re.search(r"^root-scope +scope +administrator's rights were granted$", out, re.MULTILINE)
    assert "The file that comes along can be used: 10 rules." in err
    rules = tmp_path / "marks.toml"
    rules.write_text(
        '[[rule]]\nid = "a-shell"\nkind = "scope"\nscopes = ["shell"]\ntitle = { en = "x", zh-CN = "y" }\n'
    )
    status, out, _ = audit("marks", "--rules", str(rules), SESSION)
    assert status == 0
    assert "1 mark" in out
    assert re.search(r"⚑ 00:04.* a-shell +x \(shell", out)
    _, out, _ = audit("marks", "--rules", str(rules), SESSION, "--json")
    assert [mark["rule"] for mark in json.loads(out)["marks"]] == ["a-shell"]
    rules.write_text('[[rule]]\nid = "x"\n')
    status, _, err = audit("marks", "--rules", str(rules))
    assert status != 0
    assert "marks.toml cannot be used" in err
