"""`python -m bench [--only FAMILY,…] [--rounds N] [--size MIB] [--keep]`: measures, prints, writes.

`python -m bench abuse|growth|held|hops` are studies of their own, see `bench/studies/`; `--help` behind one shows its
sizes.
"""

import argparse
import importlib
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.core.needs import PACKAGES, PeerMissing, require
from bench.core.results import Result, as_markdown, as_table, merged, read_json, write_json
from bench.core.workbench import Workbench
from bench.families import ASKED_FOR, FAMILIES

HERE = Path(__file__).parent
LATEST = HERE / "results" / "latest.json"
HISTORY = HERE / "RESULTS.md"


STUDIES = ("abuse", "growth", "held", "hops")
COLUMNS_OF_A_FILE = 160
"""Where the output is no terminal: the table's names stay on one line."""


def main() -> int:
    if sys.argv[1:2] and sys.argv[1] in STUDIES:
        # Imported when it is asked for: plotting takes a second to load, and needs more than `make bench`.
        return int(importlib.import_module(f"bench.studies.{sys.argv[1]}").main(sys.argv[2:]))
    options = _options()
    try:
        require(PACKAGES)
    except PeerMissing as error:
        print(error, file=sys.stderr)
        return 1
    console = Console() if sys.stdout.isatty() else Console(width=COLUMNS_OF_A_FILE)
    results: list[Result] = []
    failed: list[str] = []
    try:
        failed = _measure(options, console, results)
    finally:  # what was measured counts, even if somebody has seen enough
        console.print(as_table(results))
        # What was measured takes its lines' places; the others' figures stay.
        write_json(merged(read_json(LATEST), results), LATEST)
    if options.keep:
        with HISTORY.open("a", encoding="utf-8") as history:
            history.write("\n" + as_markdown(results, heading=_heading(options)))
    if failed:
        print(f"not measured: {', '.join(failed)}; run these again with --only", file=sys.stderr)
    return 1 if failed else 0


def _measure(options: argparse.Namespace, console: Console, results: list[Result]) -> list[str]:
    """Appends to `results` after each family. Returns those that failed; the others are measured all the same."""
    failed = []
    with console.status("") as status, Workbench(options.rounds, options.size) as bench:
        for name in options.only or [name for name in FAMILIES if name not in ASKED_FOR]:

            def say(text: str, name: str = name) -> None:
                status.update(f"{name}: {text}")

            bench.say = say
            say("set up")
            began = time.monotonic()
            try:
                found = FAMILIES[name](bench)
            except Exception:  # noqa: BLE001 - whatever it was, a quarter of an hour's figures are not lost with it
                console.print_exception()
                failed.append(name)
                continue
            results += found
            verdicts = {True: "met", False: "NOT met", None: ""}
            facts = "; ".join(f"{one.name} {one.ratio or one.value:.3g} {verdicts[one.met]}".strip() for one in found)
            console.print(f"{name} ({time.monotonic() - began:.0f} s): {facts}", highlight=False)
    return failed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Consentry against its peers.")
    parser.add_argument("--only", type=_families, default=None, metavar="FAMILY,…", help=", ".join(FAMILIES))
    parser.add_argument("--rounds", type=int, default=5, help="us and the peer in turn, so many times (5)")
    parser.add_argument("--size", type=int, default=1024, metavar="MIB", help="of a bulk transfer (1024)")
    parser.add_argument("--keep", action="store_true", help="append the figures to bench/RESULTS.md")
    return parser.parse_args()


def _families(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in FAMILIES]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; there are {', '.join(FAMILIES)}")
    return names


def _heading(options: argparse.Namespace) -> str:
    kernel = platform.uname()
    date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"{date}: {os.cpu_count()} cores, {_processor()}, {kernel.system} {kernel.release.split('-')[0]}, "
        f"Python {platform.python_version()}, {options.rounds} rounds, {options.size} MiB"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


if __name__ == "__main__":
    sys.exit(main())
