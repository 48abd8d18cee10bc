"""Requests that no customer is asked about: forged, replayed, out of turn, or for more than anybody may have here."""

from pathlib import Path

import msgspec
import pytest

from agent_client.faces import notices
from protocol.grants import Scope
from protocol.messages.control import AdmitSshKey, Denied, Granted, RequestAccess, RequestMore, SshKeyAdmitted
from tests.agent_client.house import House
from tests.agent_client.people import (
    DAY_MS,
    NOW_MS,
    EngineerAtTest,
    a_profile,
    an_identity,
)


async def turned_away(house: House, engineer: EngineerAtTest, request: RequestAccess) -> Denied:
    answer = await house.ask(engineer, request)
    assert isinstance(answer, Denied)
    assert house.face.questions == []
    assert house.opened == 0
    assert len(house.face.of(notices.Failed)) == 1
    return answer


@pytest.mark.parametrize(
    "changes",
    [
        {"scopes": (Scope.SHELL,)},
        {"minutes": 31},
        {"reason": "another reason"},
        {"ticket": "9"},
        {"ssh_user_key": b"a key of somebody else"},
        {"client": "cli"},
        {"signature": bytes(64)},
    ],
)
async def test_a_request_with_one_changed_field_is_not_asked(
    house: House, engineer: EngineerAtTest, changes: dict[str, object]
) -> None:
    """The engineer's signature covers every field: what stands on the screen is what they signed."""
    forged = msgspec.structs.replace(engineer.request(), **changes)
    assert await turned_away(house, engineer, forged) == Denied(reason="certificate")


async def test_a_request_of_another_pairing_is_not_asked(house: House, engineer: EngineerAtTest) -> None:
    """A request that was good in one session cannot be replayed in another."""
    replayed = engineer.request(transcript_hash=bytes(32))
    assert await turned_away(house, engineer, replayed) == Denied(reason="certificate")


async def test_a_certificate_cannot_be_exchanged_after_the_pairing(house: House, engineer: EngineerAtTest) -> None:
    """Whoever proved the code named their certificate then; a colleague's, however good, does not fit."""
    colleague = EngineerAtTest(name="Colleague Example")
    theirs = colleague.request(transcript_hash=engineer.keys.transcript_hash)
    assert await turned_away(house, engineer, theirs) == Denied(reason="certificate")


async def test_a_certificate_of_another_organisation_is_not_asked(house: House) -> None:
    """Signed by the right CA is not enough: the name on the screen is the pinned organisation's."""
    stranger = house.meet(EngineerAtTest(organisation="Another Support"))
    assert await turned_away(house, stranger, stranger.request()) == Denied(reason="certificate")


@pytest.mark.parametrize("issued_at_ms", [NOW_MS + DAY_MS, NOW_MS - DAY_MS])
async def test_clocks_off_by_a_day_get_one_clear_sentence(house: House, issued_at_ms: int) -> None:
    """A certificate that is not valid yet, or not any more, says both times and what to do."""
    engineer = house.meet(EngineerAtTest(issued_at_ms=issued_at_ms))
    assert await turned_away(house, engineer, engineer.request()) == Denied(reason="certificate")
    sentence = house.face.of(notices.Failed)[0].sentence
    assert "this machine's clock says" in sentence
    assert "set this machine's clock" in sentence


async def test_more_than_the_certificate_allows_is_not_asked(house: House) -> None:
    """The customer is not even asked for what the organisation does not give; the engineer learns why."""
    engineer = house.meet(EngineerAtTest(max_scopes=frozenset({Scope.VIEW})))
    assert await turned_away(house, engineer, engineer.request(Scope.SHELL)) == Denied(reason="scope")


async def test_more_time_than_the_profile_allows_is_not_asked(house: House, engineer: EngineerAtTest) -> None:
    """The profile's limit holds whatever the engineer's program sends."""
    assert await turned_away(house, engineer, engineer.request(minutes=480)) == Denied(reason="policy")


