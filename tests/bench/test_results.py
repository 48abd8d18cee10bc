"""Figures, goals, and the shapes in which they leave."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from bench.core.results import Goal, Result, as_markdown, as_table, merged, number, read_json, write_json

FIELDS = ["name", "value", "unit", "peer", "peer_value", "ratio", "goal", "met"]


AT_LEAST, AT_MOST = Goal(">=", 1.5), Goal("<=", 1.0)


def _compared(name: str = "bulk", goal: Goal | None = AT_LEAST) -> Result:
    return Result.compared(name, "MiB/s", [30.0, 31.0, 40.0], "ssh -J", [20.0, 20.0, 20.0], goal)


def test_latest_json_has_the_agreed_fields(tmp_path: Path) -> None:
    """A list of objects, which others read."""
    path = tmp_path / "results" / "latest.json"
    write_json([_compared()], path)
    (line,) = json.loads(path.read_text())
    assert list(line) == FIELDS
    assert (line["value"], line["peer_value"], line["ratio"], line["goal"], line["met"]) == (
        31.0, 20.0, 1.55, ">= 1.5 x", True,
    )  # fmt: skip
    assert read_json(path) == [_compared()]


def test_no_results_yet_are_no_results(tmp_path: Path) -> None:
    assert read_json(tmp_path / "latest.json") == []


@pytest.mark.parametrize(
    ("goal", "figure", "met"),
    [(AT_LEAST, 1.5, True), (AT_LEAST, 1.49, False), (AT_MOST, 1.0, True), (AT_MOST, 1.01, False)],
)
def test_bound_itself_meets_the_goal(goal: Goal, figure: float, met: bool) -> None:
    assert goal.met_by(figure) is met


def test_published_peer_bounds_our_own_value() -> None:
    """The peer is not here, so no ratio of the same run exists to be bounded."""
    result = Result.published("storm", "per s", [900.0, 1100.0, 1200.0], "somebody", 300.0, Goal(">=", 1000.0))
    assert (result.value, result.goal, result.met) == (1100.0, ">= 1000 per s", True)


def test_line_without_a_goal_meets_nothing() -> None:
    assert _compared(goal=None).met is None
    assert Result.alone("part", "s", [0.2]).met is None


def test_measured_again_takes_its_line() -> None:
    """`--only` leaves the other figures where they are."""
    old = [_compared("one"), _compared("two")]
    again = Result.alone("one", "s", [1.0])
    new = Result.alone("three", "s", [1.0])
    assert merged(old, [again, new]) == [again, old[1], new]


@pytest.mark.parametrize(("value", "text"), [(None, ""), (1234.5, "1234"), (0.12345, "0.123"), (99.96, "100")])
def test_numbers_are_as_precise_as_the_measurement(value: float | None, text: str) -> None:
    assert number(value) == text


def test_table_and_history_say_the_same() -> None:
    """Every line of the table is a line of RESULTS.md."""
    results = [_compared(), Result.alone("prompt", "s", [0.7], Goal("<=", 0.8))]
    console = Console(width=160, record=True, file=None, quiet=False)
    with console.capture() as captured:
        console.print(as_table(results))
    history = as_markdown(results, heading="today")
    assert history.startswith("## today\n")
    for result in results:
        assert result.name in captured.get()
        assert f"| {result.name} |" in history
