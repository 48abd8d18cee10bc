"""Sampling: chance that can be checked."""

import hashlib
import random
import subprocess
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.quality.marks import Mark
from audit.quality.sampling import (
    SAMPLE_LABEL,
    Draw,
    PlanUnusable,
    SamplingPlan,
    check_plan,
    draw,
    draw_random,
    pick_for_a_reason,
    share_out,
)
from tests.audit.quality.builders import session

SEED = "5e" * 32
CHI_SQUARE_999 = {19: 43.820, 99: 148.230}
"""Upper 0.1 % points by degrees of freedom: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.4."""


def plan(**changes: Any) -> SamplingPlan:
    fields: dict[str, Any] = {
        "name": "monthly", "kind": "random", "scorecard": "short", "reviewers": ("ana",), "per_stratum": 2, "seed": SEED
    }  # fmt: skip
    return SamplingPlan(**fields | changes)


def ids(count: int, salt: int = 0) -> list[str]:
    return [hashlib.sha256(bytes((salt,)) + n.to_bytes(4, "big")).hexdigest()[:32] for n in range(count)]


def seed_number(number: int) -> bytes:
    return hashlib.sha256(b"seed" + number.to_bytes(4, "big")).digest()


def test_every_session_is_drawn_equally_often() -> None:
    """χ² over 4,000 seeds, one of twenty drawn with each: uniform at the 0.1 % level."""
    population, draws = ids(20), 4000
    counts = Counter(draw(seed_number(n), population, 1)[0] for n in range(draws))
    expected = draws / len(population)
    chi_square = sum((counts[each] - expected) ** 2 / expected for each in population)
    assert chi_square < CHI_SQUARE_999[19]


def test_every_session_is_drawn_equally_often_without_replacement() -> None:
    """The same with ten of a hundred; counts then vary less by (N - n)/(N - 1), which the statistic makes up for."""
    population, draws, drawn = ids(100, salt=1), 1000, 10
    counts = Counter(each for n in range(draws) for each in draw(seed_number(n), population, drawn))
    expected = draws * drawn / len(population)
    raw = sum((counts[each] - expected) ** 2 / expected for each in population)
    chi_square = raw * (len(population) - 1) / (len(population) - drawn)
    assert 0 < chi_square < CHI_SQUARE_999[99]


@given(st.integers(0, 40), st.integers(0, 50), st.integers(0, 1000), st.randoms(use_true_random=False))
def test_a_draw_depends_on_seed_and_sessions_alone(size: int, count: int, seed: int, shuffler: random.Random) -> None:
    """Not on the order of the list; and a longer draw begins with the shorter one."""
    population = ids(size, salt=2)
    drawn = draw(seed_number(seed), population, count)
    shuffler.shuffle(population)
    assert draw(seed_number(seed), population, count) == drawn
    assert draw(seed_number(seed), population, count + 1)[: len(drawn)] == drawn
    assert len(set(drawn)) == min(size, count)


@given(st.integers(0, 1000), st.integers(1, 30))
def test_a_session_more_moves_no_other(seed: int, count: int) -> None:
    """A late recording can take one place; it cannot reshuffle the rest."""
    population = ids(60, salt=3)
    before, after = draw(seed_number(seed), population[:-1], count), draw(seed_number(seed), population, count)
    assert len(set(before) - set(after)) <= 1


def test_anybody_can_draw_again_with_standard_tools() -> None:
    """sha256sum and sort draw what we draw."""
    population = ids(12)
    inputs = [SAMPLE_LABEL + bytes.fromhex(SEED) + bytes.fromhex(each) for each in population]
    sums = [subprocess.run(["sha256sum"], input=each, capture_output=True, check=True).stdout[:64] for each in inputs]
    lines = b"\n".join(digest + b" " + each.encode() for digest, each in zip(sums, population, strict=True))
    in_order = subprocess.run(["sort"], input=lines, capture_output=True, check=True).stdout.decode().splitlines()
    assert tuple(line.split()[1] for line in in_order[:4]) == draw(bytes.fromhex(SEED), population, 4)


