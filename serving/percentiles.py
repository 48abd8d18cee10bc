"""Percentiles by nearest rank: each is a value that was really there."""

from collections.abc import Sequence
from math import ceil
from typing import TypeVar

N = TypeVar("N", int, float)


def percentile(values: Sequence[N], share: float) -> N | None:
    """The smallest value that at least `share` of all do not exceed; None of nothing."""
    if not 0 < share <= 1:
        raise ValueError(f"{share} is no share")
    if not values:
        return None
    return sorted(values)[ceil(share * len(values)) - 1]
