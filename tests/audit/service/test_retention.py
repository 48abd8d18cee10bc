"""What an erase leaves: nothing that can be read, and everything that can be verified."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.service.backup import back_up, restore
from audit.service.retention import DAY_MS
from audit.session_files import RECORDS_FILE
from audit.storage.requests import SqlKeyBackups
from audit.vault.library import find_session
from audit.vault.verify import Outcome, verify_recording
from protocol.certificates import EngineerCa
from tests.audit.service.harness import RunningAudit, make_audit_settings, running_audit
from tests.audit.service.house import NEEDLE, House, arrived, record, taken_in
from tests.broker.harness import FakeClock
from tests.helpers.recordings import SealedRecording, make_key

REASON = "receipts never arrive"
NOTE = "note-needle-77e0"
SECRETS = [NEEDLE.encode(), REASON.encode(), NOTE.encode(), b"Mei Example"]


def files_with(folder: Path, *needles: bytes) -> Iterator[str]:
    """Every file below that holds one of these bytes anywhere."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            yield from (f"{path.name}: {needle!r}" for needle in needles if needle in data)


def years_later(house: House, days: int) -> FakeClock:
    return FakeClock(house.broker.server.broker.services.clock.unix_ms() + days * DAY_MS)


async def erase(audit: RunningAudit, recording: SealedRecording) -> None:
    asked = await audit.request(
        "POST",
        "/v1/requests",
        {"kind": "erase", "session_id": recording.session_id.hex(), "reason": "the customer asked"},
        token=await audit.login("supervisor"),
    )
    assert asked.status == 201, asked.body
    path = f"/v1/requests/{asked.json['request_id']}/confirm"
    confirmed = await audit.request("POST", path, token=await audit.login("second"))
    assert (confirmed.status, confirmed.json["state"]) == (200, "done"), confirmed.body


async def test_after_an_erase_nothing_reads_it_and_everything_verifies(house: House, tmp_path: Path) -> None:
    """Searched byte by byte, in both data folders and in the backups; the chain is still its agent's, and the erase is
    told from a theft."""
    recording, other = await record(house), await record(house)
    services = house.broker.server.broker.services
    await services.session_store.add_note(recording.session_id, 1, NOTE, 1)
    folder, keys_folder = tmp_path / "backup", tmp_path / "key-backup"
    clock = years_later(house, 401)
    async with running_audit(house.audit_settings, clock=clock) as audit:
        token = await audit.login("reviewer")
        await arrived(audit, token, recording.session_id, state="complete", condition="sound")
        await arrived(audit, token, other.session_id, state="complete", condition="sound")
        await SqlKeyBackups(audit.server.service.services.database).made(str(keys_folder), 1)
        back_up(house.audit_settings, folder, keys_folder)
        for kind in ("replay", "transcript", "files"):
            path = f"/v1/sessions/{recording.session_id.hex()}/{kind}?purpose=look"
            assert (await audit.request("GET", path, token=token)).status == 200
        # The search finds what is there: the broker keeps notes as they were written, until the erase.
        assert list(files_with(house.broker.settings.data_folder, NOTE.encode()))
        await erase(audit, recording)
        gone = await audit.request("GET", f"/v1/sessions/{recording.session_id.hex()}", token=token)
        assert (gone.json["recording"], gone.json["broker"], gone.json["erased_at_ms"]) == (None, None, clock.now_ms)
        path = f"/v1/sessions/{recording.session_id.hex()}/replay?purpose=look"
        assert (await audit.request("GET", path, token=token)).status == 409
        path = f"/v1/sessions/{other.session_id.hex()}/replay?purpose=look"
        assert (await audit.request("GET", path, token=token)).status == 200
    folders = [house.audit_settings.data_folder, folder, keys_folder, house.broker.settings.data_folder]
    assert [found for one in folders for found in files_with(one, *SECRETS)] == []

    for records_folder in (house.audit_settings.records_folder, restored(house, tmp_path, folder, keys_folder)):
        found = find_session(records_folder, recording.session_id.hex())
        with found.open_file() as source:
            assert found.inspect(source).chain_hash == _chain_hash_of(recording, tmp_path)
        report = verify_recording(found, [house.key], now_ms=0)
        outcomes = {check.name: check.outcome for check in report.checks}
        if records_folder == house.audit_settings.records_folder:
            assert (report.verdict, outcomes["erased"]) == ("erased", Outcome.REMARK)
        else:  # a copy from before the erase, whose keys the erase reached: nothing there says why
            assert outcomes["erased"] is Outcome.FAILED
        assert verify_recording(find_session(records_folder, other.session_id.hex()), [house.key], now_ms=0).intact


