"""Larger files by SFTP, through the whole path, recorded: time, and what the agent's memory comes to."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.core.watch import Watch
from bench.deployment.people import Deployment

MIB = 1024 * 1024


def cost_of_files(sizes_mib: Sequence[int]) -> list[dict[str, float]]:
    """All sizes in one session, smallest first: memory that a larger file needs shows, what stays does not."""
    with tempfile.TemporaryDirectory(prefix="consentry-study-") as text:
        folder = Path(text)
        with Deployment(folder / "ours") as ours:
            return [_cost(ours, folder, size) for size in sizes_mib]


def _cost(ours: Deployment, folder: Path, size_mib: int) -> dict[str, float]:
    local, back = folder / "local.bin", folder / "back.bin"
    block = os.urandom(MIB)
    with local.open("wb") as file:
        for number in range(size_mib):
            file.write(number.to_bytes(8, "big") + block[8:])
    batch = folder / "batch"
    with Watch(ours.customer.process.pid, every_seconds=0.1) as watch:
        batch.write_text(f"put {local} remote.bin\n")
        put_seconds = ours.machine.run(ours.machine.sftp(batch))
        batch.write_text(f"get remote.bin {back}\n")
        get_seconds = ours.machine.run(ours.machine.sftp(batch))
    if back.stat().st_size != size_mib * MIB:
        raise ValueError(f"{back.stat().st_size} bytes came back of {size_mib} MiB")
    for path in (local, back, ours.customer.home / "remote.bin"):
        path.unlink(missing_ok=True)
    return {
        "put_seconds": round(put_seconds, 3),
        "get_seconds": round(get_seconds, 3),
        "agent_mib": round(watch.highest_mib, 1),
    }
