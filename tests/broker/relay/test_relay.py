"""Who is paired with whom, who waits, who is closed and with which code. Without sockets."""

import asyncio

import pytest

from broker.relay.relay import Leg, LegNotAdmitted, Relay, RelayLimits
from broker.relay.tickets import LegRole, LegTicket, LegTickets
from protocol.legs import (
    CLOSE_NO_AGENT,
    CLOSE_PARTNER_GONE,
    CLOSE_REVOKED,
    CLOSE_SESSION_OVER,
    CLOSE_SILENT,
)
from tests.helpers.waiting import PATIENCE_SECONDS, until

SESSION_ID = b"s" * 16
OTHER_SESSION_ID = b"t" * 16


class MemoryLeg:
    """A leg that remembers what was done to it."""

    def __init__(
        self, relay: Relay, role: LegRole, *, session_id: bytes = SESSION_ID, participant: bytes = b""
    ) -> None:
        self.ticket = LegTicket(session_id, role, participant, 0)
        self.partner: Leg | None = None
        self.closed = asyncio.get_running_loop().create_future()
        self.forwarded_bytes = 0
        self.silent = False
        self.stalled_for_seconds = 0.0
        self.looks = 0
        self._relay = relay
        relay.leg_connected(self)

    def pipe_to(self, partner: Leg) -> None:
        assert self.partner is None
        self.partner = partner

    def close(self, code: int) -> None:
        if not self.closed.done():
            self.closed.set_result(code)
            self._relay.leg_ended(self)

    def is_silent(self, now_seconds: float, limit_seconds: float) -> bool:
        return self.silent

    def stalled_seconds(self, now_seconds: float) -> float:
        self.looks += 1
        return self.stalled_for_seconds

    async def looked_at(self, times: int) -> None:
        """So often from now on, by the relay's sweep."""
        wanted = self.looks + times
        await until(lambda: self.looks >= wanted)


class Requests(list[tuple[bytes, int]]):
    def __call__(self, session_id: bytes, count: int) -> None:
        self.append((session_id, count))


@pytest.fixture
def requests() -> Requests:
    return Requests()


@pytest.fixture
def relay(requests: Requests) -> Relay:
    limits = RelayLimits(waiting_agent_legs=2, waiting_engineer_legs=2, partner_seconds=0.02, silence_seconds=0.04)
    relay = Relay(LegTickets(b"k" * 32), request_legs=requests, clock=lambda: 1000, limits=limits)
    relay.session_opened(SESSION_ID)
    return relay


def ticket(role: LegRole, *, session_id: bytes = SESSION_ID, participant: bytes = b"", key: bytes = b"k" * 32) -> str:
    return LegTickets(key).issue(session_id, role, participant, 2000)


async def test_spare_is_used_and_replaced(relay: Relay, requests: Requests) -> None:
    """An engineer's leg gets the spare at once, and the agent is asked for a new one."""
    spare = MemoryLeg(relay, "agent")
    leg = MemoryLeg(relay, "engineer")
    assert (leg.partner, spare.partner) == (spare, leg)
    assert requests == [(SESSION_ID, 1)]
    assert (relay.pairs, relay.waiting, relay.pairs_made) == (1, 0, 1)


async def test_engineer_waits(relay: Relay, requests: Requests) -> None:
    """Without a spare the agent is asked for legs, and who came first is served first."""
    first, second = MemoryLeg(relay, "engineer"), MemoryLeg(relay, "engineer")
    assert requests == [(SESSION_ID, 1)] * 2
    legs = [MemoryLeg(relay, "agent"), MemoryLeg(relay, "agent")]
    assert [first.partner, second.partner] == legs


async def test_no_agent(relay: Relay) -> None:
    """An engineer's leg that finds nobody in time is told so."""
    leg = MemoryLeg(relay, "engineer")
    assert await leg.closed == CLOSE_NO_AGENT
    assert relay.waiting == 0


async def test_partner_gone(relay: Relay) -> None:
    """When one of a pair ends, so does the other, and what they carried stays counted."""
    spare, leg = MemoryLeg(relay, "agent"), MemoryLeg(relay, "engineer")
    spare.forwarded_bytes, leg.forwarded_bytes = 3, 4
    assert relay.bytes_forwarded == 7
    leg.close(1000)
    assert await spare.closed == CLOSE_PARTNER_GONE
    assert (relay.pairs, relay.bytes_forwarded) == (0, 7)


