"""One seed, one run: the machines, what connects them, what goes wrong, who watches."""

import asyncio
import contextlib
import gc
import hashlib
import inspect
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import structlog

from agent_client.recorder.spool import SPOOL_SUFFIX
from broker.sessions.session import Session
from simulation.broker import Broker
from simulation.disk import Disk
from simulation.faults import Faults
from simulation.loop import START_SECONDS, LoopStuckError, VirtualLoop
from simulation.network import Network
from simulation.nodes import Node, current_incarnation
from simulation.observer import Observer
from simulation.organisation import ORGANISATION
from simulation.storage import Database
from simulation.surroundings import simulated
from simulation.transports import ByteNetwork
from simulation.websockets import WebsocketNetwork

CALM_SECONDS = 2 * 3600.0
"""Virtual time after the last fault by which everything must have come to its end."""

CALM_STEPS = 400_000
"""And steps: a machine that is busy for ever is stuck too."""

SCRATCH = Path("/dev/shm") if Path("/dev/shm").is_dir() else None


class Scenario(Protocol):
    """What is done in the house, and when it is done."""

    machines: ClassVar[tuple[str, ...]]
    fault_seconds: ClassVar[tuple[float, float]]
    """Between which bounds the mean time from one fault to the next is drawn."""

    def __init__(self, house: "House") -> None: ...

    @staticmethod
    def replacements(connect: Callable[..., Any]) -> Iterable[tuple[str, str, Any]]:
        """What this scenario replaces besides the common surroundings."""

    def is_over(self) -> bool:
        """Everything has come to its end. Asked after every step once the faults have stopped."""

    def check(self) -> None:
        """What must hold at the end: tells the observer where it does not."""


@dataclass(frozen=True)
class Outcome:
    """How a run went. `violation` None: every promise was kept."""

    seed: int
    scenario: str
    steps: int
    faults: int
    virtual_seconds: float
    fingerprint: str
    violation: str | None


class House:
    def __init__(self, seed: int, scenario: type[Scenario], folder: Path, show: Callable[[str], None] | None) -> None:
        dice = random.Random(seed)
        # What the product does not use of a loop is not there.
        self.loop = loop = VirtualLoop(dice, show=show)  # type: ignore[abstract]
        self.network = Network(loop)
        machines = scenario.machines
        self.nodes = {name: Node(name, loop) for name in machines}
        self.disks = {name: Disk(loop, folder / name) for name in machines if name in ("agent", "broker")}
        self.profile = ORGANISATION.profile(dice.choice(("bounded", "strict")), dice.choice((60, 600)))
        self.organisation = ORGANISATION.organisation(self.profile)
        self.database = Database(loop, self.disks["broker"], ORGANISATION.users())
        self.observer = Observer(loop, self.disks["broker"], ORGANISATION.audit_key)
        self.websockets = WebsocketNetwork(self.network, self.observer.said)
        self.faults = Faults(loop, self.network, list(self.nodes.values()), self.disks, scenario.fault_seconds)
        self.broker = Broker(
            self.nodes["broker"],
            self.disks["broker"],
            self.database,
            self.organisation,
            self.network,
            self.websockets,
        )
        loop.connector = ByteNetwork(self.network).create_connection
        loop.on_problem = self.observer.problem
        for node in self.nodes.values():
            node.when_crashed = self._when_crashed(node)

    def disk_here(self) -> Disk:
        """Of the machine whose step is being run."""
        return self.disks[current_incarnation().node.name]

    def session_exists(self, session_id: bytes, token: bytes, agent_key: bytes) -> None:
        """Puts a session into the broker's database, and its memory, as if an agent had opened it."""
        session = Session(
            session_id, agent_key, hashlib.sha256(token).digest(), "en", self.nodes["broker"].unix_ns() // 10**6
        )
        self.database.sessions[session_id] = session

    def spools(self, node: str) -> list[Path]:
        return list((self.disks[node].root / "spool").glob("*" + SPOOL_SUFFIX))

    def _when_crashed(self, node: Node) -> Callable[[bool], None]:
        def crashed(power_cut: bool) -> None:
            if node.name == "broker":
                self.broker.services = None
            if node.name in self.disks:
                self.disks[node.name].crashed(power_cut=power_cut)
            if node.name == "broker":
                self.observer.broker_crashed()
            self.faults.node_crashed(node)

        return crashed


def run_seed(
    seed: int, steps: int, scenario_class: type[Scenario], *, show: Callable[[str], None] | None = None
) -> Outcome:
    """Runs one seed to its end: `steps` steps with faults, then until everything is over, or should be."""
    with _no_collector():
        house = _run_house(seed, steps, scenario_class, show)
        loop = house.loop
        return Outcome(
            seed,
            scenario_class.__name__,
            loop.steps,
            house.faults.count,
            loop.now - START_SECONDS,
            loop.fingerprint,
            house.observer.violation,
        )


def _run_house(seed: int, steps: int, scenario_class: type[Scenario], show: Callable[[str], None] | None) -> "House":
    folder = Path(tempfile.mkdtemp(prefix="consentry-simulation-", dir=SCRATCH))
    try:
        with _quiet():
            house = House(seed, scenario_class, folder, show)
            more = scenario_class.replacements(house.websockets.connect)
            with simulated(house.loop, disk_of_node=house.disk_here, connect=house.websockets.connect, more=more):
                scenario = scenario_class(house)
                _run(house, scenario, steps)
                _bury(house.loop)
    finally:
        shutil.rmtree(folder)
    return house


def _run(house: House, scenario: Scenario, steps: int) -> None:
    loop, observer = house.loop, house.observer
    for node in house.nodes.values():
        node.start()
    house.faults.start()
    try:
        loop.run(lambda: observer.violation is not None or loop.steps >= steps or scenario.is_over())
        if observer.violation is None:
            house.faults.stop()
            seconds, most = loop.now + CALM_SECONDS, loop.steps + CALM_STEPS
            loop.run(
                lambda: observer.violation is not None or scenario.is_over() or loop.now > seconds or loop.steps > most
            )
            if not scenario.is_over():
                observer.fail(f"not over {loop.now - seconds + CALM_SECONDS:.0f} s after the last fault")
    except LoopStuckError:
        observer.fail("everybody waits for somebody")
    if observer.violation is None:
        scenario.check()
        observer.broker_crashed()


@contextlib.contextmanager
def _no_collector() -> Iterator[None]:
    """A collector that finalises what an earlier crash had stopped would run its `finally` blocks in the middle of
    something else. So nothing is collected while a seed runs, and everything of it before the next one."""
    hook = sys.unraisablehook
    sys.unraisablehook = lambda _: None  # a coroutine that was stopped for ever does not like to be let go
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        sys.unraisablehook = hook
        gc.unfreeze()
        gc.enable()


def _bury(loop: VirtualLoop) -> None:
    """Lets go of what was running, without letting it run: also what a crash had stopped for ever."""
    for task in loop.graveyard:
        coroutine = task.get_coro()
        if asyncio.iscoroutine(coroutine) and inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
            coroutine.close()
        task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.graveyard.clear()
    loop.forget_all()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What the product logs is of no interest here: the trace tells."""
    before = structlog.get_config()
    structlog.configure(
        logger_factory=structlog.ReturnLoggerFactory(), processors=[structlog.stdlib.render_to_log_kwargs]
    )
    try:
        yield
    finally:
        structlog.configure(**before)
