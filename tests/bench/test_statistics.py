"""The arithmetic behind `make bench`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.core.statistics import paired_ratio, percentile, spread

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
