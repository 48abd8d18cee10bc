"""Reconnect storm: the broker is killed and started again, and 2,000 agents come back at the same moment.

Worse than life: real agents wait for a random while first. The broker has one core, the agents the other. Timed from
the first attempt to the last agent that is told that its session goes on; TLS, upgrade and token are part of it.
"""

import os
import subprocess
import sys
from pathlib import Path

from bench.core.results import Goal, Result
from bench.core.workbench import Workbench
from bench.deployment.people import UNLIMITED
from tests.helpers.deployment import Broker

AGENTS = 2000
BEYOND_TRUST_PER_SECOND = 300.0
"""BeyondTrust's own documentation of its appliance."""


def measure(bench: Workbench) -> list[Result]:
    broker = Broker(bench.folder / "storm")
    broker.environment = UNLIMITED
    broker.start()
    cores = sorted(os.sched_getaffinity(0))
    words = [sys.executable, "-m", "bench.deployment.agent_farm", str(broker.port), str(AGENTS)]
    farm = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert farm.stdin is not None
    assert farm.stdout is not None
    rates = []
    try:
        _pin(farm.pid, {cores[-1]})
        _expect(farm, "open")
        for number in range(bench.rounds):
            broker.kill()
            broker.start()
            _pin(broker.pid, {cores[0]})
            print("again", file=farm.stdin, flush=True)
            rates.append(AGENTS / float(_expect(farm, "back")))
            bench.round_done(number + 1)
    finally:
        farm.kill()
        farm.wait()
        broker.kill()
    goal = Goal(">=", 1000.0)
    peer = "BeyondTrust (published)"
    return [Result.published("reconnect storm, agents back", "per s", rates, peer, BEYOND_TRUST_PER_SECOND, goal)]


def _pin(pid: int, cores: set[int]) -> None:
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), cores)


def _expect(farm: "subprocess.Popen[str]", word: str) -> str:
    assert farm.stdout is not None
    line = farm.stdout.readline().split()
    if line[:1] != [word]:
        raise EOFError(f"the agents said {line}, not {word}")
    return line[-1]