async def test_a_browser_needs_the_organisations_leave(tmp_path: Path) -> None:
    """Where the profile forbids browsers, nobody comes in with one."""
    house = House(an_identity(tmp_path, a_profile(browser_allowed=False)), tmp_path)
    engineer = house.meet(EngineerAtTest())
    assert await turned_away(house, engineer, engineer.request(client="browser")) == Denied(reason="policy")


@pytest.mark.parametrize("forbidding", [{"ssh_gateway_allowed": False}, {"browser_allowed": False}])
async def test_the_gateway_needs_the_organisations_leave(tmp_path: Path, forbidding: dict[str, bool]) -> None:
    """Where the profile forbids it, or browsers at all, the scope is refused, also by those who are in."""
    house = House(an_identity(tmp_path, a_profile(**forbidding)), tmp_path)
    engineer = house.meet(EngineerAtTest())
    asked = engineer.request(Scope.FILES_READ, Scope.GATEWAY)
    assert await turned_away(house, engineer, asked) == Denied(reason="policy")
    await house.let_in(engineer, Scope.FILES_READ)
    more = RequestMore(scopes=(Scope.GATEWAY,), minutes=0, reason="for rsync")
    assert await house.ask(engineer, more) == Denied(reason="policy")


async def test_no_key_comes_in_before_the_scope_is_granted(house: House, engineer: EngineerAtTest) -> None:
    """An SSH key is admitted to who is in, with `gateway`, and never under the id of a pairing."""
    key = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(32)
    offer = AdmitSshKey(ssh_user_key=key, gateway_id=b"g" * 16, gateway_key=b"k" * 32)
    refused = Denied(reason="policy")
    assert await house.reception.ssh_key_offered(engineer.paired, offer) == refused
    await house.let_in(engineer, Scope.FILES_READ)
    assert await house.reception.ssh_key_offered(engineer.paired, offer) == refused
    more = house.ask(engineer, RequestMore(scopes=(Scope.GATEWAY,), minutes=0, reason="for rsync"))
    house.face.allow(await house.face.asked(2))
    await more
    taken = msgspec.structs.replace(offer, gateway_id=engineer.keys.pairing_id)
    assert await house.reception.ssh_key_offered(engineer.paired, taken) == refused
    assert await house.reception.ssh_key_offered(engineer.paired, offer) == SshKeyAdmitted(gateway_id=b"g" * 16)
    passed = house.attendance.gateway_passes.find(b"g" * 16)
    assert passed is not None
    access = house.attendance.gateway_passes.access(passed)
    assert access.allows(Scope.FILES_READ)
    house.attendance.narrow(1, frozenset({Scope.FILES_READ}))
    assert not access.allows(Scope.FILES_READ)


async def test_an_agent_that_runs_as_root_says_so(tmp_path: Path) -> None:
    """Where everything would be done as root, root has to be asked for by name."""
    house = House(an_identity(tmp_path, is_root=True), tmp_path)
    engineer = house.meet(EngineerAtTest())
    assert await turned_away(house, engineer, engineer.request(Scope.SHELL)) == Denied(reason="root-needed")


async def test_root_cannot_be_asked_of_an_agent_that_is_none(house: House) -> None:
    """Nobody can give what they do not have."""
    engineer = house.meet(EngineerAtTest(max_scopes=frozenset(Scope)))
    assert await turned_away(house, engineer, engineer.request(Scope.ROOT)) == Denied(reason="root-absent")


async def test_a_second_request_does_not_change_the_one_that_stands(house: House, engineer: EngineerAtTest) -> None:
    """Not even a signed one, over another stream: a yes is a yes to what was on the screen."""
    first = house.ask(engineer, engineer.request(Scope.FILES_READ))
    question = await house.face.asked()
    assert await house.ask(engineer, engineer.request(Scope.FILES_READ, Scope.SHELL)) == Denied(reason="policy")
    assert house.ends == []
    house.face.allow(question)
    granted = await first
    assert isinstance(granted, Granted)
    assert granted.scopes == (Scope.FILES_READ,)


