"""The organisation's own mark rules: `marks.toml` in the data folder; where there is none, those that come along.

The service does not start with a file that cannot be used. One that changes while it runs is taken up within seconds;
while it cannot be used, the rules from before stay. Workers, which read no such file, are given the rules.
"""

import asyncio
from pathlib import Path

import structlog

from audit.quality.marks import DEFAULT_RULES, MarkRules, MarkRulesUnusable

log = structlog.get_logger(__name__)

FILE_NAME = "marks.toml"
LOOK_AGAIN_SECONDS = 5.0


class MarkRulesFile:
    """Raises MarkRulesUnusable when it is made."""

    def __init__(self, data_folder: Path) -> None:
        self._own = data_folder / FILE_NAME
        self._seen = self._look_of_file()
        self._rules = MarkRules.load(self._own if self._seen else DEFAULT_RULES)

    def current(self) -> MarkRules:
        return self._rules

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Once. A file that cannot be used is told once, until it changes again."""
        seen = await asyncio.to_thread(self._look_of_file)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._rules = await asyncio.to_thread(MarkRules.load, self._own if seen else DEFAULT_RULES)
        except MarkRulesUnusable as error:
            log.error("mark_rules_unusable", problem=str(error))
            return
        log.info("mark_rules_taken_up", own=seen is not None, rules=len(self._rules.rule))

    def _look_of_file(self) -> tuple[int, int, int] | None:
        """Another one whenever the file is another; None where there is none."""
        try:
            found = self._own.stat()
        except FileNotFoundError:
            return None
        except OSError:
            return (0, 0, 0)  # it is there: reading it says what is wrong
        return (found.st_ino, found.st_mtime_ns, found.st_size)
