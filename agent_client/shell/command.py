"""One command of one engineer: `ssh host command`, without the room, with or without a terminal of its own."""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from agent_client.recording import OUTPUT_AT_ONCE_BYTES, PassThrough, Recording, Redactor, RedactorFactory
from agent_client.shell.environment import ShellProfile
from agent_client.shell.fd_reader import GATHER_BYTES, READ_BYTES, FdReader, Hold
from agent_client.shell.fd_writer import FdWriter
from agent_client.shell.output import OutputPath
from agent_client.shell.process_tree import Child, ProcessTree
from agent_client.shell.pty_process import PtyProcess, clamp_size
from agent_client.shell.tally import ChannelRecord
from protocol.events import CommandOutput, Event, InputHidden, TerminalInput, TerminalOutput, TerminalResized

PIPE_BYTES = 512 * 1024
"""What the pipe of a program's output holds: what is read at once, and as much again, so that a program that is quicker
than its reader has the next read ready. With the system's 64 KiB (pipe(7)) the two take turns."""

LAG_BYTES = 1024 * 1024
"""The command waits when the engineer's client is this far behind."""

COMMAND_LIMIT_BYTES = 64 * 1024
"""A longer command line is refused: the system's own limit for one argument is 128 KiB."""

_SIGNALS = {name: getattr(signal, f"SIG{name}") for name in ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "KILL")}


@dataclass(frozen=True)
class TerminalRequest:
    """The terminal that a client asked for (RFC 4254, section 6.2)."""

    name: str
    columns: int
    rows: int


class CommandScreen(Protocol):
    """Where a command's output goes: an SSH channel."""

    @property
    def queued_bytes(self) -> int:
        """Output that it has not yet been able to send on."""

    def write(self, data: bytes, *, error: bool) -> None:
        """Take output; `error` is standard error. Never blocks."""

    def finish(self, exit_status: int) -> None:
        """Send what is queued, then the exit status (negative: a signal), then close."""

    def hold_input(self, held: bool) -> None:
        """Whether to stop delivering input."""


