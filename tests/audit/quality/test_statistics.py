"""The statistics against tables that others printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.quality.statistics import cohen_kappa, sample_size, wilson_interval

NEWCOMBE_1998 = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]
"""R. G. Newcombe, Two-sided confidence intervals for the single proportion: comparison of seven methods, Statistics in
Medicine 17 (1998), 857-872, Table I, method 3 (score, no continuity correction), 95 %."""

KREJCIE_MORGAN_1970 = {100: 80, 1000: 278, 5000: 357, 10_000: 370}
"""R. V. Krejcie and D. W. Morgan, Determining sample size for research activities, Educ. Psychol. Meas. 30 (1970),
607-610, Table 1: 95 %, ±5 %, p = 0.5."""


@pytest.mark.parametrize(("hits", "count", "low", "high"), NEWCOMBE_1998)
def test_wilson_intervals_are_those_of_newcombes_table(hits: int, count: int, low: float, high: float) -> None:
    """To the four places that the table prints."""
    interval = wilson_interval(hits, count)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@given(st.integers(1, 5000).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_a_wilson_interval_holds_its_share_and_mirrors(pair: tuple[int, int]) -> None:
    """The share lies within, the ends within [0, 1], and of the misses it is the mirror image."""
    hits, count = pair
    interval, mirrored = wilson_interval(hits, count), wilson_interval(count - hits, count)
    assert 0 <= interval.low <= hits / count <= interval.high <= 1
    assert interval.low == pytest.approx(1 - mirrored.high)
    assert interval.high == pytest.approx(1 - mirrored.low)


def test_of_no_answers_nothing_is_known() -> None:
    """The interval is everything, and there is no share of a negative count."""
    assert (wilson_interval(0, 0).low, wilson_interval(0, 0).high) == (0.0, 1.0)
    with pytest.raises(ValueError, match="no share"):
        wilson_interval(3, 2)


def _pairs(table: list[list[int]]) -> list[tuple[int, int]]:
    return [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]


def test_kappa_is_that_of_fleiss_table() -> None:
    """J. L. Fleiss, Statistical Methods for Rates and Proportions, 2nd ed. (1981), Table 13.1: two raters put 100
    patients into psychotic, neurotic and organic; κ = 0.68."""
    kappa = cohen_kappa(_pairs([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert kappa is not None
    assert round(kappa, 2) == 0.68


@pytest.mark.parametrize(
    ("table", "expected"), [([[20, 5], [10, 15]], 0.4), ([[45, 15], [25, 15]], 0.1304), ([[25, 35], [5, 35]], 0.2593)]
)
def test_kappa_of_the_usual_two_by_two_examples(table: list[list[int]], expected: float) -> None:
    """The examples that textbooks use to show that the same agreement can mean different things."""
    kappa = cohen_kappa(_pairs(table))
    assert kappa is not None
    assert round(kappa, 4) == expected


@given(st.lists(st.sampled_from("abc"), min_size=2))
def test_full_agreement_is_one_or_undefined(ratings: list[str]) -> None:
    """κ is 1 where both always agree, and undefined where there was nothing to disagree about."""
    assert cohen_kappa([(rating, rating) for rating in ratings]) == (1 if len(set(ratings)) > 1 else None)
    assert cohen_kappa([]) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_kappa_does_not_care_who_is_first(pairs: list[tuple[str, str]]) -> None:
    """Swapping the raters changes nothing, and κ stays within [-1, 1]."""
    kappa = cohen_kappa(pairs)
    assert kappa == cohen_kappa([(second, first) for first, second in pairs])
    assert kappa is None or -1 <= kappa <= 1


@pytest.mark.parametrize(("population", "size"), KREJCIE_MORGAN_1970.items())
def test_sample_sizes_are_those_of_krejcie_and_morgan(population: int, size: int) -> None:
    """The finite-population correction, rounded up."""
    assert sample_size(population, 0.05) == size


def test_a_sample_is_never_larger_than_its_population() -> None:
    """Of few, all are seen; of none, none."""
    assert [sample_size(population, 0.05) for population in (0, 1, 5, 10)] == [0, 1, 5, 10]
