"""What is due is told, and erased by itself where two people decided so; a hold wins at every moment."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from audit.service.backup import ENDED_BY, restore
from audit.service.people import Auditor
from audit.service.retention import DAY_MS, ErasedAlready, ReasonMissing, Retainer, SecondPersonNeeded
from audit.service.scheduled_erase import NOTICE_DAYS, PolicyInForce, PolicyNotOpen, ScheduledErase
from audit.service.views import Views
from audit.storage import MIGRATIONS
from audit.storage.erase_policies import ErasePolicy, SqlErasePolicies
from audit.storage.journal import SqlJournal
from audit.storage.requests import SqlKeyBackups, SqlRequests
from audit.storage.seals import Unsealed
from audit.storage.sessions import BrokerSession, Retention, SqlSessions
from audit.storage.views import SqlViews
from protocol.errors import UnavailableError
from serving.database import Database, open_database
from tests.audit.service.harness import make_audit_settings, running_audit
from tests.audit.service.house import House, arrived, record
from tests.audit.service.test_retention import years_later
from tests.broker.harness import FakeClock
from tests.broker.transparency.test_log import entries_of
from tests.helpers.waiting import until_answered


def supervisor(number: int, name: str) -> Auditor:
    return Auditor(
        user_id=number, user_name=name, name=name.title(), disabled=False, has_totp=False, created_at_ms=1,
        role="supervisor",
    )  # fmt: skip


ANA, BEN = supervisor(1, "ana"), supervisor(2, "ben")
ONE, OTHER = b"\x01" * 16, b"\x02" * 16
REASON = "decision 12"


@dataclass
class Destroyed:
    """Stands for the store, the keys and the broker: what was destroyed, in order; `away` fails once."""

    sessions: list[bytes] = field(default_factory=list)
    away: bool = False

    def erase(self, session_id: bytes, now_ms: int) -> None:
        if self.away:
            self.away = False
            raise UnavailableError(problem="away", what="disk")
        self.sessions.append(session_id)

    def all_aside(self) -> list[bytes]:
        return []

    def is_aside(self, session_id: bytes) -> bool:
        return False

    def destroy(self, session_id: bytes) -> None:
        """The keys."""


class ErasingBroker:
    async def erase(self, session_id: bytes) -> None:
        """Done."""


@dataclass
class Vault:
    database: Database
    sessions: SqlSessions
    requests: SqlRequests
    retainer: Retainer
    destroyed: Destroyed
    scheduled: ScheduledErase
    journal: SqlJournal
    clock: FakeClock

    async def policy(self, retention: Retention = "standard") -> ErasePolicy:
        asked = await self.scheduled.ask(ANA, retention, REASON)
        return await self.scheduled.confirm(BEN, asked.policy_id)

    async def days(self, *counts: int) -> None:
        """So many days pass, and the service looks; and again after as many."""
        for count in counts:
            self.clock.advance(count * DAY_MS)
            await self.scheduled.look()

    async def kinds(self, kind: str) -> list[bytes | None]:
        return [one.happening.session_id for one in await self.journal.after(0, 500) if one.happening.kind == kind]


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    """Two sessions of the class `standard` that ended at the clock's beginning."""
    database, clock = await open_database(tmp_path / "audit.sqlite3", MIGRATIONS), FakeClock()
    sessions, requests, destroyed = SqlSessions(database, Unsealed()), SqlRequests(database), Destroyed()
    ended = [BrokerSession(one, clock.now_ms - 1, clock.now_ms, b"{}") for one in (ONE, OTHER)]
    await sessions.keep_page(ended, 1, 1)
    stands_for: Any = destroyed
    broker: Any = ErasingBroker()
    retainer = Retainer(
        database=database,
        sessions=sessions,
        requests=requests,
        key_backups=SqlKeyBackups(database),
        store=stands_for,
        keys=stands_for,
        feed=broker,
        views=Views(SqlViews(database), clock),
        clock=clock,
    )
    scheduled = ScheduledErase(SqlErasePolicies(database), retainer, clock)
    yield Vault(database, sessions, requests, retainer, destroyed, scheduled, SqlJournal(database), clock)
    await database.aclose()


async def test_what_is_due_is_told_once_and_kept_without_a_policy(vault: Vault) -> None:
    """Whoever listens hears of each once; nothing is erased that nobody decided on."""
    await vault.days(400)
    assert await vault.kinds("retention_due") == []
    await vault.days(1, 1, 30)
    assert sorted(await vault.kinds("retention_due"), key=bytes) == [ONE, OTHER]
    assert vault.destroyed.sessions == []
    assert [one.erase_at_ms for one in await vault.scheduled.schedule()] == [None, None]


