"""The little arithmetic that a fair comparison needs."""

import math
from collections.abc import Sequence
from statistics import median


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("no values, no percentile")
    ordered = sorted(values)
    rank = math.ceil(percent / 100 * len(ordered))
    return ordered[max(0, rank - 1)]


def paired_ratio(ours: Sequence[float], peers: Sequence[float]) -> float:
    """Median of the ratios within each round: a machine that slows down for a round slows down both."""
    if len(ours) != len(peers) or not ours:
        raise ValueError("each of our values needs the peer's value of the same round")
    return median(one / other for one, other in zip(ours, peers, strict=True))


def spread(values: Sequence[float]) -> float:
    """Distance of the extremes as a share of the median: how noisy the machine was."""
    return (max(values) - min(values)) / median(values)
