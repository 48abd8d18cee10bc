"""/v1/pairing and codes, over real connections."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.exceptions import InvalidStatus

from broker.config import Settings
from protocol.messages.agent import (
    AttachSession,
    CancelCode,
    CodeClosed,
    CodeOpened,
    NewCode,
    PairingFinished,
    SessionAttached,
)
from protocol.messages.pairing import ClaimCode, PairingFailed, PairingMail, PairingStarted
from protocol.messages.wire import Refused
from tests.broker.harness import Client, RunningBroker, add_user, found, running
from tests.helpers.waiting import until


async def open_code(agent: Client) -> str:
    await agent.send(NewCode(agent_nonce=b"\x02" * 16))
    opened = await agent.receive()
    assert isinstance(opened, CodeOpened)
    return opened.nameplate


@asynccontextmanager
async def claiming(broker: RunningBroker, token: str, nameplate: str) -> AsyncIterator[tuple[Client, object]]:
    """An engineer's connection after its claim, and the broker's answer."""
    async with broker.dial("/v1/pairing", token=token) as engineer:
        await engineer.send(ClaimCode(version=1, nameplate=nameplate, engineer_nonce=b"\x03" * 16))
        yield engineer, await engineer.receive()


@pytest.mark.parametrize("token", ["", "cst_" + "A" * 43, "nonsense"])
async def test_only_engineers_may_claim(broker: RunningBroker, token: str) -> None:
    """A stranger is turned away before there is a websocket, with a sentence."""
    with pytest.raises(InvalidStatus) as refusal:
        async with broker.dial("/v1/pairing", token=token):
            pass
    assert refusal.value.response.status_code == HTTPStatus.UNAUTHORIZED
    assert b"consentry login" in (refusal.value.response.body or b"")


async def test_a_third_party_is_crowded_out_and_burns_nothing(broker: RunningBroker) -> None:
    """The run that is under way goes on as if nobody had come."""
    token = await broker.login()
    async with broker.agent() as (agent, _):
        nameplate = await open_code(agent)
        async with claiming(broker, token, nameplate) as (engineer, started):
            assert isinstance(started, PairingStarted)
            async with claiming(broker, token, nameplate) as (third, refusal):
                assert isinstance(refusal, Refused)
                assert refusal.code == "code-crowded"
                assert await third.closed() == 1008
            assert isinstance(await agent.receive(), PairingStarted)
            mail = PairingMail(nameplate=nameplate, phase="ya", body=b"x")
            await engineer.send(mail)
            assert await agent.receive() == mail


async def test_an_unknown_code_says_so_and_starts_nothing(broker: RunningBroker) -> None:
    """Cancelled ones are unknown too."""
    token = await broker.login()
    async with broker.agent() as (agent, _):
        nameplate = await open_code(agent)
        await agent.send(CancelCode(nameplate=nameplate))
        assert (await open_code(agent)) != nameplate
        async with claiming(broker, token, nameplate) as (_, refusal):
            assert isinstance(refusal, Refused)
            assert refusal.code == "code-unknown"


async def test_an_engineer_who_leaves_burns_the_code(broker: RunningBroker) -> None:
    """The agent hears it and makes a new code; the old one starts no second run."""
    token = await broker.login()
    async with broker.agent() as (agent, _):
        nameplate = await open_code(agent)
        async with claiming(broker, token, nameplate):
            pass
        assert isinstance(await agent.receive(), PairingStarted)
        assert await agent.receive() == CodeClosed(nameplate=nameplate, outcome="lost")
        async with claiming(broker, token, nameplate) as (_, refusal):
            assert isinstance(refusal, Refused)
            assert refusal.code == "code-unknown"


async def test_mail_out_of_turn_breaks_the_code_on_both_sides(broker: RunningBroker) -> None:
    """Nothing is guessed at."""
    token = await broker.login()
    async with broker.agent() as (agent, _):
        nameplate = await open_code(agent)
        async with claiming(broker, token, nameplate) as (engineer, _):
            await engineer.send(PairingMail(nameplate=nameplate, phase="ta", body=b"x"))
            assert await engineer.receive() == PairingFailed(outcome="broken")
            assert isinstance(await agent.receive(), PairingStarted)
            assert await agent.receive() == CodeClosed(nameplate=nameplate, outcome="broken")
            assert await engineer.closed() == 1000


async def test_an_agent_has_no_say_in_others_codes(broker: RunningBroker) -> None:
    """Cancelling, mailing or judging somebody else's nameplate does nothing."""
    token = await broker.login()
    async with broker.agent() as (agent, _), broker.agent() as (other, _):
        nameplate = await open_code(agent)
        await other.send(CancelCode(nameplate=nameplate))
        await other.send(PairingFinished(nameplate=nameplate, outcome="paired"))
        await other.send(PairingMail(nameplate=nameplate, phase="yb", body=b"x"))
        await open_code(other)  # answered after all that was handled
        async with claiming(broker, token, nameplate) as (_, started):
            assert isinstance(started, PairingStarted)


