"""`python -m simulation`: replays one seed, or runs as many as there is time for.

    python -m simulation --scenario whole --seed 22 --steps 5000 --trace     what happens in this one seed
    python -m simulation --seed 1 --seeds 100                                a hundred seeds of every scenario
    python -m simulation --minutes 30                                        fresh seeds, for half an hour

The exit status is 1 if any seed broke a promise. Each that did prints the command that replays it.
"""

import argparse
import sys
import time

from simulation.house import Outcome, run_seed
from simulation.scenarios import SCENARIOS

DEFAULT_STEPS = 10_000
FRESH_SEEDS_FROM = 10_000
"""Below are those of tests and examples."""


def main() -> int:
    arguments = argparse.ArgumentParser(
        prog="python -m simulation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument(
        "--seed", type=int, help="the first seed; with --minutes alone, one that is new every second"
    )
    arguments.add_argument("--seeds", type=int, default=1, help="how many")
    arguments.add_argument("--minutes", type=float, default=0.0, help="as many as fit into so many minutes")
    arguments.add_argument(
        "--steps", type=int, default=DEFAULT_STEPS, help="with faults; then everything must end well"
    )
    arguments.add_argument("--scenario", choices=sorted(SCENARIOS), help="only this one")
    arguments.add_argument("--trace", action="store_true", help="say what happens")
    options = arguments.parse_args()
    fresh = FRESH_SEEDS_FROM + int(time.time()) if options.minutes else 0
    first = fresh if options.seed is None else options.seed
    names = [options.scenario] if options.scenario else sorted(SCENARIOS)
    ends_at = time.monotonic() + options.minutes * 60
    began = time.monotonic()
    outcomes = failures = steps = faults = 0
    seed = first
    while seed < first + options.seeds or time.monotonic() < ends_at:
        for name in names:
            outcome = run_seed(seed, options.steps, SCENARIOS[name], show=print if options.trace else None)
            outcomes, steps, faults = outcomes + 1, steps + outcome.steps, faults + outcome.faults
            if outcome.violation is not None:
                failures += 1
                print(_failure(outcome, name, options.steps), flush=True)
        seed += 1
    seconds = time.monotonic() - began
    print(
        f"{outcomes} runs of seeds {first} to {seed - 1}: {steps} steps ({steps / seconds:.0f} a second), "
        f"{faults} faults; {failures} broke a promise"
    )
    return 1 if failures else 0


def _failure(outcome: Outcome, name: str, steps: int) -> str:
    return (
        f"seed {outcome.seed}: {outcome.violation}\n"
        f"  replay:   python -m simulation --scenario {name} --seed {outcome.seed} --steps {steps} --trace\n"
        f"  remember: a line `{name} {outcome.seed} {steps}` in tests/simulation/seeds.txt"
    )


if __name__ == "__main__":
    sys.exit(main())
