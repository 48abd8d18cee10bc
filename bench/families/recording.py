"""What recording costs: our own path with the recorder, against the same path with a recorder that drops everything.

Twice: as a terminal flood, and as `ssh ALIAS cat` of a log file.
"""

from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import Workbench
from bench.deployment.people import UNRECORDED_AGENT, Machine
from bench.families.flood import flood_rate, make_flood

CAT_MIB = 128
GOAL = Goal(">=", 0.93)


def measure(bench: Workbench) -> list[Result]:
    recorded = bench.ours.machine
    dropping = bench.ours.new_customer(program=UNRECORDED_AGENT)
    unrecorded = bench.ours.reached_as(bench.ours.engineer.pair(dropping.code))
    lines = make_flood(bench.folder)
    floods = in_turn(
        bench.rounds,
        {"ours": lambda: flood_rate(recorded, lines), "peer": lambda: flood_rate(unrecorded, lines)},
        on_round=bench.round_done,
    )
    cats = in_turn(
        bench.rounds,
        {"ours": lambda: _cat_rate(bench, recorded), "peer": lambda: _cat_rate(bench, unrecorded)},
        on_round=bench.round_done,
    )
    bench.ours.dismiss(dropping)
    peer = "ours, recorder off"
    return [
        Result.compared("cost of recording, flood", "MiB/s", floods["ours"], peer, floods["peer"], GOAL),
        Result.compared("cost of recording, ssh cat", "MiB/s", cats["ours"], peer, cats["peer"], GOAL),
    ]


def _cat_rate(bench: Workbench, machine: Machine) -> float:
    size_mib = min(CAT_MIB, bench.size_mib)
    return size_mib / machine.run(machine.ssh("head", "-c", f"{size_mib}M", str(bench.log_file)))