async def test_under_a_policy_it_is_erased_a_week_after_it_was_told(vault: Vault) -> None:
    """The order names the policy and both people; it is done once."""
    policy = await vault.policy()
    await vault.days(401)
    (first, _) = await vault.scheduled.schedule()
    assert first.erase_at_ms == vault.clock.now_ms + NOTICE_DAYS * DAY_MS
    await vault.days(NOTICE_DAYS - 1)
    assert vault.destroyed.sessions == []
    await vault.days(1, 1)
    assert sorted(vault.destroyed.sessions) == [ONE, OTHER]
    done = await vault.requests.newest("done", 10)
    assert {one.session_id for one in done} == {ONE, OTHER}
    assert {(one.asked_by, one.answered_by) for one in done} == {("ana", "ben")}
    assert all(one.reason == f"policy {policy.policy_id}: standard, 400 days: {REASON}" for one in done)
    assert await vault.scheduled.schedule() == []


async def test_a_policy_that_comes_later_gives_notice_as_well(vault: Vault) -> None:
    """What was due long before is not gone the moment that somebody confirms."""
    await vault.days(500)
    await vault.policy()
    await vault.days(NOTICE_DAYS - 1)
    assert vault.destroyed.sessions == []
    await vault.days(1)
    assert len(vault.destroyed.sessions) == 2


async def test_a_policy_takes_two_people_and_there_is_one_for_a_class(vault: Vault) -> None:
    """Whoever asked cannot confirm; what was refused or ended is not in force; a reason is needed."""
    with pytest.raises(ReasonMissing):
        await vault.scheduled.ask(ANA, "short", "  ")
    asked = await vault.scheduled.ask(ANA, "short", REASON)
    twin = await vault.scheduled.ask(BEN, "short", REASON)
    with pytest.raises(SecondPersonNeeded):
        await vault.scheduled.confirm(ANA, asked.policy_id)
    assert (await vault.scheduled.confirm(BEN, asked.policy_id)).state == "confirmed"
    with pytest.raises(PolicyNotOpen):
        await vault.scheduled.refuse(BEN, asked.policy_id)
    for again in (vault.scheduled.ask(BEN, "short", REASON), vault.scheduled.confirm(ANA, twin.policy_id)):
        with pytest.raises(PolicyInForce):
            await again
    assert (await vault.scheduled.end(BEN, asked.policy_id)).ended_by == "ben"
    with pytest.raises(PolicyNotOpen):
        await vault.scheduled.end(BEN, asked.policy_id)
    assert (await vault.scheduled.refuse(ANA, twin.policy_id)).state == "refused"
    with pytest.raises(PolicyNotOpen):
        await vault.scheduled.confirm(ANA, 99)
    states = [(one.policy_id, one.state) for one in await vault.scheduled.newest(10)]
    assert states == [(twin.policy_id, "refused"), (asked.policy_id, "ended")]


async def test_a_policy_that_ended_erases_nothing_more(vault: Vault) -> None:
    """Also what it had announced; and one for another class never did."""
    await vault.policy("pci")
    policy = await vault.policy()
    await vault.days(401, NOTICE_DAYS - 1)
    await vault.scheduled.end(ANA, policy.policy_id)
    await vault.days(30)
    assert vault.destroyed.sessions == []


async def test_a_hold_wins_and_lifting_it_begins_the_notice_anew(vault: Vault) -> None:
    """Before it is due, within the notice, and after the order while the erase could not be begun."""
    await vault.policy()
    await vault.retainer.set_hold(ANA, ONE, "case 7")
    await vault.days(500, NOTICE_DAYS)
    assert vault.destroyed.sessions == [OTHER]
    await vault.retainer.lift_hold(ANA, ONE, "closed")
    await vault.days(1)
    await vault.days(NOTICE_DAYS - 1)
    assert vault.destroyed.sessions == [OTHER]
    vault.destroyed.away = True
    await vault.days(1)
    (waiting,) = await vault.requests.confirmed_erases()
    await vault.retainer.set_hold(ANA, ONE, "case 8")
    await vault.retainer.carry_out(waiting)
    assert vault.destroyed.sessions == [OTHER]
    assert [one.request_id for one in await vault.requests.newest("refused", 10)] == [waiting.request_id]
    await vault.days(500, NOTICE_DAYS)
    assert vault.destroyed.sessions == [OTHER]
    with pytest.raises(ErasedAlready):
        await vault.retainer.set_hold(ANA, OTHER, "too late")


