"""A program whose n-th write to some files takes only half: `python -m tests.faults.short_write N -m consentry …`.

The kernel may do that to any write, and cannot be asked to. What is written is written for real, and the count that
comes back is true.
"""

import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

_watched = {*os.environ["CONSENTRY_TEST_SHORT_PATHS"].split(os.pathsep)}
_mark = Path(os.environ["CONSENTRY_TEST_SHORT_MARK"])


def shortened(call: Callable[..., int], nth: int) -> Callable[..., int]:
    left = nth

    def write(handle: int, data: bytes, *offset: int) -> int:
        nonlocal left
        if str(Path(f"/proc/self/fd/{handle}").readlink()) in _watched:
            left -= 1
            if left == 0:
                _mark.touch()
                return call(handle, memoryview(data)[: max(1, len(data) // 2)], *offset)
        return call(handle, data, *offset)

    return write


if __name__ == "__main__":
    nth, option, module, *arguments = sys.argv[1:]
    assert option == "-m"
    # One of the two is used on each path, so each counts its own.
    os.write = shortened(os.write, int(nth))
    os.pwrite = shortened(os.pwrite, int(nth))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
