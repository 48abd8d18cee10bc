"""Strangers and engineers by the thousand against a real broker: bounded, one clear sentence each, others unharmed."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import psutil
import pytest
import pytest_asyncio

from broker.pairing.limits import BURNT_CODES_ALLOWED
from protocol.messages.agent import CancelCode, CodeClosed, CodeOpened, NewCode, OpenSession, PairingFinished
from protocol.messages.pairing import ClaimCode, PairingAdmitted, PairingMail, PairingStarted
from protocol.messages.wire import Refused, encode
from tests.broker.harness import Client, FakeClock, RunningBroker, add_user, found, make_settings, running
from tests.helpers.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

AGENTS = 60
CODES_EACH = 3
GROWTH_LIMIT_BYTES = 1024 * 1024
"""Per stranger with three codes. Both ends are in this process, and TLS costs either a buffer of 256 KiB."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crowded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningBroker]:
    """A broker that takes as many codes as the crowd will open, and not one more."""
    settings = make_settings(
        tmp_path_factory.mktemp("crowded") / "data",
        openings_per_minute=100_000,
        openings_per_minute_per_address=100_000,
        claims_per_minute=100_000,
        claims_per_minute_per_engineer=100_000,
        max_open_codes=AGENTS * CODES_EACH,
    )
    organisation = found(settings)
    await add_user(settings)
    await add_user(settings, "kim", "E-2")
    async with running(settings, organisation) as broker:
        yield broker


async def new_code(client: Client) -> CodeOpened:
    await client.send(NewCode(agent_nonce=secrets.token_bytes(16)))
    opened = await client.receive()
    assert isinstance(opened, CodeOpened), opened
    return opened


async def claim(client: Client, nameplate: str) -> PairingStarted | Refused:
    await client.send(ClaimCode(version=1, nameplate=nameplate, engineer_nonce=bytes(16)))
    answer = await client.receive()
    assert isinstance(answer, PairingStarted | Refused)
    return answer


async def exchange(agent: Client, engineer: Client, nameplate: str) -> None:
    """The mail of a right code, as the broker sees it."""
    await agent.receive()
    for sender, receiver, phase in (
        (engineer, agent, "ya"), (agent, engineer, "yb"), (engineer, agent, "ta"), (agent, engineer, "tb"),
    ):  # fmt: skip
        await sender.send(PairingMail(nameplate=nameplate, phase=phase, body=b"x"))  # type: ignore[arg-type]
        assert isinstance(await receiver.receive(), PairingMail)
    await agent.send(PairingFinished(nameplate=nameplate, outcome="paired"))
    assert isinstance(await engineer.receive(), PairingAdmitted)


async def test_half_open_pairings_are_bounded_and_harm_nobody(crowded: RunningBroker) -> None:
    """Strangers open codes until there are none: so much memory each, then a sentence; who has a code, pairs."""
    token = await crowded.login()
    before_bytes = psutil.Process().memory_info().rss
    async with AsyncExitStack() as stack:
        honest, _ = await stack.enter_async_context(crowded.agent())
        code = await new_code(honest)
        crowd = [(await stack.enter_async_context(crowded.agent()))[0] for _ in range(AGENTS)]
        for client in crowd[:-1]:
            for _ in range(CODES_EACH):
                await new_code(client)
        for _ in range(CODES_EACH - 1):
            await new_code(crowd[-1])
        assert psutil.Process().memory_info().rss - before_bytes < AGENTS * GROWTH_LIMIT_BYTES
        await crowd[-1].send(NewCode(agent_nonce=bytes(16)))
        refused = await crowd[-1].receive()
        assert isinstance(refused, Refused)
        assert refused.sentence == "All codes are in use at this time. Wait a minute and try again."
        engineer = await stack.enter_async_context(crowded.dial("/v1/pairing", token=token))
        assert isinstance(await claim(engineer, code.nameplate), PairingStarted)
        await exchange(honest, engineer, code.nameplate)
    await until(lambda: len(crowded.server.broker.services.lines) == 0)