def test_strata_may_be_teams() -> None:
    """Who is in none is a stratum, too."""
    sessions = [session(n, team=team) for n, team in enumerate(("Berlin", "Berlin", "Berlin", "", "Hamburg"), start=1)]
    strata = draw_random(plan(stratum="team"), sessions)
    assert [(s.name, len(s.population), len(s.drawn)) for s in strata] == [
        ("-", 1, 1), ("Berlin", 3, 2), ("Hamburg", 1, 1)
    ]  # fmt: skip


def test_strata_are_engineers_and_each_gets_its_number() -> None:
    """Two of each, all of one who has fewer; lost, live and mystery sessions are in no stratum."""
    sessions = [session(n, staff_number="E-1") for n in range(5)] + [session(9, staff_number="E-2")]
    sessions += [
        session(20, staff_number="E-1", state="lost"),
        session(21, staff_number="E-1", state="arriving", ended_at_ms=None),
        session(22, staff_number="E-1", mystery=True),
        session(23, staff_number=""),
    ]
    strata = {stratum.name: stratum for stratum in draw_random(plan(), sessions)}
    assert {name: (len(s.population), len(s.drawn)) for name, s in strata.items()} == {"E-1": (5, 2), "E-2": (1, 1)}


def test_a_margin_shares_its_sample_out_in_proportion() -> None:
    """±10 % of 100 sessions are 50 with the correction; nobody with a session is left out."""
    sessions = [session(n, staff_number="E-1") for n in range(98)] + [
        session(200 + n, staff_number=f"E-{n}") for n in (2, 3)
    ]
    strata = {s.name: len(s.drawn) for s in draw_random(plan(per_stratum=None, margin=0.1), sessions)}
    assert strata == {"E-1": 49, "E-2": 1, "E-3": 1}
    assert draw_random(plan(per_stratum=None, margin=0.1), []) == []


def test_picks_for_a_reason() -> None:
    """All of them, oldest first, and each says why."""
    sessions = [
        session(1, stars=2, ended_at_ms=20),
        session(2, stars=1, ended_at_ms=10),
        session(3, stars=3, marks=(Mark("root-scope", 5), Mark("clock-skew", 6))),
        session(4, mystery=True),
    ]

    def picked(**changes: Any) -> list[tuple[int, str, str]]:
        found = pick_for_a_reason(plan(per_stratum=None, seed="", **changes), sessions)
        return [(int(each.session_id, 16), each.reason, each.detail) for each in found]

    assert picked(kind="low-rating") == [(2, "low-rating", "1"), (1, "low-rating", "2")]
    assert picked(kind="low-rating", stars_at_most=1) == [(2, "low-rating", "1")]
    assert picked(kind="mark", marks=("root-scope", "bulk-out")) == [(3, "mark", "root-scope")]
    assert picked(kind="mystery") == [(4, "mystery", "")]


def test_work_is_shared_out_evenly_and_nobody_reviews_themselves() -> None:
    """Whoever has least to do is next; what waits already counts."""
    draws = [Draw(f"{n:032x}", "random", "") for n in range(4)]
    shared = share_out(draws, ("ana", "ben"), {}, {"ana": 2}, {})
    assert [reviewer for _, reviewer in shared] == ["ben", "ben", "ana", "ben"]
    engineers = {draws[0].session_id: "Ana"}
    assert share_out(draws[:1], ("ana", "ben"), engineers, {"ben": 50}, {}) == [(draws[0], "ben")]
    with pytest.raises(PlanUnusable, match="nobody but its own engineer"):
        share_out(draws[:1], ("ana",), engineers, {}, {})


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"per_stratum": None}, "either a number for each stratum or a margin"),
        ({"margin": 0.1}, "either a number for each stratum or a margin"),
        ({"seed": ""}, "needs a seed"),
        ({"kind": "mark"}, "at least one mark"),
        ({"reviewers": ("ana", "ana")}, "named twice"),
    ],
)
def test_a_wrong_plan_gets_a_sentence(changes: dict[str, Any], complaint: str) -> None:
    """Before it draws."""
    with pytest.raises(PlanUnusable, match=complaint):
        check_plan(plan(**changes))
