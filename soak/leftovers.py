"""What should not be there when everything has ended: processes, descriptors, spools, half-written files."""

import ctypes
import os
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil

from soak.tally import Tally

PR_SET_CHILD_SUBREAPER = 36

SPARE_DESCRIPTORS = 8
"""A connection that is being closed, a database's journal: a leak under this load counts by hundreds."""

GONE_WITHIN_SECONDS = 60.0


def adopt_orphans() -> None:
    """Whatever is started below us and loses its parent becomes our child, so that nothing can slip away unseen."""
    _be_subreaper(wanted=True)


def let_orphans_go() -> None:
    """From now on they are the system's. Those that died here are let go of: thousands of dead processes slow down
    everything that looks at the living ones. Nobody may wait for a child any more when this is called."""
    _be_subreaper(wanted=False)
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess, ChildProcessError):
            if child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)


def _be_subreaper(*, wanted: bool) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)


def check_processes(tally: Tally) -> None:
    """Every process that was ever started here has ended."""
    _, left = psutil.wait_procs(_living_children(), GONE_WITHIN_SECONDS)
    for process in left:
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                tally.violated(f"left behind: process {process.pid} {process.cmdline()}")
        except psutil.NoSuchProcess:
            continue


def _living_children() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


def descriptors(pid: int) -> Counter[str]:
    """Open ones by kind: sockets, pipes, and files by what they are (records are kept open by design, up to 256)."""
    found: Counter[str] = Counter()
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            target = str(link.readlink())
        except OSError:
            continue
        found["records" if target.endswith("records.csr") else target.partition(":")[0].rpartition("/")[2]] += 1
    return found


def grown(before: Counter[str], after: Counter[str]) -> Counter[str]:
    """What there is more of, beyond records."""
    return Counter({kind: count for kind, count in (after - before).items() if kind != "records"})


def check_files(folder: Path, tally: Tally) -> None:
    """No spool waits, none was refused, and no file was left half-written by somebody who lived to the end."""
    for pattern, what in (("*.spool", "spool"), ("*.refused", "refused spool"), ("*.spool.new", "half a spool")):
        for path in folder.glob(f"post-*/customer/state/agent/spool/{pattern}"):
            tally.violated(f"left behind: {what} {path.name}")
    for path in folder.glob("organisation/broker/records/*/*.new"):
        tally.violated(f"left behind: {path.parent.name}/{path.name}")