async def test_a_code_waits_while_its_agent_is_away(broker: RunningBroker) -> None:
    """The engineer is told to try again; back on the line, the same code works."""
    token = await broker.login()
    async with broker.agent() as (agent, opened):
        nameplate = await open_code(agent)
    services = broker.server.broker.services
    await until(lambda: not services.lines.connected(opened.session_id))
    async with claiming(broker, token, nameplate) as (_, refusal):
        assert isinstance(refusal, Refused)
        assert refusal.code == "customer-away"
    async with broker.dial("/v1/agent") as back:
        await back.send(AttachSession(version=1, session_id=opened.session_id, session_token=opened.session_token))
        assert isinstance(await back.receive(), SessionAttached)
        async with claiming(broker, token, nameplate) as (_, started):
            assert isinstance(started, PairingStarted)


async def test_five_burnt_codes_lock_the_engineer_and_nobody_else(broker: RunningBroker) -> None:
    """Guessing codes ends after five; a colleague can still help."""
    await add_user(broker.settings, "li", "E-2")
    token, colleague = await broker.login(), await broker.login("li")
    async with broker.agent() as (agent, _):
        for _ in range(5):
            nameplate = await open_code(agent)
            async with claiming(broker, token, nameplate) as (engineer, _):
                await agent.receive()
                await agent.send(PairingFinished(nameplate=nameplate, outcome="broken"))
                assert await engineer.receive() == PairingFailed(outcome="broken")
        nameplate = await open_code(agent)
        async with claiming(broker, token, nameplate) as (_, refusal):
            assert isinstance(refusal, Refused)
            assert refusal.code == "engineer-locked"
        async with claiming(broker, colleague, nameplate) as (_, started):
            assert isinstance(started, PairingStarted)


async def test_a_restart_retires_all_open_codes(settings: Settings) -> None:
    """One run per code, also across a restart: the agent hears that its code is gone, and the number rests."""
    organisation = found(settings)
    await add_user(settings)
    async with running(settings, organisation) as broker, broker.agent() as (agent, opened):
        nameplate = await open_code(agent)
    async with running(settings, organisation) as broker, broker.dial("/v1/agent") as back:
        await back.send(AttachSession(version=1, session_id=opened.session_id, session_token=opened.session_token))
        assert isinstance(await back.receive(), SessionAttached)
        assert await back.receive() == CodeClosed(nameplate=nameplate, outcome="lost")
        async with claiming(broker, await broker.login(), nameplate) as (_, refusal):
            assert isinstance(refusal, Refused)
            assert refusal.code == "code-unknown"


async def test_a_session_has_at_most_three_open_codes(broker: RunningBroker) -> None:
    """A refusal leaves the line open; cancelling one makes room."""
    async with broker.agent() as (agent, _):
        nameplates = [await open_code(agent) for _ in range(3)]
        await agent.send(NewCode(agent_nonce=b"\x02" * 16))
        refusal = await agent.receive()
        assert isinstance(refusal, Refused)
        assert refusal.code == "too-many-codes"
        await agent.send(CancelCode(nameplate=nameplates[0]))
        await open_code(agent)
