"""Looks, erases and reviews are entered in the broker's log: once each, whatever fails in between."""

import hashlib
import json

import pytest
from sqlalchemy import select

from audit.service.broker_feed import BrokerFeed, BrokerUnavailableError
from audit.storage.tables import LogEntryRow
from protocol.log_leaves import EraseLeaf, Leaf, QaLeaf, ViewLeaf
from tests.audit.service.harness import RunningAudit, running_audit
from tests.audit.service.house import NEEDLE, House, arrived, record
from tests.audit.service.test_quality import CARD, GOOD
from tests.audit.service.test_retention import erase, years_later
from tests.broker.transparency.test_log import entries_of
from tests.helpers.waiting import until

LOOKS = (ViewLeaf, EraseLeaf, QaLeaf)


async def delivered(audit: RunningAudit) -> None:
    await audit.server.service.services.log_entries.deliver()


async def looks_in_log(house: House) -> list[Leaf]:
    return [leaf for leaf in await entries_of(house.broker) if isinstance(leaf, LOOKS)]


async def look(audit: RunningAudit, session_id: bytes, purpose: str) -> None:
    path = f"/v1/sessions/{session_id.hex()}/transcript?purpose={purpose}"
    assert NEEDLE in (await audit.request("GET", path, token=await audit.login("reviewer"))).body.decode()


async def test_a_look_is_in_the_log_and_says_nothing_by_itself(house: House) -> None:
    """Whoever is shown the entry and its salt finds that the leaf is this one; nobody else learns who looked."""
    recording = await record(house)
    async with house.audit() as audit:
        await arrived(audit, await audit.login("reviewer"), recording.session_id, condition="sound")
        await look(audit, recording.session_id, "training")
        await delivered(audit)
        (leaf,) = await looks_in_log(house)
        assert isinstance(leaf, ViewLeaf)
        views = await audit.request("GET", "/v1/views", token=await audit.login("supervisor"))
        (view,) = views.json["views"]
        entry = [view[name] for name in ("session_id", "user_name", "action", "purpose", "seen_at_ms")]
        content = b"consentry/view/v1\0" + bytes.fromhex(view["salt"]) + json.dumps(entry).encode()
        assert leaf.commitment == hashlib.sha256(content).digest()
        assert leaf.session_id == recording.session_id


@pytest.mark.parametrize("failure", ["lost", "done but reported lost"])
async def test_what_could_not_be_delivered_waits(house: House, failure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that is away, or dies before it could answer: asked again, after a restart too, and entered once."""
    recording = await record(house)
    enter = BrokerFeed.enter

    async def failing(feed: BrokerFeed, kind: str, session_id: bytes, commitment: bytes) -> int:
        if failure != "lost":
            await enter(feed, kind, session_id, commitment)
        raise BrokerUnavailableError(origin="https://broker", problem="gone")

    monkeypatch.setattr(BrokerFeed, "enter", failing)
    async with house.audit() as audit:
        await arrived(audit, await audit.login("reviewer"), recording.session_id, condition="sound")
        await look(audit, recording.session_id, "training")
        with pytest.raises(BrokerUnavailableError):
            await delivered(audit)
        assert len(await looks_in_log(house)) == (failure != "lost")
    monkeypatch.undo()
    async with house.audit() as audit:
        store = audit.server.service.services.log_entries._store

        async def place() -> int | None:
            return await store.place_of("view", "1")

        while await place() is None:  # its own loop delivers it
            await until(lambda: audit.server.service.services.feed.profile is not None)
            try:
                await delivered(audit)
            except BrokerUnavailableError:
                continue
        assert len(await looks_in_log(house)) == 1
        await delivered(audit)
        assert len(await looks_in_log(house)) == 1


async def test_a_review_and_an_erase_are_in_the_log(house: House) -> None:
    """An erase that is carried out twice is entered once; the salt of the review's entry goes with the review."""
    recording = await record(house)
    session = recording.session_id.hex()
    async with running_audit(house.audit_settings, clock=years_later(house, 401)) as audit:
        token = await audit.login("supervisor")
        await arrived(audit, token, recording.session_id, condition="sound")
        body = {"session_id": session, "reviewer": "reviewer", "scorecard": CARD}
        made = await audit.request("POST", "/v1/reviews", body, token=token)
        assert made.status == 201, made.body
        path = f"/v1/reviews/{made.json['assignment_id']}/submit"
        done = await audit.request("POST", path, {"answers": GOOD}, token=await audit.login("reviewer"))
        assert done.status == 200, done.body
        await delivered(audit)
        assert [type(leaf) for leaf in await looks_in_log(house)] == [QaLeaf]

        await erase(audit, recording)
        services = audit.server.service.services
        await services.log_entries.session_erased(recording.session_id)
        await delivered(audit)
        entered = await looks_in_log(house)
        assert sorted(type(leaf).__name__ for leaf in entered) == ["EraseLeaf", "QaLeaf", "ViewLeaf"]
        async with services.database.reading() as reader:
            rows = (await reader.scalars(select(LogEntryRow))).all()
        kept = {row.kind: row.salt for row in rows}
        assert kept["qa"] is None
        assert kept["erase"] is not None
