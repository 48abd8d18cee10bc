"""A plain ssh client of our own, for machines without OpenSSH: a shell or a command, and nothing else.

It uses the same files as stock ssh would (the identity, the pinned host key) and the same `ssh-proxy`.
"""

import asyncio
import contextlib
import os
import signal
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncssh

from engineer_client.attest import OutputDigest
from protocol.details import system_reason
from protocol.errors import UnavailableError

_READ_BYTES = 64 * 1024

_OPTIONS = {
    "encryption_algs": ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com"],
    "server_host_key_algs": ["ssh-ed25519"],
}


class SshFailed(UnavailableError):
    """The SSH connection inside the stream could not be made, or broke."""

    sentence = "The connection to the customer's computer failed ({problem}). If the session is still open, try again."


async def run_own_ssh(
    proxy: Sequence[str],
    host_key_alias: str,
    known_hosts: Path,
    identity: Path,
    command: Sequence[str],
    digest: OutputDigest,
) -> int:
    """A shell on this terminal, or `command`; returns its exit status. `proxy` carries the bytes. Raises SshFailed."""
    try:
        async with asyncssh.connect(
            host_key_alias,
            config=None,
            username="consentry",
            proxy_command=list(proxy),
            known_hosts=str(known_hosts),
            client_keys=[str(identity)],
            agent_path=None,
            encryption_algs=_OPTIONS["encryption_algs"],
            server_host_key_algs=_OPTIONS["server_host_key_algs"],
        ) as connection:
            return await _run(connection, command, digest)
    except (OSError, asyncssh.Error) as error:
        raise SshFailed(problem=system_reason(error, str(error) or type(error).__name__), what="ssh") from error


async def _run(connection: asyncssh.SSHClientConnection, command: Sequence[str], digest: OutputDigest) -> int:
    wants_terminal = not command and sys.stdin.isatty()
    process: asyncssh.SSHClientProcess[bytes] = await connection.create_process(
        " ".join(command) or None,
        encoding=None,
        term_type=os.environ.get("TERM", "xterm") if wants_terminal else None,
        term_size=os.get_terminal_size(sys.stdin.fileno()) if wants_terminal else (),
    )
    typing = asyncio.create_task(_send_input(process), name="standard-input")
    try:
        with _raw_terminal(process) if wants_terminal else contextlib.nullcontext():
            await asyncio.gather(_show(process.stdout, 1, digest), _show(process.stderr, 2, None))
            await process.wait_closed()
    finally:
        typing.cancel()
    if process.exit_signal is not None:
        return 128 + getattr(signal, f"SIG{process.exit_signal[0]}", 0)
    return 255 if process.exit_status is None else process.exit_status


async def _show(reader: asyncssh.SSHReader[bytes], output: int, digest: OutputDigest | None) -> None:
    while data := await reader.read(_READ_BYTES):
        if digest is not None:
            digest.update(data)
        view = memoryview(data)
        while view:
            view = view[os.write(output, view) :]


async def _send_input(process: "asyncssh.SSHClientProcess[bytes]") -> None:
    """Standard input goes to the process, no faster than it is taken."""
    source = sys.stdin.fileno()
    with contextlib.suppress(OSError):  # the other end does not want any more: its output and status say the rest
        while True:
            await _readable(source)
            data = os.read(source, _READ_BYTES)
            if not data:
                process.stdin.write_eof()
                return
            process.stdin.write(data)
            await process.stdin.drain()


async def _readable(source: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(source, ready.set)
    except PermissionError:  # epoll does not wait for regular files: they are always ready
        return
    try:
        await ready.wait()
    finally:
        loop.remove_reader(source)


@contextlib.contextmanager
def _raw_terminal(process: "asyncssh.SSHClientProcess[bytes]") -> Iterator[None]:
    """Keys go through one by one and unread; the terminal is as it was afterwards, whatever happens."""
    terminal = sys.stdin.fileno()
    loop = asyncio.get_running_loop()

    def resized() -> None:
        size = os.get_terminal_size(terminal)
        process.change_terminal_size(size.columns, size.lines)

    before = termios.tcgetattr(terminal)
    tty.setraw(terminal)
    loop.add_signal_handler(signal.SIGWINCH, resized)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGWINCH)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
