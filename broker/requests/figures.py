"""Of requests that ended in a period, in numbers: how soon they were answered, and how many gave up.

What counts for what is decided in serving/waiting.py, for the audit service's reports too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from serving.percentiles import percentile
from serving.waiting import EndedRequest, sort_out


@dataclass(frozen=True)
class QueueFigures:
    """Shares are numbers of requests, so that whoever reads them sees on how few they rest. None: of nobody."""

    ended: int
    taken: int
    abandoned: int
    within: int
    promised: int
    median_ms: int | None
    p90_ms: int | None


def figures_of(ended: Sequence[EndedRequest]) -> QueueFigures:
    waits = sort_out(ended)
    waited_ms = [one.waited_ms for one in waits.taken]
    return QueueFigures(
        ended=len(waits.ended),
        taken=len(waits.taken),
        abandoned=len(waits.abandoned),
        within=len(waits.within),
        promised=len(waits.promised),
        median_ms=percentile(waited_ms, 0.5),
        p90_ms=percentile(waited_ms, 0.9),
    )