class Command:
    """A running command. Made by `start`."""

    def __init__(
        self, recording: Recording, redactor_factory: RedactorFactory, record: ChannelRecord, screen: CommandScreen
    ) -> None:
        self._recording = recording
        self._redactor_factory = redactor_factory
        self._record = record
        self._screen = screen
        self._channel = record.channel
        self._child: Child | None = None
        self._pty: PtyProcess | None = None
        self._writer: FdWriter | None = None
        self._readers: list[FdReader] = []
        self._paths: list[OutputPath] = []
        self._pipes: list[int] = []
        self._watch: asyncio.Task[None] | None = None
        self._paused = False
        self._closed = False

    async def start(
        self, tree: ProcessTree, profile: ShellProfile, command: str, terminal: TerminalRequest | None
    ) -> None:
        """Start `command` by the user's shell; an empty one is the login shell itself. Raises ProgramNotStarted."""
        arguments = profile.command(command) if command else profile.login()
        if terminal is None:
            await self._start_with_pipes(tree, profile, arguments)
        else:
            await self._start_with_terminal(tree, profile, arguments, terminal)
        if self._closed:
            self.close()
            return
        self._watch = asyncio.create_task(self._until_ended(), name=f"command on channel {self._channel}")

    def feed(self, data: bytes) -> None:
        """Input from the engineer's client."""
        if self._writer is None:
            return
        hidden = self._pty is not None and not self._pty.echoes
        if self._pty is not None:
            self._recording.record(self._input_event(data, hidden=hidden))
        self._record.took_input(data, hidden=hidden)
        self._writer.write(data)
        if self._writer.full:
            self._screen.hold_input(True)

    def feed_end(self) -> None:
        """The client has no more input. On a terminal that means nothing: there one types Ctrl-D."""
        if self._writer is not None and self._pty is None:
            self._writer.end()

    def resize(self, columns: int, rows: int) -> None:
        if self._pty is not None:
            columns, rows = clamp_size(columns, rows)
            self._pty.resize(columns, rows)
            self._record_size(columns, rows)

    def signal(self, name: str) -> None:
        """A signal that the client sent (RFC 4254, section 6.9); unknown names are ignored."""
        if self._child is not None and name in _SIGNALS:
            self._child.signal_group(_SIGNALS[name])

    def drained(self) -> None:
        if self._screen.queued_bytes <= LAG_BYTES:
            for reader in self._readers:
                reader.release(Hold.VIEWERS)

    def pause(self) -> None:
        """Hold input and output; the caller freezes the processes."""
        self._paused = True
        for reader in self._readers:
            reader.hold(Hold.PAUSED)
        self._screen.hold_input(True)

    def resume(self) -> None:
        self._paused = False
        for reader in self._readers:
            reader.release(Hold.PAUSED)
        self._screen.hold_input(False)

    def close(self) -> None:
        """The client is gone, or may no longer be here: hang up. Whoever revokes kills the whole tree besides."""
        self._closed = True
        if self._watch is not None and self._watch is not asyncio.current_task():
            self._watch.cancel()
        self._release()
        if self._child is not None:
            self._child.signal_group(signal.SIGHUP)

    # ── start and end ───────────────────────────────────────────────────────────────────────────────────────────

    async def _start_with_terminal(
        self, tree: ProcessTree, profile: ShellProfile, arguments: tuple[str, ...], terminal: TerminalRequest
    ) -> None:
        columns, rows = clamp_size(terminal.columns, terminal.rows)
        self._pty = await PtyProcess.start(
            tree,
            arguments,
            environment=profile.for_terminal(terminal.name),
            folder=profile.folder,
            columns=columns,
            rows=rows,
        )
        self._child = self._pty.child
        self._record_size(columns, rows)
        self._writer = FdWriter(self._pty.writing_end(), partial(self._input_drained))
        self._read(self._pty.master, self._terminal_event, self._redactor_factory(self._channel), error=False)

    async def _start_with_pipes(self, tree: ProcessTree, profile: ShellProfile, arguments: tuple[str, ...]) -> None:
        input_read, input_write = os.pipe()
        output_read, output_write = os.pipe()
        error_read, error_write = os.pipe()
        self._pipes = [output_read, error_read]
        _enlarge(output_read)
        try:
            self._child = await tree.start(
                arguments,
                environment=profile.environment,
                folder=profile.folder,
                descriptors=(input_read, output_write, error_write),
                terminal=False,
            )
        except BaseException:
            os.close(input_write)
            self._release()
            raise
        finally:
            for descriptor in (input_read, output_write, error_write):
                os.close(descriptor)
        self._writer = FdWriter(input_write, self._input_drained)
        # Without a terminal a program reads this (rsync, tar, scp -O): a byte replaced in it is a damaged copy. It is
        # recorded as it is, like a file that was fetched; secrets are blotted out where people look, on terminals.
        outputs: tuple[tuple[int, Literal[1, 2]], ...] = ((output_read, 1), (error_read, 2))
        for descriptor, stream in outputs:
            to_event = partial(self._output_event, stream)
            self._read(descriptor, to_event, PassThrough(), error=stream == 2, read_bytes=OUTPUT_AT_ONCE_BYTES)

    def _read(
        self,
        descriptor: int,
        to_event: Callable[[bytes], Event],
        redactor: Redactor,
        *,
        error: bool,
        read_bytes: int = READ_BYTES,
    ) -> None:
        path = OutputPath(self._recording, redactor, to_event=to_event, show=partial(self._show, error=error))
        path.reader = FdReader(descriptor, path.feed, read_bytes=read_bytes, gather_bytes=max(read_bytes, GATHER_BYTES))
        if self._paused:
            path.reader.hold(Hold.PAUSED)
        self._readers.append(path.reader)
        self._paths.append(path)

    async def _until_ended(self) -> None:
        """Without a terminal the end is the end of both outputs, as with any SSH server: a child may write on."""
        assert self._child is not None
        status = await self._child.exited
        if self._pty is not None:
            for reader in self._readers:
                reader.end_when_empty()
        await asyncio.wait([reader.ended for reader in self._readers])
        for path in self._paths:
            await path.finish()
        self._release()
        self._screen.finish(status)

    def _release(self) -> None:
        for reader in self._readers:
            reader.close()
        for path in self._paths:
            path.close()
        if self._writer is not None:
            self._writer.close()
        if self._pty is not None:
            self._pty.close()
        for descriptor in self._pipes:
            os.close(descriptor)
        self._pipes = []

    # ── events ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _show(self, data: bytes, *, error: bool) -> None:
        self._screen.write(data, error=error)
        if self._screen.queued_bytes > LAG_BYTES:
            for reader in self._readers:
                reader.hold(Hold.VIEWERS)

    def _input_drained(self) -> None:
        self._screen.hold_input(self._paused)

    def _terminal_event(self, data: bytes) -> Event:
        return TerminalOutput(t_ms=self._recording.elapsed_ms(), channel=self._channel, data=data)

    def _output_event(self, stream: Literal[1, 2], data: bytes) -> Event:
        return CommandOutput(t_ms=self._recording.elapsed_ms(), channel=self._channel, stream=stream, data=data)

    def _input_event(self, data: bytes, *, hidden: bool) -> Event:
        t_ms, participant = self._recording.elapsed_ms(), self._record.participant
        if hidden:
            return InputHidden(t_ms=t_ms, channel=self._channel, participant=participant, byte_count=len(data))
        return TerminalInput(t_ms=t_ms, channel=self._channel, participant=participant, data=data)

    def _record_size(self, columns: int, rows: int) -> None:
        t_ms = self._recording.elapsed_ms()
        self._recording.record(TerminalResized(t_ms=t_ms, channel=self._channel, columns=columns, rows=rows))


def _enlarge(pipe: int) -> None:
    """Only Linux can, and only while the user's pipes are not too many in all (pipe(7)). Elsewhere it is no loss."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
