"""A broker that was set back to a copy: what the audit service hears of it, and what stays proved."""

import dataclasses
import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from broker.organisation.founding import change_profile
from tests.audit.service.house import make_house, over, record
from tests.audit.service.test_log_check import verified
from tests.broker.harness import running


@pytest.mark.parametrize("replaced", [False, True], ids=["same log", "another log"])
async def test_no_session_of_after_the_copy_is_missed(tmp_path: Path, replaced: bool) -> None:
    """It gives numbers of changes again that were given before. What was entered since the copy stays here; sessions of
    afterwards arrive; with another log in the place of the lost one, each session is proved by the log of its time."""
    async with make_house(tmp_path) as house:
        kept = await record(house)
        async with house.audit() as audit:
            await over(audit, await audit.login("reviewer"), kept.session_id)
    copy = tmp_path / "copy"
    shutil.copytree(house.broker.settings.data_folder, copy)
    async with running(house.broker.settings, house.broker.organisation) as broker:
        house = dataclasses.replace(house, broker=broker)
        lost = [await record(house), await record(house)]
        async with house.audit() as audit:
            token = await audit.login("reviewer")
            for one in (kept, *lost):
                await over(audit, token, one.session_id)
                assert await verified(audit, token, one.session_id) == ("verified", "ok")

    shutil.rmtree(broker.settings.data_folder)
    shutil.copytree(copy, broker.settings.data_folder)
    organisation = broker.organisation
    if replaced:
        organisation = change_profile(broker.settings, replace_lost_log=True)
    async with running(broker.settings, organisation) as broker:
        house = dataclasses.replace(house, broker=broker)
        with capture_logs() as said:
            async with house.audit() as audit:
                token = await audit.login("reviewer")
                later = await record(house)
                found = await over(audit, token, later.session_id)
                assert found["broker"]["end_reason"] == "customer-ended"
                badges = [await verified(audit, token, one.session_id) for one in (kept, *lost, later)]
        told = {line["event"] for line in said if line["log_level"] in ("error", "critical")}
        if replaced:
            assert badges == [("verified", "ok")] * 4
            assert told == {"log_replaced"}
        else:
            assert badges == [("verified", "ok")] * 3 + [("log-contradicts", "failed")]
            assert told >= {"broker_set_back", "log_contradicts"}
