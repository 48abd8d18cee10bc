"""Whose turn it is, what is promised, and what the figures count. Without a broker."""

from dataclasses import replace

import pytest

from broker.requests.figures import QueueFigures, figures_of
from broker.requests.request import Asked, HelpRequest, as_ended, due_at_ms, in_turn

TARGETS = {"standard": 300_000, "gold": 60_000}


def request(number: int, asked_at_ms: int, tier: str = "standard") -> HelpRequest:
    return HelpRequest(number, Asked("Ann Example", "receipts never arrive", tier=tier), asked_at_ms)


def figures(ended: list[HelpRequest]) -> QueueFigures:
    return figures_of([as_ended(one, TARGETS) for one in ended])


def test_a_shorter_promise_goes_first_and_age_promotes() -> None:
    """Gold comes before a standard request of the same age, and not before one that waits for long."""
    old, gold, young = request(1, 0), request(2, 200_000, "gold"), request(3, 200_000)
    assert in_turn([young, gold, old], TARGETS) == [gold, old, young]
    assert in_turn([request(4, 300_000, "gold"), old], TARGETS)[0] == old


def test_a_tier_that_is_promised_nothing_any_more_counts_as_standard() -> None:
    """Whoever asked before the settings were changed is not forgotten."""
    assert due_at_ms(request(1, 7, "platinum"), TARGETS) == 300_007


def test_the_figures_of_a_queue() -> None:
    """Speed over those who were answered; who gave up within the promise was not kept waiting too long."""
    quick = replace(request(1, 0), state="served", taken_at_ms=10_000, ended_at_ms=50_000)
    slow = replace(request(2, 0), state="served", taken_at_ms=310_000, ended_at_ms=400_000)
    soon = replace(request(3, 0), state="abandoned", ended_at_ms=5_000)
    late = replace(request(4, 0), state="abandoned", ended_at_ms=301_000)
    assert figures([quick, slow, soon, late]) == QueueFigures(
        ended=4, taken=2, abandoned=2, within=1, promised=3, median_ms=10_000, p90_ms=310_000
    )


def test_the_figures_of_nobody() -> None:
    """No answer is not an answer of zero seconds."""
    assert figures([]) == QueueFigures(0, 0, 0, 0, 0, None, None)


@pytest.mark.parametrize("count", [1, 2, 9, 10, 11])
def test_nine_of_ten_waited_no_longer(count: int) -> None:
    """The 90th percentile is somebody's, not a mean of two."""
    taken = [replace(request(n, 0), state="served", taken_at_ms=n * 1000, ended_at_ms=1) for n in range(1, count + 1)]
    p90_ms = figures(taken).p90_ms
    assert p90_ms is not None
    assert sum(one.taken_at_ms <= p90_ms for one in taken) >= 0.9 * count
    assert sum(one.taken_at_ms < p90_ms for one in taken) < 0.9 * count
