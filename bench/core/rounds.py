"""Us and the peer in turn."""

import random
from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")


def in_turn(
    rounds: int,
    variants: Mapping[str, Callable[[], T]],
    *,
    warm_up: bool = True,
    on_round: Callable[[int], None] = lambda _done: None,
    order: random.Random | None = None,
) -> dict[str, list[T]]:
    """Each variant's values, one per round, in the order of the rounds.

    Within a round the order is drawn, so that no variant always runs on what another one has left in caches. The round
    that warms up files, pages and lazy imports is not counted.
    """
    shuffle = (order or random.Random()).shuffle
    names = list(variants)
    values: dict[str, list[T]] = {name: [] for name in names}
    for number in range(-1 if warm_up else 0, rounds):
        shuffle(names)
        for name in names:
            value = variants[name]()
            if number >= 0:
                values[name].append(value)
        if number >= 0:
            on_round(number + 1)
    return values
