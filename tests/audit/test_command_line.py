"""What the audit commands share."""

from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand

from audit.command_line import recorded_sessions


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
