"""`consentry` on a machine whose clock is wrong, or whose disk is small: `shifted.py SECONDS FILE_BYTES …arguments`.

Only this process sees the other time. `FILE_BYTES` is the most that any file may hold (setrlimit(2), RLIMIT_FSIZE: what
is beyond fails like a full disk), 0 for no limit.
"""

import resource
import runpy
import sys
import time

seconds, file_bytes = int(sys.argv[1]), int(sys.argv[2])
_time, _time_ns = time.time, time.time_ns
time.time = lambda: _time() + seconds
time.time_ns = lambda: _time_ns() + seconds * 1_000_000_000
sys.dont_write_bytecode = True  # a limit would cut what other processes read
if file_bytes:
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
sys.argv[1:] = sys.argv[3:]
runpy.run_module("consentry", run_name="__main__", alter_sys=True)
