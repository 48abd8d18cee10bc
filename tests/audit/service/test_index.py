"""What the service makes of recordings while they arrive: a search that lands on the second, any moment, and now."""

import asyncio
import json
import ssl
import urllib.request
from pathlib import Path
from typing import Any

import msgspec

from audit.quality.marks import Mark
from audit.quality.people import Reviewer
from audit.replay_index.index_files import CHUNKS_FILE, HEAD_FILE, INDEX_FOLDER, SESSIONS_FOLDER
from audit.service.backup import back_up, restore
from audit.service.setup import set_up, tls_files
from protocol.events import ChatSaid
from tests.audit.service.harness import RunningAudit, make_audit_settings, running_audit
from tests.audit.service.house import (
    NEEDLE,
    House,
    arrived,
    indexed,
    one_command,
    record,
    running_session,
    taken_in,
)
from tests.audit.service.test_after_restore import learned
from tests.audit.service.test_retention import SECRETS, erase, files_with, years_later
from tests.helpers.recordings import SealedRecording
from tests.helpers.waiting import PATIENCE_SECONDS, until


async def search(audit: RunningAudit, token: str, words: str, **narrowing: Any) -> dict[str, Any]:
    body = {"words": words, "purpose": "an audit"} | narrowing
    answer = await audit.request("POST", "/v1/search", body, token=token)
    assert answer.status == 200, answer.body
    return dict(answer.json)


async def found(audit: RunningAudit, token: str, words: str, **narrowing: Any) -> list[dict[str, Any]]:
    """The hits, once there are some."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (hits := (await search(audit, token, words, **narrowing))["hits"]):
            await asyncio.sleep(0.05)
    return list(hits)


async def lines(audit: RunningAudit, token: str, recording: SealedRecording, path: str) -> list[dict[str, Any]]:
    join = "&" if "?" in path else "?"
    address = f"/v1/sessions/{recording.session_id.hex()}/{path}{join}purpose=look"
    answer = await audit.request("GET", address, token=token)
    assert answer.status == 200, answer.body
    return [json.loads(line) for line in answer.body.decode().splitlines() if line]


def folder_of(house: House, recording: SealedRecording) -> Path:
    return house.audit_settings.data_folder / INDEX_FOLDER / SESSIONS_FOLDER / recording.session_id.hex()


async def test_a_search_lands_on_the_session_and_its_second(house: House) -> None:
    """What the terminal showed, what is noted beside it, and marks; narrowed by people, time and mark; and each look
    is noted, without the words."""
    recording = await record(house)
    notes = house.broker.server.broker.services.session_store
    await notes.add_note(recording.session_id, 1, "路由器已更换 router replaced", 1)
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        await arrived(audit, token, recording.session_id, state="complete", condition="sound")
        hits = await found(audit, token, NEEDLE)
        assert {(hit["session_id"], hit["t_ms"], hit["kind"]) for hit in hits} >= {
            (recording.session_id.hex(), 5000, "output")
        }
        (note,) = await found(audit, token, "更换", kinds=["note"])
        assert (note["kind"], note["session_id"]) == ("note", recording.session_id.hex())
        for narrowing, there in (
            ({"engineer": "mei"}, True), ({"engineer": "nobody"}, False), ({"customer": "till"}, True),
            ({"customer": "nobody"}, False), ({"from_ms": hits[0]["at_ms"] + 10_000}, False),
            ({"until_ms": hits[0]["at_ms"]}, False), ({"mark": "no-such-mark"}, False),
        ):  # fmt: skip
            assert bool((await search(audit, token, NEEDLE, **narrowing))["hits"]) is there, narrowing

        supervisor = await audit.login("supervisor")
        views = (await audit.request("GET", "/v1/views?limit=1000", token=supervisor)).json["views"]
        seen = {(view["session_id"], view["user_name"], view["action"], view["purpose"]) for view in views}
        for session in ("0" * 32, recording.session_id.hex()):
            assert (session, "reviewer", "search", "an audit") in seen
        assert NEEDLE not in json.dumps(views)
        silent = await audit.request("POST", "/v1/search", {"words": NEEDLE}, token=token)
        assert (silent.status, silent.json["type"]) == (422, "urn:consentry:purpose-missing")


async def test_marks_and_notes_are_found_as_they_are_now(house: House) -> None:
    """By a mark's name, as a narrowing too; what is taken back is not found any more."""
    recording = await record(house)
    session = recording.session_id.hex()
    await taken_in(house, recording)
    async with house.audit() as audit:  # nothing is read again, so that nobody but the test says which marks there are
        token = await audit.login("reviewer")
        await found(audit, token, NEEDLE)
        services = audit.server.service.services
        desk, who = services.quality, Reviewer("supervisor", "supervisor")
        facts = await desk.session(who, session)
        for marks, there in (((Mark("root-scope", 4000, "exec"),), True), ((), False)):
            await desk._store.put_session(msgspec.structs.replace(facts, marks=marks), "stamp")
            await services.indexing.refresh_additions(recording.session_id)
            assert bool((await search(audit, token, NEEDLE, mark="root-scope"))["hits"]) is there
            hits = (await search(audit, token, "root-scope", kinds=["mark"]))["hits"]
            assert [(hit["session_id"], hit["t_ms"], hit["name"]) for hit in hits] == [
                (session, mark.t_ms, mark.rule) for mark in marks
            ]


