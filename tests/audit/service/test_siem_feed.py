"""The running audit service feeds security monitors by itself: nothing is lost, whatever happens to a delivery."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from audit.service import siem_feed
from audit.service.siem_feed import FILE_NAME, SiemFollower, open_targets
from audit.siem.events import AuditEvent
from audit.siem.outlets import Delivery, NotDelivered, OutletUnusable
from audit.siem.targets import SiemTargetsUnusable, Target
from audit.storage import MIGRATIONS
from audit.storage.journal import Happening, SqlJournal
from audit.storage.seals import Unsealed
from audit.storage.sessions import BrokerSession, SqlSessions
from audit.storage.siem_places import SqlSiemPlaces
from audit.vault.opening import SealBrokenError
from serving.database import Database, open_database
from tests.audit.service.house import House, arrived, record
from tests.broker.harness import FakeClock
from tests.helpers.waiting import PATIENCE_SECONDS

SESSION = b"\x07" * 16
TARGET = Target(name="soc", to="soc.ndjson")


class Lost(NotDelivered):
    """What a target's failure looks like from here."""


@dataclass
class Receiver:
    """A target. `troubles` are what becomes of its next deliveries: `lost` never arrives, `unsaid` arrives, and
    whoever sent it is told that it did not."""

    troubles: list[str] = field(default_factory=list)
    tried: list[Delivery] = field(default_factory=list)
    got: list[Delivery] = field(default_factory=list)

    def deliver(self, delivery: Delivery) -> None:
        self.tried.append(delivery)
        trouble = next(iter(self.troubles), "")
        del self.troubles[:1]  # in a thread: they may have been taken away in between
        if trouble != "lost":
            self.got.append(delivery)
        if trouble:
            raise Lost(target="soc", problem=trouble)

    def uids(self) -> list[str]:
        return [json.loads(line)["metadata"]["uid"] for delivery in self.got for line in delivery.lines]


class Recordings:
    """Stands for the confined worker: a recording's audit events from `first` on."""

    def __init__(self) -> None:
        self.events: list[AuditEvent] = []
        self.broken_after: int | None = None

    async def stream(self, kind: str, session_id: bytes, *, first: int, limit: int) -> AsyncIterator[bytes]:
        assert (kind, session_id) == ("events", SESSION)
        for event in self.events[first : first + limit]:
            yield msgspec.json.encode(event) + b"\n"
        if self.broken_after is not None:
            raise SealBrokenError(record=self.broken_after, problem="it does not open")

    def add(self, count: int) -> None:
        first = len(self.events)
        self.events += [
            AuditEvent(session_id=SESSION.hex(), number=number, name="file.read", t_ms=1, path=f"/{number}")
            for number in range(first, first + count)
        ]


@dataclass
class Desk:
    database: Database
    journal: SqlJournal
    sessions: SqlSessions
    recordings: Recordings
    receiver: Receiver
    clock: FakeClock

    def follower(self) -> SiemFollower:
        """A new one is what a restart makes."""
        reader: Any = self.recordings
        return SiemFollower(
            TARGET, self.receiver, SqlSiemPlaces(self.database), self.journal, self.sessions, reader, self.clock
        )

    async def decide(self, *numbers: int) -> None:
        for number in numbers:
            await self.journal.add(
                Happening(source="audit", source_key=f"view:{number}", at_ms=number, kind="recording_view", actor="ana")
            )


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = await open_database(tmp_path / "audit.sqlite3", MIGRATIONS)
    sessions = SqlSessions(database, Unsealed())
    await sessions.keep_page([BrokerSession(SESSION, 1, None, b"{}")], 1, 1)
    await sessions.pulled(SESSION, 3, finished=False)
    yield Desk(database, SqlJournal(database), sessions, Recordings(), Receiver(), FakeClock())
    await database.aclose()


async def shipped(follower: SiemFollower) -> None:
    """Until the target has taken all, as `run` does it."""
    for _ in range(10):
        try:
            await follower.ship()
        except NotDelivered:
            continue
        return
    raise AssertionError("it never took them")


