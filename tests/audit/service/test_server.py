"""An audit service as a process: it starts once in its folder."""

from pathlib import Path

import pytest

from audit.service.server import AuditServiceRuns, serve
from audit.service.setup import NoAuditService
from tests.audit.service.harness import make_audit_settings, set_up_alone


def test_two_in_one_folder_do_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second says so before it touches anything; once the first is gone, it may. Before a set-up, none does."""
    settings = make_audit_settings(tmp_path / "audit")
    with pytest.raises(NoAuditService):
        serve(settings)
    set_up_alone(settings)
    started = []

    class Second:
        def __init__(self, _settings: object) -> None:
            started.append(self)

        def serve(self) -> None:
            if len(started) == 1:
                with pytest.raises(AuditServiceRuns, match="running already"):
                    serve(settings)

    monkeypatch.setattr("audit.service.server.AuditServer", Second)
    assert [serve(settings), serve(settings)] == [0, 0]
    assert len(started) == 2
