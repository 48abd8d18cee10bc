"""What the product finds where it looks for clocks, random numbers, threads, sockets and its disk.

Everything that is replaced stands in one table, `_replacements`, and only while a simulation runs. Nothing in the
product knows of it. A name that is not there any more is an error, so that the table cannot rot.
"""

import contextlib
import importlib
import random
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from simulation.disk import Disk, DiskModule
from simulation.loop import VirtualLoop
from simulation.nodes import EPOCH_UNIX_NS, INCARNATION
from simulation.threads import Executor, SimpleQueue, Thread
from simulation.transports import PlainPipe

if TYPE_CHECKING:
    from collections.abc import Iterable


def _clocks(loop: VirtualLoop) -> "Iterable[tuple[str, str, Any]]":
    def unix_ns() -> int:
        incarnation = INCARNATION.get()
        return EPOCH_UNIX_NS + loop.now_ns if incarnation is None else incarnation.node.unix_ns()

    def steady_ns(clock: int = 0) -> int:
        """The wall clock as it stood when this incarnation began, and steady since."""
        del clock
        incarnation = INCARNATION.get()
        if incarnation is None:
            return EPOCH_UNIX_NS + loop.now_ns
        return incarnation.unix_at_start_ns + loop.now_ns - incarnation.steady_at_start_ns

    yield "time", "time_ns", unix_ns
    yield "time", "time", lambda: unix_ns() / 1e9
    yield "time", "monotonic_ns", lambda: loop.now_ns
    yield "time", "monotonic", lambda: loop.now
    # agent_client.host counts from the start of its process: here, of the incarnation.
    yield "time", "clock_gettime_ns", steady_ns
    yield "agent_client.host", "_STARTED_UNIX_NS", 0
    yield "agent_client.host", "_STARTED_STEADY_NS", 0


def _chance(dice: random.Random) -> "Iterable[tuple[str, str, Any]]":
    """Keys stay the library's own: their bytes differ from run to run, and nothing depends on them."""
    yield "os", "urandom", dice.randbytes
    yield "random", "_urandom", dice.randbytes  # what `secrets` draws from


def _threads() -> "Iterable[tuple[str, str, Any]]":
    yield "audit.ingest.store", "threading", SimpleNamespace(Thread=Thread)
    yield "audit.ingest.store", "queue", SimpleNamespace(SimpleQueue=SimpleQueue)
    yield "audit.log.log", "threading", SimpleNamespace(Thread=Thread)
    yield "audit.log.log", "queue", SimpleNamespace(SimpleQueue=SimpleQueue)
    yield "audit.ingest.keeper", "ThreadPoolExecutor", Executor
    yield "agent_client.recorder.recorder", "ThreadPoolExecutor", Executor


def _spool(disk_of_node: Callable[[], Disk]) -> "Iterable[tuple[str, str, Any]]":
    calls = DiskModule(disk_of_node)
    yield "agent_client.recorder.spool", "os", calls
    for name in ("write", "fdatasync", "replace"):
        yield "agent_client.recorder.spool:DiskCalls", name, staticmethod(getattr(calls, name))


def _connections(connect: Any) -> "Iterable[tuple[str, str, Any]]":
    for module in ("agent_client.broker_link", "agent_client.recorder.upload", "engineer_client.connect"):
        yield module, "connect_websocket", connect
    yield "tunnel.leg", "TlsPipe", PlainPipe
    yield "tunnel.agent_legs", "ssl_context", lambda profile: None  # noqa: ARG005 (TLS is not simulated)
    yield "tunnel.engineer_stream", "broker_tls", lambda pem: None  # noqa: ARG005


@contextlib.contextmanager
def simulated(
    loop: VirtualLoop, *, disk_of_node: Callable[[], Disk], connect: Any, more: "Iterable[tuple[str, str, Any]]" = ()
) -> Iterator[None]:
    """The product lives in the simulation inside of this context."""
    table = [*_clocks(loop), *_chance(loop.dice), *_threads(), *_spool(disk_of_node), *_connections(connect), *more]
    with contextlib.ExitStack() as stack:
        for place, name, replacement in table:
            owner = _owner(place)
            before = vars(owner)[name]
            setattr(owner, name, replacement)
            stack.callback(setattr, owner, name, before)
        yield


def _owner(place: str) -> Any:
    module, _, attribute = place.partition(":")
    owner = importlib.import_module(module)
    return getattr(owner, attribute) if attribute else owner
