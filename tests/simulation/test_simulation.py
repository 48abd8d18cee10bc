"""The whole system on one virtual clock: no seed breaks a promise, and a planted mistake does not stay unseen.

More seeds than these: `python -m simulation --minutes N`.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.house import Outcome, run_seed
from simulation.scenarios import SCENARIOS
from tests.simulation.planted import PLANTS

HERE = Path(__file__).parent
SEEDS_FILE = HERE / "seeds.txt"

BUDGET: dict[str, tuple[range, int]] = {
    "recording": (range(1000, 1008), 2000),
    "relaying": (range(1000, 1006), 2000),
    "whole": (range(1000, 1010), 2000),
}
"""Seeds and steps of every `make test`: some 15 seconds of one core."""

SEEDS_THAT_FIND = {
    "ack before sync": range(1, 5),
    "strict output at once": range(5, 13),
    "resume from wrong offset": range(1, 11),
    "believe what came twice": range(25, 65),
    "second run on one code": range(20),
    "line that nobody records": range(5, 25),
    "lines told again": range(1, 21),
    "hand over and stay": range(58, 78),
}
"""The mistakes that are planted in every `make test`: one of these seeds has to find each. As the product is today, the
first of them does: those before it would only cost time. One in thirty finds the last."""


def remembered() -> list[tuple[str, int, int]]:
    lines = (line.partition("#")[0].split() for line in SEEDS_FILE.read_text(encoding="utf-8").splitlines())
    return [(scenario, int(seed), int(steps)) for scenario, seed, steps in filter(None, lines)]


def run(scenario: str, seed: int, steps: int) -> Outcome:
    return run_seed(seed, steps, SCENARIOS[scenario])


def replay(scenario: str, seed: int, steps: int) -> str:
    return f"replay it with: python -m simulation --scenario {scenario} --seed {seed} --steps {steps} --trace"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_fresh_seeds_break_no_promise(scenario: str) -> None:
    """Whatever fails, whenever: nothing that was acknowledged is lost, nothing is shown that must not be, and once the
    faults stop everything comes to its end."""
    seeds, steps = BUDGET[scenario]
    for seed in seeds:
        outcome = run(scenario, seed, steps)
        assert outcome.violation is None, f"{outcome.violation}; {replay(scenario, seed, steps)}"


@pytest.mark.parametrize(("scenario", "seed", "steps"), remembered())
def test_seeds_that_once_failed_do_not_any_more(scenario: str, seed: int, steps: int) -> None:
    """Each line of seeds.txt."""
    outcome = run(scenario, seed, steps)
    assert outcome.violation is None, f"{outcome.violation}; {replay(scenario, seed, steps)}"


@pytest.mark.parametrize("mistake", SEEDS_THAT_FIND)
def test_a_planted_mistake_is_found(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulation is worth its time: it sees what it is there to see."""
    scenario, plant = PLANTS[mistake]
    plant(monkeypatch)
    assert any(run(scenario, seed, 4000).violation for seed in SEEDS_THAT_FIND[mistake])


def test_a_seed_does_the_same_in_every_process() -> None:
    """Addresses and hashes differ from process to process; what happens does not."""
    code = (
        "from simulation.house import run_seed; from simulation.scenarios import SCENARIOS\n"
        "for scenario in SCENARIOS.values(): print(run_seed(7, 1500, scenario).fingerprint)"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HERE.parents[1],
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.split() == [run(scenario, 7, 1500).fingerprint for scenario in SCENARIOS]
