"""The shared room: one shell on one terminal, and everyone who is let in sees the same bytes of it.

Each engineer's channel is a run of the room's one output, from the offset at which they joined (a newcomer is shown the
last few KiB, so it begins a little earlier) to the one at which they left. So one hash of the room speaks for all.

The customer has a seat too. It never slows the room down; engineers' seats do, as any SSH client slows its shell: the
shell waits when all of them lag. One who lags far behind the others is waited for a while and then shown the door: they
may come back, and start from the newest output.
"""

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from agent_client.access import Access
from agent_client.recording import Recording, RedactorFactory
from agent_client.shell.environment import ShellProfile
from agent_client.shell.fd_reader import FdReader, Hold
from agent_client.shell.fd_writer import FdWriter
from agent_client.shell.output import OutputPath
from agent_client.shell.process_tree import ProcessTree, ProgramNotStarted
from agent_client.shell.pty_process import PtyProcess, clamp_size
from agent_client.shell.tally import ChannelRecord
from agent_client.shell.viewer import Screen, Seat
from protocol.events import ROOM_CHANNEL, InputHidden, TerminalInput, TerminalOutput, TerminalResized

log = structlog.get_logger(__name__)

REPLAY_BYTES = 64 * 1024
"""What a newcomer is shown of the past: a few screens."""

LAG_BYTES = 1024 * 1024
"""When every engineer is further behind than this, the shell waits for them."""

LAG_LIMIT_BYTES = 8 * 1024 * 1024
"""When one engineer is further behind than this while others keep up, the shell waits for them, but not for long."""

LAG_PATIENCE_SECONDS = 5.0
"""How long the others wait for the one."""


