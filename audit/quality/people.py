"""Who asks, and what each may see: the rules that every face of the quality desk goes through.

reviewer            every session and review; scores what is assigned to them
external-reviewer   only sessions that were assigned to them, and their own reviews
supervisor          besides: plans, runs, assignments, calibrations, decisions, mystery sessions, reports
administrator       the same as a supervisor, and scorecards
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from protocol.errors import RefusedError

Role = Literal["reviewer", "external-reviewer", "supervisor", "administrator"]
_LEADING: frozenset[Role] = frozenset({"supervisor", "administrator"})


class NotYours(RefusedError):
    """The same for what does not exist and for what the asker may not see."""

    sentence = "There is no such session or review among those that you may see."


class RoleNeeded(RefusedError):
    sentence = "That is for a {role} to do."


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody at the quality desk. `name` is unique, and what reviews carry."""

    name: str
    role: Role

    @property
    def leads(self) -> bool:
        return self.role in _LEADING


def check_leads(who: Reviewer) -> None:
    """Raises RoleNeeded."""
    if not who.leads:
        raise RoleNeeded(role="supervisor")


def check_administers(who: Reviewer) -> None:
    """Raises RoleNeeded."""
    if who.role != "administrator":
        raise RoleNeeded(role="administrator")


def may_see_session(who: Reviewer, session_id: str, assigned: Collection[str]) -> bool:
    """`assigned` are the sessions that were ever assigned to them."""
    return who.role != "external-reviewer" or session_id in assigned


def is_own_session(reviewer: str, full_names: Mapping[str, str], engineer: str) -> bool:
    """Whether this reviewer served the session. Certificates name an engineer in full, the desk knows people by what
    they log in with: `full_names` says who that is."""
    return _folded(engineer) in {_folded(reviewer), _folded(full_names.get(reviewer, reviewer))}


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())
