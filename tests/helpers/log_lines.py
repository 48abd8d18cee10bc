"""What a program of ours has logged so far, in JSON."""

import json
from pathlib import Path
from typing import Any


def logged(log: Path, event: str) -> list[dict[str, Any]]:
    """All lines of that event. The last line of a program that still writes may be there by half: it comes again."""
    whole, _, _ = log.read_text().rpartition("\n")
    lines = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]
