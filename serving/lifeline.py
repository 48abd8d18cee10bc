"""A process that must not outlive the one that started it, and one whose terminal is closed.

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


def stop_on_hangup() -> None:
    """A terminal that is closed, and `kill -HUP`, stop this process in order, as SIGTERM does: by default they would
    cut it off in the middle. Where somebody has it ignored (nohup), it stays so."""
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda _number, _frame: os.kill(os.getpid(), signal.SIGTERM))


def _watch(handle: int) -> None:
    while os.read(handle, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
