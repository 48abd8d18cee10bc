"""An organisation's own mark rules in the running service."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from audit.quality.marks import MarkRulesUnusable
from audit.service.app import make_audit_service
from audit.service.mark_rules import FILE_NAME, MarkRulesFile
from tests.audit.service.harness import RunningAudit, make_audit_settings, set_up_alone
from tests.audit.service.house import House, arrived, record, running_session
from tests.helpers.waiting import PATIENCE_SECONDS, until

OWN = '[[rule]]\nid = "{id}"\nkind = "scope"\nscopes = ["shell"]\ntitle = {{ en = "a shell", zh-CN = "终端" }}\n'


def names(rules: MarkRulesFile) -> list[str]:
    return [rule.id for rule in rules.current().rule]


async def test_a_file_that_changes_is_taken_up_without_a_restart(tmp_path: Path) -> None:
    """None: those that come along. One that cannot be used changes nothing, and is looked at again once it changes."""
    rules, file = MarkRulesFile(tmp_path), tmp_path / FILE_NAME
    await rules.look()
    assert "root-scope" in names(rules)
    file.write_text(OWN.format(id="a-shell"))
    await rules.look()
    assert names(rules) == ["a-shell"]
    file.write_text('[[rule]]\nid = "broken"\n')
    await rules.look()
    assert names(rules) == ["a-shell"]
    file.write_text(OWN.format(id="any-shell"))
    await rules.look()
    assert names(rules) == ["any-shell"]
    file.unlink()
    await rules.look()
    assert "root-scope" in names(rules)


def test_the_service_does_not_start_with_a_file_that_cannot_be_used(tmp_path: Path) -> None:
    """A sentence with the file, the rule and what it lacks."""
    settings = make_audit_settings(tmp_path / "audit")
    set_up_alone(settings)
    (settings.data_folder / FILE_NAME).write_text(OWN.format(id="x").replace('scopes = ["shell"]\n', ""))
    with pytest.raises(MarkRulesUnusable, match=r"marks\.toml cannot be used: rule x of kind scope needs scopes"):
        make_audit_service(settings)


async def test_recordings_are_marked_by_the_rules_of_the_moment(house: House) -> None:
    """The worker behind its walls is given them: no file is read there, and a running service need not stop."""
    file = house.audit_settings.data_folder / FILE_NAME
    file.write_text(OWN.format(id="a-shell"))
    async with house.audit() as audit:
        token = await audit.login("supervisor")
        first = await record(house)
        about = await arrived(audit, token, first.session_id, condition="sound", state="complete")
        assert [(mark["rule"], mark["t_ms"]) for mark in about["about"]["marks"]] == [("a-shell", 4000)]
        file.write_text(OWN.format(id="any-shell"))
        mark_rules = audit.server.service.services.mark_rules
        await mark_rules.look()
        await until(lambda: names(mark_rules) == ["any-shell"])  # the service may have seen it first, and be reading it
        rules = (await audit.request("GET", "/v1/mark-rules", token=token)).json["rules"]
        assert [(rule["id"], rule["title"]["zh-CN"]) for rule in rules] == [("any-shell", "终端")]
        second = await record(house)
        about = await arrived(audit, token, second.session_id, condition="sound", state="complete")
        assert [mark["rule"] for mark in about["about"]["marks"]] == ["any-shell"]


async def test_a_recording_without_its_end_is_marked_and_told(house: House) -> None:
    """Once the session is over, although no record came any more: the mark, and an alarm for security monitors."""
    async with house.audit() as audit, running_session(house) as session:
        token = await audit.login("supervisor")
        await session.send(3)
        await arrived(audit, token, session.recording.session_id, records=3, condition="sound")
        await session.end(records=3)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (about := (await arrived(audit, token, session.recording.session_id, state="partial"))["about"])[
                "marks"
            ]:
                await asyncio.sleep(0.02)
            # The mark is kept first: whoever sees it may be told a moment before the monitors are.
            while not (alarms := await alarms_of(audit, token)):
                await asyncio.sleep(0.02)
        assert [mark["rule"] for mark in about["marks"]] == ["recorder-gap"]
        assert [(one["session_id"], one["facts"]["condition"]) for one in alarms] == [
            (session.recording.session_id.hex(), "partial")
        ]


async def alarms_of(audit: RunningAudit, token: str) -> list[dict[str, Any]]:
    told = await audit.request("GET", "/v1/journal?kind=recording_not_sound", token=token)
    return list(told.json["entries"])
