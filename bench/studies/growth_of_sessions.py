"""More sessions at one broker: customers who wait, and a few sessions beside them in which somebody types."""

import time
from collections.abc import Sequence

from bench.core.watch import sample
from bench.deployment.cheap_sessions import log_in
from bench.deployment.session_farm import SessionFarm
from bench.studies.at_broker import ENGINEERS, fresh_broker

TYPISTS = 4
TYPE_SECONDS = 10.0


def cost_of_sessions(sizes: Sequence[int]) -> list[dict[str, float]]:
    """A fresh broker for each size."""
    return [_cost(size) for size in sizes]


def _cost(size: int) -> dict[str, float]:
    with fresh_broker() as broker:
        token = log_in(broker.port, ENGINEERS[0])
        empty_mib = sample(broker.pid, 0.0).memory_mib
        began = time.monotonic()
        with SessionFarm(broker.port, token, min(TYPISTS, size), max(0, size - TYPISTS)) as farm:
            opened_seconds = time.monotonic() - began
            typed = farm.type_for(TYPE_SECONDS)
            memory_mib = sample(broker.pid, 0.0).memory_mib - empty_mib
            broker.kill()
            broker.start()
            back_seconds = farm.seconds_to_attach() if size > TYPISTS else 0.0
    return {
        "memory_mib": round(memory_mib, 2),
        "opened_seconds": round(opened_seconds, 2),
        "back_seconds": round(back_seconds, 3),
        "echo_p50_ms": round(typed["p50_us"] / 1000, 3),
        "echo_p99_ms": round(typed["p99_us"] / 1000, 3),
    }
