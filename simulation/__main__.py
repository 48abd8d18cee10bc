"""`python -m simulation`: replays one seed, or runs as many as there is time for."""

import argparse
import sys
import time

from simulation.house import Outcome, run_seed
from simulation.scenarios import SCENARIOS

DEFAULT_STEPS = 20_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=1, help="how many, counted from --seed")
    parser.add_argument("--minutes", type=float, help="as many seeds as fit into so many minutes")
    parser.add_argument("--steps", type=int, default=DEFAULT_STEPS, help="steps with faults; then things must end well")
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), help="only this one")
    parser.add_argument("--trace", action="store_true", help="say what happens")
    options = parser.parse_args()
    began = time.monotonic()
    names = [options.scenario] if options.scenario else sorted(SCENARIOS)
    failures = total_steps = runs = 0
    seed = options.seed
    while seed < options.seed + options.seeds or (
        options.minutes is not None and time.monotonic() - began < options.minutes * 60
    ):
        for name in names:
            outcome = run_seed(seed, options.steps, SCENARIOS[name], show=print if options.trace else None)
            total_steps += outcome.steps
            runs += 1
            if outcome.violation is not None:
                failures += 1
                print(_failure(outcome, name, options.steps))
            elif options.trace:
                print(outcome)
        seed += 1
    seconds = time.monotonic() - began
    print(
        f"{runs} runs, {total_steps} steps in {seconds:.1f} s ({total_steps / seconds:.0f} a second): {failures} failed"
    )
    return 1 if failures else 0


def _failure(outcome: Outcome, name: str, steps: int) -> str:
    return (
        f"seed {outcome.seed}: {outcome.violation}\n"
        f"  python -m simulation --seed {outcome.seed} --steps {steps} --scenario {name} --trace"
    )


if __name__ == "__main__":
    sys.exit(main())
