"""`consentry …` as somebody types it, inside this process."""

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from unittest.mock import patch

import pytest
import structlog

from consentry.cli import run
from tests.helpers.deployment import plain_environment


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


def run_here(lines: Sequence[Sequence[str]], typed: str) -> str:
    """What `run_together` does (tests/helpers/deployment.py), in a process that has imported all of it already."""
    said, complained, before = io.StringIO(), io.StringIO(), structlog.get_config()
    with (
        patch.dict(os.environ, plain_environment(), clear=True),
        patch.object(sys, "stdin", io.StringIO(typed)),
        patch.object(sys, "excepthook", sys.excepthook),  # the commands put their own there
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(complained),
    ):
        try:
            status = [run(line) for line in lines]
        finally:
            structlog.configure(**before)
    assert not any(status), f"{lines}: status {status}\n{said.getvalue()}\n{complained.getvalue()}"
    return said.getvalue()
