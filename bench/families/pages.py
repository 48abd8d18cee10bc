"""First visits to our three pages, as Lighthouse makes them for a telephone: slow 4G, a processor four times slower.

    console      the engineer's, at its sign-in
    desk         the reviewers', at its sign-in
    local page   the customer's, with the code: another visit needs another customer

Lighthouse itself does it (`bench/lighthouse/`), in a fresh Chromium each time. What the figures mean, and how they make
the score: developer.chrome.com/docs/lighthouse/performance. A key in a field, or a click, is the interaction.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.core.needs import find
from bench.core.results import Goal, Result, Unit
from bench.core.workbench import Workbench
from bench.deployment.devtools import PATIENCE_SECONDS, Chromium
from tests.helpers.deployment import Broker, ended
from tests.helpers.page_customer import PageCustomer
from tests.helpers.ports import free_port

LIGHTHOUSE = Path(__file__).parents[1] / "lighthouse"
NPM = Path(__file__).parents[2] / "tools" / "npm.sh"

FIGURES: tuple[tuple[str, str, Unit, Goal | None], ...] = (
    ("score", "Lighthouse's score", "of 100", Goal(">=", 90)),
    ("first_contentful_paint_ms", "  first contentful paint", "ms", None),
    ("largest_contentful_paint_ms", "  largest contentful paint", "ms", None),
    ("speed_index_ms", "  speed index", "ms", None),
    ("total_blocking_ms", "  total blocking time", "ms", None),
    ("layout_shift", "  cumulative layout shift", "", None),
    ("interaction_to_next_paint_ms", "  interaction to next paint", "ms", None),
    ("transferred_kb", "  transferred", "kB", Goal("<=", 200)),
    ("requests", "  requests", "requests", None),
)
"""The figure's key, its name, its unit, and what it should be. Indented: parts of the score, or beside it."""

Figures = dict[str, float | None]
Visit = Callable[[], Figures]


def measure(bench: Workbench) -> list[Result]:
    _require_lighthouse(bench)
    with _organisation(bench.folder / "pages") as (broker, desk):
        visits: dict[str, Visit] = {
            "console": lambda: _visit(f"{broker.origin}/console/", "#user"),
            "desk": lambda: _visit(desk, "#user"),
            "local page": lambda: _visit_customer(bench, broker),
        }
        return [result for name, visit in visits.items() for result in _measured(bench, name, visit)]


def _measured(bench: Workbench, name: str, visit: Visit) -> Iterator[Result]:
    rounds = []
    for number in range(bench.rounds):
        rounds.append(visit())
        bench.say(f"{name}, round {number + 1} of {bench.rounds}")
    for key, title, unit, goal in FIGURES:
        # Chromium tells of no interaction that was over within 16 ms, and of none that it has not painted yet.
        values = [value for one in rounds if (value := one[key]) is not None]
        if values:
            yield Result.alone(f"{name}, {title.strip()}", unit, values, goal)


def _visit(address: str, selector: str) -> Figures:
    """Raises CalledProcessError; what Lighthouse said stands on standard error then."""
    with Chromium() as chromium:
        done = subprocess.run(
            [find("node"), "measure.mjs", str(chromium.port), address, selector],
            cwd=LIGHTHOUSE,
            stdout=subprocess.PIPE,
            timeout=PATIENCE_SECONDS,
            check=True,
        )
    figures = json.loads(done.stdout)
    return {**figures, "transferred_kb": figures["transferred_bytes"] / 1000}


def _visit_customer(bench: Workbench, broker: Broker) -> Figures:
    customer = PageCustomer(broker, bench.folder / f"page-customer-{len(list(bench.folder.glob('page-customer-*')))}")
    with customer.said, ended(customer.process):
        return _visit(customer.address, "button")


@contextmanager
def _organisation(folder: Path) -> Iterator[tuple[Broker, str]]:
    """A broker with an audit service beside it, and the desk's address."""
    broker = Broker(folder)
    port = free_port()
    broker.environment = {"CONSENTRY_AUDIT_LISTEN_PORT": str(port)}
    broker.set_up_audit()
    broker.start()
    try:
        yield broker, f"https://127.0.0.1:{port}/desk/"
    finally:
        broker.stop()


def _require_lighthouse(bench: Workbench) -> None:
    """Installed when it is asked for, by its lock: a hundred megabytes that nothing else needs."""
    find("node")
    if (LIGHTHOUSE / "node_modules" / "lighthouse").exists():
        return
    bench.say("install Lighthouse")
    subprocess.run(["sh", str(NPM), "--prefix", str(LIGHTHOUSE), "ci", "--silent"], check=True)
