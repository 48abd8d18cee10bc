"""How a soak is shown: a bar while it runs, a table at the end, and results/latest.json."""

import json
import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from soak.tally import Tally

RESULTS = Path(__file__).parent / "results" / "latest.json"


@dataclass
class Report:
    """`command` repeats the run. `faults` counts system calls that were failed, by system call and kind of fault."""

    command: str
    seed: int
    minutes: float
    posts: int
    counts: dict[str, int]
    violations: list[str]
    faults: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.violations

    def as_json(self) -> dict[str, Any]:
        return {
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release().partition('-')[0]}",
            "command": self.command,
            "seed": self.seed,
            "seconds": round(self.seconds),
            "kills": sum(count for name, count in self.counts.items() if name.startswith("kill ")),
            "counts": dict(sorted(self.counts.items())),
            "faults": dict(sorted(self.faults.items())),
            "violations": self.violations,
            "passed": self.passed,
        }

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.as_json(), indent=2) + "\n", encoding="utf-8")

    def print(self, console: Console) -> None:
        facts = self.as_json()
        table = Table("what", "count", title=f"{facts['kills']} kills in {facts['seconds']} s, seed {self.seed}")
        table.columns[1].justify = "right"
        for name, count in facts["counts"].items():
            table.add_row(name, f"{count:,}")
        for name, count in facts["faults"].items():
            table.add_row(f"fault {name}", f"{count:,}")
        table.add_row("violations", f"{len(self.violations):,}")
        console.print(table)
        for violation in self.violations:
            console.print(f"[red]✗[/] {violation}", highlight=False, soft_wrap=True)
        if not self.passed:
            console.print(f"To repeat it: {self.command}", highlight=False, soft_wrap=True)


class Bar:
    """Time, kills and violations, on one line; quiet where nobody looks at a terminal."""

    def __init__(self, console: Console, what: str, total: float) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %  {task.fields[said]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(what, total=total, said="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, completed: float, said: str) -> None:
        self._progress.update(self._task, completed=completed, said=said)


def said_of(tally: Tally) -> str:
    return f"{tally.kills} kills, {len(tally.violations)} violations"
