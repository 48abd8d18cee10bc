"""What was done and what went wrong, counted by many threads."""

import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any


class Tally:
    """Counts, violations, and a log with one JSON object a line: every strike, every life, every violation."""

    def __init__(self, log: Path) -> None:
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._log = log.open("a", encoding="utf-8")
        self.counts: Counter[str] = Counter()
        self.violations: list[str] = []

    def add(self, what: str, count: int = 1) -> None:
        with self._lock:
            self.counts[what] += count

    def note(self, event: str, **facts: Any) -> None:
        with self._lock:
            seconds = round(time.monotonic() - self._began, 3)
            self._log.write(json.dumps({"seconds": seconds, "event": event, **facts}) + "\n")
            self._log.flush()

    def violated(self, sentence: str) -> None:
        """An invariant does not hold. The soak goes on: one bug must not hide another."""
        self.note("violation", sentence=sentence)
        with self._lock:
            self.violations.append(sentence)

    @property
    def kills(self) -> int:
        return sum(count for name, count in self.counts.items() if name.startswith("kill "))

    def close(self) -> None:
        self._log.close()
