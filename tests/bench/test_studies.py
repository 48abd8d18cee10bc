"""The studies: what they promise is judged, and what they draw says where it comes from."""

import json
import mmap
import os
from pathlib import Path

import pytest

from bench.core.plots import keep, panels
from bench.core.watch import Sample, Watch
from bench.studies import held
from bench.studies.abuse import TRIALS
from bench.studies.abuse_agent import AGENT_TRIALS
from bench.studies.growth import bend


def test_a_small_load_is_held(tmp_path: Path) -> None:
    """Two sessions in which somebody types, three that wait: keys come back, records are acknowledged."""
    watch, found = held.hold(2, 3, 3.0)
    assert found["lost"] == 0
    assert found["echoes"] >= 4
    assert found["records_acked"] >= 2
    assert found["echo_p99_us"] > 0
    picture = held.draw(watch, found, "python -m bench held --active 2 --idle 3", tmp_path)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert json.loads(picture.with_suffix(".json").read_text())["active"] == 2


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        ([5, 5.1, 5.0, 5.2], "about constant"),
        ([1, 10, 100, 1000], "linear or less"),
        ([1, 10, 300, 9000], "faster than linear from 100 "),
        ([0, 0, 0, 1], "too few points"),
    ],
)
def test_where_a_cost_bends_is_said_in_words(costs: list[float], said: str) -> None:
    """Between neighbouring sizes; sizes that cost nothing are left out."""
    points = [{"size": float(10**n), "cost": float(cost)} for n, cost in enumerate(costs)]
    assert bend(points, "cost").startswith(said)


def test_a_picture_says_how_it_was_made(tmp_path: Path) -> None:
    """Command, date and kind of machine stand beside the figures; no name of a machine does."""
    figure, (axes, *_) = panels(1, 2, title="Something")
    axes.plot([1, 2], [3, 4])
    picture = keep(figure, {"points": [1]}, command="python -m bench x", name="x", folder=tmp_path)
    facts = json.loads(picture.with_suffix(".json").read_text())
    assert facts["command"] == "python -m bench x"
    assert set(facts) == {"command", "date", "machine", "points"}
    assert "cores" in facts["machine"]


def test_a_watch_sees_what_grows() -> None:
    """This process, which takes 40 MiB while it is looked at."""
    # A mapping of its own: the heap might have room left from before.
    with mmap.mmap(-1, 40 * 1024 * 1024, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as taken:
        with Watch(os.getpid(), every_seconds=0.01) as watch:
            for page in range(0, len(taken), mmap.PAGESIZE):
                taken[page] = 1
        assert taken[0] == 1
    assert isinstance(watch.samples[0], Sample)
    assert watch.highest_mib - watch.samples[0].memory_mib > 20


def test_every_attack_has_its_bound() -> None:
    """Each is there once, for a broker or for an agent, and says why it may cost so much."""
    trials = [*TRIALS, *AGENT_TRIALS]
    assert len({trial.name for trial in trials}) == len(trials) == 8
    assert all(trial.cap_kib > 0 and trial.why for trial in trials)