async def test_two_who_carry_out_one_erase_do_it_once(vault: Vault) -> None:
    """Whoever has just confirmed it, and the service, which tries what is not done by itself: neither destroys what the
    other is destroying, and when either has ended it is done."""
    asked = await vault.requests.add("erase", ONE, REASON, "ana", 1)
    await vault.requests.answer(asked.request_id, "confirmed", "ben", 2)
    (waiting,) = await vault.requests.confirmed_erases()
    await asyncio.gather(*(vault.retainer.carry_out(waiting) for _ in range(2)))
    assert vault.destroyed.sessions == [ONE]
    assert [one.request_id for one in await vault.requests.newest("done", 10)] == [waiting.request_id]


async def test_a_hold_that_comes_between_look_and_order_wins(vault: Vault) -> None:
    """The order is given in the transaction that sees that there is no hold."""
    policy = await vault.policy()
    await vault.retainer.set_hold(ANA, ONE, "case 7")
    policies = SqlErasePolicies(vault.database)
    assert await policies.order(policy, ONE, "x", 1) is None
    await vault.sessions.set_retention(OTHER, "pci")
    assert await policies.order(policy, OTHER, "x", 1) is None
    await vault.sessions.set_retention(OTHER, "standard")
    assert await policies.order(policy, OTHER, "x", 1) is not None
    assert await policies.order(policy, OTHER, "x", 1) is None


async def test_a_restored_service_erases_nothing_by_itself(vault: Vault, tmp_path: Path) -> None:
    """A hold that was put on after the copy is not in it: two people have to decide again."""
    await vault.policy()
    settings, folder = make_audit_settings(tmp_path / "restored"), tmp_path / "backup"
    (folder / "ciphertext" / "records").mkdir(parents=True)
    (tmp_path / "keys").mkdir(exist_ok=True)
    await vault.database.aclose()
    (tmp_path / "audit.sqlite3").rename(folder / "ciphertext" / "audit.sqlite3")
    assert restore(settings, folder, tmp_path / "keys", [], 77).policies == 1
    database = await open_database(settings.database_file, MIGRATIONS)
    (policy,) = await SqlErasePolicies(database).newest(10)
    await database.aclose()
    assert (policy.state, policy.ended_by, policy.ended_at_ms) == ("ended", ENDED_BY, 77)


async def test_an_erase_by_policy_is_the_real_thing(house: House) -> None:
    """Over the API: asked, confirmed by a second person, told, and after the notice nothing opens it; the log has the
    `erase` leaf, and who may not decide cannot."""
    recording = await record(house)
    clock = years_later(house, 401)
    path = "/v1/retention/policies"
    body = {"retention": "standard", "erase_when_due": True, "reason": REASON}
    async with running_audit(house.audit_settings, clock=clock) as audit:
        services = audit.server.service.services
        admin, second = await audit.login("administrator"), await audit.login("second")
        await arrived(audit, second, recording.session_id, state="complete", condition="sound")
        assert (await audit.request("POST", path, body, token=second)).status == 403
        assert (await audit.request("POST", path, body | {"erase_when_due": False}, token=admin)).status == 422
        asked = (await audit.request("POST", path, body, token=admin)).json
        answer = await audit.request("POST", f"{path}/{asked['policy_id']}/confirm", token=second)
        assert (answer.status, answer.json["state"]) == (200, "confirmed")
        await services.scheduled_erase.look()
        (due,) = (await audit.request("GET", "/v1/retention/schedule", token=second)).json["sessions"]
        assert (due["policy_id"], due["erase_at_ms"]) == (asked["policy_id"], clock.now_ms + NOTICE_DAYS * DAY_MS)
        clock.advance(NOTICE_DAYS * DAY_MS)
        await services.scheduled_erase.look()
        # The service's own first look may be at it, and not done.
        await until_answered(lambda: services.request_store.newest("done", 1))
        token = await audit.login("reviewer")
        gone = await audit.request("GET", f"/v1/sessions/{recording.session_id.hex()}", token=token)
        assert (gone.json["recording"], gone.json["erased_at_ms"]) == (None, clock.now_ms)
        await services.log_entries.deliver()
        kinds = [type(leaf).__name__ for leaf in await entries_of(house.broker)]
    assert kinds.count("EraseLeaf") == 1
