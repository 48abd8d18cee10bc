"""How the suite is spread over the cores."""

import os

import pytest

LONGEST_FIRST = ("tests/faults", "tests/scenarios", "tests/hostile", "tests/consentry", "tests/engineer_client")
"""Where a test takes seconds: at the end of a run it would leave the other cores with nothing to do."""


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: much of what the long tests do is waiting, for processes, cuts and consent."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        for place, folder in enumerate(LONGEST_FIRST):
            if item.nodeid.startswith(f"{folder}/"):
                return place
        return len(LONGEST_FIRST)

    items.sort(key=rank)
