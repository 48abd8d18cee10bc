"""Growth: what does it cost as there are more sessions, larger files, longer sessions? And where is it not linear?

sessions    the broker's memory, agents back per second after a restart, echo, with so many customers connected
files       SFTP put and get through the whole path, and what the agent's memory comes to
length      a session of so many minutes: its recording, verifying it, reading all of it, the agent's memory
"""

import argparse
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bench.core.plots import FAINT, IMAGES, OURS, keep, panels
from bench.core.statistics import growth_exponent
from bench.studies.growth_of_files import cost_of_files
from bench.studies.growth_of_length import cost_of_length
from bench.studies.growth_of_sessions import cost_of_sessions

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINEAR = (0.8, 1.2)
"""Exponents between two sizes that still count as linear."""


@dataclass(frozen=True)
class Subject:
    """`measure` gives, for a size, what it costs: one number for each name in `costs`, which says its unit, too."""

    title: str
    size: str
    sizes: tuple[int, ...]
    measure: Callable[[Sequence[int]], list[dict[str, float]]]
    costs: dict[str, str]


SUBJECTS = {
    "sessions": Subject(
        "more sessions", "sessions", (1, 10, 100, 1000, 5000), cost_of_sessions,
        {"memory_mib": "broker's memory above an empty one, MiB", "back_seconds": "all agents back, s",
         "echo_p50_ms": "echo through the relay, p50, ms", "echo_p99_ms": "the same, p99, ms"},
    ),
    "files": Subject(
        "larger files", "MiB", (1, 8, 64, 512), cost_of_files,
        {"put_seconds": "sftp put, s", "get_seconds": "sftp get, s", "agent_mib": "agent's memory, highest, MiB"},
    ),
    "length": Subject(
        "longer sessions", "minutes", (1, 10, 60, 240, 480), cost_of_length,
        {"recording_mib": "recording, MiB", "verify_seconds": "verify, CPU s", "read_seconds": "read all of it, CPU s",
         "agent_mib": "agent's memory, MiB"},
    ),
}  # fmt: skip


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench growth", description=__doc__)
    parser.add_argument("--only", choices=SUBJECTS, nargs="+", default=list(SUBJECTS), metavar="SUBJECT")
    parser.add_argument("--sizes", type=int, nargs="+", help="instead of the usual ones; with one SUBJECT")
    parser.add_argument("--images", type=Path, default=IMAGES, help="where pictures and figures go (docs/images)")
    options = parser.parse_args(arguments)
    if options.sizes and len(options.only) != 1:
        parser.error("--sizes needs --only with one subject")
    console = Console()
    for name in options.only:
        subject = SUBJECTS[name]
        sizes = options.sizes or subject.sizes
        points = [{"size": size, **cost} for size, cost in zip(sizes, subject.measure(sizes), strict=True)]
        bends = {cost: bend(points, cost) for cost in subject.costs}
        picture = _draw(name, subject, points, bends, options.images)
        console.print(f"{picture}\n{json.dumps({'points': points, 'bends': bends}, indent=1)}", highlight=False)
    return 0


def bend(points: Sequence[dict[str, float]], cost: str) -> str:
    """Where a cost is not linear in size any more, in words: judged between neighbouring sizes that cost something."""
    known = [(one["size"], one[cost]) for one in points if one[cost] > 0]
    if len(known) < 2:
        return "too few points"
    whole = growth_exponent(*zip(*known, strict=True))
    steps = [(here[0], growth_exponent(*zip(before, here, strict=True))) for before, here in itertools.pairwise(known)]
    if abs(whole) < LINEAR[0] / 4:
        return f"about constant (size to the power of {whole:.2f})"
    first_over = next((size for size, exponent in steps if exponent > LINEAR[1]), None)
    if first_over is not None:
        return f"faster than linear from {first_over:,.0f} (size to the power of {whole:.2f} over all)"
    return f"linear or less (size to the power of {whole:.2f} over all, {steps[-1][1]:.2f} at the end)"


def _draw(name: str, subject: Subject, points: Sequence[dict[str, float]], bends: dict[str, str], folder: Path) -> Path:
    columns = 2
    figure, axes = panels(-(-len(subject.costs) // columns), columns, title=f"Cost of {subject.title}")
    for one in axes[len(subject.costs) :]:
        one.set_visible(False)
    for one, (cost, said) in zip(axes, subject.costs.items(), strict=False):
        _draw_cost(one, [p["size"] for p in points], [p[cost] for p in points])
        one.set_title(f"{said}\n{bends[cost]}", fontsize=8)
        one.set_xlabel(subject.size)
    command = f"python -m bench growth --only {name}"
    figures: dict[str, Any] = {"points": list(points), "bends": bends}
    return keep(figure, figures, command=command, name=f"growth_{name}", folder=folder)


def _draw_cost(axes: "Axes", sizes: Sequence[float], costs: Sequence[float]) -> None:
    """Both axes logarithmic; the faint line is what linear growth from the largest size back would be."""
    shown = [(size, cost) for size, cost in zip(sizes, costs, strict=True) if cost > 0]
    if not shown:
        return
    axes.set_xscale("log")
    axes.set_yscale("log")
    last_size, last_cost = shown[-1]
    axes.plot([size for size, _ in shown], [last_cost * size / last_size for size, _ in shown], color=FAINT, lw=0.8)
    axes.plot([size for size, _ in shown], [cost for _, cost in shown], color=OURS, marker=".")
    axes.set_ylim(bottom=min(cost for _, cost in shown) / 2)