@pytest.mark.parametrize("trouble", ["lost", "unsaid"])
@pytest.mark.parametrize("restart", [False, True])
async def test_a_failed_delivery_comes_again_as_the_same(desk: Desk, trouble: str, restart: bool) -> None:
    """Never arrived, or arrived and was reported lost: the same lines under the same id, also after a restart, and
    although more has happened meanwhile. A receiver that drops a delivery it has knows each event exactly once."""
    await desk.decide(1, 2)
    desk.recordings.add(3)
    follower = desk.follower()
    follower.records_arrived(SESSION, over=True)
    desk.receiver.troubles = [trouble, "", "", trouble]
    for more in (desk.decide(3), None):
        with pytest.raises(NotDelivered):
            await follower.ship()
        if more is not None:
            await more
        else:
            desk.recordings.add(1)
        if restart:
            follower = desk.follower()
            follower.records_arrived(SESSION, over=True)
    await shipped(follower)
    first, again, journal, session, session_again, *rest = desk.receiver.tried
    assert (first.delivery_id, first.lines) == (again.delivery_id, again.lines)
    assert (session.delivery_id, session.lines) == (session_again.delivery_id, session_again.lines)
    assert len({first.delivery_id, journal.delivery_id, session.delivery_id, rest[0].delivery_id}) == 4
    once = {delivery.delivery_id: delivery for delivery in desk.receiver.got}.values()
    uids = [json.loads(line)["metadata"]["uid"] for delivery in once for line in delivery.lines]
    expected = [f"audit:view:{number}" for number in (1, 2, 3)] + [f"{SESSION.hex()}:{number}" for number in range(4)]
    assert uids == expected


async def test_what_was_delivered_is_not_read_again_after_a_restart(desk: Desk) -> None:
    """A session that is over is done with; one that runs is looked at again from where it was."""
    desk.recordings.add(2)
    follower = desk.follower()
    await follower._take_up()
    await follower.ship()
    desk.recordings.add(1)
    await desk.sessions.pulled(SESSION, 4, finished=True)
    second = desk.follower()
    await second._take_up()
    await second.ship()
    assert desk.receiver.uids() == [f"{SESSION.hex()}:{number}" for number in range(3)]
    third = desk.follower()
    await third._take_up()
    assert third._next_due() is None


async def test_a_running_session_is_read_now_and_then_and_its_end_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look begins at the recording's beginning: a record a second must not mean a look a second."""
    monkeypatch.setattr(siem_feed, "RUNNING_AGAIN_SECONDS", 10 * PATIENCE_SECONDS)
    desk.recordings.add(1)
    follower = desk.follower()
    follower.records_arrived(SESSION, over=False)
    await follower.ship()
    desk.recordings.add(1)
    follower.records_arrived(SESSION, over=False)
    await follower.ship()
    assert len(desk.receiver.uids()) == 1
    follower.records_arrived(SESSION, over=True)
    await follower.ship()
    assert len(desk.receiver.uids()) == 2


