"""Percentiles are values that were there."""

from serving.percentiles import percentile


def test_percentiles_by_nearest_rank() -> None:
    """Each is one of the values: nobody waited an interpolated time."""
    values = [15, 20, 35, 40, 50]
    assert [percentile(values, share) for share in (0.05, 0.3, 0.4, 0.5, 1)] == [15, 20, 20, 35, 50]
    assert percentile([], 0.5) is None
