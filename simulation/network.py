"""Connections between machines: what is sent arrives in order, after a while, unless the connection breaks.

    delay        every direction of every connection has its own, and it wavers
    partition    nothing passes between two machines; what was sent arrives after it has healed, or never, if an end
                 gives up before
    cut          what is under way is lost from some point on; each end hears of it at another time
    half-open    an end whose machine lost its power says nothing: the other one believes for a while that it is there

So one machine may hold two connections for what is one to the other: an old one, still delivering, and its successor.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from simulation.loop import VirtualLoop
from simulation.nodes import Incarnation, Node

DELAY_SECONDS = (0.0002, 0.04)
BYTES_PER_SECOND = 20e6
NOTICE_SECONDS = 40.0
"""An end that is not told of a cut finds out by its pings within this time."""


class Direction:
    """One way of a connection. `deliver` is called on the receiving machine, with one item after the other."""

    def __init__(self, connection: "Connection", source: Incarnation, target: Incarnation) -> None:
        self.deliver: Callable[[Any], None] = lambda item: None  # noqa: ARG005
        self._connection = connection
        self._loop = connection.network.loop
        self._source, self._target = source, target
        self._under_way: deque[tuple[float, Any]] = deque()
        self._last_arrival = 0.0
        self._cut = False
        self._armed = False
        low, high = DELAY_SECONDS
        self._delay = low * (high / low) ** self._loop.dice.random()

    def send(self, item: Any, size_bytes: int) -> None:
        if self._cut:
            return
        delay = self._delay * (0.5 + self._loop.dice.random()) + size_bytes / BYTES_PER_SECOND
        self._last_arrival = max(self._last_arrival, self._loop.now + delay)
        self._under_way.append((self._last_arrival, item))
        self._arm()

    def cut(self) -> None:
        """Loses what is under way, from some item or some byte of it on; what is before that still arrives."""
        self._cut = True
        count = len(self._under_way)
        keep = self._loop.dice.randint(0, count)
        while len(self._under_way) > keep:
            arrival, item = self._under_way.pop()
        if self._connection.is_bytes and keep < count and isinstance(item, bytes):
            self._under_way.append((arrival, item[: self._loop.dice.randint(1, len(item))]))

    def go_on(self) -> None:
        """After a partition has healed."""
        if self._under_way and not self._armed:
            self._arm()

    def _arm(self) -> None:
        if not self._armed:
            self._armed = True
            when = max(self._under_way[0][0], self._loop.now)
            self._loop.call_at(when, self._arrive, context=self._target.context)

    def _arrive(self) -> None:
        self._armed = False
        if not self._under_way:
            return
        network = self._connection.network
        if network.is_parted(self._source.node.name, self._target.node.name):
            network.stalled.append(self)
            return
        _, item = self._under_way.popleft()
        if self._under_way:
            self._arm()
        self.deliver(item)


class Connection:
    """Two directions. `when_lost[i]` is called on machine `i` when it learns that the connection is gone."""

    def __init__(self, network: "Network", client: Incarnation, server: Incarnation, what: str) -> None:
        self.network = network
        self.what = what
        self.ends = (client, server)
        self.up = Direction(self, client, server)
        self.down = Direction(self, server, client)
        self.when_lost: list[Callable[[], None]] = [lambda: None, lambda: None]
        self.is_bytes = False
        self.notices = True
        """Whether an end finds out by itself that the other one is gone. Relay legs do not: streams look after that."""
        self._told = [False, False]
        network.connections.append(self)
        for index, incarnation in enumerate(self.ends):
            incarnation.when_dead.append(partial(self._end_died, index))

    @property
    def is_open(self) -> bool:
        return not any(self._told)

    def cut(self) -> None:
        """Something in between breaks it."""
        if not self.is_open:
            return
        self.network.loop.note(f"cut {self.what}")
        self.up.cut()
        self.down.cut()
        for index in (0, 1):
            self._tell_later(index, quick=0.7)
        self.network.forget(self)

    def closed_by(self, index: int) -> None:
        """One end let go of it: what it had sent arrives, and then the other end hears."""
        self._told[index] = True
        direction = (self.up, self.down)[index]
        direction.send(_END, 0)
        self.network.forget(self)

    def _end_died(self, index: int, power_cut: bool) -> None:
        self._told[index] = True
        other = 1 - index
        (self.up, self.down)[index].cut()
        if not self._told[other]:
            self._tell_later(other, quick=0.2 if power_cut else 1.0)
        self.network.forget(self)

    def _tell_later(self, index: int, *, quick: float) -> None:
        dice = self.network.loop.dice
        if dice.random() < quick:
            seconds = dice.uniform(0, 0.5)
        elif self.notices:
            seconds = dice.uniform(0.5, NOTICE_SECONDS)
        else:
            return
        self.network.loop.call_later(seconds, self.tell, index, context=self.ends[index].context)

    def tell(self, index: int) -> None:
        if not self._told[index]:
            self._told[index] = True
            self.when_lost[index]()


_END = object()


def is_end(item: Any) -> bool:
    """The last item of a direction whose sender has closed it."""
    return item is _END


class Network:
    """`connect` asks a node's doors: callables by kind of connection, set by the node's program when it listens."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.connections: list[Connection] = []
        """Those that both ends believe in."""
        self.stalled: list[Direction] = []
        """Waiting for a partition to heal; also of connections that one end has closed."""
        self.doors: dict[tuple[str, str], tuple[Incarnation, Callable[..., Any]]] = {}
        self._partitions: dict[frozenset[str], float] = {}

    def listen(self, kind: str, incarnation: Incarnation, door: Callable[..., Any]) -> None:
        self.doors[incarnation.node.name, kind] = (incarnation, door)

    def door(self, node: str, kind: str) -> tuple[Incarnation, Callable[..., Any]] | None:
        """None if nobody listens there."""
        found = self.doors.get((node, kind))
        return found if found is not None and found[0].alive else None

    def forget(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)

    # ── partitions ──────────────────────────────────────────────────────────────────────────────────────────────

    def is_parted(self, one: str, other: str) -> bool:
        return frozenset((one, other)) in self._partitions

    def part(self, one: Node, other: Node) -> None:
        """Nothing passes between the two until `heal`. Ends that ping give their connections up after a while."""
        self.loop.note(f"partition of {one.name} and {other.name}")
        pair = frozenset((one.name, other.name))
        self._partitions[pair] = since = self.loop.now
        for connection in list(self.connections):
            if connection.notices and {end.node.name for end in connection.ends} == pair:
                for index in (0, 1):
                    seconds = self.loop.dice.uniform(10.0, NOTICE_SECONDS)
                    args = (connection, index, pair, since)
                    self.loop.call_later(seconds, self._give_up, *args, context=connection.ends[index].context)

    def _give_up(self, connection: Connection, index: int, pair: frozenset[str], since: float) -> None:
        """Closes without a word, as a keep-alive that got no answer does. What it had sent may still arrive."""
        if self._partitions.get(pair) == since and connection.is_open:
            connection.tell(index)
            other = 1 - index
            connection._tell_later(other, quick=0.0)

    def heal(self, one: Node, other: Node) -> None:
        if self._partitions.pop(frozenset((one.name, other.name)), None) is not None:
            self.loop.note(f"{one.name} and {other.name} reach each other again")
            self._go_on()

    def heal_all(self) -> None:
        self._partitions.clear()
        self._go_on()

    def _go_on(self) -> None:
        stalled, self.stalled = self.stalled, []
        for direction in stalled:
            direction.go_on()
