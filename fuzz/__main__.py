"""`python -m fuzz NAME --minutes N`."""

import argparse
import importlib.util
import sys
import time

from fuzz.campaign import Campaign, run_with_atheris
from fuzz.target import all_targets, put_away

_EXAMPLES = """
examples:
  python -m fuzz                              lists the targets
  python -m fuzz record --minutes 10          breeds inputs for one of them
  python -m fuzz all --minutes 1              a minute for each
  python -m fuzz record --seed 7              the same inputs again
"""


def main(arguments: list[str] | None = None) -> int:
    targets = all_targets()
    parser = argparse.ArgumentParser(
        prog="python -m fuzz", epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="?", choices=[*targets, "all"], metavar="NAME")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each target (default 1)")
    parser.add_argument("--seed", type=int, default=None, help="of the inputs; without atheris only")
    options = parser.parse_args(arguments)
    if options.name is None:
        for target in targets.values():
            print(f"{target.name:22} {target.about}")
        return 0
    chosen = list(targets.values()) if options.name == "all" else [targets[options.name]]
    if len(chosen) == 1 and options.seed is None and importlib.util.find_spec("atheris"):
        run_with_atheris(chosen[0], options.minutes)
    seed = options.seed if options.seed is not None else time.time_ns() % 2**32
    found = 0
    try:
        for target in chosen:
            campaign = Campaign(target, seed)
            finding = campaign.run(options.minutes, tell=print)
            print(f"{target.name}: {campaign.runs} runs, {len(campaign.reached)} lines reached, seed {seed}")
            if finding is not None:
                found += 1
                print(f"{finding.problem}\nThe input is kept in {target.keep(finding.data)}: it is a test from now on.")
    finally:
        put_away()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
