"""From the broker's disk to a reviewer's eyes, over real connections."""

import asyncio
import errno
import json
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest

from audit.service.broker_feed import BrokerFeed, BrokerUnavailableError, Changes, RemoteRecording
from audit.service.puller import Puller
from audit.session_files import CLOSING_FILE, RECORDS_FILE, session_folder
from audit.storage import MIGRATIONS
from audit.storage.seals import Unsealed
from audit.storage.sessions import SqlSessions
from audit.vault.epoch_files import epoch_file_of
from audit.vault.library import list_sessions
from serving.database import open_database
from tests.audit.service.house import NEEDLE, House, arrived, over, record, running_session
from tests.broker.harness import FakeClock
from tests.helpers.waiting import PATIENCE_SECONDS, until


async def test_a_session_is_listed_verified_and_replayed(house: House) -> None:
    """Everything that the broker has of it is here, proved again; each look is noted with its purpose, by name."""
    recording = await record(house)
    session = recording.session_id.hex()
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        found = await arrived(audit, token, recording.session_id, state="complete", condition="sound")
        assert found["recording"]["reason"] == "receipts never arrive"
        assert found["broker"]["end_reason"] == "customer-ended"
        listed = await audit.request("GET", "/v1/sessions", token=token)
        assert [one["session_id"] for one in listed.json["sessions"]] == [session]
        about = listed.json["sessions"][0]["about"]
        assert (about["engineer"], about["customer"], about["ticket"]) == ("Mei Example", "shop@till-3", "T-1")
        assert (about["stars"], about["marks"], about["can_be_reviewed"]) == (None, [], True)
        for query, expected in ((f"id={session}", [session]), (f"id={'0' * 32}", []), ("running=true", [])):
            some = await audit.request("GET", f"/v1/sessions?{query}", token=token)
            assert [one["session_id"] for one in some.json["sessions"]] == expected, query

        verified = await audit.request("GET", f"/v1/sessions/{session}/verify", token=token)
        assert (verified.json["intact"], verified.json["verdict"]) == (True, "intact"), verified.json

        refused = await audit.request("GET", f"/v1/sessions/{session}/replay", token=token)
        assert (refused.status, refused.json["type"]) == (422, "urn:consentry:purpose-missing")
        replay = await audit.request("GET", f"/v1/sessions/{session}/replay?purpose=training", token=token)
        lines = [json.loads(line) for line in replay.body.decode().splitlines()]
        assert lines[0]["version"] == 3
        assert any(NEEDLE in line[2] for line in lines[1:])
        transcript = await audit.request("GET", f"/v1/sessions/{session}/transcript?purpose=check", token=token)
        assert NEEDLE in transcript.body.decode()

        supervisor = await audit.login("supervisor")
        views = await audit.request("GET", f"/v1/views?session_id={session}", token=supervisor)
        assert [(one["user_name"], one["action"], one["purpose"]) for one in views.json["views"]] == [
            ("reviewer", "view", "check"),
            ("reviewer", "view", "training"),
        ]
        stranger = await audit.login("external-reviewer")
        assert (await audit.request("GET", f"/v1/sessions/{session}", token=stranger)).status == 404


async def test_neither_place_alone_opens_anything(house: House) -> None:
    """The records without what opens them are worth nothing, also to whoever has the audit key; together they are the
    file as the agent sealed it."""
    recording = await record(house)
    async with house.audit() as audit:
        await arrived(audit, await audit.login("reviewer"), recording.session_id, state="complete")
    records_folder = house.audit_settings.records_folder
    folder = records_folder / recording.session_id.hex()
    assert (folder / RECORDS_FILE).read_bytes() != recording.data
    together = next(list_sessions(records_folder, [house.key], 0))
    assert (together.sealed, together.state) == ("opened", "complete")
    with together.recording.open_file() as file:
        assert file.read() == recording.data
    epoch_file_of(folder).rename(house.audit_settings.data_folder / "elsewhere")
    alone = next(list_sessions(records_folder, [house.key], 0))
    assert (alone.sealed, alone.state) == ("erased", "complete")


async def test_a_live_session_arrives_while_it_goes_on(house: House) -> None:
    """What is on the broker's disk is here at once, and so is what comes after the service was away."""
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        recording = await record(house, end=False)
        live = await arrived(audit, token, recording.session_id, state="arriving", condition="sound", records=2)
        assert live["recording"]["engineer"] == "Mei Example"
        other = await record(house)
        await arrived(audit, token, other.session_id, state="complete")
    third = await record(house)
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        await arrived(audit, token, third.session_id, state="complete", condition="sound")
        await arrived(audit, token, recording.session_id, records=2)


