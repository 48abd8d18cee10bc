"""What still runs, as the system tells."""

import psutil


def lives(pid: int) -> bool:
    """Not ended, or ended and waiting only for a parent that never asks (some containers' first process)."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
