"""The queue over HTTP, and from the machine of a customer who shares."""

import asyncio
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from broker.config import SettingUnusable
from broker.requests.request import Asked, HelpRequest
from protocol.messages.agent import AskForHelp, HelpTaken, NewCode, SessionEnded
from protocol.messages.wire import Refused
from tests.broker.harness import RunningBroker, add_user, found, make_settings, running
from tests.broker.http_api.test_api import assert_problem
from tests.broker.test_whole_path import pair
from tests.broker.websockets.test_pairing import open_code
from tests.helpers.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLED = {"customer": "Ann Example", "words": "Receipts never arrive.", "contact": "+1 555 0100", "tier": "gold"}
ASKS = AskForHelp(customer="ann@\ntill-2", words="The till does not print.")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBroker]:
    settings = make_settings(
        tmp_path_factory.mktemp("queue") / "data", service_targets="standard=300; gold=60", max_waiting_requests=3
    )
    organisation = found(settings)
    for name, number, role in (("wei", "E-1", "engineer"), ("li", "E-2", "engineer"), ("su", "S-1", "supervisor")):
        await add_user(settings, name, number, name=f"{name.title()} Example", role=role)
    async with running(settings, organisation) as broker:
        yield broker


async def queue(broker: RunningBroker, token: str) -> list[Any]:
    answer = await broker.request("GET", "/v1/requests", token=token)
    assert answer.status == HTTPStatus.OK
    return list(answer.json["requests"])


async def queue_once(broker: RunningBroker, token: str, right: Callable[[list[Any]], bool]) -> list[Any]:
    """The queue as soon as it is like that; the broker is asked to answer when it is another one."""
    answer = (await broker.request("GET", "/v1/requests", token=token)).json
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not right(answer["requests"]):
            news = f"/v1/requests?after={answer['change']}&wait=5"
            answer = (await broker.request("GET", news, token=token)).json
    return list(answer["requests"])


async def act(broker: RunningBroker, token: str, number: int, what: str, body: Any = None) -> Any:
    return await broker.request("POST", f"/v1/requests/{number}/{what}", body or {}, token=token)


async def test_who_called_is_taken_once_given_back_and_helped(broker: RunningBroker) -> None:
    """Of two engineers one has the request; the other reads who. A supervisor gives back what somebody forgot."""
    wei, li, su = [await broker.login(name) for name in ("wei", "li", "su")]
    made = await broker.request("POST", "/v1/requests", CALLED, token=wei)
    assert made.status == HTTPStatus.CREATED
    number = made.json["request_id"]
    assert made.json["due_at_ms"] - made.json["asked_at_ms"] == 60_000
    both = await asyncio.gather(act(broker, wei, number, "take"), act(broker, li, number, "take"))
    assert sorted(one.status for one in both) == [HTTPStatus.OK, HTTPStatus.CONFLICT]
    has, other = (wei, li) if both[0].status == HTTPStatus.OK else (li, wei)
    assert_problem(await act(broker, other, number, "take"), 409, "request-taken")
    assert (await act(broker, has, number, "take")).status == HTTPStatus.OK
    assert_problem(await act(broker, other, number, "give-back"), 409, "request-not-yours")
    assert_problem(await act(broker, other, number, "end", {"served": True}), 409, "request-not-yours")
    assert (await act(broker, su, number, "give-back")).json["state"] == "waiting"
    assert [(one["state"], one["taken_by"]) for one in await queue(broker, li)] == [("waiting", "")]
    assert (await act(broker, other, number, "take")).json["mine"]
    assert (await act(broker, other, number, "end", {"served": True})).status == HTTPStatus.NO_CONTENT
    assert await queue(broker, wei) == []
    assert_problem(await act(broker, wei, number, "take"), 409, "request-over")
    assert_problem(await act(broker, wei, 999_999, "take"), 404, "request-unknown")
    figures = (await broker.request("GET", "/v1/requests/figures", token=su)).json
    assert (figures["ended"], figures["taken"], figures["within"]) == (1, 1, 1)


@pytest.mark.parametrize(
    "change",
    [{"customer": ""}, {"customer": "a\nb"}, {"words": " "}, {"words": "x" * 501}, {"tier": "No"}, {"more": 1}],
)
async def test_what_is_put_into_the_queue_is_bounded(broker: RunningBroker, change: dict[str, Any]) -> None:
    """Sizes, and nothing but one line where a line is meant."""
    answer = await broker.request("POST", "/v1/requests", CALLED | change, token=await broker.login("wei"))
    assert_problem(answer, 422, "request-malformed")


async def test_a_tier_has_to_be_promised_something(broker: RunningBroker) -> None:
    """What is not in the settings is refused with what is."""
    wei = await broker.login("wei")
    answer = await broker.request("POST", "/v1/requests", CALLED | {"tier": "platinum"}, token=wei)
    assert_problem(answer, 409, "tier-unknown")
    assert "standard, gold" in answer.json["detail"]


