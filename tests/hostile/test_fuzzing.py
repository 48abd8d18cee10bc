"""Every target of `fuzz/`, with a fixed budget: only documented errors come out, and memory stays bounded.

`python -m fuzz all --minutes 10` looks for longer; what it finds is kept in fuzz/corpus and runs here for ever.
"""

import random
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.__main__ import main
from fuzz.campaign import Campaign
from fuzz.mutation import INPUT_LIMIT_BYTES, mutate
from fuzz.target import Target, all_targets, put_away
from tests.helpers.waiting import PATIENCE_SECONDS

TARGETS = all_targets()
EXAMPLES = 120
"""Of each target and way of making inputs; the seed is fixed, so that a suite that passed passes again."""

SLOW_EXAMPLES = 30
SLOW = frozenset({"http-body", "http-head", "pairing-mail", "room-screen", "terminal-filter", "transcript"})
"""Milliseconds each, where others take microseconds."""

MEMORY_LIMIT_BYTES = 24 * 1024 * 1024
"""Of one input, at its worst: an inflated record and what it is decoded to is the largest thing that is held."""


@pytest.fixture(scope="module", autouse=True)
def _put_away() -> Iterator[None]:
    yield
    put_away()


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> Target:
    return TARGETS[request.param]


def _budget(target: Target) -> int:
    return SLOW_EXAMPLES if target.name in SLOW else EXAMPLES


@pytest.mark.filterwarnings("ignore")  # cryptography is going to refuse some certificates that it warns of today
def test_what_is_right_and_what_once_broke_it(target: Target) -> None:
    """The seeds run, and so does everything that the corpus keeps."""
    for data in (b"", *target.seeds(), *target.kept()):
        target.run(data)


@pytest.mark.filterwarnings("ignore")
def test_relatives_of_what_is_right(target: Target) -> None:
    """Mutations of seeds, each in bounded memory."""
    chance = random.Random(20261122)
    pool = [*target.seeds(), *target.kept()] or [b""]
    for data in pool[:4]:
        target.run(data)  # whatever is made once is made now
    tracemalloc.start()
    try:
        for _ in range(_budget(target)):
            data = mutate(chance, chance.choice(pool), pool, target.words)
            before_bytes = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            target.run(data)
            assert tracemalloc.get_traced_memory()[1] - before_bytes < MEMORY_LIMIT_BYTES
    finally:
        tracemalloc.stop()


@pytest.mark.filterwarnings("ignore")
def test_any_bytes(target: Target) -> None:
    """What Hypothesis makes up, which it also shrinks when it breaks something."""

    @settings(max_examples=_budget(target), derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=600))
    def any_bytes(data: bytes) -> None:
        target.run(data)

    any_bytes()


def test_a_campaign_finds_what_is_wrong_and_can_be_repeated() -> None:
    """The loop breeds its way to a rare input, twice the same, and says what went wrong."""

    def fragile(data: bytes) -> None:
        if data[:2] == b"CS" and len(data) > 40 and data[5] == 0xFF:
            raise ZeroDivisionError("found")

    target = Target("fragile", "Breaks.", fragile, lambda: [b"CSR1" + bytes(20)], (b"\xff",))
    findings = [Campaign(target, seed=3).run(0.5) for _ in range(2)]
    assert findings[0] is not None
    assert findings[0] == findings[1]
    assert "ZeroDivisionError" in findings[0].problem


def test_the_command_runs_without_atheris(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m fuzz` lists; with a name it looks for a while and says how far it came."""
    assert main([]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in TARGETS)
    ran = subprocess.run(
        [sys.executable, "-m", "fuzz", "opening", "--minutes", "0.005", "--seed", "1"],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_SECONDS,
    )
    assert "lines reached, seed 1" in ran.stdout


def test_inputs_stay_small() -> None:
    """However often an input is changed."""
    chance, data = random.Random(1), b"x" * 1000
    for _ in range(500):
        data = mutate(chance, data, [data])
        assert len(data) <= INPUT_LIMIT_BYTES
