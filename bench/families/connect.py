"""Connect: `ssh MACHINE true` from its start to its end, the session already paired, against `ssh -J` to sshd."""

from statistics import median

from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import Workbench
from bench.deployment.people import Machine

CONNECTIONS_PER_ROUND = 5


def measure(bench: Workbench) -> list[Result]:
    def connect(machine: Machine) -> float:
        return median(machine.run(machine.ssh("true")) * 1000 for _ in range(CONNECTIONS_PER_ROUND))

    ours, peer = bench.ours.machine, bench.behind_jump
    times = in_turn(
        bench.rounds, {"ours": lambda: connect(ours), "peer": lambda: connect(peer)}, on_round=bench.round_done
    )
    return [Result.compared("connect: ssh ALIAS true", "ms", times["ours"], "ssh -J", times["peer"], Goal("<=", 0.3))]
