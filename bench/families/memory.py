"""Memory: a paired stream at the relay after 1 MiB went through it, against haproxy; a live recorded session.

Proportional set size (PSS), so that pages which processes share count once. The process is measured before and after,
and what it gained is divided by the number of connections. What a session holds on the broker is everything: control
connection, spare leg, one stream, upload of records, the record store and the database's share.
"""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

from bench.core.processes import pss_kib
from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import MIB, Workbench
from bench.deployment.haproxy import haproxy
from bench.deployment.leg_ends import (
    READ_BYTES,
    Connect,
    connect_through_haproxy,
    connect_through_relay,
    masked_frame,
    receive,
)
from bench.deployment.people import Deployment
from bench.deployment.relay_process import relay_process
from bench.deployment.terminal import RemoteTerminal

PAIRS = 100
FRAME_BYTES = 64 * 1024
SESSIONS = 12
SETTLE_SECONDS = 1.0
THE_BASTION_KIB = 10 * 1024
"""ovh/the-bastion's own documentation: about 10 MB for each connected user."""


def measure(bench: Workbench) -> list[Result]:
    return [_paired_stream(bench), _live_session(bench)]


def _paired_stream(bench: Workbench) -> Result:
    """A fresh process for each value: what one has learned to hold, it keeps."""
    certificate = bench.ours.broker.certificate

    def at_relay() -> float:
        with relay_process(bench.folder / "memory", certificate, sessions=PAIRS + 1) as relay:
            return _kib_per_pair(connect_through_relay(relay), relay.pid)

    def at_haproxy() -> float:
        with haproxy(bench.folder / "memory", certificate) as proxy:
            return _kib_per_pair(connect_through_haproxy(proxy, certificate), proxy.pid)

    values = in_turn(bench.rounds, {"ours": at_relay, "peer": at_haproxy}, warm_up=False, on_round=bench.round_done)
    return Result.compared("memory, paired stream", "KiB", values["ours"], "haproxy", values["peer"], Goal("<=", 1.0))


def _kib_per_pair(connect: Connect, pid: int) -> float:
    frame, buffer = masked_frame(FRAME_BYTES), bytearray(READ_BYTES)
    open_ends = []
    before = 0.0
    for number in range(PAIRS + 1):
        ends = connect()
        open_ends.append(ends)
        for _ in range(MIB // FRAME_BYTES):
            ends.near.sendall(frame)
            receive(ends.far, FRAME_BYTES, buffer)
        if number == 0:  # the first one also pays for what all of them share
            time.sleep(SETTLE_SECONDS)
            before = pss_kib(pid)
    time.sleep(SETTLE_SECONDS)
    after = pss_kib(pid)
    for ends in open_ends:
        ends.close()
    return (after - before) / PAIRS


def _live_session(bench: Workbench) -> Result:
    """At a fresh broker: one that has worked before holds memory that new sessions would get for nothing."""
    with Deployment(bench.folder / "fresh") as ours:
        time.sleep(SETTLE_SECONDS)
        before = pss_kib(ours.broker.pid)
        customers = [ours.new_customer() for _ in range(SESSIONS)]
        with ThreadPoolExecutor(4) as pool:
            aliases = list(pool.map(lambda customer: ours.engineer.pair(customer.code), customers))
        with contextlib.ExitStack() as stack:
            for alias in aliases:
                words = ours.reached_as(alias).ssh(options=("-tt",))
                terminal = stack.enter_context(RemoteTerminal(words, ours.engineer.environment))
                terminal.flood_seconds("head -c 1000000 /dev/zero | tr '\\0' x", 1_000_000)
            time.sleep(2 * SETTLE_SECONDS)
            used = (pss_kib(ours.broker.pid) - before) / SESSIONS
    peer, goal = "the-bastion (published)", Goal("<=", 512.0)
    return Result.published("memory, live recorded session", "KiB", [used], peer, THE_BASTION_KIB, goal)
