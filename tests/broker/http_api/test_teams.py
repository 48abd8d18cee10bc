"""Teams over HTTP: who is in which, and what a session keeps of it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from protocol.messages.agent import AskForHelp
from serving.identity.tokens import hash_of_token, new_token
from tests.broker.harness import Answer, RunningBroker, add_user, found, make_settings, running
from tests.broker.http_api.test_api import assert_problem
from tests.broker.test_whole_path import pair

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLED = {"customer": "Ann Example", "words": "Receipts never arrive.", "tier": "gold"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBroker]:
    settings = make_settings(tmp_path_factory.mktemp("teams") / "data", service_targets="standard=300; gold=60")
    organisation = found(settings)
    await add_user(settings, "ada", "A-1", role="administrator")
    for name, number in (("wei", "E-1"), ("li", "E-2"), ("mei", "E-3")):
        await add_user(settings, name, number)
    await add_user(settings, "su", "S-1", role="supervisor")
    async with running(settings, organisation) as broker:
        yield broker


@pytest_asyncio.fixture(loop_scope="module")
async def ada(broker: RunningBroker) -> AsyncIterator[str]:
    """An administrator; everybody is in no team again afterwards."""
    yield await broker.login("ada")
    users = broker.server.broker.services.users
    for one in await users.all():
        await users.set_team(one, "")


async def put(broker: RunningBroker, token: str, user: str, team: str, etag: str | None = None) -> Answer:
    seen = await broker.request("GET", f"/v1/people/{user}", token=token)
    headers = {"If-Match": seen.headers["etag"] if etag is None else etag}
    return await broker.request("PUT", f"/v1/people/{user}/team", {"team": team}, token=token, headers=headers)


async def decisions(broker: RunningBroker, count: int) -> list[tuple[str, str, str, dict[str, Any]]]:
    found = await broker.server.broker.services.events.newest(None, count)
    return [(one.event.kind, one.event.actor, one.event.subject, dict(one.event.facts)) for one in reversed(found)]


async def test_somebody_moves_without_being_signed_out(broker: RunningBroker, ada: str) -> None:
    """A team is no right: logins go on. Each move is noted with the team of before."""
    wei = await broker.login("wei")
    assert (await put(broker, ada, "wei", "  Berlin ")).json["team"] == "Berlin"
    moved = await put(broker, ada, "wei", "Hamburg")
    assert (moved.status, moved.json["team"]) == (200, "Hamburg")
    assert (await put(broker, ada, "wei", "")).json["team"] == ""
    assert (await broker.request("GET", "/v1/me", token=wei)).status == 200
    assert await decisions(broker, 3) == [
        ("team_changed", "ada", "wei", {"team": team, "team_before": before})
        for before, team in (("", "Berlin"), ("Berlin", "Hamburg"), ("Hamburg", ""))
    ]


async def test_of_two_who_move_somebody_the_second_has_to_look_again(broker: RunningBroker, ada: str) -> None:
    """Names are checked as other names are, and a dash alone is none: it stands for no team elsewhere."""
    seen = (await broker.request("GET", "/v1/people/wei", token=ada)).headers["etag"]
    assert (await put(broker, ada, "wei", "Berlin", seen)).status == 200
    assert_problem(await put(broker, ada, "wei", "Hamburg", seen), 412, "changed-meanwhile")
    assert_problem(await put(broker, ada, "wei", "Hamburg", ""), 428, "version-missing")
    for name in ("-", "…", "a\u202eb", "a\nb"):
        assert_problem(await put(broker, ada, "wei", name), 422, "team-name-unusable")
    assert_problem(await put(broker, ada, "wei", "x" * 65), 422, "request-malformed")
    assert_problem(await put(broker, ada, "ada", "Berlin"), 403, "not-yourself")


async def test_a_team_is_renamed_with_all_who_are_in_it(broker: RunningBroker, ada: str) -> None:
    """Once, however often it is sent; never into another team, which nobody could take apart again."""
    for user, team in (("wei", "Berlin"), ("li", "Berlin"), ("mei", "Hamburg")):
        await put(broker, ada, user, team)
    body, headers = {"team": "Berlin", "name": "Berlin and Leipzig"}, {"Idempotency-Key": "rename-1"}
    for _ in range(2):
        renamed = await broker.request("POST", "/v1/teams/rename", body, token=ada, headers=headers)
        assert (renamed.status, renamed.json) == (200, {"team": "Berlin and Leipzig", "people": 2})
    teams = (await broker.request("GET", "/v1/teams", token=ada)).json["teams"]
    assert [(one["team"], one["people"]) for one in teams] == [("Berlin and Leipzig", 2), ("Hamburg", 1), ("", 2)]
    facts = {"team": "Berlin and Leipzig", "team_before": "Berlin", "people": 2}
    assert await decisions(broker, 1) == [("team_renamed", "ada", "", facts)]
    for team, name, status, problem in (
        ("Berlin", "Rome", 404, "team-unknown"),
        ("Hamburg", "Berlin and Leipzig", 409, "team-taken"),
        ("Hamburg", " ", 422, "team-name-unusable"),
    ):
        answer = await broker.request("POST", "/v1/teams/rename", {"team": team, "name": name}, token=ada)
        assert_problem(answer, status, problem)


async def test_a_session_keeps_the_team_and_the_tier_of_then(broker: RunningBroker, ada: str) -> None:
    """Whoever moves afterwards changes nothing of it; supervisors list by team; the audit service is told both."""
    await put(broker, ada, "wei", "Berlin")
    wei, su = await broker.login("wei"), await broker.login("su")
    services = broker.server.broker.services
    async with broker.agent() as (agent, opened):
        await agent.send(AskForHelp(customer="ann", words="The till does not print."))
        async with broker.dial("/v1/pairing", token=wei) as engineer:
            await pair(broker, agent, engineer)
            await engineer.receive()
    number = opened.session_id.hex()
    await put(broker, ada, "wei", "Hamburg")
    kept = (await broker.request("GET", f"/v1/sessions/{number}", token=su)).json
    assert (kept["participants"][0]["team"], kept["tier"]) == ("Berlin", "standard")
    for team, expected in (("Berlin", [number]), ("Hamburg", []), ("-", [])):
        listed = await broker.request("GET", f"/v1/sessions?whose=all&team={team}", token=su)
        assert [one["session_id"] for one in listed.json["sessions"]] == expected, team
    request = (await broker.request("POST", "/v1/requests", CALLED, token=wei)).json["request_id"]
    await broker.request("POST", f"/v1/requests/{request}/take", {}, token=wei)
    ended = {"served": True, "session_id": number}
    li = await broker.login("li")
    assert_problem(await broker.request("POST", f"/v1/requests/{request}/end", ended, token=li), 404, "session-unknown")
    assert (await broker.request("POST", f"/v1/requests/{request}/end", ended, token=wei)).status == 204
    token = new_token()
    await services.audit_services.add("audit-1", hash_of_token(token), 1)
    (told,) = (await broker.request("GET", "/v1/audit/changes", token=token)).json["sessions"]
    assert (told["participants"][0]["team"], told["tier"]) == ("Berlin", "gold")
    asked = (await broker.request("GET", "/v1/audit/requests", token=token)).json["requests"]
    assert [(one["tier"], one["session_id"]) for one in asked] == [("standard", number), ("gold", number)]
    await services.sessions.end(opened.session_id, "customer-ended")
