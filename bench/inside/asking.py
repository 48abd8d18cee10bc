"""Asks a server that was started with `environment()` what its memory is made of, and says what changed since."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MIB = 1024 * 1024
Answer = dict[str, dict[str, int]]
"""By kind ("bytes", "objects", "lines"): a name, and how much of it there is."""

_HERE = Path(__file__).parent


class Inside:
    """`frames`: of each allocation, how many lines of code are remembered; 0 costs nothing, 1 half of the speed."""

    def __init__(self, folder: Path, *, frames: int = 0) -> None:
        self._socket = folder / "inside.socket"
        self.environment = {
            "PYTHONPATH": str(_HERE),
            "BENCH_INSIDE_SOCKET": str(self._socket),
            "BENCH_INSIDE_FRAMES": str(frames),
        }

    def ask(self) -> Answer:
        """Garbage is collected first. Raises OSError when nobody answers."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(self._socket))
            pieces = iter(lambda: asking.recv(MIB), b"")
            found: Answer = json.loads(b"".join(pieces))
        return found


def changes(before: Answer, after: Answer, *, most: int = 12) -> dict[str, list[str]]:
    """What there is more of, or less, by kind; the largest change first."""
    return {kind: list(_changes_of(before[kind], after[kind], most)) for kind in after}


def _changes_of(before: dict[str, Any], after: dict[str, Any], most: int) -> Iterator[str]:
    gained = {name: after.get(name, 0) - before.get(name, 0) for name in before.keys() | after.keys()}
    for name, change in sorted(gained.items(), key=lambda item: (-abs(item[1]), item[0]))[:most]:
        if change:
            yield f"{change:+,} of {after.get(name, 0):,} {name}"