async def test_commands_and_any_moment_open_from_the_index(house: House) -> None:
    """The terminal as it stood, then what followed; a look at either is noted; nothing of the recording is opened."""
    recording = await record(house, lambda session: [*one_command(session), [ChatSaid(6000, 1, "done")]])
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        await found(audit, token, NEEDLE)
        await indexed(audit)
        services = audit.server.service.services
        services.reader._keys = []  # what opens recordings: whoever reads the index needs none
        before, *after = await lines(audit, token, recording, "moment?t_ms=4999&seconds=60")
        assert (before["kind"], before["t_ms"]) == ("picture", 4999)
        assert NEEDLE not in before["terminals"][0]["text"]
        assert any(NEEDLE in line["text"] for line in after if line["kind"] == "output")
        assert after[-1]["kind"] == "end"
        picture, *rest = await lines(audit, token, recording, "moment?t_ms=5000&seconds=0")
        assert NEEDLE in picture["terminals"][0]["text"]
        assert rest[-1]["kind"] == "more"
        assert isinstance(await lines(audit, token, recording, "commands"), list)
        timeline = await lines(audit, token, recording, "timeline")
        assert {"session", "consent"} <= {line["kind"] for line in timeline}
        said = [(line["text"], line["people"]) for line in timeline if line["kind"] == "chat"]
        assert said == [("engineer 1: done", [{"participant": 1, "name": "Mei Example"}])]
        supervisor = await audit.login("supervisor")
        path = f"/v1/views?session_id={recording.session_id.hex()}"
        views = (await audit.request("GET", path, token=supervisor)).json["views"]
        assert [view["purpose"] for view in views if view["action"] == "view"] == ["look"] * 4


async def test_an_index_goes_on_after_a_restart_and_is_made_anew_when_torn(house: House) -> None:
    """Missing, cut short, and changed in its middle: found out at the start or by whoever reads it."""
    recording = await record(house)
    await taken_in(house, recording)
    folder = folder_of(house, recording)
    head, chunks = (folder / HEAD_FILE).read_bytes(), (folder / CHUNKS_FILE).read_bytes()
    async with house.audit() as audit:
        await found(audit, await audit.login("reviewer"), NEEDLE)
    assert (folder / HEAD_FILE).read_bytes() == head  # it was whole, and nothing was made again

    for name, data in ((HEAD_FILE, head[:40]), (CHUNKS_FILE, chunks[:-1]), (HEAD_FILE, b"")):
        (folder / name).write_bytes(data)
        async with house.audit() as audit:
            await found(audit, await audit.login("reviewer"), NEEDLE)
    data = bytearray((folder / CHUNKS_FILE).read_bytes())
    for at in range(100, len(data), 40):
        data[at] ^= 1
    (folder / CHUNKS_FILE).write_bytes(data)
    async with house.audit() as audit:
        token = await audit.login("reviewer")
        path = f"/v1/sessions/{recording.session_id.hex()}/moment?purpose=look&t_ms=5000"
        assert (await audit.request("GET", path, token=token)).status == 503
        await found(audit, token, NEEDLE)
        assert (await audit.request("GET", path, token=token)).status == 200


