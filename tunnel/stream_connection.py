"""A resumable stream as a connection: an asyncio transport for asyncssh, or read/write/drain for a control channel.

The driver around `ResumableStream`: it feeds what the current leg brings, acts on events, writes what is to be sent,
arms one timer, and says when it needs another leg. Where legs come from is its owner's business (`agent_legs.py`,
`engineer_stream.py`).

    gathered writes   what is written during one turn of the event loop goes out together, as few frames as possible;
                      but a small write after a pause is a person's, and goes at once
    gathered reads    what arrived together reaches the protocol in one piece: what that costs beyond is per call
    back-pressure     a protocol that pauses reading stops the leg, and through the relay the other end; one that writes
                      more than the stream keeps is told to pause, whether the leg is slow, blocked or gone

A leg that is not read from is not seen to end either: a stalled reader notices a broken leg when it reads again, or at
its next ALIVE that cannot be written, within 30 s.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from protocol.legs import FINAL_CLOSE_CODES
from protocol.send_buffer import SEND_BUFFER_BYTES
from protocol.stream import BytesReceived, LegAccepted, LegFailed, ResumableStream, StreamClosed
from protocol.stream_frames import CloseCode, StreamKind, StreamOpening
from tunnel.leg import StreamLeg

READ_HIGH_BYTES = 256 * 1024
"""Received and not yet read by `read()`, above which the leg is no longer read from."""

RESUME_WRITING_BYTES = SEND_BUFFER_BYTES // 2

SMALL_WRITE_BYTES = 1024
"""A key's echo, a prompt, an answer. Larger ones belong to a flow, where gathering saves more than a turn costs."""

FLOW_SECONDS = 0.0002
"""What is written within this time of the last write belongs to a flow, however small it is. Less than it takes anybody
to see an echo and press the next key, though it were a program on the same machine."""


class StreamEnded(ConnectionError):
    """The stream ended otherwise than in order. `code` is the reason."""

    def __init__(self, code: CloseCode) -> None:
        super().__init__(f"stream ended: {code.name.lower()}")
        self.code = code


@dataclass(frozen=True)
class ConnectionState:
    """Is there a live leg, and since when is it so (or not), in seconds on the event loop's clock."""

    connected: bool
    since_seconds: float


