"""Us and the peer in turn."""

import random

from bench.core.rounds import in_turn


def test_every_variant_runs_once_in_each_round() -> None:
    """The order within a round changes, the rounds never mix."""
    ran: list[str] = []

    def run(name: str) -> int:
        ran.append(name)
        return len(ran)

    values = in_turn(
        20, {"ours": lambda: run("ours"), "peer": lambda: run("peer")}, warm_up=False, order=random.Random(1)
    )
    rounds = [tuple(ran[at : at + 2]) for at in range(0, 40, 2)]
    assert all(set(one) == {"ours", "peer"} for one in rounds)
    assert len(set(rounds)) == 2
    assert [len(values["ours"]), len(values["peer"])] == [20, 20]


def test_values_stay_in_the_order_of_the_rounds() -> None:
    """So that value n of ours and value n of the peer's belong together, whoever came first."""
    clock = iter(range(100))
    values = in_turn(5, {"ours": lambda: next(clock), "peer": lambda: next(clock)}, warm_up=False)
    assert all(abs(one - other) == 1 for one, other in zip(values["ours"], values["peer"], strict=True))


def test_warm_up_is_not_counted() -> None:
    numbers = iter(range(10))
    told: list[int] = []
    assert in_turn(3, {"ours": lambda: next(numbers)}, on_round=told.append) == {"ours": [1, 2, 3]}
    assert told == [1, 2, 3]