async def test_an_index_that_no_key_of_ours_opens_is_made_anew(house: House) -> None:
    """A master key that is torn, or was sealed to an audit key that is gone."""
    await record(house)
    async with house.audit() as audit:
        await found(audit, await audit.login("reviewer"), NEEDLE)
    (house.audit_settings.data_folder / INDEX_FOLDER / "keys" / "master.msgpack").write_bytes(b"torn")
    async with house.audit() as audit:
        await found(audit, await audit.login("reviewer"), NEEDLE)


def live_of(recording: SealedRecording) -> str:
    return f"/v1/sessions/{recording.session_id.hex()}/live?purpose=help"


class Tail:
    """Somebody who looks on over a connection of their own."""

    def __init__(self, audit: RunningAudit, path: str, token: str) -> None:
        request = urllib.request.Request(f"{audit.origin}{path}", headers={"Authorization": f"Bearer {token}"})
        tls = ssl.create_default_context(cafile=str(tls_files(audit.settings.data_folder)[0]))
        self._open = lambda: urllib.request.urlopen(request, context=tls, timeout=PATIENCE_SECONDS)
        self._response: Any = None

    async def next(self) -> dict[str, Any] | None:
        """The next line that says something; None at the end."""
        return await asyncio.to_thread(self._next)

    async def until(self, text: str) -> dict[str, Any]:
        """The line in which this stands."""
        while (line := await self.next()) is not None:
            if text in json.dumps(line):
                return line
        raise AssertionError(f"the stream ended without {text}")

    def _next(self) -> dict[str, Any] | None:
        if self._response is None:
            self._response = self._open()
        while data := self._response.readline():
            if data.strip():
                return dict(json.loads(data))
        return None


async def test_a_running_session_is_seen_at_once_and_found_before_it_ends(house: House) -> None:
    """A picture first, then what happens, from the record that the broker has just stored; and the end ends it."""
    async with house.audit() as audit, running_session(house) as session:
        token = await audit.login("reviewer")
        await session.send(2)
        await arrived(audit, token, session.recording.session_id, records=2)
        await indexed(audit)
        tail = Tail(audit, live_of(session.recording), token)
        picture = await tail.next()
        assert picture is not None
        assert (picture["kind"], [one["channel"] for one in picture["terminals"]]) == ("picture", [0])
        await session.send(3)
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await tail.until(NEEDLE)
        assert (line["kind"], line["t_ms"], line["channel"]) == ("output", 5000, 0)
        await session.send(4)  # a line is there to be found once it has stood still: something has to follow it
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (hits := (await search(audit, token, NEEDLE))["hits"]):
                await audit.server.service.services.indexing.commit(0)
        assert hits[0]["session_id"] == session.recording.session_id.hex()
        await session.send(len(session.recording.records))
        while await tail.next() is not None:
            pass
        # The index may know of the end before the database does.
        await until(lambda: audit.server.service.services.puller.waiting == 0)
        path = f"/v1/sessions/{session.recording.session_id.hex()}/live?purpose=look"
        late = await audit.request("GET", path, token=token)
        assert (late.status, late.json["type"]) == (409, "urn:consentry:nothing-live")
        views = await audit.request("GET", "/v1/views", token=await audit.login("supervisor"))
        assert "help" in {view["purpose"] for view in views.json["views"]}


async def test_a_stop_does_not_wait_for_those_who_look_on(house: House) -> None:
    """The stream ends, well before the server would lose patience."""
    async with running_session(house) as session:
        async with house.audit() as audit:
            token = await audit.login("reviewer")
            await session.send(2)
            await arrived(audit, token, session.recording.session_id, records=2)
            tail = Tail(audit, live_of(session.recording), token)
            await tail.next()
        assert await tail.next() is None


