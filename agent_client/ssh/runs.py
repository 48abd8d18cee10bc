"""What a channel can become: a seat in the room, a command, files, or a refusal."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import asyncssh

from agent_client.access import Access
from agent_client.files.sftp_run import SftpRun
from agent_client.recording import Recording, RedactorFactory
from agent_client.shell.command import Command, TerminalRequest
from agent_client.shell.environment import ShellProfile
from agent_client.shell.pause import Pause
from agent_client.shell.process_tree import ProcessTree
from agent_client.shell.room import Room
from agent_client.shell.tally import ChannelRecord
from agent_client.shell.viewer import Seat
from agent_client.ssh.channel_output import ChannelOutput
from agent_client.ssh.refusal import EXIT_REFUSED
from protocol.errors import ConsentryError
from protocol.events import ChannelUse
from protocol.grants import Scope


@dataclass(frozen=True)
class Surroundings:
    """What every channel of one engineer's connection shares."""

    recording: Recording
    redactor_factory: RedactorFactory
    room: Room
    profile: ShellProfile
    pause: Pause
    tree: ProcessTree
    access: Access
    stream_id: bytes
    next_channel: Callable[[], int]
    """Numbers a new channel; 0 is the room's."""

    def record(self, use: ChannelUse, command: str, terminal: TerminalRequest | None = None) -> ChannelRecord:
        return ChannelRecord(
            self.recording,
            channel=self.next_channel(),
            participant=self.access.participant,
            stream_id=self.stream_id,
            use=use,
            command=command,
            columns=terminal.columns if terminal else 0,
            rows=terminal.rows if terminal else 0,
        )


class Run:
    """What a channel became. One that has nothing to do for a call inherits doing nothing."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = channel

    @property
    def closing(self) -> "asyncio.Future[None] | None":
        """After `lost`: what is still to be recorded, if anything."""
        return None

    async def start(self) -> None:
        """Begins what was asked for. Raises a ConsentryError that the engineer reads."""

    def feed(self, data: bytes) -> None: ...
    def feed_end(self) -> None: ...
    def resize(self, columns: int, rows: int) -> None: ...
    def signal(self, name: str) -> None: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def still_allowed(self) -> bool:
        """Asked at every change of the grant; if not, the run is `cut`."""
        return True

    def cut(self) -> None:
        self._channel.abort()

    def lost(self) -> None:
        """The channel is gone."""


class GrantedRun(Run):
    """One that a scope allows."""

    def __init__(
        self,
        around: Surroundings,
        channel: asyncssh.SSHServerChannel[bytes],
        terminal: TerminalRequest | None,
        command: str,
    ) -> None:
        super().__init__(channel)
        self._around = around
        self._terminal = terminal
        self._command = command


class _ShowingRun(GrantedRun):
    """One that shows output, and takes it from what it runs no faster than the channel takes it from here."""

    _output: ChannelOutput | None = None

    @property
    def queued_bytes(self) -> int:
        return self._output.queued_bytes if self._output else 0

    def pause_writing(self) -> None:
        if self._output is not None:
            self._output.pause_writing()

    def resume_writing(self) -> None:
        if self._output is not None:
            self._output.resume_writing()

    def hold_input(self, held: bool) -> None:
        if self._channel.is_closing():
            return
        if held:
            self._channel.pause_reading()
        else:
            self._channel.resume_reading()

    def cut(self) -> None:
        if self._output is not None:
            self._output.abort()
        else:
            super().cut()

    def lost(self) -> None:
        if self._output is not None:
            self._output.lost()


class RoomRun(_ShowingRun):
    """A seat in the shared room. It is the room's `Screen`."""

    _seat: Seat | None = None

    async def start(self) -> None:
        assert self._terminal is not None
        self._seat = await self._around.room.attach(
            self._take_place,
            self._around.access,
            self._around.stream_id,
            columns=self._terminal.columns,
            rows=self._terminal.rows,
            terminal=self._terminal.name,
        )
        if self._channel.is_closing():  # the client went away while the shell started
            self.lost()

    def _take_place(self, record: ChannelRecord) -> "RoomRun":
        self._output = ChannelOutput(self._channel, record, self._around.room.drained)
        return self

    def show(self, data: bytes) -> None:
        if self._output is not None:
            self._output.write(data)

    def shell_ended(self, exit_status: int) -> None:
        if self._output is not None:
            self._output.finish(exit_status)

    def feed(self, data: bytes) -> None:
        if self._seat is not None:
            self._around.room.type(self._seat, data)

    def resize(self, columns: int, rows: int) -> None:
        if self._seat is not None:
            self._around.room.resize(self._seat, columns, rows)

    def still_allowed(self) -> bool:
        return self._around.access.allows(Scope.VIEW) or self._around.access.allows(Scope.SHELL)

    def lost(self) -> None:
        super().lost()
        if self._seat is not None:
            self._around.room.leave(self._seat)


