"""The legs of sessions, as the relay lets them in and cuts them: by tickets, which outlast no session."""

from typing import Literal, Protocol

from broker.sessions.session import Participation, Session


class SessionRelay(Protocol):
    """What sessions need of the relay."""

    def session_opened(self, session_id: bytes) -> None: ...

    def session_closed(self, session_id: bytes) -> None:
        """Closes its legs at once."""
        ...

    def revoke(self, session_id: bytes, participant: bytes) -> None: ...


class TicketIssuer(Protocol):
    """Makes tickets for legs: `LegTickets` of the relay."""

    def issue(
        self, session_id: bytes, role: Literal["agent", "engineer"], participant: bytes, expires_at_ms: int
    ) -> str: ...


class SessionLegs:
    """`longest_ms` is the longest that any session may last, from its opening on, its last cut included."""

    def __init__(self, relay: SessionRelay, tickets: TicketIssuer, longest_ms: int) -> None:
        self._relay = relay
        self._tickets = tickets
        self._longest_ms = longest_ms

    def let_in(self, session: Session) -> None:
        self._relay.session_opened(session.session_id)

    def cut_all(self, session: Session) -> None:
        self._relay.session_closed(session.session_id)

    def cut(self, session: Session, participant: Participation) -> None:
        self._relay.revoke(session.session_id, _leg_name(participant))

    def agent_ticket(self, session: Session) -> str:
        return self._ticket(session, "agent", b"")

    def engineer_ticket(self, session: Session, participant: Participation) -> str:
        return self._ticket(session, "engineer", _leg_name(participant))

    def _ticket(self, session: Session, role: Literal["agent", "engineer"], participant: bytes) -> str:
        return self._tickets.issue(session.session_id, role, participant, session.opened_at_ms + self._longest_ms)


def _leg_name(participant: Participation) -> bytes:
    return participant.number.to_bytes(2, "big")
