"""What is killed when. The same seed gives the same strikes, each with the instants that belong to it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Victim = Literal["broker", "agent", "ssh", "proxy", "wire"]

_WEIGHTS: dict[Victim, int] = {"broker": 10, "agent": 8, "ssh": 37, "proxy": 37, "wire": 8}
"""Clients cost a tenth of a second to start again, an agent three seconds of consent, a broker stops everybody."""

MEAN_PAUSE_SECONDS = 0.9
"""Between two strikes. With what a strike itself takes: a thousand kills in half an hour, and some to spare."""

LONGEST_OUTAGE_SECONDS = 1.5
"""How long a broker or a wire stays away. Shorter than a start, so that some brokers die while they start."""


@dataclass(frozen=True)
class Strike:
    """`pick` (0 to 1) chooses among what is there."""

    number: int
    after_seconds: float
    victim: Victim
    pick: float
    outage_seconds: float


def strikes(seed: int) -> Iterator[Strike]:
    """Without end."""
    dice = random.Random(f"strikes {seed}")
    number = 0
    while True:
        number += 1
        yield Strike(
            number=number,
            after_seconds=min(dice.expovariate(1 / MEAN_PAUSE_SECONDS), 5 * MEAN_PAUSE_SECONDS),
            victim=dice.choices([*_WEIGHTS], [*_WEIGHTS.values()])[0],
            pick=dice.random(),
            outage_seconds=dice.uniform(0, LONGEST_OUTAGE_SECONDS),
        )


def load_dice(seed: int, *whose: object) -> random.Random:
    """Sizes and contents for one load: its own, so that threads do not take each other's numbers."""
    return random.Random(f"load {seed} {whose}")
