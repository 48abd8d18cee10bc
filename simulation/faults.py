"""What goes wrong, and when: drawn from the seed, at any time and in any order, until the faults are told to stop."""

from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from simulation.disk import Disk
from simulation.loop import VirtualLoop
from simulation.network import Network
from simulation.nodes import Node

DAY_NS = 24 * 3600 * 10**9


class Faults:
    """`disks` belong to the nodes of the same name. Each seed has a temper of its own: some are rough, some quiet.

    The mean time between two faults lies somewhere between the two `mean_seconds`.
    """

    def __init__(
        self,
        loop: VirtualLoop,
        network: Network,
        nodes: list[Node],
        disks: dict[str, Disk],
        mean_seconds: tuple[float, float],
    ) -> None:
        self._loop = loop
        self._dice = loop.dice
        self._network = network
        self._nodes = nodes
        self._disks = disks
        self._nowhere = copy_context()
        """Of no machine: a crash must not take along what follows from it."""
        self.stopped = False
        self._mean_seconds = self._between(*mean_seconds)
        self.count = 0
        kinds: list[Callable[[], None]] = [
            self._cut,
            self._partition,
            self._crash,
            self._crash_after_steps,
            self._crash_in_disk_call,
            self._slow_disk,
            self._disk_error,
            self._clock_jump,
        ]
        self._kinds = self._dice.sample(kinds, self._dice.randint(1, len(kinds)))

    def start(self) -> None:
        self._arm()

    def stop(self) -> None:
        """From here on everything works, and every machine is up."""
        self.stopped = True
        self._loop.note("the faults stop")
        self._network.heal_all()
        for disk in self._disks.values():
            disk.slowness = 1.0
            disk.fail_next_sync = False
            disk.crash_after_calls = None
        for node in self._nodes:
            if node.incarnation is not None:
                node.incarnation.steps_to_live = None
            node.start()

    def node_crashed(self, node: Node) -> None:
        """Every crash is followed by a start, sooner or later."""
        self._later(0.05 if self.stopped else self._between(0.05, 90.0), node.start)

    def _arm(self) -> None:
        self._later(self._dice.expovariate(1 / self._mean_seconds), self._strike)

    def _strike(self) -> None:
        if not self.stopped:
            self.count += 1
            self._dice.choice(self._kinds)()
            self._arm()

    def _later(self, seconds: float, action: Callable[..., object], *args: Any) -> None:
        self._loop.call_later(seconds, action, *args, context=self._nowhere)

    def _between(self, low: float, high: float) -> float:
        """Every order of magnitude is as likely as every other one."""
        return float(low * (high / low) ** self._dice.random())

    # ── the kinds ───────────────────────────────────────────────────────────────────────────────────────────────

    def _cut(self) -> None:
        if self._network.connections:
            self._dice.choice(self._network.connections).cut()

    def _partition(self) -> None:
        one = self._dice.choice([node for node in self._nodes if node.name != "broker"])
        broker = next(node for node in self._nodes if node.name == "broker")
        self._network.part(one, broker)
        self._later(self._between(0.05, 120.0), self._network.heal, one, broker)

    def _crash(self) -> None:
        self._dice.choice(self._nodes).crash(power_cut=self._dice.random() < 0.5)

    def _crash_after_steps(self) -> None:
        node = self._dice.choice(self._nodes)
        if node.incarnation is not None:
            node.incarnation.steps_to_live = int(self._between(1, 2000))

    def _crash_in_disk_call(self) -> None:
        self._disks[self._dice.choice(list(self._disks))].crash_after_calls = int(self._between(1, 100))

    def _slow_disk(self) -> None:
        disk = self._disks[self._dice.choice(list(self._disks))]
        disk.slowness = self._between(2.0, 3000.0)
        self._later(self._between(0.1, 60.0), setattr, disk, "slowness", 1.0)

    def _disk_error(self) -> None:
        self._disks["broker"].fail_next_sync = True

    def _clock_jump(self) -> None:
        node = self._dice.choice(self._nodes)
        jump_ns = self._dice.choice((-DAY_NS, DAY_NS))
        node.clock_error_ns += jump_ns
        self._loop.note(f"the clock of {node.name} jumps by {jump_ns // DAY_NS:+d} day")
