"""From a code to a leg ticket and back: two ends that never met pair through a real broker."""

import asyncio
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from protocol.certificates import read_certificate
from protocol.codes import new_code
from protocol.grants import Scope
from protocol.messages.agent import CodeOpened, GrantReported, NewCode, PairingFinished, SessionEnded
from protocol.messages.pairing import ClaimCode, PairingAdmitted, PairingFailed, PairingMail, PairingStarted
from protocol.pairing import AgentPairing, EngineerPairing, PairingContext, certificate_hash
from protocol.profile import open_profile
from serving.http.encoding import decode_bytes, encode_bytes
from tests.broker.harness import Client, RunningBroker
from tests.helpers.pairing import new_identity
from tests.helpers.waiting import PATIENCE_SECONDS

NOW_MS = 1_795_000_000_000


def context_of(broker: RunningBroker, started: PairingStarted) -> PairingContext:
    return PairingContext(
        broker_origin=broker.organisation.profile.broker_origin,
        root_key=broker.organisation.root_public_key,
        session_id=started.session_id,
        nameplate=started.nameplate,
        engineer_nonce=started.engineer_nonce,
        agent_nonce=started.agent_nonce,
    )


async def pair(
    broker: RunningBroker, agent: Client, engineer: Client, *, wrong: bool = False
) -> tuple[AgentPairing, EngineerPairing, list[PairingMail]]:
    """Runs a pairing through the broker until the agent has a verdict; the mail that the engineer's end got."""
    identity = new_identity()
    await agent.send(NewCode(agent_nonce=b"\x02" * 16))
    opened = await agent.receive()
    assert isinstance(opened, CodeOpened)
    code = new_code(opened.nameplate)
    typed = replace(code, secret=f"{(int(code.secret) + 1) % 10**7:07}") if wrong else code
    await engineer.send(ClaimCode(version=1, nameplate=opened.nameplate, engineer_nonce=b"\x03" * 16))
    started = await agent.receive()
    assert started == await engineer.receive()
    theirs = AgentPairing(code, context_of(broker, started), identity, now_ms=NOW_MS)
    ours = EngineerPairing(typed, context_of(broker, started), certificate_hash(b"certificate"), now_ms=NOW_MS)
    seen: list[PairingMail] = []
    while theirs.outcome is None:
        for mail in ours.mail_to_send():
            await engineer.send(mail)
            theirs.receive_mail(await agent.receive(), NOW_MS)
        for mail in theirs.mail_to_send():
            await agent.send(mail)
            seen.append(await engineer.receive())
            ours.receive_mail(seen[-1], NOW_MS)
    await agent.send(PairingFinished(nameplate=opened.nameplate, outcome=theirs.outcome))
    return theirs, ours, seen


async def test_two_ends_pair_and_the_engineer_is_admitted(broker: RunningBroker) -> None:
    """With the right code both ends hold the same keys, and the engineer gets a ticket for the session's legs."""
    token = await broker.login()
    async with broker.agent() as (agent, opened), broker.dial("/v1/pairing", token=token) as engineer:
        theirs, ours, _ = await pair(broker, agent, engineer)
        admitted = await engineer.receive()
        assert isinstance(admitted, PairingAdmitted)
        assert theirs.keys == ours.keys
        assert theirs.keys is not None
        assert await engineer.closed() == 1000
        await agent.send(GrantReported(staff_number="E-1", scopes=(Scope.SHELL,), expires_at_ms=NOW_MS))
        await agent.send(SessionEnded(reason="customer-ended", records=3))
    async with asyncio.timeout(PATIENCE_SECONDS):  # nobody is told when the broker has noted the end
        while True:
            listed = (await broker.request("GET", "/v1/sessions", token=token)).json["sessions"]
            if listed[0]["end_reason"]:
                break
    assert [(one["session_id"], one["end_reason"], one["record_count"]) for one in listed] == [
        (opened.session_id.hex(), "customer-ended", 3)
    ]


async def test_a_wrong_code_is_said_on_both_sides_and_tells_nothing(broker: RunningBroker) -> None:
    """A wrong secret burns the code: the engineer hears wrong-code and never gets the agent's confirmation."""
    token = await broker.login()
    async with broker.agent() as (agent, _), broker.dial("/v1/pairing", token=token) as engineer:
        theirs, _, seen = await pair(broker, agent, engineer, wrong=True)
        assert theirs.outcome == "wrong-code"
        assert await engineer.receive() == PairingFailed(outcome="wrong-code")
        assert [mail.phase for mail in seen] == ["yb"]


async def test_an_engineer_gets_a_certificate_that_the_profile_vouches_for(broker: RunningBroker) -> None:
    """The profile comes signed by the root; the certificate is signed by the CA that the profile names."""
    note = (await broker.request("GET", "/v1/profile")).body
    profile = open_profile(note, broker.organisation.root_public_key)
    public_key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    answer = await broker.request(
        "POST", "/v1/certificate", {"public_key": encode_bytes(public_key)}, token=await broker.login()
    )
    now_ms = broker.server.broker.services.clock.unix_ms()
    engineer = read_certificate(decode_bytes(answer.json["certificate"]), profile.engineer_ca_key, now_ms)
    assert (engineer.name, engineer.staff_number, engineer.public_key) == ("Wei Example", "E-1", public_key)
    assert engineer.not_after_ms - now_ms <= 12 * 3600 * 1000
