"""Our own client's transfer: SFTP of large blocks, many at once, straight over a stream, against `sftp -J`.

There is no such command yet: `bench/deployment/own_transfer.py` is what it would do, to know whether it is worth
having. Start of the program and log in are part of the time.
"""

import sys

from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import Workbench

GOAL = Goal(">=", 2.0)


def measure(bench: Workbench) -> list[Result]:
    there = bench.ours.customer.home / "transfer.bin"
    there.hardlink_to(bench.random_file)
    arrived = {"get": bench.folder / "transfer-got.bin", "put": there.with_name("transfer-put.bin")}
    source = {"get": there, "put": bench.random_file}
    session = bench.ours.session_file(bench.ours.alias).parent
    batch = bench.folder / "transfer-batch"

    def ours(verb: str) -> float:
        words = [sys.executable, "-m", "bench.deployment.own_transfer", str(session), verb]
        seconds = bench.ours.machine.run([*words, str(source[verb]), str(arrived[verb])])
        arrived[verb].unlink()
        return bench.size_mib / seconds

    def peer(verb: str) -> float:
        batch.write_text(f"{verb} {source[verb]} {arrived[verb]}\n")
        seconds = bench.behind_jump.run(bench.behind_jump.sftp(batch))
        arrived[verb].unlink()
        return bench.size_mib / seconds

    results = []
    for verb in ("get", "put"):
        rates = in_turn(
            bench.rounds,
            {"ours": lambda: ours(verb), "peer": lambda: peer(verb)},  # noqa: B023 (used in this turn)
            warm_up=False,
            on_round=bench.round_done,
        )
        results.append(
            Result.compared(f"own transfer (prototype), {verb}", "MiB/s", rates["ours"], "sftp -J", rates["peer"], GOAL)
        )
    there.unlink()
    return results