async def test_a_request_cannot_be_replayed_after_a_yes(house: House, engineer: EngineerAtTest) -> None:
    """A first request in a session that has its answer is out of turn; what is granted stays what it is."""
    granted = await house.let_in(engineer)
    assert await house.ask(engineer, engineer.request(minutes=60)) == Denied(reason="policy")
    assert house.attendance.participants[0].expires_at_ms == granted.expires_at_ms


async def test_refusals_are_not_worn_down(house: House, engineer: EngineerAtTest) -> None:
    """After three refusals the same engineer is not put on the screen any more; forging does not help either."""
    await house.let_in(engineer)
    second = house.meet(EngineerAtTest())
    for count in range(3):
        asking = house.ask(second, second.request())
        house.face.deny(await house.face.asked(2 + count))
        assert await asking == Denied(reason="customer")
    assert await house.ask(second, second.request()) == Denied(reason="policy")
    forged = msgspec.structs.replace(second.request(), minutes=1)
    assert await house.ask(second, forged) == Denied(reason="certificate")
    assert len(house.face.questions) == 4


async def test_who_asked_for_the_wrong_thing_can_come_again(tmp_path: Path) -> None:
    """The customer need not begin anew: another code stands there. Who is not who they say has no second try."""
    house = House(an_identity(tmp_path, is_root=True), tmp_path)
    engineer = house.meet(EngineerAtTest(max_scopes=frozenset(Scope)))
    await turned_away(house, engineer, engineer.request(Scope.SHELL))
    assert (house.codes_offered, house.ends) == (1, [])
    await house.let_in(engineer, Scope.SHELL, Scope.ROOT)
    assert house.codes_offered == 0, "they asked anew without it, so that nobody needs it any more"
    second = house.meet(EngineerAtTest())
    assert await house.ask(second, second.request(Scope.SHELL)) == Denied(reason="root-needed")
    assert house.codes_offered == 0, "somebody is in: whether another comes is the customer's to say"
    forging = House(an_identity(tmp_path), tmp_path)
    forger = forging.meet(EngineerAtTest())
    await turned_away(forging, forger, forger.request(transcript_hash=bytes(32)))
    assert (forging.codes_offered, forging.ends) == (0, ["denied"])
    await house.close()


async def test_the_customer_is_asked_for_no_more_than_they_offered(tmp_path: Path) -> None:
    """`--only`: what goes beyond it is left out of every question, later ones too, whatever an engineer sends."""
    house = House(an_identity(tmp_path), tmp_path, offered=frozenset({Scope.VIEW, Scope.FILES_READ}))
    engineer = house.meet(EngineerAtTest())
    granted = await house.let_in(engineer, Scope.SHELL, Scope.FILES_READ, Scope.FILES_WRITE)
    assert house.face.questions[0].scopes == frozenset({Scope.VIEW, Scope.FILES_READ})
    assert granted.scopes == (Scope.FILES_READ, Scope.VIEW)
    more = RequestMore(scopes=(Scope.FILES_WRITE,), minutes=0, reason="to mend it")
    assert await house.ask(engineer, more) == Denied(reason="customer")
    assert len(house.face.questions) == 1
    await house.close()


async def test_who_asks_for_nothing_that_is_offered_is_not_put_on_the_screen(tmp_path: Path) -> None:
    """The customer has said no beforehand; root, under which everything would be done, is no offer by itself."""
    house = House(an_identity(tmp_path, is_root=True), tmp_path, offered=frozenset({Scope.VIEW}))
    engineer = house.meet(EngineerAtTest(max_scopes=frozenset(Scope)))
    asked = engineer.request(Scope.FILES_READ, Scope.ROOT)
    assert await turned_away(house, engineer, asked) == Denied(reason="customer")
    assert house.codes_offered == 1
