"""Which public numbers are given out."""

import random

import pytest

from broker.pairing.nameplates import REST_MS, AllCodesTaken, Nameplates


def seeded(**options: object) -> Nameplates:
    return Nameplates(**({"max_open": 5000, "random_below": random.Random(7).randrange} | options))  # type: ignore[arg-type]


def test_nameplates_are_three_digits_until_700_are_taken() -> None:
    """Then four, so that a number that is free stays easy to find and hard to guess."""
    nameplates = seeded()
    taken = [nameplates.take(0) for _ in range(1000)]
    assert len(set(taken)) == 1000
    assert {len(name) for name in taken[:701]} == {3}
    assert {len(name) for name in taken[701:]} == {4}
    assert all(name[0] != "0" for name in taken)


def test_a_used_nameplate_rests_for_half_an_hour() -> None:
    """Somebody may still have the old code on a note: it must not lead to another customer."""
    nameplates = seeded(random_below=lambda _: 0)
    assert nameplates.take(0) == "100"
    nameplates.retire("100", 1_000)
    assert nameplates.take(1_000 + REST_MS - 1) == "101"
    assert nameplates.take(1_000 + REST_MS) == "100"


def test_what_rested_before_a_restart_goes_on_resting() -> None:
    """Storage brings it back."""
    nameplates = seeded(random_below=lambda _: 0, resting={"100": 500})
    assert nameplates.take(499) == "101"
    assert nameplates.take(500) == "100"


def test_no_more_codes_than_allowed() -> None:
    """Beyond the limit agents are told to wait; a code that ends makes room."""
    nameplates = seeded(max_open=2)
    first, _ = nameplates.take(0), nameplates.take(0)
    with pytest.raises(AllCodesTaken):
        nameplates.take(0)
    nameplates.retire(first, 0)
    assert nameplates.take(0) != first


def test_all_9900_can_be_taken_and_then_no_more() -> None:
    """Even where the limit would allow it, two agents never share a number."""
    nameplates = seeded(max_open=10_000)
    taken = {nameplates.take(0) for _ in range(701 + 9000)}
    assert len(taken) == 9701
    with pytest.raises(AllCodesTaken):
        nameplates.take(0)
