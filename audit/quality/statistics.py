"""The few statistics that the figures rest on, each by its textbook formula; nothing here knows what is counted.

Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference. JASA 22, 209-212.
Cohen, J. (1960), A coefficient of agreement for nominal scales. Educ. Psychol. Meas. 20, 37-46.
Cochran, W. G. (1977), Sampling Techniques, 3rd ed., 4.4: sample size with the finite-population correction.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
QUANTILE = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
"""The two-sided normal quantile, 1.96."""

WORST_SHARE = 0.5
"""The share that takes the most answers to be known."""

TOO_FEW = 30
"""Under so many answers a share says little, and every figure that rests on fewer says so."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval within [0, 1]."""

    low: float
    high: float


def wilson_interval(hits: int, count: int) -> Interval:
    """The score interval of a share of `hits` in `count`, without continuity correction. Of nothing: everything."""
    if not 0 <= hits <= count:
        raise ValueError(f"{hits} of {count} is no share")
    if count == 0:
        return Interval(0.0, 1.0)
    z2 = QUANTILE**2
    share = hits / count
    middle = share + z2 / (2 * count)
    half = QUANTILE * sqrt(share * (1 - share) / count + z2 / (4 * count * count))
    scale = 1 + z2 / count
    # At the ends the formula gives 0 and 1 exactly; floating point does not.
    low = 0.0 if hits == 0 else max(0.0, (middle - half) / scale)
    high = 1.0 if hits == count else min(1.0, (middle + half) / scale)
    return Interval(low, high)


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Agreement beyond chance of two raters who each put the same things into categories, in [-1, 1].

    None where chance alone would agree always (both used one category only) or nothing was rated: κ is undefined there.
    """
    count = len(pairs)
    if not count:
        return None
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    agreed = sum(a == b for a, b in pairs)
    by_chance = sum(first[category] * second[category] for category in first)  # times count²
    if by_chance == count * count:
        return None
    return (agreed * count - by_chance) / (count * count - by_chance)


def sample_size(population: int, margin: float) -> int:
    """How many of a population must be seen to know any share of it to within ±`margin`."""
    if not 0 < margin < 1:
        raise ValueError(f"{margin} is no margin")
    if population <= 0:
        return 0
    unlimited = QUANTILE**2 * WORST_SHARE * (1 - WORST_SHARE) / margin**2
    return min(population, ceil(unlimited / (1 + (unlimited - 1) / population)))