def restored(house: House, tmp_path: Path, folder: Path, keys_folder: Path) -> Path:
    settings = make_audit_settings(tmp_path / "restored")
    restore(settings, folder, keys_folder, [house.key], 0)
    return settings.records_folder


def _chain_hash_of(recording: SealedRecording, tmp_path: Path) -> bytes:
    recording.write(tmp_path / "reference")
    found = find_session(tmp_path / "reference", recording.session_id.hex())
    with found.open_file() as source:
        return found.inspect(source).chain_hash


async def test_a_backup_is_restored_into_an_empty_folder_and_verifies(house: House, tmp_path: Path) -> None:
    """All of it comes back as it was: recordings, people, who saw what; the copies alone open nothing. What cannot be
    opened is told from what was altered."""
    recording = await record(house)
    await taken_in(house, recording)
    async with house.audit():  # runs, and has nothing more to fetch or to write beside the records
        first = back_up(house.audit_settings, tmp_path / "backup", tmp_path / "keys-backup")
        again = back_up(house.audit_settings, tmp_path / "backup", tmp_path / "keys-backup")
    assert (first.sessions, again.copied_bytes) == (1, 0)
    settings = make_audit_settings(tmp_path / "restored")
    done = restore(settings, tmp_path / "backup", tmp_path / "keys-backup", [house.key], 0)
    assert (done.sessions, done.broken) == (1, [])
    found = find_session(settings.records_folder, recording.session_id.hex())
    assert verify_recording(found, [house.key], cas=[EngineerCa(recording.ca_public_key)], now_ms=0).intact
    without_keys = make_audit_settings(tmp_path / "without-keys")
    (tmp_path / "nothing").mkdir()
    session = recording.session_id.hex()
    done = restore(without_keys, tmp_path / "backup", tmp_path / "nothing", [house.key], 0)
    assert (done.unopened, done.broken) == ([session], [])
    assert not verify_recording(find_session(without_keys.records_folder, session), [house.key], now_ms=0).intact
    strange = make_audit_settings(tmp_path / "another-key")
    done = restore(strange, tmp_path / "backup", tmp_path / "keys-backup", [make_key()], 0)
    assert (done.unopened, done.broken) == ([session], [])
    records = tmp_path / "backup" / "ciphertext" / "records" / session / RECORDS_FILE
    data = bytearray(records.read_bytes())
    data[-1] ^= 1
    records.write_bytes(data)
    altered = make_audit_settings(tmp_path / "altered")
    done = restore(altered, tmp_path / "backup", tmp_path / "keys-backup", [house.key], 0)
    assert (done.unopened, done.broken) == ([], [session])


async def test_an_erase_waits_for_its_floor_its_hold_and_a_second_person(house: House) -> None:
    """None of the three can be talked around: not by the one who asked, not by a class that is too short."""
    recording = await record(house)
    clock = years_later(house, 100)
    async with running_audit(house.audit_settings, clock=clock) as audit:
        supervisor, administrator = await audit.login("supervisor"), await audit.login("administrator")
        await arrived(audit, supervisor, recording.session_id, state="complete")
        session = recording.session_id.hex()
        body = {"kind": "erase", "session_id": session, "reason": "asked"}
        young = await audit.request("POST", "/v1/requests", body, token=supervisor)
        assert (young.status, young.json["type"]) == (409, "urn:consentry:too-young-to-erase")
        shorter = {"retention": "short", "reason": "by contract"}
        path = f"/v1/sessions/{session}/retention"
        assert (await audit.request("POST", path, shorter, token=administrator)).json["retention"] == "short"
        clock.advance(84 * DAY_MS)
        supervisor, administrator = await audit.login("supervisor"), await audit.login("administrator")
        due = await audit.request("GET", "/v1/retention/due", token=supervisor)
        assert [one["session_id"] for one in due.json["sessions"]] == [session]
        hold = f"/v1/sessions/{session}/hold"
        await audit.request("POST", hold, {"reason": "case 7"}, token=administrator)
        held = await audit.request("POST", "/v1/requests", body, token=supervisor)
        assert held.json["type"] == "urn:consentry:held-from-erase"
        classes = (await audit.request("GET", "/v1/retention", token=supervisor)).json["classes"]
        assert [(one["retention"], one["floor_days"], one["kept"], one["held"], one["due"]) for one in classes] == [
            ("standard", 400, 0, 0, 0), ("short", 183, 1, 1, 0), ("pci", 400, 0, 0, 0)
        ]  # fmt: skip
        (one,) = (await audit.request("GET", "/v1/retention/held", token=supervisor)).json["sessions"]
        assert (one["session_id"], one["held"]) == (session, "case 7")
        await audit.request("POST", hold, {"reason": None, "because": "case 7 is closed"}, token=administrator)
        noted = await audit.request("GET", "/v1/views?action=hold&action=lift-hold", token=supervisor)
        assert [(one["action"], one["purpose"]) for one in noted.json["views"]] == [
            ("lift-hold", "case 7 is closed"), ("hold", "case 7")
        ]  # fmt: skip
        asked = await audit.request("POST", "/v1/requests", body, token=supervisor)
        listed = (await audit.request("GET", "/v1/requests?state=asked", token=supervisor)).json
        assert [one["asked_by"] for one in listed["requests"]] == ["supervisor"]
        assert [one["user_name"] for one in listed["confirmers"]] == ["administrator", "second", "supervisor"]
        confirm = f"/v1/requests/{asked.json['request_id']}/confirm"
        alone = await audit.request("POST", confirm, token=supervisor)
        assert alone.json["type"] == "urn:consentry:second-person-needed"
        refused = await audit.request("POST", confirm.replace("confirm", "refuse"), token=administrator)
        assert refused.json["state"] == "refused"
        assert (await audit.request("POST", confirm, token=administrator)).status == 409