async def test_a_long_recording_goes_out_in_deliveries_of_a_bounded_size(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is read a bounded part at a time."""
    monkeypatch.setattr(siem_feed, "READ_EVENTS", 20)
    monkeypatch.setattr(siem_feed, "BATCH_EVENTS", 8)
    desk.recordings.add(45)
    follower = desk.follower()
    follower.records_arrived(SESSION, over=True)
    await follower.ship()
    assert [len(delivery.lines) for delivery in desk.receiver.got] == [8, 8, 4, 8, 8, 4, 5]
    assert desk.receiver.uids() == [f"{SESSION.hex()}:{number}" for number in range(45)]


async def test_a_broken_recording_holds_up_nothing(desk: Desk) -> None:
    """What was proved before the damage is told, and the feed goes on."""
    desk.recordings.add(2)
    desk.recordings.broken_after = 3
    follower = desk.follower()
    follower.records_arrived(SESSION, over=True)
    await follower.ship()
    await desk.decide(1)
    await follower.ship()
    assert desk.receiver.uids() == [f"{SESSION.hex()}:0", f"{SESSION.hex()}:1", "audit:view:1"]


@pytest.mark.parametrize("said", [b"nonsense\n", b'{"session_id":1}\n', b"\xff\n", b"x" * 100_000])
async def test_what_a_worker_makes_up_is_not_told(desk: Desk, monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    """It has read what somebody else made: neither its words nor their number are believed, and the feed goes on."""
    monkeypatch.setattr(siem_feed, "READ_LIMIT_BYTES", 50_000)

    async def stream(*_: object, **__: object) -> AsyncIterator[bytes]:
        yield said

    monkeypatch.setattr(desk.recordings, "stream", stream)
    follower = desk.follower()
    follower.records_arrived(SESSION, over=True)
    await follower.ship()
    await desk.decide(1)
    await follower.ship()
    assert desk.receiver.uids() == ["audit:view:1"]


async def test_a_target_that_is_away_is_seen_to_be(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Since when, why, and how much waits; and afterwards that it delivers. The work goes on by itself."""
    monkeypatch.setattr(siem_feed, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(siem_feed, "LOOK_AGAIN_SECONDS", 0.001)
    await desk.decide(1, 2)
    desk.receiver.troubles = ["lost"] * 1_000_000
    follower = desk.follower()
    work = asyncio.create_task(follower.run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(desk.receiver.tried) < 3:
            await asyncio.sleep(0)
        status = await follower.status()
        assert "lost" in str(status.problem)
        assert (status.failing_since_ms, status.waiting_entries) == (desk.clock.unix_ms(), 2)
        assert status.oldest_waiting_ms == 1
        desk.receiver.troubles.clear()
        while (status := await follower.status()).problem or status.waiting_entries:
            await asyncio.sleep(0)
    work.cancel()
    assert (status.failing_since_ms, status.delivered_at_ms) == (None, desk.clock.unix_ms())
    assert desk.receiver.uids() == ["audit:view:1", "audit:view:2"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("target = 3", "Expected `array`"),
        ('[[target]]\nname = "a b"\nto = "x"', "name"),
        ('[[target]]\nname = "a"\nto = "x"\n[[target]]\nname = "a"\nto = "y"', "the name a stands twice"),
        ('[[target]]\nname = "a"\nto = "https://h/"\nsecret_file = "gone"', "the secret of a, gone: No such file"),
        ('[[target]]\nname = "a"\nto = "x"\nformat = "xml"', "Invalid enum value 'xml'"),
    ],
)
def test_a_file_of_targets_that_cannot_be_used_gets_a_sentence(tmp_path: Path, text: str, complaint: str) -> None:
    """The service does not start with it."""
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(SiemTargetsUnusable, match=complaint):
        open_targets(tmp_path, FakeClock())


def test_targets_are_opened_when_the_service_starts(tmp_path: Path) -> None:
    """Files and secrets lie beside the list; a webhook without a secret is refused; no file means no targets."""
    assert open_targets(tmp_path, FakeClock()) == []
    (tmp_path / "soc.secret").write_text("0123456789abcdef\n")
    hook = '[[target]]\nname = "hook"\nto = "https://siem.example.org/in"\n'
    (tmp_path / FILE_NAME).write_text(hook + 'secret_file = "soc.secret"\n[[target]]\nname = "f"\nto = "all.ndjson"\n')
    assert [target.name for target, _ in open_targets(tmp_path, FakeClock())] == ["hook", "f"]
    (tmp_path / FILE_NAME).write_text(hook)
    with pytest.raises(OutletUnusable, match="needs a secret"):
        open_targets(tmp_path, FakeClock())


def source(line: dict[str, Any]) -> str:
    """Empty: a recording."""
    return str(line.get("unmapped", {}).get("source", ""))


async def test_one_feed_has_recordings_logins_and_looks(house: House) -> None:
    """A real broker, a real worker, a file: who logged in there, what happened in a session, who looked at it here."""
    (house.audit_settings.data_folder / FILE_NAME).write_text('[[target]]\nname = "all"\nto = "all.ndjson"\n')
    file = house.audit_settings.data_folder / "all.ndjson"
    await house.broker.login()
    recording = await record(house)
    session = recording.session_id.hex()
    async with house.audit() as audit:
        token = await audit.login("supervisor")
        await arrived(audit, token, recording.session_id, state="complete", condition="sound")
        await audit.request("GET", f"/v1/sessions/{session}/transcript?purpose=check", token=token)
        wanted = {"broker:CS4001I", "audit:CS4001I", "audit:CS5001I", ":CS2000I", ":CS1200I", ":CS2004I"}
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                written = file.read_text() if file.exists() else ""
                lines = [json.loads(line) for line in written[: written.rfind("\n") + 1].splitlines()]
                if wanted <= {f"{source(line)}:{line['metadata']['event_code']}" for line in lines}:
                    break
                await asyncio.sleep(0.05)
        (target,) = (await audit.request("GET", "/v1/siem", token=token)).json["targets"]
        assert (target["name"], target["problem"]) == ("all", "")
        entries = (await audit.request("GET", "/v1/journal", token=token)).json["entries"]
    uids = [line["metadata"]["uid"] for line in lines]
    assert len(uids) == len(set(uids))
    assert [uid for uid in uids if uid.startswith(session)] == [f"{session}:{number}" for number in range(3)]
    assert {(entry["source"], entry["kind"]) for entry in entries} >= {("broker", "logged_in")}
