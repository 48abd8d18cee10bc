"""Bulk: `ssh MACHINE cat FILE`, whole path, recorded, against `ssh -J` to sshd; and the CPU time of it.

Twice: a log file, and random bytes, because everything that the engineer sees is recorded, and what does not compress
travels twice. CPU seconds are those of broker and agent against those of both sshd, with all their children. The
clients' time is not counted. The peer that has the goal uses our ciphers, AES-GCM; what OpenSSH takes by itself,
ChaCha20, stands beside it.
"""

from pathlib import Path

from bench.core.processes import cpu_seconds
from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import Workbench
from bench.deployment.people import Machine

SHIPPED = "ssh -J, own cipher"
RATE_GOAL = Goal(">=", 1.5)
CPU_GOAL = Goal("<=", 1.0)

Measured = tuple[float, float]
"""MiB/s, and CPU seconds per GiB."""


def measure(bench: Workbench) -> list[Result]:
    results = []
    for label, path in (("log file", bench.log_file), ("random bytes", bench.random_file)):
        results += _measure_file(bench, label, path)
    return results


def _measure_file(bench: Workbench, label: str, path: Path) -> list[Result]:
    sshd = bench.openssh.pid("target"), bench.openssh.pid("jump")
    values = in_turn(
        bench.rounds,
        {
            "ours": lambda: _cat(bench, bench.ours.machine, path, bench.ours.pids),
            "peer": lambda: _cat(bench, bench.behind_jump, path, sshd),
            "shipped": lambda: _cat(bench, bench.behind_jump_as_shipped, path, sshd),
        },
        warm_up=False,
        on_round=bench.round_done,
    )
    (our_rates, our_costs), (rates, costs), (shipped, _) = (list(zip(*values[name], strict=True)) for name in values)
    return [
        Result.compared(f"bulk, ssh cat, {label}", "MiB/s", our_rates, "ssh -J", rates, RATE_GOAL),
        Result.compared(f"bulk, ssh cat, {label}, against ChaCha20", "MiB/s", our_rates, SHIPPED, shipped, None),
        Result.compared(f"CPU of bulk, {label}", "CPU s/GiB", our_costs, "both sshd", costs, CPU_GOAL),
    ]


def _cat(bench: Workbench, machine: Machine, path: Path, pids: tuple[int, ...]) -> Measured:
    before = cpu_seconds(*pids)
    seconds = machine.run(machine.ssh("cat", str(path)))
    used = cpu_seconds(*pids) - before
    return bench.size_mib / seconds, used * 1024 / bench.size_mib
