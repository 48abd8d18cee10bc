"""Of requests that ended in a period: how soon they were answered, and how many gave up. Pure.

    speed_of_answer   from asking to being taken: median and P90, over those that were taken
    service_level     taken within the tier's promise / (taken + gave up after the promise had run out)
    abandonment       gave up before anybody took them / all that ended

Who gives up within the promise was not kept waiting, and counts for neither side of the service level.
"""

from dataclasses import dataclass

from broker.requests.request import HelpRequest, due_at_ms


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


def figures_of(ended: list[HelpRequest], target_ms_of: dict[str, int]) -> QueueFigures:
    taken = [one for one in ended if one.taken_at_ms]
    abandoned = [one for one in ended if not one.taken_at_ms and one.state == "abandoned"]
    late = [one for one in abandoned if one.ended_at_ms > due_at_ms(one, target_ms_of)]
    waited_ms = sorted(max(0, one.taken_at_ms - one.asked_at_ms) for one in taken)
    return QueueFigures(
        ended=len(ended),
        taken=len(taken),
        abandoned=len(abandoned),
        within=sum(one.taken_at_ms <= due_at_ms(one, target_ms_of) for one in taken),
        promised=len(taken) + len(late),
        median_ms=_quantile(waited_ms, 0.5),
        p90_ms=_quantile(waited_ms, 0.9),
    )


def _quantile(ordered: list[int], share: float) -> int | None:
    """The smallest value that at least this share is not above (nearest rank)."""
    if not ordered:
        return None
    rank = -(-int(share * 100) * len(ordered) // 100)
    return ordered[max(0, rank - 1)]
