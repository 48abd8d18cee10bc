"""What supervisors do to the sessions of others, over HTTP: stop them with a reason, whisper to their staff."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

import pytest

from broker.sessions.session import Stop
from broker.sessions.whispers import WHISPERS_PER_MINUTE, Whispers, WhispersFull
from broker.storage.whispers import SqlWhispers
from protocol.grants import Scope
from protocol.messages.agent import GrantReported, SessionEnded, StopRequested, TakeOverReported
from tests.broker.harness import Answer, Client, FakeClock, RunningBroker, add_user
from tests.broker.http_api.test_api import assert_problem
from tests.broker.test_whole_path import pair
from tests.helpers.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHY = {"why": "The caller is not who they say they are."}
HINT = {"text": "  Ask for the model before you replace anything. "}


@dataclass
class Running:
    """A session that the engineer `wei` has paired into; `su` supervises, `li` has nothing to do with it."""

    broker: RunningBroker
    agent: Client
    address: str
    wei: str
    su: str
    li: str

    async def whispers(self, token: str, after: int = 0) -> list[tuple[int, str, str, bool]]:
        answer = await self.broker.request("GET", f"{self.address}/whispers?after={after}", token=token)
        assert answer.status == HTTPStatus.OK, answer.body
        return [(one["number"], one["name"], one["text"], one["mine"]) for one in answer.json["whispers"]]


@asynccontextmanager
async def a_session(broker: RunningBroker) -> AsyncIterator[Running]:
    names = {user.user_name for user in await broker.server.broker.services.users.all()}
    if "su" not in names:
        await add_user(broker.settings, "su", "S-1", name="Su Example", role="supervisor")
        await add_user(broker.settings, "li-elsewhere", "E-9")
    wei, su, li = [await broker.login(name) for name in ("wei", "su", "li-elsewhere")]
    async with broker.agent() as (agent, opened):
        async with broker.dial("/v1/pairing", token=wei) as engineer:
            await pair(broker, agent, engineer)
            await engineer.receive()
        yield Running(broker, agent, f"/v1/sessions/{opened.session_id.hex()}", wei, su, li)
    # Nobody comes back to it: the next test's engineer has room for it.
    await broker.server.broker.services.sessions.end(opened.session_id, "customer-ended")


async def test_a_supervisor_stops_a_session_of_others_and_says_why(shared_broker: RunningBroker) -> None:
    """The agent hears who and why, the engineer reads it at the broker, and it is among the events."""
    async with a_session(shared_broker) as session:
        broker, at = session.broker, session.address
        assert_problem(await broker.request("POST", f"{at}/end", {}, token=session.su), 422, "stop-reason-missing")
        for bad in ({"why": ""}, {"why": " "}, {"why": "x" * 201}, {"why": 1}, {"reason": "x"}):
            assert_problem(await broker.request("POST", f"{at}/end", bad, token=session.su), 422, "request-malformed")
        assert_problem(await broker.request("POST", f"{at}/end", WHY, token=session.wei), 403, "not-allowed")
        assert_problem(await broker.request("POST", f"{at}/end", WHY, token=session.li), 404, "session-unknown")
        stopped = await broker.request("POST", f"{at}/end", WHY, token=session.su)
        assert stopped.status == HTTPStatus.ACCEPTED
        told = StopRequested(name="Su Example", staff_number="S-1", why=WHY["why"])
        assert await session.agent.receive() == told
        assert_problem(await broker.request("POST", f"{at}/end", WHY, token=session.su), 409, "session-over")
        await session.agent.send(SessionEnded(reason="supervisor-ended", records=0))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (details := (await broker.request("GET", at, token=session.wei)).json)["state"] != "ended":
                await asyncio.sleep(0.01)
        stop = {"name": "Su Example", "staff_number": "S-1", "why": WHY["why"]}
        assert (details["end_reason"], details["stop"]) == ("supervisor-ended", stop)
    events = await broker.server.broker.services.events.newest(None, 5)
    event = next(one.event for one in events if one.event.kind == "session_stopped")
    assert (event.actor, event.facts) == ("su", {"session": at[-32:], "engineers": "E-1"})


async def test_a_supervisor_ends_their_own_session_as_any_engineer_does(shared_broker: RunningBroker) -> None:
    """Without a reason: there is nobody to answer to."""
    async with a_session(shared_broker) as session:
        broker = session.broker
        async with broker.dial("/v1/pairing", token=session.su) as supervisor:
            await pair(broker, session.agent, supervisor)
            await supervisor.receive()
        answer = await broker.request("POST", f"{session.address}/end", token=session.su)
        assert answer.status == HTTPStatus.ACCEPTED
        assert (await session.agent.receive()).reason == "engineer-ended"


async def test_whispers_go_between_the_staff_of_a_session_and_to_nobody_else(shared_broker: RunningBroker) -> None:
    """Its engineer reads a supervisor's and answers; a colleague elsewhere sees nothing, the agent hears nothing."""
    async with a_session(shared_broker) as session:
        broker, at = session.broker, f"{session.address}/whispers"
        said = await broker.request("POST", at, HINT, token=session.su)
        assert said.status == HTTPStatus.CREATED
        assert (await broker.request("POST", at, {"text": "thanks"}, token=session.wei)).json["number"] == 2
        hint = HINT["text"].strip()
        assert await session.whispers(session.wei) == [
            (1, "Su Example", hint, False),
            (2, "Wei Example", "thanks", True),
        ]
        assert await session.whispers(session.su, after=1) == [(2, "Wei Example", "thanks", False)]
        for method, body in (("GET", None), ("POST", HINT)):
            assert_problem(await broker.request(method, at, body, token=session.li), 404, "session-unknown")
        for bad in ({"text": ""}, {"text": " \n"}, {"text": "x" * 501}, {}):
            assert_problem(await broker.request("POST", at, bad, token=session.su), 422, "request-malformed")
        event = (await broker.server.broker.services.events.newest(None, 1))[0].event
        assert (event.kind, event.actor, event.facts) == ("whispered", "wei", {"session": at[13:45], "number": 2})
        await session.agent.send(SessionEnded(reason="customer-ended", records=0))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await broker.request("POST", at, HINT, token=session.su)).status != HTTPStatus.CONFLICT:
                await asyncio.sleep(0.01)
        assert len(await session.whispers(session.su)) >= 2


