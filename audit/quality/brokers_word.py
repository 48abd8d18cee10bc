"""What is used of the broker's word of a session: JSON, which may hold more, for a broker may be of another version.

The team of a session is the one that its engineer had when they paired, and its tier that of the request that it
serves (docs/decisions/0044): neither stands in a recording.
"""

from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta, Struct

from protocol.decoding import UNREADABLE

NONE = "-"
"""What stands for no team, or no tier, where sessions are asked for by one. The broker lets no team be called so."""

ShortName = Annotated[str, Meta(max_length=100)]


class OfTeamAndTier(Protocol):
    """Both are empty for none."""

    @property
    def team(self) -> str: ...

    @property
    def tier(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which sessions are wanted: of one team, of one tier, `NONE` of none; None: of all."""

    team: str | None = None
    tier: str | None = None

    def holds(self, session: OfTeamAndTier) -> bool:
        return self.team in (None, session.team or NONE) and self.tier in (None, session.tier or NONE)


EVERYTHING = Narrowing()


class Said(Struct, frozen=True):
    """An engineer as the broker names them. `team` is empty for none."""

    name: str = ""
    staff_number: str = ""
    team: ShortName = ""
    scopes: tuple[str, ...] = ()
    expires_at_ms: int | None = None


class RatingSaid(Struct, frozen=True):
    stars: Annotated[int, Meta(ge=1, le=5)]
    solved: bool | None = None
    comment: str = ""


class BrokerSaid(Struct, frozen=True):
    """`tier` is empty for a session that serves no request."""

    participants: tuple[Said, ...] = ()
    end_reason: str | None = None
    rating: RatingSaid | None = None
    tier: ShortName = ""

    @property
    def first(self) -> Said:
        """Who paired first, or nobody."""
        return self.participants[0] if self.participants else Said()

    def team_of(self, staff_number: str) -> str:
        """Of the engineer whom the recording names; where that is nobody whom the broker knows, of who paired first."""
        return next((one.team for one in self.participants if one.staff_number == staff_number), self.first.team)


def read_word(facts: bytes | None) -> BrokerSaid:
    """Nothing, where the broker said something else than it should: that must not hide the session."""
    try:
        return msgspec.json.decode(facts, type=BrokerSaid) if facts else BrokerSaid()
    except UNREADABLE:
        return BrokerSaid()