async def test_a_customer_who_shares_waits_is_told_of_the_engineer_and_served_by_the_code(
    broker: RunningBroker,
) -> None:
    """Asked once however often it is said; taken again by whoever comes in; gone with the session."""
    wei, li = await broker.login("wei"), await broker.login("li")
    async with broker.agent() as (agent, opened):
        await agent.send(ASKS)
        await agent.send(ASKS)
        await open_code(agent)  # answered after all that was handled
        (one,) = await queue_once(broker, wei, lambda found: len(found) == 1)
        assert (one["customer"], one["words"], one["tier"]) == ("ann@ till-2", ASKS.words, "standard")
        assert (one["session_id"], one["customer_connected"]) == (opened.session_id.hex(), True)
        await act(broker, li, one["request_id"], "take")
        assert await agent.receive() == HelpTaken(name="Li Example", staff_number="E-2")
        await agent.send(ASKS)
        assert await agent.receive() == HelpTaken(name="Li Example", staff_number="E-2")
        await act(broker, li, one["request_id"], "give-back")
        assert await agent.receive() == HelpTaken(name="", staff_number="")
        async with broker.dial("/v1/pairing", token=wei) as engineer:
            await pair(broker, agent, engineer)
            await engineer.receive()
        assert await queue(broker, wei) == []
        assert_problem(await act(broker, li, one["request_id"], "take"), 409, "request-over")
    kept = await broker.server.broker.services.waiting_room._store.find(one["request_id"])
    assert kept is not None
    assert (kept.state, kept.taken_by_name) == ("served", "Wei Example")


async def test_who_leaves_before_anybody_came_has_given_up(broker: RunningBroker) -> None:
    """Also when the broker was away while they left."""
    services = broker.server.broker.services
    async with broker.agent() as (agent, opened):
        await agent.send(ASKS)
        wei = await broker.login("wei")
        (asked,) = await queue_once(broker, wei, lambda found: len(found) == 1)
        assert opened.session_id in await services.waiting_room.start()
        await agent.send(SessionEnded(reason="customer-ended", records=0))
        await queue_once(broker, wei, lambda found: not found)
    kept = await services.waiting_room._store.find(asked["request_id"])
    assert kept is not None
    assert (kept.state, kept.taken_by_name) == ("abandoned", "")


async def test_a_session_that_ends_while_it_asks_leaves_nobody_in_the_queue(
    broker: RunningBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A supervisor stops it in the moment in which the request is written; what is asked afterwards is not taken."""
    services, requests = broker.server.broker.services, broker.server.broker.services.waiting_room._store
    add, numbers = requests.add, list[int]()
    async with broker.agent() as (agent, opened):

        async def added(asked: Asked, asked_at_ms: int) -> HelpRequest:
            request = await add(asked, asked_at_ms)
            numbers.append(request.request_id)
            await services.sessions.end(opened.session_id, "supervisor-ended")
            return request

        monkeypatch.setattr(requests, "add", added)
        await agent.send(ASKS)
        await agent.send(ASKS)
        await agent.send(NewCode(agent_nonce=b"\x02" * 16))  # answered after all that was handled
        refused = await agent.receive()
        assert isinstance(refused, Refused)
        assert refused.code == "session-over"
    (number,) = numbers
    kept = await requests.find(number)
    assert kept is not None
    assert kept.state == "abandoned"


async def test_a_full_queue_takes_nobody_and_leaves_the_code_as_it_is(broker: RunningBroker) -> None:
    """The session goes on: its code may be read out all the same."""
    wei = await broker.login("wei")
    for _ in range(3):
        await broker.request("POST", "/v1/requests", CALLED, token=wei)
    assert_problem(await broker.request("POST", "/v1/requests", CALLED, token=wei), 429, "queue-full")
    async with broker.agent() as (agent, _):
        await agent.send(ASKS)
        refused = await agent.receive()
        assert isinstance(refused, Refused)
        assert refused.code == "queue-full"
        async with broker.dial("/v1/pairing", token=wei) as engineer:
            await pair(broker, agent, engineer)
    for one in await queue(broker, wei):
        await act(broker, wei, one["request_id"], "end", {"served": False})


async def test_whoever_waits_for_the_queue_hears_of_its_change_at_once(broker: RunningBroker) -> None:
    """And is answered at once when it changed between two questions."""
    wei = await broker.login("wei")
    change = (await broker.request("GET", "/v1/requests", token=wei)).json["change"]
    asking = asyncio.create_task(broker.request("GET", f"/v1/requests?after={change}&wait=15", token=wei))
    room = broker.server.broker.services.waiting_room
    await until(lambda: bool(room._bells.listened_to))
    number = (await broker.request("POST", "/v1/requests", CALLED, token=wei)).json["request_id"]
    assert [one["request_id"] for one in (await asking).json["requests"]] == [number]
    late = await broker.request("GET", f"/v1/requests?after={change}&wait=15", token=wei)
    assert late.json["change"] > change
    await act(broker, wei, number, "end", {"served": False})


@pytest.mark.parametrize("targets", ["", "gold=60", "standard=0", "standard=five", "Standard=5", "standard"])
async def test_promises_that_make_no_sense_are_refused_at_the_start(tmp_path: Path, targets: str) -> None:
    """Every queue has a standard tier, and every promise is a number of seconds."""
    with pytest.raises(SettingUnusable):
        make_settings(tmp_path, service_targets=targets)
