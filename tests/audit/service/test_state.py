"""How the service is, for those who lead: the broker, the log as it was seen from here, keys, copies of keys."""

from pathlib import Path

from audit.service.rotation import start
from audit.storage.requests import SqlKeyBackups
from tests.audit.service.harness import running_audit
from tests.audit.service.house import House, arrived, record
from tests.broker.harness import FakeClock


async def test_the_state_says_what_was_seen_and_changes_nothing(house: House, tmp_path: Path) -> None:
    """The log and who vouched for it, a rotation and what is to be run there, and where an erase reaches at once."""
    recording = await record(house)
    clock = FakeClock(house.broker.server.broker.services.clock.unix_ms())
    async with running_audit(house.audit_settings, clock=clock) as audit:
        token = await audit.login("supervisor")
        await arrived(audit, token, recording.session_id, state="complete", condition="sound")
        services = audit.server.service.services
        assert (await audit.request("GET", "/v1/state", token=await audit.login("reviewer"))).status == 403
        await services.log_check.collect(recording.session_id, ended=True)
        copies = SqlKeyBackups(services.database)
        await copies.made(str(tmp_path), 1000)
        await copies.made(str(tmp_path / "gone"), 2000)
        state = (await audit.request("GET", "/v1/state", token=token)).json
        profile = house.broker.organisation.profile
        assert state["feed"]["origin"] == profile.broker_origin
        assert (state["feed"]["connected"], state["feed"]["profile_version"]) == (True, profile.version)
        assert profile.log is not None
        assert state["log"]["origin"] == profile.log.policy.log_key.name
        assert state["log"]["size"] >= 2
        assert (state["log"]["caught"], state["log"]["waiting"]) == (0, 0)
        assert state["keys"]["phase"] == "none"
        assert [one["named"] for one in state["keys"]["keys"]] == [False]
        assert [(one["made_at_ms"], one["in_reach"]) for one in state["key_backups"]] == [(1000, True), (2000, False)]

        start(house.audit_settings, [], now_ms=clock.unix_ms())
        for written in (house.audit_settings.data_folder / "keys").glob("*.json"):
            written.unlink()
        keys = (await audit.request("GET", "/v1/state", token=token)).json["keys"]
        assert (keys["phase"], len(keys["keys"])) == ("started", 2)
        assert keys["command"].startswith("consentry admin profile update --audit-recipient")
        assert not list((house.audit_settings.data_folder / "keys").glob("*.json"))
