"""Whose place an engineer can take, and what it consists of. What happens then is in `reception.py`.

Nobody has a right to a place. Whoever is let into a session may ask for one, whatever their role: it gives them nothing
that the customer has not given already, and gives it only when the customer says so.
"""

from collections.abc import Iterable

from agent_client.participant import Participant
from protocol.errors import RefusedError
from protocol.grants import Grant, Scope, with_implied


class NobodyToTakeOver(RefusedError):
    """Whoever was meant has left, or never was in."""

    sentence = "There is nobody in the session to take over from."


class SeveralToTakeOver(RefusedError):
    """More than one could be meant."""

    sentence = "Several engineers are in the session. Say from whom to take over."


def find_leaver(participants: Iterable[Participant], taker: Participant, staff_number: str) -> Participant:
    """Who is in with that staff number; without one, the only other who is in.

    Raises NobodyToTakeOver, SeveralToTakeOver.
    """
    found = [
        each
        for each in participants
        if each is not taker and each.is_admitted and staff_number in ("", each.certificate.staff_number)
    ]
    if not found:
        raise NobodyToTakeOver
    if len(found) > 1:
        raise SeveralToTakeOver
    return found[0]


def place_of(leaver: Participant, within: Iterable[Scope] = tuple(Scope)) -> Grant:
    """What they have, as far as it was asked for. Raises NobodyToTakeOver."""
    grant = leaver.machine.grant
    if grant is None:
        raise NobodyToTakeOver
    return Grant(grant.participant, grant.scopes & with_implied(within), grant.expires_at_ms)