async def test_everybodys_codes_cannot_be_claimed_at_once(shared_broker: RunningBroker) -> None:
    """Claims that run beside one another count like burnt ones: five, then a wait; another engineer gets the rest. Who
    claimed and left has burnt five codes: a lock that says so."""
    token, other_token = await shared_broker.login(), await shared_broker.login("kim")
    async with AsyncExitStack() as stack:
        customers = [(await stack.enter_async_context(shared_broker.agent()))[0] for _ in range(12)]
        codes = [await new_code(client) for client in customers]
        answers = []
        async with AsyncExitStack() as crowd:
            for code in codes[:-1]:
                greedy = await crowd.enter_async_context(shared_broker.dial("/v1/pairing", token=token))
                answers.append(await claim(greedy, code.nameplate))
            started = [answer for answer in answers if isinstance(answer, PairingStarted)]
            assert len(started) == BURNT_CODES_ALLOWED
            assert {answer.code for answer in answers if isinstance(answer, Refused)} == {"too-busy"}
            engineer = await stack.enter_async_context(shared_broker.dial("/v1/pairing", token=other_token))
            assert isinstance(await claim(engineer, codes[-1].nameplate), PairingStarted)
            await exchange(customers[-1], engineer, codes[-1].nameplate)
        for customer, answer in zip(customers, answers, strict=False):
            if isinstance(answer, PairingStarted):
                await customer.receive()
                assert isinstance(await customer.receive(), CodeClosed)  # by then it is burnt
    async with shared_broker.agent() as (customer, _), shared_broker.dial("/v1/pairing", token=token) as engineer:
        answer = await claim(engineer, (await new_code(customer)).nameplate)
        assert isinstance(answer, Refused)
        assert answer.code == "engineer-locked"
        assert "tell your supervisor" in answer.sentence


async def test_one_engineer_cannot_use_up_everybodys_claims(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Claims of numbers that nobody waits behind burn no code; they are counted against who makes them, and told of."""
    settings = make_settings(tmp_path_factory.mktemp("greedy") / "data", claims_per_minute_per_engineer=5)
    organisation = found(settings)
    await add_user(settings)
    await add_user(settings, "kim", "E-2")
    async with AsyncExitStack() as stack:
        crowded = await stack.enter_async_context(running(settings, organisation, clock=FakeClock()))
        customer, _ = await stack.enter_async_context(crowded.agent())
        code = await new_code(customer)
        token, other_token = await crowded.login(), await crowded.login("kim")
        answers = []
        for _ in range(2 * 5 + 3):
            greedy = await stack.enter_async_context(crowded.dial("/v1/pairing", token=token))
            answer = await claim(greedy, "9999" if code.nameplate != "9999" else "9998")
            assert isinstance(answer, Refused)
            answers.append(answer.code)
        assert answers == ["code-unknown"] * 10 + ["too-busy"] * 3
        metrics = (await crowded.request("GET", "/metrics")).body.decode()
        assert 'consentry_alerts_total{kind="requests_limited"} 3.0' in metrics
        engineer = await stack.enter_async_context(crowded.dial("/v1/pairing", token=other_token))
        assert isinstance(await claim(engineer, code.nameplate), PairingStarted)


async def test_one_agent_cannot_use_up_everybodys_openings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Codes made and cancelled over and over count against the address, long before the organisation's share."""
    settings = make_settings(
        tmp_path_factory.mktemp("small") / "data", openings_per_minute=120, openings_per_minute_per_address=5
    )
    organisation = found(settings)
    async with running(settings, organisation, clock=FakeClock()) as broker, broker.agent() as (greedy, _):
        made = 0
        while True:
            await greedy.send(NewCode(agent_nonce=bytes(16)))
            answer = await greedy.receive()
            if isinstance(answer, Refused):
                break
            await greedy.send(CancelCode(nameplate=answer.nameplate))
            made += 1
        assert made == 2 * 5
        assert answer.sentence.startswith("Too many requests at this time. Wait ")
        broker.server.broker.services.board.check_opening()  # the organisation has openings left


async def test_a_flood_of_messages_is_no_flood_of_memory(shared_broker: RunningBroker) -> None:
    """An agent that sends without reading is hung up on, or waits in its own sockets; the broker answers others."""
    async with shared_broker.agent() as (flooder, _):
        before_bytes = psutil.Process().memory_info().rss
        mail = encode(PairingMail(nameplate="999", phase="ya", body=bytes(2000)))

        async def flood() -> None:
            while True:
                await flooder.websocket.send(mail)

        flooding = asyncio.create_task(flood())
        await asyncio.wait([flooding], timeout=0.7)
        assert (await shared_broker.request("GET", "/healthz")).status == 200
        assert psutil.Process().memory_info().rss - before_bytes < 64 * 1024 * 1024
        flooding.cancel()
        await asyncio.gather(flooding, return_exceptions=True)


async def test_a_reader_that_never_reads_is_hung_up_on(shared_broker: RunningBroker) -> None:
    """Refusals without end to somebody who takes none: the queue has an end, and so has the connection."""
    async with shared_broker.dial("/v1/agent", max_queue=1) as stubborn:
        await stubborn.send(OpenSession(version=1, agent_key=b"\x01" * 32, language="en", sent_at_ms=1))
        await stubborn.receive()
        services = shared_broker.server.broker.services
        session_id = next(reversed(services.sessions._live))
        for _ in range(400):
            services.lines.send(session_id, Refused(code="x", sentence="y" * 2000))
        assert await stubborn.closed() in (1013, 1006)
