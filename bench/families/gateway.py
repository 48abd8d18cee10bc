"""The SSH gateway: stock `ssh -J` and `sftp -J` through it, whole path, recorded, against OpenSSH's own jump host.

And against the same session reached by `consentry`'s ProxyCommand: what of it is the gateway's, and what the agent's.
"""

from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import MIB, Workbench
from bench.deployment.own_ssh import through_gateway
from bench.deployment.people import Machine

GOAL = Goal(">=", 0.85)
SIZE_LIMIT_MIB = 256
"""Eight transfers in each round: a gibibyte each would be a third of all that is measured."""


def measure(bench: Workbench) -> list[Result]:
    ours = bench.ours
    own = through_gateway(ours, bench.folder / "own-ssh")
    size_mib = min(bench.size_mib, SIZE_LIMIT_MIB)
    shared = ours.customer.home / "gateway.bin"
    with bench.random_file.open("rb") as file:
        shared.write_bytes(file.read(size_mib * MIB))
    arrived = bench.folder / "gateway-arrived"
    batch = bench.folder / "gateway-batch"
    batch.write_text(f"get {shared} {arrived}\n")

    def get(machine: Machine) -> float:
        return size_mib / machine.run(machine.sftp(batch))

    def cat(machine: Machine) -> float:
        return size_mib / machine.run(machine.ssh("cat", str(shared)))

    rates = in_turn(
        bench.rounds,
        {
            "get, gateway": lambda: get(own),
            "get, peer": lambda: get(bench.behind_jump),
            "get, shipped": lambda: get(bench.behind_jump_as_shipped),
            "get, proxy": lambda: get(ours.machine),
            "cat, gateway": lambda: cat(own),
            "cat, peer": lambda: cat(bench.behind_jump),
            "cat, shipped": lambda: cat(bench.behind_jump_as_shipped),
            "cat, proxy": lambda: cat(ours.machine),
        },
        warm_up=False,
        on_round=bench.round_done,
    )

    def against(what: str, name: str, peer: str, goal: Goal | None) -> Result:
        label = {"get": "sftp get", "cat": "ssh cat"}[what]
        ours_of, theirs = rates[f"{what}, gateway"], rates[f"{what}, {peer}"]
        return Result.compared(f"{label} through the gateway, against {name}", "MiB/s", ours_of, name, theirs, goal)

    return [
        against("get", "sftp -J", "peer", GOAL),
        against("cat", "ssh -J", "peer", GOAL),
        against("get", "sftp -J, own cipher", "shipped", None),
        against("cat", "ssh -J, own cipher", "shipped", None),
        against("get", "our ProxyCommand", "proxy", None),
        against("cat", "our ProxyCommand", "proxy", None),
    ]