class Room:
    """One per session. Belongs to the event loop's thread."""

    def __init__(self, recording: Recording, redactor_factory: RedactorFactory, profile: ShellProfile) -> None:
        self._recording = recording
        self._redactor_factory = redactor_factory
        self._profile = profile
        self._tree = ProcessTree("room")
        self._seats: list[Seat] = []
        self._starting = asyncio.Lock()
        self._process: PtyProcess | None = None
        self._path: OutputPath | None = None
        self._reader: FdReader | None = None
        self._writer: FdWriter | None = None
        self._watch: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._replay: deque[bytes] = deque()
        self._replay_bytes = 0
        self._size = (0, 0)
        self._paused = False
        self._ended = False
        self._held_input: deque[tuple[Seat, bytes]] = deque()
        self._shown_bytes = 0

    @property
    def tree(self) -> ProcessTree:
        return self._tree

    @property
    def running(self) -> bool:
        return self._process is not None

    async def attach(
        self,
        make_screen: Callable[[ChannelRecord], Screen],
        access: Access,
        stream_id: bytes,
        *,
        columns: int,
        rows: int,
        terminal: str,
    ) -> Seat:
        """Seat an engineer; starts the shell if none runs. Raises ProgramNotStarted.

        `make_screen` gets the record in which the screen counts what leaves it.
        """
        columns, rows = clamp_size(columns, rows)
        await self._ensure_shell(columns, rows, terminal)
        record = ChannelRecord(
            self._recording,
            channel=ROOM_CHANNEL,
            participant=access.participant,
            stream_id=stream_id,
            use="room",
            columns=columns,
            rows=rows,
            output_offset=self._shown_bytes - self._replay_bytes,
        )
        return self._sit(Seat(make_screen(record), columns, rows, access, record))

    async def attach_customer(self, show: Callable[[bytes], None], *, columns: int, rows: int, terminal: str) -> Seat:
        """Seat the customer. Does not start the shell: that is for an engineer who was let in."""
        del terminal
        return self._sit(Seat(_CustomerScreen(show), *clamp_size(columns, rows), None, None))

    def leave(self, seat: Seat, exit_status: int | None = None) -> None:
        """Free a seat; the shell goes on for the others. Records what the engineer got."""
        if seat in self._seats:
            self._seats.remove(seat)
            self._fit()
            self._balance()
        if seat.record is not None:
            seat.record.close(exit_status)

    def type(self, seat: Seat, data: bytes) -> None:
        """Keys from a seat. Ignored from one who may only look; held while the room is paused."""
        if self._paused:
            self._held_input.append((seat, data))
        elif self._process is not None and self._writer is not None and seat.may_type:
            self._record_input(seat, data, self._process.echoes)
            self._writer.write(data)
            if self._writer.full:
                self._hold_input(held=True)

    def resize(self, seat: Seat, columns: int, rows: int) -> None:
        seat.columns, seat.rows = clamp_size(columns, rows)
        self._fit()

    def drained(self) -> None:
        """A screen was able to send on what it had queued."""
        self._balance()

    def access_changed(self) -> None:
        """Grants changed: who may no longer see is cut at once."""
        for seat in [seat for seat in self._seats if not seat.may_see]:
            self._put_out(seat)

    def pause(self) -> None:
        """Freeze the shell and all its children; hold what is typed and what was put out."""
        self._paused = True
        self._tree.freeze()
        if self._reader is not None:
            self._reader.hold(Hold.PAUSED)
        self._hold_input(held=True)

    def resume(self) -> None:
        self._paused = False
        self._tree.thaw()
        if self._reader is not None:
            self._reader.release(Hold.PAUSED)
        self._hold_input(held=False)
        while self._held_input and not self._paused:
            self.type(*self._held_input.popleft())

    async def stop_shell(self) -> None:
        """Kill the shell and everything it started; cut all engineers. A later `attach` may start a new one."""
        self._tree.kill_now()
        self._drop_shell()
        for seat in [seat for seat in self._seats if not seat.is_customer]:
            seat.screen.cut()
        await self._tree.kill()

    async def end(self) -> None:
        """The session is over: `stop_shell`, for good."""
        self._ended = True
        await self.stop_shell()
        await self._tree.close()

    # ── the shell ───────────────────────────────────────────────────────────────────────────────────────────────

    async def _ensure_shell(self, columns: int, rows: int, terminal: str) -> None:
        async with self._starting:
            if self._ended:
                raise ProgramNotStarted(problem="the session has ended")
            if self._process is not None:
                return
            sizes = [(seat.columns, seat.rows) for seat in self._seats]
            columns, rows = min([columns, *(c for c, _ in sizes)]), min([rows, *(r for _, r in sizes)])
            process = await PtyProcess.start(
                self._tree,
                self._profile.login(),
                environment=self._profile.for_terminal(terminal),
                folder=self._profile.folder,
                columns=columns,
                rows=rows,
            )
            self._replay.clear()
            self._replay_bytes = 0
            self._size = (columns, rows)
            self._record_size()
            path = self._path = OutputPath(
                self._recording, self._redactor_factory(ROOM_CHANNEL), to_event=self._output_event, show=self._show
            )
            reader = self._reader = FdReader(process.master, path.feed)
            path.reader = reader
            self._writer = FdWriter(process.writing_end(), lambda: self._hold_input(held=self._paused))
            self._process = process
            if self._paused:
                self.pause()
            self._watch = asyncio.create_task(self._until_ended(process, reader, path), name="room shell")

    async def _until_ended(self, process: PtyProcess, reader: FdReader, path: OutputPath) -> None:
        status = await process.exited
        reader.end_when_empty()
        await reader.ended
        await path.finish()
        self._drop_shell()
        for seat in list(self._seats):
            seat.screen.shell_ended(status)

    def _drop_shell(self) -> None:
        if self._reader is not None:
            self._reader.close()
        if self._path is not None:
            self._path.close()
        if self._writer is not None:
            self._writer.close()
        if self._process is not None:
            self._process.close()
        if self._watch is not None and self._watch is not asyncio.current_task():
            self._watch.cancel()
        self._reader = self._path = self._writer = self._process = self._watch = None
        self._held_input.clear()

    # ── output ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _output_event(self, data: bytes) -> TerminalOutput:
        return TerminalOutput(t_ms=self._recording.elapsed_ms(), channel=ROOM_CHANNEL, data=data)

    def _show(self, data: bytes) -> None:
        self._shown_bytes += len(data)
        self._replay.append(data)
        self._replay_bytes += len(data)
        while self._replay_bytes - len(self._replay[0]) >= REPLAY_BYTES:
            self._replay_bytes -= len(self._replay.popleft())
        for seat in list(self._seats):
            seat.screen.show(data)
        self._balance()

    def _sit(self, seat: Seat) -> Seat:
        for piece in self._replay:
            seat.screen.show(piece)
        self._seats.append(seat)
        self._fit()
        self._balance()
        if self._paused:
            seat.screen.hold_input(True)
        return seat

    def _balance(self) -> None:
        """Let the shell wait for those who watch it, but not for one who never catches up."""
        if self._reader is None:
            return
        lags = [seat.screen.queued_bytes for seat in self._seats if not seat.is_customer]
        if lags and (min(lags) > LAG_BYTES or max(lags) > LAG_LIMIT_BYTES):
            self._reader.hold(Hold.VIEWERS)
            if min(lags) <= LAG_BYTES and self._patience is None:
                loop = asyncio.get_running_loop()
                self._patience = loop.call_later(LAG_PATIENCE_SECONDS, self._lose_patience)
        else:
            self._reader.release(Hold.VIEWERS)
            if self._patience is not None:
                self._patience.cancel()
                self._patience = None

    def _lose_patience(self) -> None:
        self._patience = None
        for seat in [seat for seat in self._seats if seat.screen.queued_bytes > LAG_LIMIT_BYTES]:
            log.info("viewer_too_slow", participant=seat.participant)
            self._put_out(seat)

    def _put_out(self, seat: Seat) -> None:
        """A client that is dead or cut off never answers the closing of its channel: nobody waits for it to leave."""
        seat.screen.cut()
        self.leave(seat)

    # ── input and size ──────────────────────────────────────────────────────────────────────────────────────────

    def _record_input(self, seat: Seat, data: bytes, echoes: bool) -> None:
        t_ms = self._recording.elapsed_ms()
        if echoes:
            event = TerminalInput(t_ms=t_ms, channel=ROOM_CHANNEL, participant=seat.participant, data=data)
            self._recording.record(event)
        else:
            self._recording.record(
                InputHidden(t_ms=t_ms, channel=ROOM_CHANNEL, participant=seat.participant, byte_count=len(data))
            )
        if seat.record is not None:
            seat.record.took_input(data, hidden=not echoes)

    def _hold_input(self, *, held: bool) -> None:
        for seat in self._seats:
            seat.screen.hold_input(held)

    def _fit(self) -> None:
        """The terminal is as large as the smallest window that looks at it."""
        if not self._seats or self._process is None:
            return
        size = (min(seat.columns for seat in self._seats), min(seat.rows for seat in self._seats))
        if size != self._size:
            self._size = size
            self._process.resize(*size)
            self._record_size()

    def _record_size(self) -> None:
        columns, rows = self._size
        self._recording.record(
            TerminalResized(t_ms=self._recording.elapsed_ms(), channel=ROOM_CHANNEL, columns=columns, rows=rows)
        )


class _CustomerScreen:
    """The customer's screen keeps up by dropping frames, so it never has anything queued."""

    queued_bytes = 0

    def __init__(self, show: Callable[[bytes], None]) -> None:
        self.show = show

    def shell_ended(self, exit_status: int) -> None:
        """The customer stays seated: the next shell of the room is theirs to see too."""

    def cut(self) -> None:
        """Nobody can take the customer's own screen away."""

    def hold_input(self, held: bool) -> None:
        """What they type while paused is held by the room."""
