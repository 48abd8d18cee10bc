"""A process that must not outlive the one that started it.

The parent keeps the writing end of a pipe whose reading end is the child's standard input. However the parent ends,
also by SIGKILL, the kernel closes the pipe, and the child reads its end: then it stops as by SIGTERM.
"""

import os
import signal
import sys
import threading


def stop_with_parent() -> None:
    """Ends this process, in order, when standard input ends. To be called before anything else reads from it."""
    threading.Thread(target=_watch, args=(sys.stdin.fileno(),), name="lifeline", daemon=True).start()


def _watch(handle: int) -> None:
    while os.read(handle, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
