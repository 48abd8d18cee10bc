"""What an engineer's client asks of one channel, and what comes of it: the room, a command, SFTP, or a refusal.

asyncssh calls an `EngineerChannel`; once the request is known, everything goes on to one *run*. Scopes are asked when a
run begins, by the run itself while it goes on, and by `access_changed` at the moment in which the grant changes.
"""

import asyncio
from collections.abc import Callable, Mapping

import asyncssh

from agent_client.access import ScopeNotGranted
from agent_client.shell.command import COMMAND_LIMIT_BYTES, TerminalRequest
from agent_client.ssh.refusal import RequestNotOffered
from agent_client.ssh.runs import CommandRun, FilesRun, GrantedRun, RefusedRun, RoomRun, Run, Surroundings
from protocol.errors import ConsentryError
from protocol.grants import Scope
from tunnel.ssh_tuning import leave_out_environment, widen_window


class EngineerChannel(asyncssh.SSHServerSession[bytes]):
    """One session channel (RFC 4254, section 6)."""

    def __init__(self, around: Surroundings, on_lost: "Callable[[EngineerChannel], None]") -> None:
        self._around = around
        self._on_lost = on_lost
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._terminal: TerminalRequest | None = None
        self._run: Run | None = None
        self._started = False
        self._early: list[bytes | None] = []
        self._task: asyncio.Task[None] | None = None
        self._opened_at_seconds = 0.0

    # ── what the session does with it ───────────────────────────────────────────────────────────────────────────

    def pause(self) -> None:
        if self._run is not None:
            self._run.pause()

    def resume(self) -> None:
        if self._run is not None:
            self._run.resume()

    def access_changed(self) -> None:
        if self._run is not None and not self._run.still_allowed():
            self._run.cut()

    def cut(self) -> None:
        if self._run is not None:
            self._run.cut()
        elif self._channel is not None:
            self._channel.abort()

    # ── what asyncssh calls ─────────────────────────────────────────────────────────────────────────────────────

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan
        leave_out_environment(chan)
        self._opened_at_seconds = asyncio.get_running_loop().time()

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: Mapping[int, int]
    ) -> bool:
        del term_modes
        self._terminal = TerminalRequest(term_type, term_size[0], term_size[1])
        return True

    def shell_requested(self) -> bool:
        access = self._around.access
        if self._terminal is None:
            # `ssh host < script`: nobody watches it, so it is a command like any other.
            return self._begin(CommandRun, "") if access.allows(Scope.SHELL) else self._refuse(Scope.SHELL)
        if access.allows(Scope.VIEW) or access.allows(Scope.SHELL):
            return self._begin(RoomRun, "")
        return self._refuse(Scope.SHELL)

    def exec_requested(self, command: str) -> bool:
        if not self._around.access.allows(Scope.SHELL):
            return self._refuse(Scope.SHELL)
        if len(command.encode()) > COMMAND_LIMIT_BYTES or "\0" in command:
            return self._refuse_with(RequestNotOffered(request="a command this long"))
        return self._begin(CommandRun, command)

    def subsystem_requested(self, subsystem: str) -> bool:
        access = self._around.access
        if subsystem != "sftp":
            return False
        if access.allows(Scope.FILES_READ) or access.allows(Scope.FILES_WRITE):
            return self._begin(FilesRun, "")
        return self._refuse(Scope.FILES_READ)

    def session_started(self) -> None:
        assert self._run is not None
        assert self._channel is not None
        # The client has heard that the channel is open, and has asked for the program: one round trip, as a rule idle.
        widen_window(self._channel, asyncio.get_running_loop().time() - self._opened_at_seconds)
        # Until the program is there, what it is to read waits with the client: a pause may last for an hour.
        self._channel.pause_reading()
        self._task = asyncio.create_task(self._start(self._run), name="start SSH channel")

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        del datatype
        self._pass_on(data)

    def eof_received(self) -> bool:
        self._pass_on(None)
        return True

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        del pixwidth, pixheight
        if self._terminal is not None:
            self._terminal = TerminalRequest(self._terminal.name, width, height)
        if self._run is not None:
            self._run.resize(width, height)

    def signal_received(self, signal: str) -> None:
        if self._run is not None:
            self._run.signal(signal)

    def break_received(self, msec: int) -> bool:
        del msec
        return False

    def pause_writing(self) -> None:
        if self._run is not None:
            self._run.pause_writing()

    def resume_writing(self) -> None:
        if self._run is not None:
            self._run.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        closing = None
        if self._run is not None:
            self._run.lost()
            closing = self._run.closing
        if closing is None or closing.done():
            self._on_lost(self)
        else:
            closing.add_done_callback(lambda _: self._on_lost(self))

    # ── in between ──────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, run: type[GrantedRun], command: str) -> bool:
        assert self._channel is not None
        self._run = run(self._around, self._channel, self._terminal, command)
        return True

    def _refuse(self, scope: Scope) -> bool:
        return self._refuse_with(ScopeNotGranted(scope=scope.value))

    def _refuse_with(self, error: ConsentryError) -> bool:
        """Accept, and say why not on standard error: a refused request is `request failed on channel 0` to a reader."""
        assert self._channel is not None
        self._run = RefusedRun(self._channel, error)
        return True

    async def _start(self, run: Run) -> None:
        assert self._channel is not None
        try:
            await self._around.pause.passed()
            await run.start()
        except ConsentryError as error:
            if not self._channel.is_closing():
                await RefusedRun(self._channel, error).start()
            return
        self._started = True
        if not run.still_allowed():
            run.cut()
        for piece in self._early:
            self._pass_on(piece)
        self._early.clear()
        if not self._channel.is_closing():
            self._channel.resume_reading()
        if self._around.pause.active:  # since the program began to start
            run.pause()

    def _pass_on(self, piece: bytes | None) -> None:
        """What comes before the program is there waits for it, and the rest with the client; None is its end."""
        if not self._started or self._run is None:
            self._early.append(piece)
            if self._channel is not None and not self._channel.is_closing():
                self._channel.pause_reading()
        elif piece is None:
            self._run.feed_end()
        else:
            self._run.feed(piece)
