"""The SSH gateway: stock `ssh -J` and `sftp -J` through it, whole path, against OpenSSH's own jump host.

OpenSSH's jump host and sshd record nothing, so three questions are asked apart: what an engineer gets, recorded
(`sftp` of files, `ssh cat`); what the same way carries with the recorder off, which is what the peer does and how the
goal was found; and what the same session carries through `consentry`'s ProxyCommand, which tells the gateway's part
from the agent's.
"""

from collections.abc import Callable
from functools import partial

from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import MIB, Workbench
from bench.deployment.own_ssh import through_gateway
from bench.deployment.people import UNRECORDED_AGENT, Machine

GOAL = Goal(">=", 0.85)
SIZE_LIMIT_MIB = 256
"""A dozen transfers in each round: a gibibyte each would be a third of all that is measured."""

Rate = Callable[[Machine], float]
"""Moves the file through one machine's way; MiB/s."""


def measure(bench: Workbench) -> list[Result]:
    ours = bench.ours
    gateway = through_gateway(ours, ours.customer, bench.folder / "own-ssh")
    dropping = ours.new_customer(program=UNRECORDED_AGENT)
    unrecorded = through_gateway(ours, dropping, bench.folder / "own-ssh-unrecorded")
    get, put, cat = _transfers(bench)
    peer, shipped, proxy = bench.behind_jump, bench.behind_jump_as_shipped, ours.machine
    rates = in_turn(
        bench.rounds,
        {
            "get, gateway": partial(get, gateway),
            "get, peer": partial(get, peer),
            "get, shipped": partial(get, shipped),
            "get, proxy": partial(get, proxy),
            "put, gateway": partial(put, gateway),
            "put, peer": partial(put, peer),
            "cat, gateway": partial(cat, gateway),
            "cat, unrecorded": partial(cat, unrecorded),
            "cat, peer": partial(cat, peer),
            "cat, shipped": partial(cat, shipped),
            "cat, proxy": partial(cat, proxy),
        },
        warm_up=False,
        on_round=bench.round_done,
    )
    ours.dismiss(dropping)

    def against(label: str, way: str, name: str, other: str, goal: Goal | None) -> Result:
        what = f"{label} through the gateway, against {name}"
        return Result.compared(what, "MiB/s", rates[way], name, rates[other], goal)

    return [
        against("sftp get", "get, gateway", "sftp -J", "get, peer", GOAL),
        against("sftp put", "put, gateway", "sftp -J", "put, peer", GOAL),
        against("ssh cat, recorder off,", "cat, unrecorded", "ssh -J", "cat, peer", GOAL),
        against("ssh cat", "cat, gateway", "ssh -J", "cat, peer", GOAL),
        against("sftp get", "get, gateway", "sftp -J, own cipher", "get, shipped", None),
        against("ssh cat", "cat, gateway", "ssh -J, own cipher", "cat, shipped", None),
        against("sftp get", "get, gateway", "our ProxyCommand", "get, proxy", None),
        against("ssh cat", "cat, gateway", "our ProxyCommand", "cat, proxy", None),
    ]


def _transfers(bench: Workbench) -> tuple[Rate, Rate, Rate]:
    """Get, put and cat of the same random bytes."""
    size_mib = min(bench.size_mib, SIZE_LIMIT_MIB)
    shared = bench.ours.customer.home / "gateway.bin"
    with bench.random_file.open("rb") as file:
        shared.write_bytes(file.read(size_mib * MIB))
    arrived = bench.folder / "gateway-arrived"
    get_batch, put_batch = bench.folder / "gateway-get", bench.folder / "gateway-put"
    get_batch.write_text(f"get {shared} {arrived}\n")
    put_batch.write_text(f"put {shared} {shared.with_name('put.bin')}\n")
    return (
        lambda machine: size_mib / machine.run(machine.sftp(get_batch)),
        lambda machine: size_mib / machine.run(machine.sftp(put_batch)),
        lambda machine: size_mib / machine.run(machine.ssh("cat", str(shared))),
    )
