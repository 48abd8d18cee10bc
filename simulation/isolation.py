"""Each seed in a process of its own, forked from this one: it begins as every other one, and leaves nothing behind.

What a simulated crash has stopped is in the middle of something for ever. Letting go of it would run its `finally`
blocks; the process ends without doing so.
"""

import gc
import os
import pickle
import selectors
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from simulation.house import Outcome, run_seed
from simulation.scenarios import SCENARIOS

READ_BYTES = 65536


@dataclass(frozen=True)
class Errand:
    """What one process is to do. `scenario` is a name in SCENARIOS."""

    scenario: str
    seed: int
    steps: int
    trace: bool = False


@dataclass
class _Child:
    errand: Errand
    process: int
    said: bytearray = field(default_factory=bytearray)


def run_isolated(errand: Errand) -> Outcome:
    """Runs one and waits for it."""
    return next(iter(run_all([errand], jobs=1)))[1]


def run_all(errands: Iterable[Errand], *, jobs: int) -> Iterator[tuple[Errand, Outcome]]:
    """As they are done, so many at a time. Errands are asked for only when there is room for one more."""
    waiting = iter(errands)
    with selectors.DefaultSelector() as selector:
        while True:
            while len(selector.get_map()) < jobs and (errand := next(waiting, None)) is not None:
                reader, process = _fork(errand)
                selector.register(reader, selectors.EVENT_READ, _Child(errand, process))
            if not selector.get_map():
                return
            for key, _ in selector.select():
                child: _Child = key.data
                said = os.read(key.fd, READ_BYTES)
                child.said += said
                if not said:
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    os.waitpid(child.process, 0)
                    yield child.errand, _outcome(child)


def _fork(errand: Errand) -> tuple[int, int]:
    reader, writer = os.pipe()
    sys.stdout.flush()
    process = os.fork()
    if process:
        os.close(writer)
        return reader, process
    status = 1
    try:
        os.close(reader)
        gc.disable()  # see above
        show: Callable[[str], None] | None = print if errand.trace else None
        outcome = run_seed(errand.seed, errand.steps, SCENARIOS[errand.scenario], show=show)
        sys.stdout.flush()
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump(outcome, pipe)
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


def _outcome(child: _Child) -> Outcome:
    if not child.said:
        errand = child.errand
        return Outcome(errand.seed, errand.scenario, 0, 0, 0.0, "", "the simulation itself failed")
    outcome: Outcome = pickle.loads(child.said)
    return outcome