class CommandRun(_ShowingRun):
    """One command. It is the command's `CommandScreen`."""

    _running: Command | None = None

    async def start(self) -> None:
        use: ChannelUse = "command" if self._terminal is None else "terminal-command"
        record = self._around.record(use, self._command, self._terminal)
        self._output = ChannelOutput(self._channel, record, self._drained)
        self._running = Command(self._around.recording, self._around.redactor_factory, record, self)
        try:
            await self._running.start(self._around.tree, self._around.profile, self._command, self._terminal)
        except ConsentryError:
            record.close(EXIT_REFUSED)
            raise

    def write(self, data: bytes, *, error: bool) -> None:
        assert self._output is not None
        self._output.write(data, error=error)

    def finish(self, exit_status: int) -> None:
        assert self._output is not None
        self._output.finish(exit_status)

    def feed(self, data: bytes) -> None:
        if self._running is not None and self.still_allowed():
            self._running.feed(data)

    def feed_end(self) -> None:
        if self._running is not None:
            self._running.feed_end()

    def resize(self, columns: int, rows: int) -> None:
        if self._running is not None:
            self._running.resize(columns, rows)

    def signal(self, name: str) -> None:
        if self._running is not None and self.still_allowed():
            self._running.signal(name)

    def pause(self) -> None:
        if self._running is not None:
            self._running.pause()

    def resume(self) -> None:
        if self._running is not None:
            self._running.resume()

    def still_allowed(self) -> bool:
        return self._around.access.allows(Scope.SHELL)

    def cut(self) -> None:
        if self._running is not None:
            self._running.close()
        super().cut()

    def lost(self) -> None:
        if self._running is not None:
            self._running.close()
        super().lost()

    def _drained(self) -> None:
        if self._running is not None:
            self._running.drained()


class FilesRun(GrantedRun):
    """An SFTP session. asyncssh's own server speaks the protocol; what it does to files is ours."""

    _files: SftpRun | None = None

    @property
    def closing(self) -> "asyncio.Future[None] | None":
        return self._files.closed if self._files is not None else None

    async def start(self) -> None:
        record = self._around.record("sftp", "")
        self._files = SftpRun(self._channel, self._around.access, self._around.recording, record, self._around.pause)

    def feed(self, data: bytes) -> None:
        if self._files is not None:
            self._files.feed(data)

    def feed_end(self) -> None:
        if self._files is not None:
            self._files.feed_end()

    def pause_writing(self) -> None:
        if self._files is not None:
            self._files.pause_writing()

    def resume_writing(self) -> None:
        if self._files is not None:
            self._files.resume_writing()

    def still_allowed(self) -> bool:
        return self._around.access.allows(Scope.FILES_READ) or self._around.access.allows(Scope.FILES_WRITE)

    def lost(self) -> None:
        if self._files is not None:
            self._files.lost()


class RefusedRun(Run):
    """Says why not, and closes."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], error: ConsentryError) -> None:
        super().__init__(channel)
        self._error = error

    async def start(self) -> None:
        self._channel.write_stderr(f"{self._error}\r\n".encode())
        self._channel.exit(EXIT_REFUSED)
