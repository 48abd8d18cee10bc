"""`python -m simulation`: replays one seed, or runs as many as there is time for.

    python -m simulation --scenario whole --seed 22 --steps 5000 --trace     what happens in this one seed
    python -m simulation --seed 1 --seeds 100                                a hundred seeds of every scenario
    python -m simulation --minutes 30                                        fresh seeds, for half an hour

The exit status is 1 if any seed broke a promise. Each that did prints the command that replays it.
"""

import argparse
import sys
import time
from collections.abc import Iterator

from simulation.house import Outcome
from simulation.isolation import Errand, run_all
from simulation.scenarios import SCENARIOS

DEFAULT_STEPS = 10_000
FRESH_SEEDS_FROM = 10_000
"""Below are those of tests and examples."""


def main() -> int:
    arguments = argparse.ArgumentParser(
        prog="python -m simulation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--seed", type=int, help="the first seed; with --minutes, one that is always new")
    arguments.add_argument("--seeds", type=int, default=1, help="how many")
    arguments.add_argument("--minutes", type=float, default=0.0, help="as many as fit into so many minutes")
    arguments.add_argument("--steps", type=int, default=DEFAULT_STEPS, help="with faults; then all must end well")
    arguments.add_argument("--scenario", choices=sorted(SCENARIOS), help="only this one")
    arguments.add_argument("--jobs", type=int, default=1, help="processes at a time")
    arguments.add_argument("--trace", action="store_true", help="say what happens")
    options = arguments.parse_args()
    first = options.seed if options.seed is not None else FRESH_SEEDS_FROM + int(time.time()) if options.minutes else 0
    began = time.monotonic()
    runs = failures = steps = faults = 0
    for errand, outcome in run_all(_errands(options, first, began + options.minutes * 60), jobs=options.jobs):
        runs, steps, faults = runs + 1, steps + outcome.steps, faults + outcome.faults
        if outcome.violation is not None:
            failures += 1
            print(_failure(errand, outcome), flush=True)
    seconds = time.monotonic() - began
    print(
        f"{runs} runs from seed {first} on: {steps} steps ({steps / seconds:.0f} a second), {faults} faults; "
        f"{failures} broke a promise"
    )
    return 1 if failures else 0


def _errands(options: argparse.Namespace, first: int, ends_at: float) -> Iterator[Errand]:
    names = [options.scenario] if options.scenario else sorted(SCENARIOS)
    seed = first
    while seed < first + options.seeds or time.monotonic() < ends_at:
        for name in names:
            yield Errand(name, seed, options.steps, options.trace)
        seed += 1


def _failure(errand: Errand, outcome: Outcome) -> str:
    what = f"--scenario {errand.scenario} --seed {errand.seed} --steps {errand.steps}"
    return (
        f"seed {errand.seed}: {outcome.violation}\n"
        f"  replay:   python -m simulation {what} --trace\n"
        f"  remember: a line `{errand.scenario} {errand.seed} {errand.steps}` in tests/simulation/seeds.txt"
    )


if __name__ == "__main__":
    sys.exit(main())
