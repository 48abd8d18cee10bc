"""Customers who asked for help and waited: a request that has ended, as the broker tells the audit service of it, and
what both servers count. Pure.

    speed of answer   from asking to being taken, over those that were taken
    service level     taken within the tier's promise / (taken + gave up after the promise had run out)
    abandonment       gave up before anybody took them / all that ended

Who gives up within the promise was not kept waiting, and counts for neither side of the service level.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta, Struct

RequestEnd = Literal["served", "abandoned"]

_UnixMs = Annotated[int, Meta(ge=0, le=2**53)]
_Name = Annotated[str, Meta(max_length=100)]


class EndedRequest(Struct, frozen=True, kw_only=True):
    """Nothing of what the customer said. `due_at_ms` is by when the promise wanted it taken, `taken_*` are of who had
    it last. Times are Unix milliseconds of the broker's clock; `taken_at_ms` 0: nobody ever took it."""

    request_id: Annotated[int, Meta(ge=1, le=2**53)]
    tier: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}$")]
    asked_at_ms: _UnixMs
    due_at_ms: _UnixMs
    taken_at_ms: _UnixMs
    ended_at_ms: _UnixMs
    outcome: RequestEnd
    taken_by_name: _Name
    taken_by_number: _Name
    session_id: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")] | None

    @property
    def waited_ms(self) -> int:
        """Until it was taken."""
        return max(0, self.taken_at_ms - self.asked_at_ms)


class EndedRequests(Struct, frozen=True):
    """A page, the first to end first. `cursor` is where the next question goes on, `newest` the last number of any."""

    requests: Annotated[list[EndedRequest], Meta(max_length=1000)]
    cursor: Annotated[int, Meta(ge=0, le=2**53)]
    newest: Annotated[int, Meta(ge=0, le=2**53)]


@dataclass(frozen=True)
class Waits:
    """`within` of `promised` is the service level, `abandoned` of `ended` abandonment."""

    ended: Sequence[EndedRequest]
    taken: Sequence[EndedRequest]
    abandoned: Sequence[EndedRequest]
    within: Sequence[EndedRequest]
    promised: Sequence[EndedRequest]


def sort_out(ended: Sequence[EndedRequest]) -> Waits:
    """Which of them count for what, each in the order in which they came."""
    taken = [one for one in ended if one.taken_at_ms]
    abandoned = [one for one in ended if not one.taken_at_ms and one.outcome == "abandoned"]
    late = [one for one in abandoned if one.ended_at_ms > one.due_at_ms]
    within = [one for one in taken if one.taken_at_ms <= one.due_at_ms]
    return Waits(ended=ended, taken=taken, abandoned=abandoned, within=within, promised=[*taken, *late])
