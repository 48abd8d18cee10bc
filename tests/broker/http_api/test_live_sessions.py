"""Lists of sessions, one session, its notes, asked by pages that show how things stand: answered as soon as they stand
otherwise."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.grants import Scope
from protocol.messages.agent import GrantReported, SessionEnded
from protocol.ratings import sign_rating
from tests.broker.harness import Answer, RunningBroker, add_user
from tests.broker.test_whole_path import pair
from tests.helpers.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOUR_MS = 3_600_000


class Page:
    """Somebody who looks at a list of sessions, or at something else of an address."""

    def __init__(
        self,
        broker: RunningBroker,
        token: str,
        listens_to: int | bytes | None,
        query: str = "",
        *,
        at: str = "/v1/sessions",
        shows: str = "sessions",
    ) -> None:
        self._broker = broker
        self._token = token
        self._listens_to = listens_to
        self._query = query
        self._address = at
        self._shows = shows
        self._change = ""

    def ask(self, wait: int) -> Awaitable[Answer]:
        path = f"{self._address}?after={self._change}&wait={wait}{self._query}"
        return self._broker.request("GET", path, token=self._token)

    async def now(self) -> Any:
        return self._took(await self.ask(0))

    async def after(self, happens: Callable[[], Awaitable[object]]) -> Any:
        """What stands there once this has happened while the question was open."""
        asking = asyncio.ensure_future(self.ask(15))
        bells = self._broker.server.broker.services.sessions._bells
        await until(lambda: self._listens_to in bells.listened_to)
        await happens()
        return self._took(await asking)

    def _took(self, answer: Answer) -> Any:
        self._change = answer.json["change"]
        return answer.json[self._shows]


async def test_an_engineers_list_is_another_one_at_once(shared_broker: RunningBroker) -> None:
    """When they are in, when the customer allows and takes away, when the customer's line breaks, and at the end."""
    broker, services = shared_broker, shared_broker.server.broker.services
    token = await broker.login()
    found = await services.users.find("wei")
    assert found is not None
    page = Page(broker, token, found[0].user_id)
    assert await page.now() == []
    async with broker.agent() as (agent, opened), broker.dial("/v1/pairing", token=token) as engineer:
        (one,) = await page.after(lambda: pair(broker, agent, engineer))
        assert (one["session_id"], one["state"]) == (opened.session_id.hex(), "paired")
        expires_at_ms = services.clock.unix_ms() + HOUR_MS
        for scopes in ((Scope.SHELL, Scope.VIEW), (Scope.VIEW,)):
            grant = GrantReported(staff_number="E-1", scopes=scopes, expires_at_ms=expires_at_ms)
            (one,) = await page.after(lambda grant=grant: agent.send(grant))  # type: ignore[misc]  # mypy infers no lambda with a default
            assert (one["state"], one["participants"][0]["scopes"]) == ("live", [*scopes])
        (one,) = await page.after(agent.websocket.close)
        assert one["customer_connected"] is False
    (one,) = await page.after(lambda: services.sessions.end(opened.session_id, "customer-ended"))
    assert one["state"] == "ended"


async def test_a_supervisor_hears_of_all_and_an_engineer_of_their_own_alone(
    shared_broker: RunningBroker,
) -> None:
    """What happened between two questions is answered at once; what happens to others' sessions is no news."""
    broker, services = shared_broker, shared_broker.server.broker.services
    await add_user(broker.settings, "su", "S-1", role="supervisor")
    supervisor = Page(broker, await broker.login("su"), None, "&whose=all&state=open")
    wei = await services.users.find("wei")
    assert wei is not None
    engineer = Page(broker, await broker.login(), wei[0].user_id)
    before, theirs = await supervisor.now(), await engineer.now()
    asking = asyncio.ensure_future(engineer.ask(15))
    await until(lambda: wei[0].user_id in services.sessions._bells.listened_to)
    async with broker.agent() as (agent, opened):
        late = supervisor._took(await supervisor.ask(15))
        assert {one["session_id"] for one in late} == {opened.session_id.hex()} | {one["session_id"] for one in before}
        await agent.send(SessionEnded(reason="customer-ended", records=0))
        await until(lambda: services.sessions.count("waiting") == 0)
    assert not asking.done()
    services.live_logins.revoked(services.live_logins.all())
    assert engineer._took(await asking) == theirs


async def test_one_session_and_its_notes_are_other_ones_at_once(shared_broker: RunningBroker) -> None:
    """A supervisor who looks at a session of others hears who came in, what was noted, and how it was rated."""
    broker, services = shared_broker, shared_broker.server.broker.services
    await add_user(broker.settings, "lou", "S-2", role="supervisor")
    engineer, token = await broker.login(), await broker.login("lou")
    key = Ed25519PrivateKey.generate()
    async with broker.agent(key.public_key().public_bytes_raw()) as (agent, opened):
        number, address = opened.session_id, f"/v1/sessions/{opened.session_id.hex()}"
        people = Page(broker, token, number, at=address, shows="participants")
        notes = Page(broker, token, number, at=f"{address}/notes", shows="notes")
        assert (await people.now(), await notes.now()) == ([], [])
        async with broker.dial("/v1/pairing", token=engineer) as pairing:
            [wei] = await people.after(lambda: pair(broker, agent, pairing))
        assert wei["staff_number"] == "E-1"
        note = {"text": "It was the cable."}
        [noted] = await notes.after(lambda: broker.request("POST", f"{address}/notes", note, token=engineer))
        at, changed = f"{address}/notes/{noted['note_id']}", {"text": "It was the plug."}
        version = {"If-Match": f'"{noted["version"]}"'}
        [noted] = await notes.after(lambda: broker.request("PUT", at, changed, token=engineer, headers=version))
        assert noted["text"] == "It was the plug."
        rating = Page(broker, token, number, at=address, shows="rating")
        assert await rating.now() is None
        said = sign_rating(key, number, stars=5, solved=True, comment="", rated_at_ms=services.clock.unix_ms())
        assert (await rating.after(lambda: agent.send(said)))["stars"] == 5
