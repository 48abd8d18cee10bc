"""Terminal flood: lines of 80 columns put out in the shared room, to the engineer, recorded and sealed, against sshd.

The peer is a plain sshd without a jump host. What the kernel's terminal adds (a carriage return per line) is the same
for both. Timed from the command to the last byte.
"""

from pathlib import Path

from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import MIB, Workbench, log_lines
from bench.deployment.people import Machine
from bench.deployment.terminal import RemoteTerminal

FLOOD_MIB = 64


def measure(bench: Workbench) -> list[Result]:
    lines = make_flood(bench.folder)
    ours, peer = bench.ours.machine, bench.direct
    rates = in_turn(
        bench.rounds,
        {"ours": lambda: flood_rate(ours, lines), "peer": lambda: flood_rate(peer, lines)},
        on_round=bench.round_done,
    )
    goal = Goal(">=", 0.9)
    return [Result.compared("terminal flood, recorded", "MiB/s", rates["ours"], "sshd", rates["peer"], goal)]


def make_flood(folder: Path) -> Path:
    path = folder / "flood.txt"
    if not path.exists():
        path.write_bytes(log_lines(FLOOD_MIB * MIB))
    return path


def flood_rate(machine: Machine, lines: Path) -> float:
    """MiB/s as the engineer's terminal gets them."""
    text_bytes = lines.stat().st_size
    shown_bytes = text_bytes + text_bytes // 80
    with RemoteTerminal(machine.ssh(options=("-tt",)), machine.environment) as terminal:
        seconds = terminal.flood_seconds(f"cat {lines}", shown_bytes)
        terminal.end()
    return shown_bytes / MIB / seconds
