"""An audit service that was restored from a copy of before an erase: it learns of that from the log, and from nobody
else."""

import asyncio
import dataclasses
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from audit.service.after_restore import FROM_LOG, RESTORED_FILE
from audit.service.backup import back_up, restore
from audit.service.broker_feed import BrokerFeed
from audit.service.config import AuditSettings
from audit.service.setup import load_setup
from audit.session_files import ERASED_FILE
from audit.vault.epoch_files import EPOCHS_FOLDER
from protocol.log_leaves import EraseLeaf, decode_leaf
from protocol.tiles import join_entries, parse_tile_path, split_entries
from tests.audit.service.harness import NOBODYS_BROKER, RunningAudit, make_audit_settings, running_audit, set_up_alone
from tests.audit.service.house import House, arrived, make_house, over, record
from tests.audit.service.test_retention import erase, years_later
from tests.broker.harness import FakeClock, running
from tests.helpers.recordings import SealedRecording
from tests.helpers.waiting import until, until_answered


@dataclass
class Copy:
    """A copy of before an erase, keys and all. `erased` and `other` are in it, `later` came and was erased since."""

    house: House
    folder: Path
    here: Path
    """Where it is restored to."""
    clock: FakeClock
    erased: SealedRecording
    other: SealedRecording
    later: SealedRecording

    def restored(self, name: str = "restored", broker: str = "") -> AuditSettings:
        settings = make_audit_settings(self.here / name)
        restore(settings, self.folder, self.folder / "keys", [self.house.key], self.clock.unix_ms())
        before = load_setup(self.house.audit_settings.data_folder)
        address = broker or str(before.broker)
        set_up_alone(settings, broker=address, token=before.token, key_files=before.key_files)
        return settings

    @asynccontextmanager
    async def running(self, settings: AuditSettings) -> AsyncIterator[RunningAudit]:
        async with running_audit(settings, clock=self.clock) as audit:
            yield audit


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Once for all tests, which change nothing of it. Its broker runs no more."""
    return asyncio.run(make_copy(tmp_path_factory.mktemp("before-the-erase")))


async def make_copy(here: Path) -> Copy:
    async with make_house(here) as house:
        erased, other = await record(house), await record(house)
        clock = years_later(house, 401)
        folder = here / "backup"
        async with running_audit(house.audit_settings, clock=clock) as audit:
            token = await audit.login("reviewer")
            for one in (erased, other):
                await arrived(audit, token, one.session_id, state="complete", condition="sound")
            back_up(house.audit_settings, folder, folder / "keys")
            later = await record(house)
            await over(
                audit, token, later.session_id, condition="sound"
            )  # one that still ran would be too young to erase
            await erase(audit, erased)
            await erase(audit, later)
            hold = f"/v1/sessions/{other.session_id.hex()}/hold"
            admin = await audit.login("administrator")
            assert (await audit.request("POST", hold, {"reason": "a court order"}, token=admin)).status == 200
            await audit.server.service.services.log_entries.deliver()
    return Copy(house, folder, here, clock, erased, other, later)


@pytest.fixture
async def copy(made: Copy, tmp_path: Path) -> AsyncIterator[Copy]:
    """With a broker of this test's own, at the address of the one that all was recorded at."""
    broker = made.house.broker
    shutil.copytree(broker.settings.data_folder, tmp_path / "broker")
    own = broker.settings.model_copy(update={"data_folder": tmp_path / "broker"})
    async with running(own, broker.organisation):
        yield dataclasses.replace(made, here=tmp_path, clock=FakeClock(made.clock.now_ms))


async def status_of(audit: RunningAudit, token: str, one: SealedRecording) -> int:
    path = f"/v1/sessions/{one.session_id.hex()}/replay?purpose=look"
    return (await audit.request("GET", path, token=token)).status


async def answers(audit: RunningAudit, token: str, path: str, status: int) -> None:
    """Waits until it does."""

    async def is_so() -> bool:
        return (await audit.request("GET", path, token=token)).status == status

    await until_answered(is_so)


async def learned(audit: RunningAudit, token: str) -> None:
    """Waits until it shows sessions."""
    await answers(audit, token, "/v1/sessions", 200)


async def asked_by_log(audit: RunningAudit, token: str) -> dict[str, object]:
    (found,) = (await audit.request("GET", "/v1/requests?state=asked", token=token)).json["requests"]
    assert (found["asked_by"], found["kind"]) == (FROM_LOG, "erase")
    return dict(found)