async def test_whoever_waits_hears_a_whisper_when_it_is_said(shared_broker: RunningBroker) -> None:
    """And is let go when the session ends, or the login is revoked."""
    services = shared_broker.server.broker.services
    async with a_session(shared_broker) as session:
        broker, at = session.broker, f"{session.address}/whispers"
        session_id = bytes.fromhex(session.address[-32:])

        async def waiting(token: str, after: int) -> "asyncio.Task[Answer]":
            asking = asyncio.create_task(broker.request("GET", f"{at}?after={after}&wait=15", token=token))
            await until(lambda: session_id in services.whispers.listened_to)
            return asking

        asking = await waiting(session.wei, 0)
        await broker.request("POST", at, HINT, token=session.su)
        heard = (await asking).json
        assert ([one["name"] for one in heard["whispers"]], heard["is_over"]) == (["Su Example"], False)
        other = await broker.login()
        asking = await waiting(other, 1)
        await broker.request("POST", "/v1/logout", {}, token=other)
        await services.cut_off_revoked()
        assert (await asking).status == HTTPStatus.UNAUTHORIZED
        asking = await waiting(session.wei, 1)
        await session.agent.send(SessionEnded(reason="customer-ended", records=0))
        assert (await asking).json == {"whispers": [], "is_over": True}


@pytest.mark.parametrize("text", ["482-9137-7551", "take 482 9137 7551 now", "48291377551", "1482-9137-7551"])
async def test_no_code_is_whispered(shared_broker: RunningBroker, text: str) -> None:
    """The broker must not know one: whoever does could come in with it."""
    async with a_session(shared_broker) as session:
        at = f"{session.address}/whispers"
        assert_problem(
            await session.broker.request("POST", at, {"text": text}, token=session.su), 422, "code-whispered"
        )
        harmless = await session.broker.request("POST", at, {"text": "order 2026-0482, 14:30"}, token=session.su)
        assert harmless.status == HTTPStatus.CREATED


