"""SFTP: get and put of one file of random bytes, whole path, against the same `sftp -J`; each file hashed afterwards.

Get and put are files on the same disk for both. The recording holds each operation with the SHA-256 of what moved,
which the agent computes on the way. Log in and log out are part of the time, as they are for a person. The peer that
has the goal uses our ciphers, AES-GCM; what OpenSSH takes by itself, ChaCha20, stands beside it.
"""

import hashlib
from pathlib import Path

from bench.core.processes import cpu_seconds
from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import Workbench
from bench.deployment.people import Machine

GOAL = Goal(">=", 1.5)
CPU_GOAL = Goal("<=", 1.0)


class FileDamaged(Exception):
    """What arrived is not what was sent: no speed makes up for that."""


def measure(bench: Workbench) -> list[Result]:
    sshd = bench.openssh.pid("target"), bench.openssh.pid("jump")
    digest = sha256_of(bench.random_file)
    there = bench.ours.customer.home / "there.bin"
    there.hardlink_to(bench.random_file)
    results = []
    try:
        for verb in ("get", "put"):

            def move(machine: Machine, pids: tuple[int, ...], verb: str = verb) -> tuple[float, float]:
                return _move(bench, machine, pids, verb, there, digest)

            values = in_turn(
                bench.rounds,
                {
                    "ours": lambda: move(bench.ours.machine, bench.ours.pids),
                    "peer": lambda: move(bench.behind_jump, sshd),
                    "shipped": lambda: move(bench.behind_jump_as_shipped, sshd),
                },
                warm_up=False,
                on_round=bench.round_done,
            )
            (rates, costs), (peer_rates, peer_costs), (shipped, _) = (
                list(zip(*values[one], strict=True)) for one in values
            )
            results += [
                Result.compared(f"sftp {verb}", "MiB/s", rates, "sftp -J", peer_rates, GOAL),
                Result.compared(f"sftp {verb}, against ChaCha20", "MiB/s", rates, "sftp -J, own cipher", shipped, None),
                Result.compared(f"CPU of sftp {verb}", "CPU s/GiB", costs, "both sshd", peer_costs, CPU_GOAL),
            ]
    finally:
        there.unlink()
    return results


def _move(
    bench: Workbench, machine: Machine, pids: tuple[int, ...], verb: str, there: Path, digest: bytes
) -> tuple[float, float]:
    """MiB/s, and CPU seconds per GiB."""
    arrived = bench.folder / "got.bin" if verb == "get" else there.with_name("put.bin")
    source = there if verb == "get" else bench.random_file
    batch = bench.folder / "sftp-batch"
    batch.write_text(f"{verb} {source} {arrived}\n")
    before = cpu_seconds(*pids)
    seconds = machine.run(machine.sftp(batch))
    used = cpu_seconds(*pids) - before
    if sha256_of(arrived) != digest:
        raise FileDamaged(f"{arrived} differs from {source}")
    arrived.unlink()
    return bench.size_mib / seconds, used * 1024 / bench.size_mib


def sha256_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
