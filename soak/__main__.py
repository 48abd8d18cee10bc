"""`python -m soak --minutes 30 --seed N`: kills, then every failing system call; says what held and what did not."""

import argparse
import faulthandler
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from soak.faults import play_every_fault
from soak.leftovers import adopt_orphans, let_orphans_go
from soak.report import RESULTS, Report
from soak.run import Budget, soak
from tests.faults.strace import require_strace

NO_LIMIT = 10**9

END_SECONDS = 150.0
"""More than any one step may take, so that a step that stands still is named by itself first."""


def main() -> int:
    """Exit status 0 if nothing was violated."""
    options = _options()
    console = Console()
    adopt_orphans()
    faulthandler.enable()
    seed = options.seed if options.seed is not None else secrets.randbelow(10**6)
    command = f"python -m soak --minutes {options.minutes:g} --seed {seed} --posts {options.posts}"
    command += f" --kills {options.kills}" if options.kills != NO_LIMIT else ""
    console.print(f"{command}", highlight=False, soft_wrap=True)
    require_strace()
    folder = Path(tempfile.mkdtemp(prefix="consentry-soak-"))
    began = time.monotonic()
    tally = soak(folder, seed, Budget(options.minutes * 60, options.kills, options.posts, options.end_seconds), console)
    faults: dict[str, int] = {}
    violations = list(tally.violations)
    seconds = time.monotonic() - began
    let_orphans_go()
    if options.faults:
        faults, broken = play_every_fault(folder / "faults", console)
        violations += broken
    report = Report(command, seed, options.minutes, options.posts, dict(tally.counts), violations, faults, seconds)
    report.write(options.results)
    report.print(console)
    if report.passed:
        shutil.rmtree(folder)
    else:
        console.print(f"Logs, records and soak.jsonl are kept in {folder}", highlight=False, soft_wrap=True)
    return 0 if report.passed else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long processes are killed (30)")
    parser.add_argument("--kills", type=int, default=NO_LIMIT, help="stop earlier, after so many kills")
    parser.add_argument("--seed", type=int, help="of every random choice; drawn and printed if left out")
    parser.add_argument("--posts", type=int, default=3, help="customers, each with an engineer (3)")
    parser.add_argument(
        "--end-seconds", type=float, default=END_SECONDS, help="how long the end may take after the last kill (150)"
    )
    parser.add_argument("--no-faults", dest="faults", action="store_false", help="leave out the failing system calls")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the figures go (soak/results/latest.json)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
