"""What a process that moves bulk tells the C library, which has to be glibc here."""

import subprocess
import sys

MOVING = """
import resource
from consentry.kept_blocks import keep_freed_blocks

if {keeping}:
    assert keep_freed_blocks()
for _ in range(4):
    bytearray(200_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(300):
    blocks = [bytearray(b"x") * 200_000 for _ in range(4)]
    del blocks
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def pages_asked_for(*, keeping: bool) -> int:
    """By a process that makes and drops blocks as large as records are."""
    words = [sys.executable, "-c", MOVING.format(keeping=keeping)]
    return int(subprocess.run(words, capture_output=True, check=True, text=True).stdout)


def test_the_kernel_is_not_asked_anew_for_each_block() -> None:
    """300 times four blocks: their pages are asked for once, not again and again."""
    assert pages_asked_for(keeping=True) < 2_000 < pages_asked_for(keeping=False)