async def test_an_export_takes_two_people_and_is_the_first_ones(house: House) -> None:
    """Confirmed by another, fetched by the one who asked, for a day; and noted as an export."""
    recording = await record(house)
    clock = years_later(house, 0)
    async with running_audit(house.audit_settings, clock=clock) as audit:
        supervisor, second = await audit.login("supervisor"), await audit.login("second")
        await arrived(audit, supervisor, recording.session_id, state="complete")
        body = {"kind": "export", "session_id": recording.session_id.hex(), "reason": "for the court"}
        asked = await audit.request("POST", "/v1/requests", body, token=supervisor)
        path = f"/v1/requests/{asked.json['request_id']}"
        assert (await audit.request("GET", f"{path}/export", token=supervisor)).status == 409
        assert (await audit.request("POST", f"{path}/confirm", token=second)).status == 200
        assert (await audit.request("GET", f"{path}/export", token=second)).status == 409
        exported = await audit.request("GET", f"{path}/export?format=text", token=supervisor)
        assert NEEDLE in exported.body.decode()
        views = await audit.request("GET", "/v1/views", token=supervisor)
        assert [(one["action"], one["purpose"]) for one in views.json["views"]] == [("export", "for the court")]
        clock.advance(DAY_MS + 1)
        late = await audit.request("GET", f"{path}/export", token=await audit.login("supervisor"))
        assert late.status == 409


@pytest.mark.parametrize("lost", ["broker", "disk"])
async def test_an_erase_that_was_stopped_is_finished(house: House, lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever did not answer half-way is asked again; until then the request is confirmed, and not done."""
    recording = await record(house)
    async with running_audit(house.audit_settings, clock=years_later(house, 401)) as audit:
        token = await audit.login("supervisor")
        await arrived(audit, token, recording.session_id, state="complete")
        services = audit.server.service.services

        def fails(*_: object) -> None:
            raise OSError(5, "lost")

        with monkeypatch.context() as patch:
            if lost == "broker":
                patch.setattr(services.feed, "_ask_now", fails)
            else:
                patch.setattr(services.retainer._keys, "destroy", fails)
            body = {"kind": "erase", "session_id": recording.session_id.hex(), "reason": "asked"}
            asked = await audit.request("POST", "/v1/requests", body, token=token)
            path = f"/v1/requests/{asked.json['request_id']}/confirm"
            confirmed = await audit.request("POST", path, token=await audit.login("second"))
            assert confirmed.json["state"] == "confirmed"
    async with running_audit(house.audit_settings, clock=years_later(house, 401)) as audit:
        token = await audit.login("supervisor")
        while not (await audit.request("GET", "/v1/requests?state=done", token=token)).json["requests"]:
            pass
    folders = [house.audit_settings.data_folder, house.broker.settings.data_folder]
    assert [found for one in folders for found in files_with(one, *SECRETS)] == []
