"""What admits a leg, and for how long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.relay.tickets import LegRole, LegTicket, LegTickets, TicketRefused

KEY = b"k" * 32
SESSION_ID = b"s" * 16
EXPIRES_AT_MS = 1_000_000
tickets = LegTickets(KEY)


@given(st.binary(min_size=16, max_size=16), st.sampled_from(["agent", "engineer"]), st.binary(max_size=32))
def test_round_trip(session_id: bytes, role: LegRole, participant: bytes) -> None:
    """A ticket says what was put into it, in less than 200 characters that a header can carry."""
    text = tickets.issue(session_id, role, participant, EXPIRES_AT_MS)
    assert tickets.check(text, EXPIRES_AT_MS - 1) == LegTicket(session_id, role, participant, EXPIRES_AT_MS)
    assert len(text) < 200
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_expired() -> None:
    """At its time of expiry a ticket is no longer good."""
    with pytest.raises(TicketRefused, match="expired"):
        tickets.check(tickets.issue(SESSION_ID, "agent", b"", EXPIRES_AT_MS), EXPIRES_AT_MS)


def test_every_altered_byte_is_refused() -> None:
    """No bit of a ticket can be changed."""
    text = tickets.issue(SESSION_ID, "engineer", b"one", EXPIRES_AT_MS)
    for at in range(len(text)):
        altered = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
        with pytest.raises(TicketRefused, match="not issued here"):
            tickets.check(altered, 0)


@pytest.mark.parametrize(
    "text",
    ["", "A", "?", "é", "A" * 50, "A" * 5000, LegTickets(b"x" * 32).issue(SESSION_ID, "agent", b"", EXPIRES_AT_MS)],
)
def test_foreign_text_is_refused(text: str) -> None:
    """Whatever a stranger sends is refused with a sentence, never an exception of another kind."""
    with pytest.raises(TicketRefused):
        tickets.check(text, 0)