async def test_what_was_erased_since_the_copy_is_shown_to_nobody_and_erased_again(copy: Copy) -> None:
    """Without anybody's doing nothing of it is shown; one person confirms what the log says two had decided, and it is
    gone. What came and was erased since the copy stays gone. That holds were set since is told."""
    settings = copy.restored()
    with capture_logs() as said:
        async with copy.running(settings) as audit:
            token = await audit.login("second")
            await learned(audit, token)
            for one in (copy.erased, copy.later):
                shown = await arrived(audit, token, one.session_id, recording=None, broker=None)
                assert shown["erased_at_ms"] is not None
            assert await status_of(audit, token, copy.erased) == 410
            assert await status_of(audit, token, copy.other) == 200
            request = await asked_by_log(audit, token)
            assert request["session_id"] == copy.erased.session_id.hex()
            path = f"/v1/requests/{request['request_id']}/confirm"
            assert (await audit.request("POST", path, token=token)).json["state"] == "done"
    (missing,) = [line for line in said if line["event"] == "decisions_missing"]
    assert missing["sessions"] == 3  # two were looked at to be erased, and one is held
    assert (settings.records_folder / copy.erased.session_id.hex() / ERASED_FILE).exists()
    assert not list((settings.data_folder / EPOCHS_FOLDER).rglob(f"{copy.erased.session_id.hex()}.*"))
    async with copy.running(settings) as audit:  # and stays so, with nothing to be asked again
        token = await audit.login("reviewer")
        assert await status_of(audit, token, copy.erased) == 409  # erased as every other
        assert not (settings.data_folder / RESTORED_FILE).exists()


async def test_an_erase_that_nobody_ordered_destroys_nothing(copy: Copy) -> None:
    """The broker writes the log: whoever has it can enter an erase. It is refused, and the recording is back, also
    where a stop came between the two."""
    settings = copy.restored()
    async with copy.running(settings) as audit:
        token = await audit.login("second")
        await learned(audit, token)
        request = await asked_by_log(audit, token)
        path = f"/v1/requests/{request['request_id']}/refuse"
        assert (await audit.request("POST", path, token=token)).json["state"] == "refused"
        await arrived(audit, token, copy.erased.session_id, erased_at_ms=None, condition="sound")
        assert await status_of(audit, token, copy.erased) == 200
        store = audit.server.service.services.store
        store.set_aside(copy.erased.session_id)
    async with copy.running(settings) as audit:
        token = await audit.login("second")
        path = f"/v1/sessions/{copy.erased.session_id.hex()}/replay?purpose=look"
        await answers(audit, token, path, 200)


async def test_one_too_young_or_held_is_not_erased_on_the_logs_word(copy: Copy) -> None:
    """The rules of every erase go for it; until somebody decides, it is shown to nobody all the same. A hold may still
    be put on it."""
    settings = copy.restored()
    copy = dataclasses.replace(copy, clock=FakeClock(copy.clock.now_ms - 300 * 86_400_000))
    async with copy.running(settings) as audit:
        token = await audit.login("second")
        await learned(audit, token)
        path = f"/v1/requests/{(await asked_by_log(audit, token))['request_id']}/confirm"
        refused = await audit.request("POST", path, token=token)
        assert (refused.status, "kept for 400 days" in refused.body.decode()) == (409, True)
        hold = f"/v1/sessions/{copy.erased.session_id.hex()}/hold"
        admin = await audit.login("administrator")
        assert (await audit.request("POST", hold, {"reason": "a court order"}, token=admin)).status == 200
        refused = await audit.request("POST", path, token=token)
        assert (refused.status, "legal hold" in refused.body.decode()) == (409, True)
        assert await status_of(audit, token, copy.erased) == 410


async def test_before_the_log_was_read_nothing_is_shown(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that does not answer, and one whose log is not what it signed, teach nothing: nobody looks at anything
    meanwhile, and is told why."""
    settings = copy.restored("unreached", NOBODYS_BROKER + "/#" + str(copy.house.address).partition("#")[2])
    async with copy.running(settings) as audit:
        token = await audit.login("administrator")
        for path in ("/v1/sessions", "/v1/live", "/v1/reviews", "/v1/requests", "/v1/report?first=2026-01-01"):
            answer = await audit.request("GET", path, token=token)
            assert (answer.status, answer.json["type"]) == (503, "urn:consentry:erases-not-learned"), path
        assert (await audit.request("GET", "/v1/state", token=token)).status == 200


async def test_a_log_without_an_entry_that_it_signed_teaches_nothing(
    copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who would have an erased session come back to life cannot leave its entry out."""
    honest = BrokerFeed.log_file

    async def without_erases(feed: BrokerFeed, path: str) -> bytes | None:
        data, tile = await honest(feed, path), parse_tile_path(path)
        if data is None or tile is None:
            return data
        entries = split_entries(tile, data)
        kept = [entry for entry in entries if not isinstance(decode_leaf(entry), EraseLeaf)]
        return join_entries([*kept, *kept[-1:] * (len(entries) - len(kept))])

    settings = copy.restored()
    with monkeypatch.context() as patch, capture_logs() as said:
        patch.setattr(BrokerFeed, "log_file", without_erases)
        async with copy.running(settings) as audit:
            token = await audit.login("reviewer")
            await until(lambda: any(line["event"] == "erases_not_learned" for line in said))
            assert (await audit.request("GET", "/v1/sessions", token=token)).status == 503
    async with copy.running(settings) as audit:
        token = await audit.login("reviewer")
        await answers(audit, token, "/v1/sessions", 200)
        assert await status_of(audit, token, copy.erased) == 410
