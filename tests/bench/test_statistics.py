"""The arithmetic behind `make bench`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core.statistics import growth_exponent, paired_ratio, percentile, slope, spread

VALUES = st.lists(st.floats(min_value=0.001, max_value=1e6), min_size=1, max_size=50)


@pytest.mark.parametrize(("percent", "expected"), [(50, 5), (99, 10), (100, 10), (10, 1), (11, 2)])
def test_percentile_is_a_value_that_was_measured(percent: float, expected: float) -> None:
    """Nearest rank: nothing is made up between two values."""
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == expected


@given(VALUES, st.floats(min_value=0, max_value=100))
def test_percentile_splits_the_values(values: list[float], percent: float) -> None:
    """At least that share of all values does not exceed it."""
    limit = percentile(values, percent)
    assert limit in values
    assert sum(value <= limit for value in values) >= percent / 100 * len(values) - 1e-9


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_ratio_is_taken_within_each_round() -> None:
    """A machine that is ten times slower in one round changes nothing; the medians' quotient would be off."""
    assert paired_ratio([20.0, 2.0, 22.0], [10.0, 1.0, 11.0]) == 2.0


@pytest.mark.parametrize(("ours", "peers"), [([], []), ([1.0], [1.0, 2.0])])
def test_ratio_needs_pairs(ours: list[float], peers: list[float]) -> None:
    with pytest.raises(ValueError, match="same round"):
        paired_ratio(ours, peers)


def test_spread_is_relative() -> None:
    assert spread([9.0, 10.0, 12.0]) == pytest.approx(0.3)


def test_a_slope_is_not_moved_by_a_few_wild_points() -> None:
    """Two units per step, with noise and two outliers; the interval holds the truth and not zero."""
    x = [float(number) for number in range(60)]
    y = [2 * one + (0.5 if one % 2 else -0.5) for one in x]
    y[10] += 1000
    y[40] -= 1000
    found = slope(x, y)
    assert found.value == pytest.approx(2, abs=0.05)
    assert 0 < found.low <= 2 <= found.high


def test_noise_around_a_level_has_no_slope() -> None:
    """Zero is inside the interval; and two points are no line with an interval."""
    found = slope([float(n) for n in range(100)], [float(n * 7919 % 13) for n in range(100)])
    assert found.low <= 0 <= found.high
    with pytest.raises(ValueError, match="three points"):
        slope([0.0, 1.0], [0.0, 1.0])


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_how_a_cost_grows(exponent: float) -> None:
    """Constant, linear, quadratic."""
    sizes = [1.0, 10.0, 100.0]
    assert growth_exponent(sizes, [3 * size**exponent for size in sizes]) == pytest.approx(exponent)
