"""What travels sealed comes back once, in time, and for its purpose."""

import msgspec
import pytest

from serving.identity.ceremonies import Ceremonies, CeremonyOver
from tests.broker.harness import FakeClock


class Tea(msgspec.Struct, frozen=True):
    leaf: str


class Coffee(msgspec.Struct, frozen=True):
    leaf: str


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ceremonies(clock: FakeClock) -> Ceremonies:
    return Ceremonies(clock, life_ms=1000, max_finished=2)


def test_facts_come_back_once(ceremonies: Ceremonies) -> None:
    """A second time they do not; and nobody who carries them can read them."""
    sealed = ceremonies.begin(Tea("oolong"))
    assert "oolong" not in sealed
    assert ceremonies.finish(sealed, Tea) == Tea("oolong")
    with pytest.raises(CeremonyOver):
        ceremonies.finish(sealed, Tea)


def test_facts_of_one_purpose_serve_no_other(ceremonies: Ceremonies) -> None:
    """A passkey's challenge for signing in registers none."""
    with pytest.raises(CeremonyOver):
        ceremonies.finish(ceremonies.begin(Tea("oolong")), Coffee)


def test_late_facts_are_refused(ceremonies: Ceremonies, clock: FakeClock) -> None:
    """At the end of their life, not a moment later."""
    on_time, late = ceremonies.begin(Tea("a")), ceremonies.begin(Tea("b"))
    clock.advance(999)
    ceremonies.finish(on_time, Tea)
    clock.advance(1)
    with pytest.raises(CeremonyOver):
        ceremonies.finish(late, Tea)


@pytest.mark.parametrize("sealed", ["", "A", "AAAA" * 20, "é" * 40, "x" * 5000, "!" * 60, "A" * 61])
def test_what_was_never_begun_is_refused(ceremonies: Ceremonies, sealed: str) -> None:
    """Whatever it is made of."""
    with pytest.raises(CeremonyOver):
        ceremonies.finish(sealed, Tea)


def test_a_changed_letter_is_found_out(ceremonies: Ceremonies) -> None:
    """The seal covers all of it; and another broker's seal is none."""
    sealed = ceremonies.begin(Tea("oolong"))
    changed = ("B" if sealed[0] == "A" else "A") + sealed[1:]
    for one in (changed, Ceremonies(FakeClock(), life_ms=1000).begin(Tea("oolong"))):
        with pytest.raises(CeremonyOver):
            ceremonies.finish(one, Tea)


def test_what_was_used_is_not_forgotten_to_make_room(ceremonies: Ceremonies, clock: FakeClock) -> None:
    """A flood of honest ones is refused instead: else what was used could be used again. Later there is room."""
    used = [ceremonies.begin(Tea("a")) for _ in range(3)]
    for sealed in used[:2]:
        ceremonies.finish(sealed, Tea)
    for sealed in used:
        with pytest.raises(CeremonyOver):
            ceremonies.finish(sealed, Tea)
    clock.advance(1000)
    assert ceremonies.finish(ceremonies.begin(Tea("b")), Tea) == Tea("b")
