"""One recording on disk, and the audit commands as a person or a script calls them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from audit.vault.keys import load_audit_key, make_audit_key
from consentry.cli import run
from tests.helpers.recordings import START_MS, SealedRecording, make_recording

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SealedRecording:
    """One complete session on disk, its key, and the environment that names both."""
    make_audit_key(tmp_path / "audit.key", now_ms=START_MS - 1)
    made = make_recording([b"$ ", b"ls\r\n", b"disk full\r\n"], keys=[load_audit_key(tmp_path / "audit.key")])
    made.write(tmp_path / "records")
    monkeypatch.setenv("CONSENTRY_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("CONSENTRY_AUDIT_KEY", str(tmp_path / "audit.key"))
    monkeypatch.setenv("CONSENTRY_LANGUAGE", "en")
    return made


@pytest.fixture
def audit(capsys: pytest.CaptureFixture[str], recording: SealedRecording) -> Run:
    """Runs `consentry audit` with arguments: exit status, standard output, standard error."""

    def call(*arguments: object) -> tuple[int, str, str]:
        status = run(["audit", *map(str, arguments)])
        out, err = capsys.readouterr()
        return status, out, err

    return call
