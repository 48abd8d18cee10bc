"""How plots look: plain, small, the same in every study, without a display. Figures go beside them, as JSON.

Matplotlib is loaded for the first plot: a study imports this long before it has anything to draw, and so does each
process of the tests.
"""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

IMAGES = Path(__file__).parents[2] / "docs" / "images"

OURS = "#1f6f8b"
MARK = "#b5482f"
FAINT = "#9aa5ab"

LOOK: dict[Any, object] = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e3e7e9",
    "lines.linewidth": 1.4,
    "savefig.dpi": 110,
    "svg.hashsalt": "consentry",
}


def panels(rows: int, columns: int, *, title: str) -> "tuple[Figure, list[Axes]]":
    """Row by row."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update(LOOK)
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(rows, columns, figsize=(4.1 * columns, 2.9 * rows), squeeze=False)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    return figure, [one for row in axes for one in row]


def machine() -> str:
    """The kind of machine, for the caption: cores and memory."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{len(os.sched_getaffinity(0))} cores, {memory_gib:.0f} GiB, Python {platform.python_version()}"


def keep(figure: "Figure", figures: Mapping[str, Any], *, command: str, name: str, folder: Path) -> Path:
    """Writes NAME.png and NAME.json, which says how, when and where the figures were measured."""
    from matplotlib import pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    date = datetime.now(UTC).strftime("%Y-%m-%d")
    figure.text(0.01, 0.005, f"{command}   {date}, {machine()}", fontsize=7, color=FAINT)
    figure.tight_layout(rect=(0, 0.03, 1, 0.97))
    picture = folder / f"{name}.png"
    figure.savefig(picture)
    plt.close(figure)
    facts = {"command": command, "date": date, "machine": machine(), **figures}
    picture.with_suffix(".json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return picture
