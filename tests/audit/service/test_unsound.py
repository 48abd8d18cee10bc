"""A recording that was changed on the audit service's own disk, after it had arrived whole."""

from audit.session_files import RECORDS_FILE, session_folder
from tests.audit.service.house import House, record, taken_in


async def test_who_finds_a_changed_recording_tells_everybody(house: House) -> None:
    """One reviewer's badge says it; from then on every list does, and security monitors are told."""
    recording = await record(house)
    await taken_in(house, recording)
    async with house.audit() as audit:  # of itself it reads no recording that it has read before
        token = await audit.login("supervisor")
        records = session_folder(house.audit_settings.records_folder, recording.session_id) / RECORDS_FILE
        data = bytearray(records.read_bytes())
        data[len(data) // 2] ^= 1
        records.write_bytes(data)
        path = f"/v1/sessions/{recording.session_id.hex()}"
        assert (await audit.request("GET", f"{path}/verify", token=token)).json["verdict"] == "broken"
        assert (await audit.request("GET", f"{path}/verify", token=token)).json["verdict"] == "broken"
        listed = (await audit.request("GET", "/v1/sessions", token=token)).json["sessions"]
        assert [one["condition"] for one in listed] == ["broken"]
        told = await audit.request("GET", "/v1/journal?kind=recording_not_sound", token=token)
        assert [one["facts"] for one in told.json["entries"]] == [{"condition": "broken"}]