async def test_a_supervisor_asks_to_join_and_the_engineer_hears_it(shared_broker: RunningBroker) -> None:
    """As a whisper without words; engineers cannot ask so of others' sessions."""
    async with a_session(shared_broker) as session:
        at = f"{session.address}/join"
        asked = await session.broker.request("POST", at, {}, token=session.su)
        assert (asked.status, asked.json["kind"], asked.json["text"]) == (HTTPStatus.ACCEPTED, "join", "")
        assert_problem(await session.broker.request("POST", at, {}, token=session.wei), 403, "not-allowed")
        heard = (await session.broker.request("GET", f"{session.address}/whispers", token=session.wei)).json
        assert [(one["kind"], one["name"]) for one in heard["whispers"]] == [("join", "Su Example")]
        event = (await session.broker.server.broker.services.events.newest(None, 1))[0].event
        assert (event.kind, event.actor) == ("join_asked", "su")


async def test_who_was_taken_over_does_not_end_it_for_the_other(shared_broker: RunningBroker) -> None:
    """While nobody is in, whoever paired may; once somebody is, they alone, as far as the agent has told."""
    async with a_session(shared_broker) as session:
        broker, at = session.broker, f"{session.address}/end"
        async with broker.dial("/v1/pairing", token=session.su) as supervisor:
            await pair(broker, session.agent, supervisor)
            await supervisor.receive()
        await session.agent.send(GrantReported(staff_number="S-1", scopes=(Scope.SHELL,), expires_at_ms=2**41))
        services = broker.server.broker.services
        su = next(one.user_id for one in await services.users.all() if one.user_name == "su")
        await until(lambda: services.sessions.allows(bytes.fromhex(session.address[-32:]), su, Scope.SHELL))
        assert_problem(await broker.request("POST", at, token=session.wei), 409, "not-in-any-more")
        assert (await broker.request("POST", at, token=session.su)).status == HTTPStatus.ACCEPTED


async def test_a_take_over_is_an_event(shared_broker: RunningBroker) -> None:
    """With who has taken over from whom; of somebody who never paired, an agent's word is no use."""
    async with a_session(shared_broker) as session:
        broker, at = session.broker, session.address
        async with broker.dial("/v1/pairing", token=session.su) as supervisor:
            await pair(broker, session.agent, supervisor)
            await supervisor.receive()
        await session.agent.send(TakeOverReported(staff_number="S-1", from_staff_number="E-1"))
        await session.agent.send(TakeOverReported(staff_number="S-1", from_staff_number="E-9"))
        assert (await session.agent.receive()).code == "peer-error"
        event = (await broker.server.broker.services.events.newest(None, 1))[0].event
        assert (event.kind, event.actor, event.subject) == ("session_taken_over", "su", "wei")
        assert event.facts == {"session": at[-32:]}


async def test_whispers_are_bounded_by_the_minute_and_by_the_session(
    shared_broker: RunningBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that floods one is told to wait; what a session may hold has an end."""
    services = shared_broker.server.broker.services
    async with a_session(shared_broker) as session:
        # One moment, however long a machine takes to whisper so often.
        monkeypatch.setattr(services.whispers, "_clock", FakeClock(services.clock.monotonic_ms()))
        codes = [
            (await session.broker.request("POST", f"{session.address}/whispers", HINT, token=session.wei)).status
            for _ in range(WHISPERS_PER_MINUTE)
        ]
        assert set(codes) == {HTTPStatus.CREATED, HTTPStatus.TOO_MANY_REQUESTS}
        found = await services.session_store.find(bytes.fromhex(session.address[-32:]))
        users = {user.user_name: user for user in await services.users.all()}
        assert found is not None
        store = SqlWhispers(services.database)
        kept = await Whispers(store, FakeClock()).after(found, 0)
        with pytest.raises(WhispersFull):
            await store.add(found.session_id, users["su"], "one more", 1, limit=len(kept))


async def test_what_was_whispered_goes_with_the_recording(shared_broker: RunningBroker) -> None:
    """And so does the reason of a stop: both may hold words about the customer."""
    services = shared_broker.server.broker.services
    async with a_session(shared_broker) as session:
        await session.broker.request("POST", f"{session.address}/whispers", HINT, token=session.su)
        await session.broker.request("POST", f"{session.address}/end", WHY, token=session.su)
        session_id = bytes.fromhex(session.address[-32:])
        await services.changed_sessions.forget_words(session_id)
        assert await session.whispers(session.wei) == []
        found = await services.session_store.find(session_id)
        assert found is not None
        assert found.stop == Stop("Su Example", "S-1", "")
