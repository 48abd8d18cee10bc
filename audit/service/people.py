"""Who works at the audit service, and what each may do: one table, which every route asks.

People are added on the audit machine itself (`consentry audit user add`), or by their groups at an OpenID provider that
was configured there; never over the network. The broker's people
and these have nothing to do with each other: another database, other passwords, other administrators.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from serving.identity import roles
from serving.identity.users import User

Role = Literal["reviewer", "external-reviewer", "supervisor", "administrator"]


class Permission(StrEnum):
    """`own` means: of sessions that were assigned to them."""

    ACCOUNT = roles.ACCOUNT
    """Their own account: password, second factor, logins, API tokens."""
    LIST = "list"
    """See which sessions there are and how whole they are."""
    VIEW = "view"
    """Replay, read and verify recordings."""
    VIEW_OWN = "view-own"
    SEARCH = "search"
    """Find words in all recordings."""
    REVIEW = "review"
    """Score what is assigned to them."""
    LEAD = "lead"
    """Plans, assignments, decisions."""
    REPORTS = "reports"
    """Read the figures of a period."""
    SCORECARDS = "scorecards"
    """Add and retire scorecards."""
    WHO_SAW = "who-saw"
    """Read who saw what, what was decided, and how security monitors are told."""
    REQUEST = "request"
    """Ask for an export or an erase."""
    CONFIRM = "confirm"
    """Be the second person of an export or an erase."""
    RETAIN = "retain"
    """Set retention classes and legal holds."""
    EVENTS = roles.EVENTS
    """Read what was decided about people and their logins."""
    PEOPLE = roles.PEOPLE
    """See who works here, where they are logged in and which API tokens they have, and end that."""


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    "reviewer": frozenset(
        {
            Permission.ACCOUNT,
            Permission.LIST,
            Permission.VIEW,
            Permission.VIEW_OWN,
            Permission.SEARCH,
            Permission.REVIEW,
        }
    ),
    "external-reviewer": frozenset({Permission.ACCOUNT, Permission.VIEW_OWN, Permission.REVIEW}),
    "supervisor": frozenset(
        {
            Permission.ACCOUNT,
            Permission.LIST,
            Permission.VIEW,
            Permission.VIEW_OWN,
            Permission.SEARCH,
            Permission.REVIEW,
            Permission.LEAD,
            Permission.REPORTS,
            Permission.WHO_SAW,
            Permission.REQUEST,
            Permission.CONFIRM,
        }
    ),
    "administrator": frozenset(Permission),
}

TOKENS_MAY: frozenset[Permission] = frozenset(
    {Permission.LIST, Permission.REPORTS, Permission.WHO_SAW, Permission.EVENTS}
)
"""What an API token can be given at most. No program looks into recordings or searches them: a look is noted with who
looks and what for, and a program is nobody and has no reasons. Nor does one decide anything."""


@dataclass(frozen=True, kw_only=True)
class Auditor(User):
    """Somebody who works here."""

    role: Role

    @property
    def permissions(self) -> frozenset[Permission]:
        return PERMISSIONS[self.role]
