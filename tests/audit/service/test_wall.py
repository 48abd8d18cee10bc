"""Several running sessions in one answer: what a wall of them is made of."""

import asyncio
from typing import Any

from protocol.events import ConsentAnswered, ConsentAsked, Event
from protocol.grants import Scope
from tests.audit.service.harness import RunningAudit
from tests.audit.service.house import NEEDLE, House, arrived, indexed, one_command, running_session
from tests.audit.service.test_index import Tail
from tests.helpers.recordings import SealedRecording
from tests.helpers.waiting import PATIENCE_SECONDS


def with_root(session: SealedRecording) -> list[list[Event]]:
    """More is asked for in the middle, and given."""
    scopes = (*session.manifest.scopes, Scope.ROOT)
    until_ms = session.manifest.expires_at_ms
    asked = ConsentAsked(4500, 1, scopes, 30, "the printer's driver", "T-1")
    return [[asked, ConsentAnswered(4600, 1, "allowed", scopes, until_ms)], *one_command(session)]


def wall_of(*recordings: SealedRecording, purpose: str = "watching over the shift") -> str:
    ids = "&".join(f"id={recording.session_id.hex()}" for recording in recordings)
    return f"/v1/live?{ids}&purpose={purpose.replace(' ', '+')}"


async def running(audit: RunningAudit, token: str) -> set[str]:
    listed = await audit.request("GET", "/v1/sessions?running=true", token=token)
    return {one["session_id"] for one in listed.json["sessions"]}


async def pictures(tail: Tail, *recordings: SealedRecording) -> dict[str, Any]:
    """The first line of each: how it stands."""
    found: dict[str, Any] = {}
    while len(found) < len(recordings):
        said = await tail.next()
        assert said is not None
        assert said["line"]["kind"] == "picture" or said["session_id"] in found
        found.setdefault(said["session_id"], said["line"])
    return found


async def test_a_wall_shows_every_running_session_with_its_marks(house: House) -> None:
    """A picture of each with the marks so far, then what happens in any; one that ends leaves the others; all noted."""
    async with house.audit() as audit, running_session(house) as plain, running_session(house, with_root) as rooted:
        token = await audit.login("supervisor")
        await plain.send(2)
        await rooted.send(3)
        for session, records in ((plain, 2), (rooted, 3)):
            await arrived(audit, token, session.recording.session_id, records=records)
        await indexed(audit)
        ids = {session.recording.session_id.hex() for session in (plain, rooted)}
        assert await running(audit, token) == ids
        tail = Tail(audit, wall_of(plain.recording, rooted.recording), token)
        async with asyncio.timeout(PATIENCE_SECONDS):
            shown = await pictures(tail, plain.recording, rooted.recording)
            assert shown[plain.recording.session_id.hex()]["marks"] == []
            (mark,) = shown[rooted.recording.session_id.hex()]["marks"]
            assert (mark["rule"], mark["t_ms"]) == ("root-scope", 4600)
            await plain.send(3)
            said = await tail.until(NEEDLE)
            assert (said["session_id"], said["line"]["t_ms"]) == (plain.recording.session_id.hex(), 5000)
            await plain.send(len(plain.recording.records))
            over = await tail.until('"over"')
            assert over == {"session_id": plain.recording.session_id.hex(), "over": True}
            await rooted.send(4)
            assert (await tail.until(NEEDLE))["session_id"] == rooted.recording.session_id.hex()
            await rooted.send(len(rooted.recording.records))
            assert (await tail.until('"over"'))["session_id"] == rooted.recording.session_id.hex()
            assert await tail.next() is None
        views = (await audit.request("GET", "/v1/views", token=token)).json["views"]
        assert {view["session_id"] for view in views if view["purpose"] == "watching over the shift"} == ids


async def test_a_mark_that_a_rule_makes_is_told_at_once(house: House) -> None:
    """With the record in which it happened."""
    async with house.audit() as audit, running_session(house, with_root) as session:
        token = await audit.login("supervisor")
        await session.send(2)
        await arrived(audit, token, session.recording.session_id, records=2)
        tail = Tail(audit, wall_of(session.recording), token)
        async with asyncio.timeout(PATIENCE_SECONDS):
            shown = await pictures(tail, session.recording)
            assert shown[session.recording.session_id.hex()]["marks"] == []
            await session.send(3)
            line = (await tail.until("root-scope"))["line"]
        assert (line["kind"], line["name"], line["t_ms"], line["text"]) == ("mark", "root-scope", 4600, "root")


async def test_nobody_sees_a_wall_of_what_is_not_theirs(house: House) -> None:
    """An external reviewer gets what was assigned to them; without a purpose nobody gets anything."""
    async with house.audit() as audit, running_session(house) as session:
        token = await audit.login("supervisor")
        await session.send(2)
        await arrived(audit, token, session.recording.session_id, records=2)
        external = await audit.login("external-reviewer")
        for who, path, status, code in (
            (external, wall_of(session.recording), 409, "nothing-live"),
            (token, wall_of(session.recording, purpose=""), 422, "purpose-missing"),
            (token, "/v1/live?purpose=x", 422, "request-malformed"),
            (token, "/v1/live?purpose=x&" + "&".join(f"id={one:032x}" for one in range(25)), 422, "request-malformed"),
        ):
            answer = await audit.request("GET", path, token=who)
            assert (answer.status, answer.json["type"]) == (status, f"urn:consentry:{code}")
