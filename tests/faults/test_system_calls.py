"""Every system call of the append paths fails once; nothing that was acknowledged is lost, and everything goes on.

Here a sample, drawn by a fixed seed; `make soak` plays all of them.
"""

import random
from collections.abc import Iterator

import pytest

from tests.faults.stories import Story, told
from tests.faults.strace import faults_for

SAMPLE = 2
"""Of about 150 faults in each story."""


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Story]]:
    with told(tmp_path_factory.mktemp("faults")) as stories:
        yield stories


@pytest.mark.parametrize(
    "number", range(4), ids=["broker", "broker, torn recording", "broker, its log", "agent's spool"]
)
def test_a_failing_system_call_loses_nothing(stories: list[Story], number: int) -> None:
    """An interrupted or short call is gone on with; a full disk refuses; a broken one ends the process, or the
    session, and what was acknowledged is there at the next start."""
    story = stories[number]
    faults = faults_for(story.count_calls())
    assert len(faults) > 60
    for fault in random.Random(number).sample(faults, SAMPLE):
        assert story.play(fault), f"{fault}: there was no such call"
