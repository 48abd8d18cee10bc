"""The relay alone, against haproxy in TCP mode with TLS on both sides: CPU time per GiB, round trip of 64 bytes.

Both ends are the same blocking TLS sockets for both, and the same websocket frames travel. Only the relay's own CPU
time counts. One thread plays both ends of the ping-pong, so that the round trip is that of two passes of the relay.
"""

import threading
import time

from bench.core.processes import cpu_seconds
from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.statistics import percentile
from bench.core.workbench import MIB, Workbench
from bench.deployment.haproxy import haproxy
from bench.deployment.leg_ends import (
    PING_BYTES,
    READ_BYTES,
    Connect,
    connect_through_haproxy,
    connect_through_relay,
    masked_frame,
    receive,
)
from bench.deployment.relay_process import relay_process

FRAME_BYTES = 64 * 1024
BULK_MIB = 512
PINGS = 2000
WARM_UP_PINGS = 100


def measure(bench: Workbench) -> list[Result]:
    certificate = bench.ours.broker.certificate
    with (
        relay_process(bench.folder / "relay", certificate, sessions=16) as relay,
        haproxy(bench.folder / "haproxy", certificate) as proxy,
    ):
        ours, peer = connect_through_relay(relay), connect_through_haproxy(proxy, certificate)
        bulk = in_turn(
            bench.rounds,
            {"ours": lambda: _bulk(ours, relay.pid), "peer": lambda: _bulk(peer, proxy.pid)},
            on_round=bench.round_done,
        )
        pings = in_turn(
            bench.rounds, {"ours": lambda: _ping(ours), "peer": lambda: _ping(peer)}, on_round=bench.round_done
        )
    (costs, rates), (peer_costs, peer_rates) = (list(zip(*bulk[name], strict=True)) for name in ("ours", "peer"))
    return [
        Result.compared("relay alone, CPU", "CPU s/GiB", costs, "haproxy", peer_costs, Goal("<=", 1.1)),
        Result.compared("relay alone, rate", "MiB/s", rates, "haproxy", peer_rates, None),
        Result.compared("relay alone, 64 B round trip", "us", pings["ours"], "haproxy", pings["peer"], Goal("<=", 1.3)),
    ]


def _bulk(connect: Connect, pid: int) -> tuple[float, float]:
    """CPU seconds per GiB, and MiB/s."""
    ends = connect()
    frame = masked_frame(FRAME_BYTES)
    frames = BULK_MIB * MIB // FRAME_BYTES

    def send() -> None:
        for _ in range(frames):
            ends.near.sendall(frame)

    cpu_before, began = cpu_seconds(pid), time.perf_counter()
    sender = threading.Thread(target=send)
    sender.start()
    receive(ends.far, frames * FRAME_BYTES, bytearray(READ_BYTES))
    seconds = time.perf_counter() - began
    used = cpu_seconds(pid) - cpu_before
    sender.join()
    ends.close()
    return used * 1024 / BULK_MIB, BULK_MIB / seconds


def _ping(connect: Connect) -> float:
    """Median round trip in microseconds."""
    ends = connect()
    frame = masked_frame(PING_BYTES)
    buffer = bytearray(READ_BYTES)
    times = []
    for _ in range(WARM_UP_PINGS + PINGS):
        began = time.perf_counter()
        ends.near.sendall(frame)
        receive(ends.far, ends.ping_bytes, buffer)
        ends.far.sendall(frame)
        receive(ends.near, ends.ping_bytes, buffer)
        times.append((time.perf_counter() - began) * 1e6)
    ends.close()
    return percentile(times[WARM_UP_PINGS:], 50)