async def test_sessions_are_apart(relay: Relay) -> None:
    """A leg never meets one of another session."""
    relay.session_opened(OTHER_SESSION_ID)
    MemoryLeg(relay, "agent", session_id=OTHER_SESSION_ID)
    assert MemoryLeg(relay, "engineer").partner is None


async def test_session_closed(relay: Relay) -> None:
    """Closing a session closes all its legs at once and admits none any more."""
    legs = [MemoryLeg(relay, "agent"), MemoryLeg(relay, "engineer"), MemoryLeg(relay, "agent")]
    relay.session_closed(SESSION_ID)
    assert [leg.closed.result() for leg in legs] == [CLOSE_SESSION_OVER] * 3
    with pytest.raises(LegNotAdmitted) as refusal:
        relay.admit(ticket("agent"), "agent")
    assert refusal.value.status == 410
    assert await MemoryLeg(relay, "agent").closed == CLOSE_SESSION_OVER


async def test_revoked(relay: Relay) -> None:
    """Revoking one engineer closes their legs and no other's, and their ticket is of no more use."""
    for _ in range(2):
        MemoryLeg(relay, "agent")
    revoked = MemoryLeg(relay, "engineer", participant=b"one")
    other = MemoryLeg(relay, "engineer", participant=b"two")
    relay.revoke(SESSION_ID, b"one")
    assert revoked.closed.result() == CLOSE_REVOKED
    assert not other.closed.done()
    with pytest.raises(LegNotAdmitted) as refusal:
        relay.admit(ticket("engineer", participant=b"one"), "engineer")
    assert refusal.value.status == 403
    relay.admit(ticket("engineer", participant=b"two"), "engineer")


async def test_silent_legs_are_closed(relay: Relay) -> None:
    """Who has gone without a word is closed by the sweep; who has not, is not."""
    silent, lively = MemoryLeg(relay, "agent"), MemoryLeg(relay, "agent")
    silent.silent = True
    assert await silent.closed == CLOSE_SILENT
    assert not lively.closed.done()


@pytest.mark.parametrize(
    ("text", "role", "status"),
    [
        ("", "agent", 401),
        (ticket("agent", key=b"x" * 32), "agent", 401),
        (ticket("agent"), "engineer", 401),
        (ticket("agent", session_id=OTHER_SESSION_ID), "agent", 410),
    ],
)
async def test_not_admitted(relay: Relay, text: str, role: LegRole, status: int) -> None:
    """No ticket, a forged one, one for the other end, one for a session that is not open."""
    with pytest.raises(LegNotAdmitted) as refusal:
        relay.admit(text, role)
    assert refusal.value.status == status
    assert relay.legs_refused == 1


async def test_waiting_legs_are_bounded(relay: Relay) -> None:
    """More than a few waiting legs of a session are refused for now."""
    for role in ("agent", "engineer"):
        relay.session_closed(SESSION_ID)
        relay.session_opened(SESSION_ID)
        for _ in range(2):
            relay.admit(ticket(role), role)
            MemoryLeg(relay, role)
        with pytest.raises(LegNotAdmitted) as refusal:
            relay.admit(ticket(role), role)
        assert refusal.value.status == 429


async def test_who_does_not_read_is_told_of_once(requests: Requests) -> None:
    """Not closed: a customer may have paused. Told again when it has read in between."""
    told = asyncio.Event()
    limits = RelayLimits(silence_seconds=0.04, stalled_seconds=60)
    relay = Relay(LegTickets(b"k" * 32), request_legs=requests, clock=lambda: 1000, limits=limits, on_stalled=told.set)
    relay.session_opened(SESSION_ID)
    MemoryLeg(relay, "agent")
    leg = MemoryLeg(relay, "engineer")
    for _ in range(2):
        leg.stalled_for_seconds = 61
        await asyncio.wait_for(told.wait(), PATIENCE_SECONDS)
        told.clear()
        await leg.looked_at(4)
        assert not told.is_set()
        leg.stalled_for_seconds = 0
        await leg.looked_at(1)
    assert not leg.closed.done()
