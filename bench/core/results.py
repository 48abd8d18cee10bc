"""One figure, its peer and its goal; and the three shapes in which figures leave: table, JSON, history."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Literal, Self

from rich.table import Table

from bench.core.statistics import paired_ratio

Unit = Literal["MiB/s", "s", "ms", "us", "CPU s/GiB", "KiB", "per s", "kB", "of 100", "requests", ""]


@dataclass(frozen=True)
class Goal:
    """`at least` or `at most` this ratio to the peer (without a peer: this value)."""

    sense: Literal[">=", "<="]
    bound: float

    def met_by(self, figure: float) -> bool:
        return figure >= self.bound if self.sense == ">=" else figure <= self.bound

    def __str__(self) -> str:
        return f"{self.sense} {self.bound:g}"


@dataclass(frozen=True)
class Result:
    """A line of `latest.json`. `ratio` is the median of the rounds' ratios, so it need not be value / peer_value.

    Lines without a goal stand beside one with a goal, to show what it consists of: `goal` is "" and `met` None there.
    """

    name: str
    value: float
    unit: Unit
    peer: str
    peer_value: float | None
    ratio: float | None
    goal: str
    met: bool | None

    @classmethod
    def compared(
        cls, name: str, unit: Unit, ours: Sequence[float], peer: str, peers: Sequence[float], goal: Goal | None
    ) -> Self:
        """From values of the same rounds."""
        ratio = paired_ratio(ours, peers)
        return cls(
            name=name,
            value=median(ours),
            unit=unit,
            peer=peer,
            peer_value=median(peers),
            ratio=ratio,
            goal=f"{goal} x" if goal else "",
            met=goal.met_by(ratio) if goal else None,
        )

    @classmethod
    def within(
        cls, name: str, unit: Unit, ours: Sequence[float], peer: str, peers: Sequence[float], goal: Goal
    ) -> Self:
        """From values of the same rounds; the peer shows what to expect, the goal bounds our value."""
        value = median(ours)
        ratio = paired_ratio(ours, peers)
        return cls(name, value, unit, peer, median(peers), ratio, f"{goal} {unit}", goal.met_by(value))

    @classmethod
    def published(cls, name: str, unit: Unit, ours: Sequence[float], peer: str, peer_value: float, goal: Goal) -> Self:
        """The peer is not here: somebody published its figure. The goal bounds our value."""
        value = median(ours)
        return cls(name, value, unit, peer, peer_value, value / peer_value, f"{goal} {unit}", goal.met_by(value))

    @classmethod
    def alone(cls, name: str, unit: Unit, ours: Sequence[float], goal: Goal | None = None) -> Self:
        """There is no peer; the goal, if there is one, bounds our value."""
        value = median(ours)
        return cls(
            name, value, unit, "", None, None, f"{goal} {unit}" if goal else "", goal.met_by(value) if goal else None
        )


def number(value: float | None) -> str:
    """Three significant digits, as much as such a measurement is worth."""
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write_json(results: Sequence[Result], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(result) for result in results], indent=2) + "\n", encoding="utf-8")


def read_json(path: Path) -> list[Result]:
    """What `write_json` wrote; an empty list where nothing was."""
    if not path.exists():
        return []
    return [Result(**line) for line in json.loads(path.read_text(encoding="utf-8"))]


def merged(old: Sequence[Result], new: Sequence[Result]) -> list[Result]:
    """`old` with the lines that were measured again replaced where they stand, and new lines behind."""
    fresh = {result.name: result for result in new}
    kept = [fresh.pop(result.name, result) for result in old]
    return kept + list(fresh.values())


_VERDICTS = {True: "[green]yes[/]", False: "[red]no[/]", None: ""}


def as_table(results: Sequence[Result]) -> Table:
    table = Table("what", "ours", "peer's", "unit", "ratio", "goal", "met", "peer")
    for column in (1, 2, 4):
        table.columns[column].justify = "right"
    for result in results:
        table.add_row(
            result.name,
            number(result.value),
            number(result.peer_value),
            result.unit,
            number(result.ratio),
            result.goal,
            _VERDICTS[result.met],
            result.peer,
        )
    return table


def as_markdown(results: Sequence[Result], *, heading: str) -> str:
    """A section of RESULTS.md."""
    verdicts = {True: "yes", False: "**no**", None: ""}
    lines = [
        f"## {heading}",
        "",
        "| what | ours | peer's | unit | ratio | goal | met | peer |",
        "| --- | ---: | ---: | --- | ---: | --- | --- | --- |",
    ]
    lines += [
        f"| {r.name} | {number(r.value)} | {number(r.peer_value)} | {r.unit} | {number(r.ratio)} | {r.goal} "
        f"| {verdicts[r.met]} | {r.peer} |"
        for r in results
    ]
    return "\n".join(lines) + "\n"
