"""Stand-ins for what the recorder and the broker write with: the n-th write to some files takes only half.

The kernel may do that to any write, and cannot be asked to. What is written is written for real, and the count that
comes back is true.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent_client.recorder.spool import DiskCalls


@dataclass(frozen=True)
class ShortWrite:
    """The `nth` write (from 1) to any of `paths`; `mark` is touched when it comes to pass."""

    nth: int
    paths: frozenset[str]
    mark: Path


def take_half(short: ShortWrite) -> None:
    """In this process, from now on."""
    # One of the two is used on each path, so each counts its own.
    DiskCalls.write = staticmethod(_shortened(os.write, short))
    os.pwrite = _shortened(os.pwrite, short)


def _shortened(call: Callable[..., int], short: ShortWrite) -> Callable[..., int]:
    left = short.nth

    def write(handle: int, data: bytes, *offset: int) -> int:
        nonlocal left
        if str(Path(f"/proc/self/fd/{handle}").readlink()) in short.paths:
            left -= 1
            if left == 0:
                short.mark.touch()
                return call(handle, memoryview(data)[: max(1, len(data) // 2)], *offset)
        return call(handle, data, *offset)

    return write
