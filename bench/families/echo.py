"""Keystroke echo: one key into stock ssh, until its echo comes back from the far terminal, recorded, against `ssh -J`.

The far terminal is the shared room. The kernel echoes; no shell or editor is in between. The next key follows the echo
of the last one: the shortest pause that a key can have, which is unfair to whoever wakes up slowly.
"""

import itertools
import string

from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.statistics import percentile
from bench.core.workbench import Workbench
from bench.deployment.people import Machine
from bench.deployment.terminal import RemoteTerminal

KEYS = 1000
WARM_UP_KEYS = 100
TYPED = (string.ascii_lowercase + string.digits + " -./").encode()


def measure(bench: Workbench) -> list[Result]:
    ours, peer = bench.ours.machine, bench.behind_jump
    times = in_turn(
        bench.rounds, {"ours": lambda: _echoes(ours), "peer": lambda: _echoes(peer)}, on_round=bench.round_done
    )
    return [
        Result.compared(
            f"keystroke echo, p{percent}",
            "us",
            [percentile(round_, percent) for round_ in times["ours"]],
            "ssh -J",
            [percentile(round_, percent) for round_ in times["peer"]],
            Goal("<=", 1.0),
        )
        for percent in (50, 99)
    ]


def _echoes(machine: Machine) -> list[float]:
    """Microseconds for each key."""
    keys = itertools.cycle(TYPED)
    with RemoteTerminal(machine.ssh(options=("-tt",)), machine.environment) as terminal:
        terminal.start_listener()
        times = [terminal.echo_seconds(bytes((next(keys),))) * 1e6 for _ in range(WARM_UP_KEYS + KEYS)]
        terminal.end()
    return times[WARM_UP_KEYS:]