class StreamConnection(asyncio.Transport):
    """One stream. `closed` resolves with its CloseCode, always, and never raises."""

    def __init__(self, stream: ResumableStream) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[CloseCode] = self._loop.create_future()
        self.state = ConnectionState(connected=False, since_seconds=self._loop.time())
        self.on_state: Callable[[ConnectionState], None] | None = None
        self.needs_leg = asyncio.Event()
        """Set while there is no leg and the stream has not ended."""
        self.needs_leg.set()
        self._stream = stream
        self._leg: StreamLeg | None = None
        self._protocol: asyncio.BaseProtocol | None = None
        self._inbound: deque[bytes] = deque()
        self._inbound_bytes = 0
        self._reading_paused = False
        self._leg_reading_paused = False
        self._writing_paused = False
        self._closing = False
        self._connection_lost_is_due = False
        self._flush_is_due = False
        self._written_at_seconds = 0.0
        self._changed = asyncio.Event()
        """Set whenever a reader or a writer that waits should look again."""
        self._timer: asyncio.TimerHandle | None = None
        self._arm_timer()

    @property
    def stream_id(self) -> bytes:
        return self._stream.stream_id

    @property
    def pairing_id(self) -> bytes:
        return self._stream.pairing_id

    @property
    def kind(self) -> StreamKind:
        return self._stream.kind

    @property
    def buffered_bytes(self) -> int:
        """Written and not yet known to have arrived."""
        return self._stream.buffered_bytes

    @property
    def acknowledged_bytes(self) -> int:
        """Known to have arrived, since the stream began."""
        return self._stream.acked_bytes

    def __repr__(self) -> str:
        return f"<StreamConnection {self.kind.name.lower()} {self.stream_id.hex()[:8]} {self._stream.state.value}>"

    # ── for the owner: legs ─────────────────────────────────────────────────────────────────────────────────────

    def leg_dialled(self, leg: StreamLeg) -> None:
        """Engineer: opens the stream, or resumes it, on this leg."""
        self._stream.leg_opened(self._now_ms())
        self._take_leg(leg)

    def leg_brought(self, leg: StreamLeg, opening: StreamOpening) -> None:
        """Agent: resumes the stream on the leg that brought this opening. Raises OpeningRefused."""
        self._stream.resume(opening, self._now_ms())
        self._take_leg(leg)

    def adopt_leg(self, leg: StreamLeg) -> None:
        """Agent: the leg that brought the stream's first opening."""
        self._take_leg(leg)

    def kill(self, code: CloseCode = CloseCode.OVER) -> None:
        """Ends the stream at once: what was written and has not left yet never will."""
        self._stream.close(code)
        self._act_on_events()
        self._flush()

    def _take_leg(self, leg: StreamLeg) -> None:
        if self._leg is not None:
            self._leg.close()
        self._leg = leg
        self._leg_reading_paused = False
        leg.listener = self
        self.needs_leg.clear()
        self._pause_or_resume_leg()
        self._act_on_events()
        if self.closed.done():
            self._flush()
            self._drop_leg()
            self.needs_leg.clear()
        else:
            self._flush_soon()

    # ── for the leg ─────────────────────────────────────────────────────────────────────────────────────────────

    def leg_bytes_received(self, leg: StreamLeg, data: memoryview) -> None:
        if leg is self._leg:
            self._stream.receive_data(data, self._now_ms())
            self._act_on_events()
            if self._stream.has_data_to_send:
                self._flush_soon()
            else:
                self._pause_or_resume_writing()

    def leg_writable(self, leg: StreamLeg) -> None:
        if leg is self._leg:
            self._flush()

    def leg_lost(self, leg: StreamLeg, code: int | None) -> None:
        if leg is not self._leg:
            return
        self._leg = None
        if code in FINAL_CLOSE_CODES:
            self._stream.close(CloseCode.OVER)
        else:
            self._stream.leg_lost(self._now_ms())
        self._leg_is_gone()
        self._act_on_events()

    # ── the stream's events and time ────────────────────────────────────────────────────────────────────────────

    def _act_on_events(self) -> None:
        received: list[memoryview] = []
        for event in self._stream.events_received():
            if isinstance(event, BytesReceived):
                received.append(event.data)
                continue
            self._bytes_received(received)
            received = []
            if isinstance(event, LegAccepted):
                self._set_state(connected=True)
            elif isinstance(event, LegFailed):
                self._drop_leg()
            elif isinstance(event, StreamClosed):
                self._stream_closed(event.code)
        self._bytes_received(received)
        self._arm_timer()

    def _stream_closed(self, code: CloseCode) -> None:
        self._flush()  # the last word, if there is one
        self._drop_leg()
        self.needs_leg.clear()
        if not self.closed.done():
            self.closed.set_result(code)
        self._changed.set()
        self._connection_lost_is_due = True
        self._feed_protocol()

    def _drop_leg(self) -> None:
        if self._leg is not None:
            self._leg.close()
            self._leg = None
            self._leg_is_gone()

    def _leg_is_gone(self) -> None:
        self._set_state(connected=False)
        self.needs_leg.set()
        self._arm_timer()

    def _set_state(self, *, connected: bool) -> None:
        if connected is not self.state.connected:
            self.state = ConnectionState(connected, self._loop.time())
            if self.on_state is not None:
                self.on_state(self.state)

    def _now_ms(self) -> int:
        return int(self._loop.time() * 1000)

    def _arm_timer(self) -> None:
        """One timer, only ever moved forward: most deadlines are put off long before they come."""
        deadline_ms = self._stream.deadline_ms
        if deadline_ms is None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        elif self._timer is None or self._timer.when() * 1000 > deadline_ms + 1:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at((deadline_ms + 1) / 1000, self._time_has_come)

    def _time_has_come(self) -> None:
        self._timer = None
        self._stream.handle_time(self._now_ms())
        self._act_on_events()
        self._flush()

    # ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _flush_soon(self) -> None:
        """At the end of this turn of the event loop: what else is written during it goes along."""
        if not self._flush_is_due:
            self._flush_is_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_is_due = False
        while self._leg is not None and self._leg.writable:
            pieces = self._stream.data_to_send()
            if not pieces:
                break
            self._leg.send(pieces)
        self._pause_or_resume_writing()

    def _pause_or_resume_writing(self) -> None:
        if self._writing_paused:
            if self._stream.buffered_bytes <= RESUME_WRITING_BYTES:
                self._writing_paused = False
                self._changed.set()
                if self._protocol is not None:
                    self._protocol.resume_writing()
        elif self._stream.buffered_bytes >= SEND_BUFFER_BYTES:
            self._writing_paused = True
            if self._protocol is not None:
                self._protocol.pause_writing()

    # ── receiving ───────────────────────────────────────────────────────────────────────────────────────────────

    def _bytes_received(self, pieces: list[memoryview]) -> None:
        if not pieces or self._closing:
            return  # once closing, nobody wants them any more
        data = b"".join(pieces)
        if isinstance(self._protocol, asyncio.Protocol) and not self._inbound and not self._reading_paused:
            self._protocol.data_received(data)
        else:
            self._inbound.append(data)
            self._inbound_bytes += len(data)
            self._changed.set()
            self._pause_or_resume_leg()

    def _feed_protocol(self) -> None:
        """Hands over what waited, and the end behind it."""
        protocol = self._protocol
        if not isinstance(protocol, asyncio.Protocol):
            return
        while self._inbound and not self._reading_paused and protocol is self._protocol:
            piece = self._inbound.popleft()
            self._inbound_bytes -= len(piece)
            protocol.data_received(piece)
        if self._connection_lost_is_due and not self._inbound and protocol is self._protocol:
            self._protocol = None
            code = self.closed.result()
            self._loop.call_soon(protocol.connection_lost, None if code is CloseCode.DONE else StreamEnded(code))
        self._pause_or_resume_leg()

    def _pause_or_resume_leg(self) -> None:
        limit = READ_HIGH_BYTES if self._protocol is None else 0
        too_much = self._inbound_bytes > limit or (self._protocol is not None and self._reading_paused)
        pause = too_much and not self._closing  # once closing, acknowledgements are still wanted
        if self._leg is None or pause is self._leg_reading_paused:
            return
        self._leg_reading_paused = pause
        if pause:
            self._stream.pause_reading()
            self._leg.pause_reading()
        else:
            self._stream.resume_reading(self._now_ms())
            self._leg.resume_reading()
        self._arm_timer()

    # ── asyncio.Transport ───────────────────────────────────────────────────────────────────────────────────────

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """From now on `protocol` gets the bytes. The caller calls its `connection_made`, before the next turn."""
        self._protocol = protocol
        self._loop.call_soon(self._feed_protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        assert self._protocol is not None
        return self._protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._stream.send(data if isinstance(data, bytes) else bytes(data))
        now_seconds = self._loop.time()
        is_flow = len(data) > SMALL_WRITE_BYTES or now_seconds - self._written_at_seconds < FLOW_SECONDS
        self._written_at_seconds = now_seconds
        if is_flow or self._flush_is_due:
            self._flush_soon()
            self._pause_or_resume_writing()
        else:
            self._flush()

    def writelines(self, list_of_data: Any) -> None:
        for data in list_of_data:
            self._stream.send(data if isinstance(data, bytes) else bytes(data))
        self._flush_soon()
        self._pause_or_resume_writing()

    def pause_reading(self) -> None:
        self._reading_paused = True
        self._pause_or_resume_leg()

    def resume_reading(self) -> None:
        if self._reading_paused:
            self._reading_paused = False
            self._loop.call_soon(self._feed_protocol)

    def is_reading(self) -> bool:
        return not self._reading_paused

    def is_closing(self) -> bool:
        return self._closing or self._stream.is_closing

    def can_write_eof(self) -> bool:
        return False

    def close(self) -> None:
        """In order: what was written is delivered first, over later legs if need be."""
        if not self._closing:
            self._closing = True
            self._inbound.clear()
            self._inbound_bytes = 0
            self._pause_or_resume_leg()
            self._stream.close(CloseCode.DONE)
            self._act_on_events()
            self._flush_soon()

    def abort(self) -> None:
        """The protocol is let go at once; what it wrote before is still delivered. See `kill` for the sharp end.

        asyncssh says its last words, a disconnect message, and aborts: over TCP they would be in the kernel by then.
        """
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            self._loop.call_soon(protocol.connection_lost, None)
        self.close()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"stream_id": self.stream_id, "pairing_id": self.pairing_id, "kind": self.kind}.get(name, default)

    def get_write_buffer_size(self) -> int:
        return self._stream.buffered_bytes

    def get_write_buffer_limits(self) -> tuple[int, int]:
        return RESUME_WRITING_BYTES, SEND_BUFFER_BYTES

    # ── read, write, drain ──────────────────────────────────────────────────────────────────────────────────────

    async def read(self) -> bytes:
        """The next bytes; b"" at the end. Raises StreamEnded if it was no orderly end. Not together with a protocol."""
        while not self._inbound:
            if self.closed.done():
                if self.closed.result() is CloseCode.DONE:
                    return b""
                raise StreamEnded(self.closed.result())
            await self._wait_for_change()
        piece = self._inbound.popleft()
        self._inbound_bytes -= len(piece)
        self._pause_or_resume_leg()
        return piece

    async def drain(self) -> None:
        """Waits while the stream is too full to take more. Raises StreamEnded."""
        while self._writing_paused:
            if self.closed.done():
                raise StreamEnded(self.closed.result())
            await self._wait_for_change()

    async def wait_closed(self) -> CloseCode:
        """Waits for the end, whatever it is."""
        return await asyncio.shield(self.closed)

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
