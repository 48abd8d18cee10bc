"""Processes that move bulk keep the memory of a block that they let go of, for the next one.

The C library gives large blocks back to the kernel and asks for them anew each time, which then has to clear them: of a
GiB that is recorded, 72,000 pages. Only glibc can be told (mallopt(3)); others do as they like.
"""

import ctypes
import sys

M_TRIM_THRESHOLD = -1
M_MMAP_THRESHOLD = -3

LARGEST_KEPT_BYTES = 1024 * 1024
"""Blocks up to this come from the heap: the largest that bulk is made of is a quarter of it."""

KEPT_FREE_BYTES = 16 * 1024 * 1024
"""What is free at the end of the heap may stay; what is more goes back. The price, in each process."""


def keep_freed_blocks() -> bool:
    """For the whole process, from now on. False where nobody can be told."""
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = ((M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES), (M_TRIM_THRESHOLD, KEPT_FREE_BYTES))
    return all(mallopt(option, value) == 1 for option, value in settings)