async def test_after_an_erase_its_index_is_gone_everywhere(house: House, tmp_path: Path) -> None:
    """Neither found, nor opened, nor in any file, byte by byte; and a backup from before does not bring it back."""
    recording, other = await record(house), await record(house)
    folder, keys_folder = tmp_path / "backup", tmp_path / "keys-backup"
    async with running_audit(house.audit_settings, clock=years_later(house, 401)) as audit:
        token = await audit.login("reviewer")
        for one in (recording, other):
            await arrived(audit, token, one.session_id, state="complete", condition="sound")
        both = {recording.session_id.hex(), other.session_id.hex()}
        async with asyncio.timeout(PATIENCE_SECONDS):
            while {hit["session_id"] for hit in (await search(audit, token, NEEDLE))["hits"]} != both:
                await asyncio.sleep(0.05)
        back_up(house.audit_settings, folder, keys_folder)
        assert not list(folder.rglob(HEAD_FILE))  # an index is made from the records: no copy of it to be erased, too
        await erase(audit, recording)
        assert {hit["session_id"] for hit in await found(audit, token, NEEDLE)} == {other.session_id.hex()}
        path = f"/v1/sessions/{recording.session_id.hex()}/moment?purpose=look"
        assert (await audit.request("GET", path, token=token)).status == 410
        assert not folder_of(house, recording).exists()
    data_folder = house.audit_settings.data_folder
    assert list(files_with(data_folder, *SECRETS)) == []
    index = data_folder / INDEX_FOLDER
    assert [path.name for path in index.rglob("*") if recording.session_id.hex() in path.name] == [
        f"{recording.session_id.hex()}.erased"
    ]
    back_up(house.audit_settings, folder, keys_folder)
    settings = make_audit_settings(tmp_path / "restored")
    restore(settings, folder, keys_folder, [house.key], 0)
    key_file = next(path for path in (tmp_path / "keys").iterdir())
    token = json.loads((data_folder / "service.json").read_bytes())["token"]
    set_up(settings, broker=house.address, token=token, key_files=(key_file,))
    async with running_audit(settings, clock=years_later(house, 401)) as audit:
        token = await audit.login("reviewer")
        await learned(audit, token)
        assert {hit["session_id"] for hit in await found(audit, token, NEEDLE)} == {other.session_id.hex()}


async def test_an_external_reviewer_opens_only_what_is_assigned(house: House) -> None:
    """The same answer as for what does not exist; and no search through the others."""
    recording = await record(house)
    async with house.audit() as audit:
        await arrived(audit, await audit.login("reviewer"), recording.session_id, records=len(recording.records))
        token = await audit.login("external-reviewer")
        for kind in ("commands", "timeline", "moment", "live"):
            path = f"/v1/sessions/{recording.session_id.hex()}/{kind}?purpose=look"
            assert (await audit.request("GET", path, token=token)).status == 404, kind
        assert (await audit.request("POST", "/v1/search", {"words": NEEDLE}, token=token)).status == 403


async def test_a_search_inside_one_recording_finds_nothing_of_another(house: House) -> None:
    """Noted at that recording; and whoever was assigned one may search in it, and in no other."""
    recording, other = await record(house), await record(house)
    inside = {"session_id": recording.session_id.hex()}
    async with house.audit() as audit:
        token = await audit.login("supervisor")
        for one in (recording, other):
            await arrived(audit, token, one.session_id, state="complete", condition="sound")
            await found(audit, token, NEEDLE, session_id=one.session_id.hex())
        hits = await found(audit, token, NEEDLE, **inside)
        assert {hit["session_id"] for hit in hits} == {recording.session_id.hex()}
        external = await audit.login("external-reviewer")
        assign = {**inside, "reviewer": "external-reviewer", "scorecard": "security-conduct"}
        assert (await audit.request("POST", "/v1/reviews", assign, token=token)).status == 201
        assert (await search(audit, external, NEEDLE, **inside))["hits"]
        for body, status in (({"session_id": other.session_id.hex()}, 404), ({}, 403)):
            answer = await audit.request("POST", "/v1/search", {"words": NEEDLE, "purpose": "x"} | body, token=external)
            assert answer.status == status
        views = (await audit.request("GET", "/v1/views?user_name=external-reviewer", token=token)).json["views"]
        assert [(view["session_id"], view["action"]) for view in views] == [(recording.session_id.hex(), "search")]


async def test_a_recording_that_harms_the_worker_costs_the_others_nothing(house: House) -> None:
    """It is not indexed, and says so in the log; who comes after it is found, in a fresh worker."""
    harmful, sound = await record(house), await record(house)
    async with house.audit() as audit:
        indexing = audit.server.service.services.indexing
        secrets_of = indexing._secrets_of

        def wrong_for_one(session_id: bytes) -> dict[int, bytes]:
            return {0: bytes(32)} if session_id == harmful.session_id else secrets_of(session_id)

        indexing._secrets_of = wrong_for_one  # type: ignore[method-assign]  # a lie: its records do not open
        token = await audit.login("reviewer")
        assert {hit["session_id"] for hit in await found(audit, token, NEEDLE)} == {sound.session_id.hex()}
        await until(lambda: harmful.session_id in indexing._not_indexable)
