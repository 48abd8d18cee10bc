"""`consentry …` as somebody types it, inside this process."""

import io

import pytest

from consentry.cli import run


class Shell:
    """Runs one command; its status and what it said on either stream."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CONSENTRY_LANGUAGE", "en")
        monkeypatch.setenv("NO_COLOR", "1")
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: object, typed: str = "") -> tuple[int, str, str]:
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        status = run([str(argument) for argument in arguments])
        said = self._capsys.readouterr()
        return status, said.out, said.err
