"""Facts about the customer's machine, and what the agent does to protect itself on it."""

import ctypes
import getpass
import os
import resource
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PR_SET_DUMPABLE = 4
"""prctl(2): a process that is not dumpable cannot be traced or read by others of the same user."""

LABEL_LIMIT_CHARACTERS = 64


@dataclass(frozen=True)
class Host:
    """What an engineer is told about the machine."""

    label: str
    user_name: str
    is_root: bool
    home: Path


def this_host() -> Host:
    return Host(
        label=socket.gethostname()[:LABEL_LIMIT_CHARACTERS],
        user_name=_user_name(),
        is_root=hasattr(os, "geteuid") and os.geteuid() == 0,
        home=Path.home(),
    )


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user often has no entry in the user database.
        return f"uid-{os.getuid()}"


def harden_process() -> bool:
    """Keep the granted shell, which runs as the same user, out of this process' memory. Says whether the system can.

    Linux only: other systems guard a process' memory by code signing, which is the packager's to set up. No core file
    is written anywhere, since it would hold session keys.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)


# Counts a machine's sleep where the system can tell (Linux): what expires, expires while a laptop is closed too.
_STEADY_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

_STARTED_UNIX_NS = time.time_ns()
_STARTED_STEADY_NS = time.clock_gettime_ns(_STEADY_CLOCK)


def unix_ms() -> int:
    """Milliseconds since 1970, as every time on a wire is: the wall clock as it stood at the start, and steady since.

    A clock that is set back in the middle of a session lengthens no grant.
    """
    return (_STARTED_UNIX_NS + time.clock_gettime_ns(_STEADY_CLOCK) - _STARTED_STEADY_NS) // 1_000_000