async def test_a_broker_that_changes_a_record_is_found_out(house: House) -> None:
    """Verified before it is stored: the session is marked as broken, what was right before it is kept, and the service
    goes on with the others."""
    changed = await record(house)
    path = house.broker.settings.records_folder / changed.session_id.hex() / RECORDS_FILE
    data = bytearray(path.read_bytes())
    data[len(changed.records[0]) + 200] ^= 1
    path.write_bytes(data)
    sound = await record(house)
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        found = await arrived(audit, token, changed.session_id, condition="broken", records=1)
        assert "record 1" in found["problem"]
        address = f"/v1/sessions/{changed.session_id.hex()}"
        told = await audit.request("GET", address, token=token, headers={"Accept-Language": "zh-CN"})
        assert "记录 1" in told.json["problem"]
        await arrived(audit, token, sound.session_id, condition="sound")
    data[len(changed.records[0]) + 200] ^= 1
    path.write_bytes(data)
    async with house.audit() as audit:  # mended, from a copy of the broker's
        await arrived(audit, await audit.login("reviewer"), changed.session_id, condition="sound", state="complete")


async def test_a_wrong_token_is_told_and_nothing_is_given(house: House) -> None:
    """The feed is for audit services alone: neither strangers nor engineers read it."""
    engineer = await house.broker.login()
    recording = f"/v1/audit/recordings/{'0' * 32}"
    for token in ("", engineer, "cst_" + "A" * 43):
        for method, path in (
            ("GET", "/v1/audit/changes"),
            ("GET", recording),
            ("GET", f"{recording}/records"),
            ("GET", f"{recording}/forks/1"),
            ("POST", f"{recording}/erase"),
        ):
            assert (await house.broker.request(method, path, token=token)).status == 401, path


async def test_a_stop_does_not_wait_for_the_broker(house: House) -> None:
    """A question that waits for news in its own thread is ended; the process need not wait for the answer."""
    async with house.audit() as audit:
        feed = audit.server.service.services.feed
        await until(lambda: audit.server.service.services.puller.connected)
        waiting = asyncio.create_task(feed.changes(10**9, (await feed.changes(10**9, "", wait=False)).position))
        await until(lambda: len(feed._busy) == 2)
        feed.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            with pytest.raises(BrokerUnavailableError):
                await waiting


async def test_a_connection_that_the_broker_hung_up_on_is_replaced(house: House) -> None:
    """Brokers hang up on idle connections; the next question goes over a fresh one, and nothing waits for it."""
    async with house.audit() as audit:
        feed = audit.server.service.services.feed
        await until(lambda: audit.server.service.services.puller.connected)
        await feed.changes(10**9, "", wait=False)
        await until(lambda: bool(feed._idle))  # others ask over the same ones, and give them back
        for connection in feed._idle:
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
        await feed.changes(10**9, "", wait=False)


async def test_the_word_about_an_end_that_could_not_be_fetched_is_fetched_at_the_next_start(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All records were here before; the broker had told of the end once, and tells of it only once."""
    async with running_session(house) as session:
        recording, lost = session.recording, list[bytes]()
        closing = session_folder(house.audit_settings.records_folder, recording.session_id) / CLOSING_FILE

        async def broken_off(feed: BrokerFeed, session_id: bytes) -> RemoteRecording | None:
            lost.append(session_id)
            raise OSError(errno.ECONNRESET, "broken off")

        async with house.audit() as audit:
            await session.send(len(recording.records))
            token = await audit.login("reviewer")
            await arrived(audit, token, recording.session_id, records=len(recording.records))
            await until(lambda: audit.server.service.services.puller.waiting == 0)
            with monkeypatch.context() as patch:
                patch.setattr(BrokerFeed, "recording", broken_off)
                await session.end()
                await until(lambda: bool(lost) and audit.server.service.services.puller.waiting == 0)
        assert not closing.exists()
        async with house.audit() as audit:
            token = await audit.login("reviewer")
            await until(closing.exists)
            found = await over(audit, token, recording.session_id)
            assert found["broker"]["end_reason"] == "customer-ended"


async def test_what_a_page_names_twice_is_pulled_once(tmp_path: Path) -> None:
    """As changed, as grown, and as one of those that may have grown: each pull means that a worker reads it anew."""
    session, asked, followed = bytes(16), list[bytes](), asyncio.Event()
    facts = {"session_id": session.hex(), "opened_at_ms": 1, "ended_at_ms": None}
    page = Changes(
        cursor=1,
        newest=1,
        sessions=[msgspec.Raw(msgspec.json.encode(facts))],
        grown=[session.hex()],
        position="x",
        resync=True,
    )

    class Feed:
        async def connect(self) -> None:
            """It answers."""

        async def changes(self, cursor: int, position: str) -> Changes:
            if position:
                followed.set()
                await asyncio.Event().wait()
            return page

        async def recording(self, session_id: bytes) -> None:
            asked.append(session_id)

    class Nothing:
        def is_another_log(self) -> bool:
            return False

        def is_aside(self, session_id: bytes) -> bool:
            return False

        async def learn(self) -> None:
            """Nothing was restored."""

        def without_closing(self) -> list[bytes]:
            return [session]

    nothing: Any = Nothing()
    feed: Any = Feed()
    database = await open_database(tmp_path / "audit.sqlite3", MIGRATIONS)
    puller = Puller(feed, nothing, SqlSessions(database, Unsealed()), FakeClock(), nothing, nothing, nothing)
    running = asyncio.create_task(puller.run())
    await followed.wait()
    await until(lambda: puller.waiting == 0)
    running.cancel()
    await asyncio.wait([running])
    assert asked == [session]
    await database.aclose()
