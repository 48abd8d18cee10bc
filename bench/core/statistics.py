"""The little arithmetic that a fair comparison needs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median


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


@dataclass(frozen=True)
class Slope:
    """Of a straight line through points, per unit of x; the 95 percent interval is `low` to `high`."""

    value: float
    low: float
    high: float


def slope(x: Sequence[float], y: Sequence[float]) -> Slope:
    """Theil and Sen's: the median of the slopes of all pairs, which a few wild points do not move.

    The interval is Sen's (Journal of the American Statistical Association 63, 1968), by Kendall's normal approximation.
    Raises ValueError for fewer than three points.
    """
    if len(x) < 3 or len(x) != len(y):
        raise ValueError("a slope with an interval needs three points")
    pairs = sorted(
        (y[later] - y[earlier]) / (x[later] - x[earlier])
        for earlier in range(len(x))
        for later in range(earlier + 1, len(x))
        if x[later] != x[earlier]
    )
    count = len(x)
    spread_of_rank = 1.96 * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(0, round((len(pairs) - spread_of_rank) / 2) - 1)
    high = min(len(pairs) - 1, round((len(pairs) + spread_of_rank) / 2))
    return Slope(median(pairs), pairs[low], pairs[high])


def growth_exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Of cost ~ size ** exponent, by least squares on both logarithms: 1 is linear, 2 quadratic, 0 for nothing."""
    log_sizes, log_costs = [math.log(one) for one in sizes], [math.log(one) for one in costs]
    mean_size, mean_cost = fmean(log_sizes), fmean(log_costs)
    over = sum((s - mean_size) * (c - mean_cost) for s, c in zip(log_sizes, log_costs, strict=True))
    return over / sum((s - mean_size) ** 2 for s in log_sizes)
