"""An engineer CA that is replaced while customers share: who is believed afterwards."""

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent_client.authorities import Authorities
from agent_client.faces import notices
from agent_client.host import unix_ms
from broker.organisation.founding import change_profile
from protocol.certificates import LIFETIME_LIMIT_MS, issue_certificate
from protocol.grants import Scope
from protocol.messages.control import ColleagueInvited, Denied, EndSession, InviteColleague
from protocol.profile import ProfileOutdated, open_profile
from protocol.receipt_verification import judge_receipt
from protocol.receipts import open_receipt
from tests.agent_client.conftest import Support, VisitingEngineer
from tests.agent_client.test_session import allowed, sharing
from tunnel.trust import FetchedProfile, ProfileUnavailable


async def certified_by(support: Support, ca_key: Ed25519PrivateKey, code: str) -> VisitingEngineer:
    """Whoever has that key, with a login."""
    key = Ed25519PrivateKey.generate()
    certificate = issue_certificate(
        ca_key,
        name="Mallory Example",
        staff_number="E-999",
        organisation=support.profile.organisation,
        public_key=key.public_key().public_bytes_raw(),
        max_scopes=frozenset(Scope),
        now_ms=unix_ms(),
        lifetime_ms=LIFETIME_LIMIT_MS,
    )
    return await support.pair_with(code, await support.broker.login(), key, certificate)


@pytest.mark.parametrize("why", ["new", "compromised"])
async def test_sessions_go_on_while_the_ca_is_replaced(support: Support, why: str) -> None:
    """Who is in stays in. An agent that began with the old profile lets in whom the new CA certified; whom the old one
    did, until those certificates expire, and at once nobody where it was compromised. The receipt proves all of it."""
    async with sharing(support) as (customer, running):
        face = customer.face
        first = await support.pair((await face.shown(notices.CodeShown)).code)
        async with first.conversation() as talk, first.conversation() as asking:
            await allowed(customer, first, talk)
            old_key = support.founded.organisation.engineer_ca_key
            await support.stop()
            changed = change_profile(support.settings, engineer_ca=why)
            support.founded = dataclasses.replace(support.founded, organisation=changed)
            await support.start()

            async def code() -> str:
                await asking.send(InviteColleague())
                invited = await asking.receive()
                assert isinstance(invited, ColleagueInvited)
                return invited.code

            second = await support.pair(await code())
            async with second.conversation() as joining:
                await allowed(customer, second, joining, Scope.VIEW)
                third = await certified_by(support, old_key, await code())
                async with third.conversation() as knocking:
                    if why == "new":
                        await allowed(customer, third, knocking, Scope.VIEW)
                    else:
                        await knocking.send(third.request(Scope.VIEW))
                        assert isinstance(await knocking.receive(), Denied)
                        assert len(face.questions) == 2
                await talk.send(EndSession())
                assert await talk.await_end() == "engineer-ended"
                await joining.send(EndSession())
        closed = await running
    assert closed.receipt is not None
    receipt = open_receipt(closed.receipt.read_text())
    outcomes = {check.name: check.outcome for check in judge_receipt(receipt).checks}
    assert outcomes["profile"] == outcomes["engineer"] == "ok"
    assert receipt.evidence is not None
    newest = open_profile(receipt.evidence.profile.encode(), receipt.root_key)
    assert newest.version == changed.profile.version


async def test_without_the_broker_what_is_known_counts(support: Support) -> None:
    """Where it does not answer, and where it shows an older profile than before: nothing becomes worse than it was."""
    known = support.founded.organisation
    for refusal in (ProfileUnavailable(host="x", problem="away"), ProfileOutdated(offered=1, known=2), TimeoutError()):

        async def fails(version: int, refusal: Exception = refusal) -> FetchedProfile:
            raise refusal

        authorities = Authorities(known.profile, known.profile_note, fails)
        assert await authorities.now() == known.profile.engineer_cas
        assert authorities.note == known.profile_note
