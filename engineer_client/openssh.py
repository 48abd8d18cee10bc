"""Stock `ssh` as a child, its output hashed on the way to the terminal.

The child's standard input stays the real terminal: ssh puts it into raw mode, reads the window's size from it and
notices when that changes. Only the output goes through us. ssh writes nothing of its own to standard output (its
messages go to standard error, which stays the terminal's), so what passes is exactly the channel's output.
"""

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from engineer_client.attest import OutputDigest

_READ_BYTES = 64 * 1024
"""What a Linux pipe holds: one read empties it."""


def find_ssh() -> str | None:
    return shutil.which("ssh")


def ssh_arguments(ssh: str, config: Path, proxy: Sequence[str], alias: str, command: Sequence[str]) -> list[str]:
    """The command line. `-F` our own file: what the user set up for other hosts (multiplexing, a remote command, a
    forwarded agent) has no part in a connection whose output is vouched for. `proxy` carries the bytes.
    """
    proxy_line = shlex.join(proxy).replace("%", "%%")
    arguments = [ssh, "-F", str(config), "-o", f"ProxyCommand={proxy_line}", alias]
    return [*arguments, "--", *command] if command else arguments


def run_ssh(arguments: Sequence[str], digest: OutputDigest, output: int) -> int:
    """Runs ssh to its end, copying its output to the file descriptor `output`; returns its exit status.

    An end by a signal is reported as shells do, 128 + number. Blocks; signals are the business of `as_foreground_job`.
    """
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout as pipe:  # closed early, ssh gets SIGPIPE, as it would without us
        _copy(pipe.fileno(), output, digest)
    status = child.wait()
    return 128 - status if status < 0 else status


@contextlib.contextmanager
def as_foreground_job() -> Iterator[None]:
    """Signals of the terminal while ssh is in charge of it. Needs the main thread's running event loop.

    Ctrl-C before the terminal is raw goes to both: it is ssh's to act on. When ssh stops itself (`~^Z`), the shell that
    waits for us has to see us stopped, too; when it lets us go on, so does ssh. Through the loop, because a signal that
    arrives while all threads wait wakes only a loop.
    """
    loop = asyncio.get_running_loop()
    interrupt_before = signal.getsignal(signal.SIGINT)
    loop.add_signal_handler(signal.SIGINT, _leave_it_to_ssh)
    loop.add_signal_handler(signal.SIGCHLD, _stop_with_child)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGCHLD)
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, interrupt_before)


def _leave_it_to_ssh() -> None:
    """A handler and not SIG_IGN: that would be inherited by ssh."""


def _stop_with_child() -> None:
    with contextlib.suppress(ChildProcessError):
        stopped = os.waitid(os.P_ALL, 0, os.WSTOPPED | os.WNOHANG)
        if stopped is not None:
            os.kill(os.getpid(), signal.SIGSTOP)  # returns when somebody lets us go on
            os.kill(stopped.si_pid, signal.SIGCONT)


def _copy(source: int, output: int, digest: OutputDigest) -> None:
    """All of `source` to `output`. If `output` goes away, the rest was not seen, and nothing can be vouched for."""
    while data := os.read(source, _READ_BYTES):
        digest.update(data)
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(output, view) :]
            except OSError:
                digest.is_whole = False
                return
