"""Hops: one key into stock ssh and its echo back, process by process, ours and the peer's in turn.

For each process what a key costs: time on the processor, wake-ups, system calls; and where the time of a key goes, from
one process to the next. The last needs `perf` and the right to use it, and is left out without.
"""

import argparse
import itertools
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.core.handings import Step, SystemCalls, calls_per_key, can_trace, steps
from bench.core.processes import on_cpu, tree_of
from bench.core.results import number
from bench.core.rounds import in_turn
from bench.core.workbench import Workbench
from bench.deployment.people import Machine
from bench.deployment.terminal import RemoteTerminal
from bench.families.echo import TYPED, WARM_UP_KEYS

Named = Mapping[str, list[int]]
Servers = Callable[[], Named]


@dataclass(frozen=True)
class Walk:
    """One round: microseconds, wake-ups and system calls of a key, by process; and its way."""

    echo_us: float
    cpu_us: dict[str, float]
    turns: dict[str, float]
    calls: dict[str, float]
    steps: list[Step]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench hops", description=__doc__)
    parser.add_argument("--keys", type=int, default=1000, help="in each round (1000)")
    parser.add_argument("--rounds", type=int, default=5, help="ours and the peer's in turn, so many times (5)")
    options = parser.parse_args(arguments)
    console = Console()
    traced = can_trace()
    if not traced:
        console.print("Without a perf that may trace system calls: what each process costs, not where the time goes.")
    with Workbench(options.rounds, 1) as bench:
        ours = bench.ours
        walks = in_turn(
            options.rounds,
            {
                "ours": lambda: walk(ours.machine, lambda: ours_of(bench), options.keys, bench.folder, traced=traced),
                "ssh -J": lambda: walk(
                    bench.behind_jump, lambda: peers_of(bench), options.keys, bench.folder, traced=traced
                ),
            },
        )
    for who, rounds in walks.items():
        for table in tables(who, rounds):
            console.print(table)
    return 0


def ours_of(bench: Workbench) -> Named:
    broker, agent = bench.ours.pids
    return {"relay": [broker], "agent": [agent]}


def peers_of(bench: Workbench) -> Named:
    """Each server has one process that listens, and below it those of the one connection."""
    return {
        f"sshd, {name}": [pid for pid in tree_of(bench.openssh.pid(name))[1:] if _name(pid).startswith("sshd")]
        for name in ("jump", "target")
    }


def walk(machine: Machine, servers: Servers, keys: int, folder: Path, *, traced: bool) -> Walk:
    typed = itertools.cycle(TYPED)
    with RemoteTerminal(machine.ssh(options=("-tt",)), machine.environment) as terminal:
        terminal.start_listener()
        for _ in range(WARM_UP_KEYS):
            terminal.echo_seconds(bytes((next(typed),)))
        ssh, *proxies = tree_of(terminal.pid)
        named = {"ssh": [ssh], "its ProxyCommand": proxies, **servers()}
        before = {name: on_cpu(*pids) for name, pids in named.items()}
        echoes = [terminal.echo_seconds(bytes((next(typed),))) for _ in range(keys)]
        after = {name: on_cpu(*pids) for name, pids in named.items()}
        calls, way = (
            _traced(terminal, [bytes((next(typed),)) for _ in range(keys)], named, folder) if traced else ({}, [])
        )
        terminal.end()
    return Walk(
        echo_us=median(echoes) * 1e6,
        cpu_us={name: (after[name][0] - before[name][0]) / keys for name in named},
        turns={name: (after[name][1] - before[name][1]) / keys for name in named},
        calls=calls,
        steps=way,
    )


def _traced(
    terminal: RemoteTerminal, typed: list[bytes], named: Named, folder: Path
) -> tuple[dict[str, float], list[Step]]:
    names = {pid: name for name, pids in named.items() for pid in pids}
    names[os.getpid()] = "key"
    spans = []
    with SystemCalls([*names], folder) as traced:
        for key in typed:
            began = time.monotonic()
            terminal.echo_seconds(key)
            spans.append((began, time.monotonic()))
    return calls_per_key(traced.calls, names, len(typed)), steps(traced.calls, names, spans)


def tables(who: str, rounds: list[Walk]) -> list[Table]:
    """What each process costs; and the way, with what each step of it takes."""
    costs = Table("process", "CPU us", "wake-ups", "system calls", title=f"{who}: what a key costs")
    for name in rounds[0].cpu_us:
        calls = [one.calls[name] for one in rounds if name in one.calls]
        costs.add_row(
            name,
            number(median(one.cpu_us[name] for one in rounds)),
            number(median(one.turns[name] for one in rounds)),
            number(median(calls)) if calls else "-",
        )
    costs.add_row("all", number(median(sum(one.cpu_us.values()) for one in rounds)), "", "")
    costs.caption = f"median echo {median(one.echo_us for one in rounds):.0f} us, {len(rounds)} rounds"
    return [costs, *_way(who, rounds)]


def _way(who: str, rounds: list[Walk]) -> list[Table]:
    """Of the rounds whose way is that of most."""
    ways = [tuple(step.name for step in one.steps) for one in rounds if one.steps]
    if not ways:
        return []
    usual = max(set(ways), key=ways.count)
    walks = [one.steps for one in rounds if tuple(step.name for step in one.steps) == usual]
    table = Table("step", "until it woke, us", "until it handed on, us", title=f"{who}: where the time of a key goes")
    for n, name in enumerate(usual):
        woken, worked = median(walk[n].woken_us for walk in walks), median(walk[n].worked_us for walk in walks)
        table.add_row(name, number(woken), number(worked))
    return [table]


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()
