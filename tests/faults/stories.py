"""All stories in which a system call fails, for whoever plays them: a sample in the suite, everything in the soak."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from tests.faults.broker_story import BrokerStory
from tests.faults.spool_story import SpoolStory
from tests.faults.strace import Fault
from tests.faults.talk import Organisation


class Story(Protocol):
    """`play` may be called by several threads: each run has a folder of its own."""

    name: str

    def count_calls(self) -> Counter[str]:
        """The system calls of a run in which nothing goes wrong."""
        ...

    def play(self, fault: Fault) -> bool:
        """Whether there was such a call to fail; AssertionError for a promise that was broken."""
        ...


@contextlib.contextmanager
def told(folder: Path) -> Iterator[list[Story]]:
    """The stories, with the organisation that they play in."""
    organisation = Organisation(folder)
    try:
        yield [
            BrokerStory(folder / "new", organisation),
            BrokerStory(folder / "torn", organisation, torn=True),
            BrokerStory(folder / "log", organisation, log=True),
            SpoolStory(folder / "spool", organisation),
        ]
    finally:
        organisation.broker.stop()
