"""The resumable stream: one ordered byte pipe in each direction, over legs that may break at any byte.

How it works, in one paragraph. Every byte of a direction has an offset. A sender keeps what it sent until the other
end has acknowledged it. When a leg breaks, the engineer's end dials another, says with a higher generation how far it
has received, the agent answers how far it has, and both go on from there; whatever arrives twice is recognised by its
offset and dropped. So resending is always safe, and what runs inside never notices.

    engineer   waiting ──leg_opened──► opening ──ACCEPT──► live ──leg_lost / silence──► waiting
    agent                              accept / resume ──► live ──leg_lost / silence──► waiting
    both       any state ──CLOSE, close(), end of the resume window──► ended

    state     what the engineer's end does                         what the agent's end does
    waiting   dials, with backoff, until the window ends           keeps a spare leg, until the window ends
    opening   generation 0: sends DATA at once, behind OPENING;    (has no such state: an opening that it admits
              later ones: waits for ACCEPT before it sends on       is answered in the same breath)
    live      sends, acknowledges, says ALIVE every 15 s           the same
    ended     nothing; late bytes are ignored                      the same

A driver feeds what it reads to `receive_data`, acts on `events_received`, writes what `data_to_send` returns, and calls
`handle_time` at `deadline_ms`. Times are milliseconds on any clock that does not go backwards. There is one leg at a
time: the driver never feeds bytes of an old one. The machine holds at most SEND_BUFFER_BYTES that were not yet
acknowledged, plus what its user insists on writing while `can_send` is false; it never holds received bytes.

There is no PONG: an end that stopped reading, because its own reader is slow, could not answer a ping, yet it can still
say ALIVE. Frames are laid out in `stream_frames.py`. Stands on the start-up path of every `ssh`: imports stay light.
"""

from collections import namedtuple
from enum import Enum

from protocol.details import Detail
from protocol.errors import PeerError
from protocol.send_buffer import SEND_BUFFER_BYTES, SendBuffer
from protocol.stream_frames import (
    ALIVE,
    CLOSED,
    DATA_HEADER_BYTES,
    DATA_LIMIT_BYTES,
    FRAME_BYTES,
    CloseCode,
    FrameType,
    StreamKind,
    StreamOpening,
    accept_frame,
    ack_frame,
    close_frame,
    read_accept,
    read_ack,
    read_close,
    read_data_header,
)

ACK_EVERY_BYTES = 1024 * 1024
"""An acknowledgement at least this often: 1/8 of the sender's buffer. Each costs the relay as much as a data frame."""

ACK_DELAY_MS = 250
"""… and never later than this, so that little has to be kept and sent again."""

ALIVE_EVERY_MS = 15_000
"""Below every common NAT and proxy idle limit (30 s and up)."""

SILENCE_LIMIT_MS = 45_000
"""Three ALIVEs missed: the leg is dead, whatever TCP believes."""

OPEN_WINDOW_MS = 60_000
"""How long the first opening of a stream may take before the user is told."""

RESUME_WINDOW_MS = 10 * 60_000
"""How long a broken stream waits for its next leg, unless the organisation's profile says otherwise."""

SEND_BATCH_BYTES = 272 * 1024
"""What one `data_to_send` hands out at most, so that a driver never fills a transport's buffer with megabytes. Room for
a read of 256 KiB with what SSH adds: what is left of it would be a frame by itself."""


class StreamState(Enum):
    """As the table above has it."""

    WAITING = "waiting"
    OPENING = "opening"
    LIVE = "live"
    ENDED = "ended"


_ON_A_LEG = (StreamState.OPENING, StreamState.LIVE)


# Plain named tuples: `typing` and `dataclasses` would add a third to the start-up time of ssh-proxy.
LegAccepted = namedtuple("LegAccepted", "generation")  # noqa: PYI024
LegAccepted.__doc__ = "The two ends have proved themselves to each other on this leg; the stream is live."
BytesReceived = namedtuple("BytesReceived", "data")  # noqa: PYI024
BytesReceived.__doc__ = "The next bytes, in order. A view of what was fed: use it before the next `receive_data`."
LegFailed = namedtuple("LegFailed", "problem")  # noqa: PYI024
LegFailed.__doc__ = "This leg is of no use: drop it. The stream itself is unharmed and waits for another."
StreamClosed = namedtuple("StreamClosed", "code")  # noqa: PYI024
StreamClosed.__doc__ = "The last event. `code` is a CloseCode."

StreamEvent = LegAccepted | BytesReceived | LegFailed | StreamClosed


class OpeningRefused(PeerError):
    """An opening that does not go with its stream: forged, stale, or of something else. The stream is unharmed."""

    sentence = "Somebody tried to take over a running connection and was refused: {problem}."


class ResumableStream:
    """One end of a stream. Make it with `open` (engineer) or `accept` (agent)."""

    def __init__(
        self, stream_key: bytes, kind: StreamKind, pairing_id: bytes, stream_id: bytes, resume_window_ms: int
    ) -> None:
        self.kind = kind
        self.pairing_id = pairing_id
        self.stream_id = stream_id
        self.state = StreamState.WAITING
        self.generation = -1
        self.close_code: CloseCode | None = None
        self.received_bytes = 0
        """Bytes that arrived in order, for ever: also the offset of the next one."""
        self._stream_key = stream_key
        self._resume_window_ms = resume_window_ms
        self._opening: StreamOpening | None = None
        self._events: list[StreamEvent] = []
        # Sending.
        self._sending = SendBuffer()
        self._urgent: list[bytes] = []
        self._may_send_data = False
        self._close_is_due = False
        # Receiving.
        self._partial_header = bytearray()
        self._payload_left = 0
        self._payload_to_skip = 0
        self._acked_to_peer_bytes = 0
        self._reading_paused = False
        # Time. None means that nothing is due.
        self._heard_at_ms = 0
        self._alive_due_ms: int | None = None
        self._ack_due_ms: int | None = None
        self._window_ends_ms: int | None = None

    # ── making one ──────────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def open(
        cls,
        stream_key: bytes,
        kind: StreamKind,
        pairing_id: bytes,
        stream_id: bytes,
        now_ms: int,
        *,
        resume_window_ms: int = RESUME_WINDOW_MS,
    ) -> "ResumableStream":
        """The engineer's end of a new stream. `stream_id` is 16 fresh random bytes: keys inside depend on it."""
        stream = cls(stream_key, kind, pairing_id, stream_id, resume_window_ms)
        stream._window_ends_ms = now_ms + OPEN_WINDOW_MS
        return stream

    @classmethod
    def accept(
        cls, opening: StreamOpening, stream_key: bytes, now_ms: int, *, resume_window_ms: int = RESUME_WINDOW_MS
    ) -> "ResumableStream":
        """The agent's end of a stream that it has never seen. Raises OpeningRefused.

        The caller has to see to it that a stream id is accepted once in a session's life, also after its end: a
        replayed opening would otherwise start a second control channel under the same key.
        """
        stream = cls(stream_key, opening.kind, opening.pairing_id, opening.stream_id, resume_window_ms)
        stream.resume(opening, now_ms)
        return stream

    # ── legs ────────────────────────────────────────────────────────────────────────────────────────────────────

    def leg_opened(self, now_ms: int) -> None:
        """Engineer: a leg is connected. Queues the OPENING of the next generation."""
        if self.state is StreamState.ENDED:
            return
        self.generation += 1
        self._start_leg(StreamState.OPENING, now_ms)
        self._opening = StreamOpening.signed(
            self._stream_key, self.kind, self.pairing_id, self.stream_id, self.generation, self.received_bytes
        )
        self._urgent.append(self._opening.encode())
        self._may_send_data = self.generation == 0

    def resume(self, opening: StreamOpening, now_ms: int) -> None:
        """Agent: a leg brought this opening. It replaces the leg in use, if any. Raises OpeningRefused."""
        same = (self.kind, self.pairing_id, self.stream_id) == (opening.kind, opening.pairing_id, opening.stream_id)
        if not same or not opening.is_authentic(self._stream_key):
            raise OpeningRefused(problem="its proof does not fit")
        if opening.generation <= self.generation:
            raise OpeningRefused(
                problem=Detail(
                    "generation {generation} is not above {newest}",
                    generation=opening.generation,
                    newest=self.generation,
                )
            )
        if self.state is StreamState.ENDED:
            raise OpeningRefused(problem="the stream has ended")
        self.generation = opening.generation
        self._start_leg(StreamState.LIVE, now_ms)
        if self._peer_has(opening.received_bytes):
            self._urgent.append(accept_frame(self._stream_key, opening, self.received_bytes))
            self._become_live()

    def leg_lost(self, now_ms: int) -> None:
        """The leg is gone, or the driver drops it."""
        if self.state in (StreamState.WAITING, StreamState.ENDED):
            return
        if self.state is StreamState.LIVE or self._window_ends_ms is None:
            self._window_ends_ms = now_ms + self._resume_window_ms
        self._stop_leg(StreamState.WAITING)

    def _start_leg(self, state: StreamState, now_ms: int) -> None:
        self._stop_leg(state)
        self._heard_at_ms = now_ms
        self._alive_due_ms = now_ms + ALIVE_EVERY_MS

    def _stop_leg(self, state: StreamState) -> None:
        self.state = state
        self._urgent.clear()
        self._sending.leg_stopped()
        self._may_send_data = False
        self._close_is_due = self.close_code is not None
        self._partial_header.clear()
        self._payload_left = self._payload_to_skip = 0
        self._alive_due_ms = self._ack_due_ms = None

    def _become_live(self) -> None:
        self.state = StreamState.LIVE
        self._window_ends_ms = None
        self._may_send_data = True
        self._acked_to_peer_bytes = self.received_bytes
        self._events.append(LegAccepted(self.generation))

    def _peer_has(self, received_bytes: int) -> bool:
        """Takes the other end's received offset at a resume; False (and the stream ends) if it cannot be true."""
        if not self._sending.acked_bytes <= received_bytes <= self._sending.framed_bytes:
            self._fail()
            return False
        self._sending.acknowledge(received_bytes)
        if self.generation > 0:
            self._sending.send_again()
        return True

    # ── sending ─────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def acked_bytes(self) -> int:
        """Bytes of ours that the other end has."""
        return self._sending.acked_bytes

    @property
    def buffered_bytes(self) -> int:
        """Written by our user and not yet known to have arrived."""
        return self._sending.buffered_bytes

    @property
    def can_send(self) -> bool:
        """False is back-pressure: stop writing until it is true again."""
        return self.buffered_bytes < SEND_BUFFER_BYTES and not self.is_closing

    @property
    def is_closing(self) -> bool:
        return self.close_code is not None or self.state is StreamState.ENDED

    def send(self, data: bytes) -> None:
        """Writes to the stream; ignored once closing. `data` is kept until it is framed: it must not change."""
        if data and not self.is_closing:
            self._sending.write(data)

    def close(self, code: CloseCode = CloseCode.DONE) -> None:
        """Ends the stream. DONE delivers first what was written; any other code ends it at once and drops the rest."""
        if self.state is StreamState.ENDED:
            return
        if code is CloseCode.DONE:
            if self.close_code is None:
                self.close_code = code
                self._close_is_due = True
            if self.generation < 0:
                self._end(code)  # nobody has heard of it
        else:
            self._end(code)
            self._urgent.append(close_frame(code, self._sending.framed_bytes))

    @property
    def has_data_to_send(self) -> bool:
        """True if `data_to_send` would give something. For drivers that have to wake somebody up to send it."""
        if self._urgent or not self._may_send_data:
            return bool(self._urgent)
        return self._sending.has_frames or self._close_may_go

    @property
    def _close_may_go(self) -> bool:
        return self._close_is_due and self._sending.is_all_sent

    def data_to_send(self, limit_bytes: int = SEND_BATCH_BYTES) -> list[bytes]:
        """What to write to the leg now, in order. Call again until it is empty, as long as the leg takes more."""
        out = self._urgent
        self._urgent = []
        if not self._may_send_data:
            return out
        frames = self._sending.take_frames(limit_bytes)
        out += frames
        if frames and self._ack_due_ms is not None:
            out.append(self._ack())  # rides along for nothing
        if self._close_may_go:
            self._close_is_due = False
            out.append(close_frame(CloseCode.DONE, self._sending.framed_bytes))
        return out

    def _ack(self) -> bytes:
        self._ack_due_ms = None
        self._acked_to_peer_bytes = self.received_bytes
        return ack_frame(self.received_bytes)

    # ── receiving ───────────────────────────────────────────────────────────────────────────────────────────────

    def receive_data(self, data: bytes | bytearray | memoryview, now_ms: int) -> None:
        """Takes bytes of the leg in use, in pieces of any size. Never raises on bad bytes: see the events."""
        self._heard_at_ms = now_ms
        view = memoryview(data)
        at = 0
        end = len(view)
        while at < end and self.state in _ON_A_LEG:
            if self._payload_left:
                at += self._take_payload(view[at : at + self._payload_left], now_ms)
            else:
                at += self._take_header(view, at, now_ms)

    def events_received(self) -> list[StreamEvent]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    def pause_reading(self) -> None:
        """The driver stops reading the leg because its own reader is slow: silence is then no sign of death."""
        self._reading_paused = True

    def resume_reading(self, now_ms: int) -> None:
        self._reading_paused = False
        self._heard_at_ms = now_ms

    def _take_header(self, view: memoryview, at: int, now_ms: int) -> int:
        """Consumes (part of) a frame's fixed fields and returns how many bytes."""
        if self._begins_with_data(view, at):
            self._data_started(*read_data_header(view, at))
            return DATA_HEADER_BYTES
        kind = self._partial_header[0] if self._partial_header else view[at]
        size = FRAME_BYTES.get(kind)  # type: ignore[call-overload]  # an int finds its IntEnum key
        if size is None:
            self._fail()
            return 0
        missing: int = size - len(self._partial_header)
        piece = view[at : at + missing]
        if self._partial_header or len(piece) < missing:
            self._partial_header += piece
            if len(piece) == missing:
                frame = bytes(self._partial_header)
                self._partial_header.clear()
                self._frame_received(kind, frame, now_ms)
        else:
            self._frame_received(kind, bytes(piece), now_ms)
        return len(piece)

    def _begins_with_data(self, view: memoryview, at: int) -> bool:
        """Nearly every frame: the whole head of one with data, on a leg that is live."""
        return (
            view[at] == FrameType.DATA
            and len(view) - at >= DATA_HEADER_BYTES
            and self.state is StreamState.LIVE
            and not self._partial_header
        )

    def _frame_received(self, kind: int, frame: bytes, now_ms: int) -> None:
        if self.state is StreamState.OPENING and kind != FrameType.CLOSE:
            self._accept_received(frame, now_ms)
        elif kind == FrameType.DATA:
            self._data_started(*read_data_header(frame))
        elif kind == FrameType.ACK:
            self._ack_received(read_ack(frame))
        elif kind == FrameType.CLOSE:
            self._close_received(*read_close(frame))
        elif kind == FrameType.CLOSED and self.close_code is not None and not self._close_is_due:
            self._end(CloseCode.DONE)
        elif kind != FrameType.ALIVE:
            self._fail()

    def _accept_received(self, frame: bytes, now_ms: int) -> None:
        assert self._opening is not None
        proven = frame[0] == FrameType.ACCEPT
        received_bytes = read_accept(self._stream_key, self._opening, frame) if proven else None
        if received_bytes is None:
            self.leg_lost(now_ms)
            self._events.append(LegFailed("the other end did not prove that it is the customer's"))
        elif self._peer_has(received_bytes):
            self._become_live()

    def _data_started(self, offset: int, length: int) -> None:
        if not 0 < length <= DATA_LIMIT_BYTES or offset > self.received_bytes:
            self._fail()
            return
        self._payload_left = length
        self._payload_to_skip = min(length, self.received_bytes - offset)

    def _take_payload(self, piece: memoryview, now_ms: int) -> int:
        taken = len(piece)
        self._payload_left -= taken
        skipped = min(taken, self._payload_to_skip)
        self._payload_to_skip -= skipped
        if skipped < taken:
            self.received_bytes += taken - skipped
            self._events.append(BytesReceived(piece[skipped:]))
        # Also for what arrived twice: its sender may not know that it has arrived.
        if self.received_bytes - self._acked_to_peer_bytes >= ACK_EVERY_BYTES:
            self._urgent.append(self._ack())
        elif self._ack_due_ms is None:
            self._ack_due_ms = now_ms + ACK_DELAY_MS
        return taken

    def _ack_received(self, offset: int) -> None:
        if offset > self._sending.framed_bytes:
            self._fail()
        elif offset > self._sending.acked_bytes:
            self._sending.acknowledge(offset)

    def _close_received(self, code: CloseCode, offset: int) -> None:
        if code is CloseCode.DONE and (self.state is not StreamState.LIVE or offset != self.received_bytes):
            self._fail()  # a cut tail must not look like an orderly end
        else:
            self._end(code)
            self._urgent.append(CLOSED)

    def _fail(self) -> None:
        self.close(CloseCode.PROTOCOL)

    def _end(self, code: CloseCode) -> None:
        self.close_code = code
        self._stop_leg(StreamState.ENDED)
        self._window_ends_ms = None
        self._close_is_due = False
        self._sending.drop()
        self._events.append(StreamClosed(code))

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def deadline_ms(self) -> int | None:
        """When `handle_time` has something to do, or None."""
        # Asked several times for each key: without a generator it takes a third of the time.
        dues = (self._alive_due_ms, self._ack_due_ms, self._window_ends_ms, self._silence_ends_ms)
        return min([due for due in dues if due is not None], default=None)

    @property
    def _silence_ends_ms(self) -> int | None:
        if self._alive_due_ms is None or self._reading_paused:
            return None
        return self._heard_at_ms + SILENCE_LIMIT_MS

    def handle_time(self, now_ms: int) -> None:
        """Does what is due at `now_ms`. Calling it early or late is harmless."""
        if self._window_ends_ms is not None and now_ms >= self._window_ends_ms:
            everything_arrived = self.close_code is CloseCode.DONE and self.buffered_bytes == 0
            self._end(CloseCode.DONE if everything_arrived else CloseCode.LOST)
            return
        silence_ends_ms = self._silence_ends_ms
        if silence_ends_ms is not None and now_ms >= silence_ends_ms:
            self.leg_lost(now_ms)
            self._events.append(LegFailed("it was silent for 45 s"))
            return
        if self._alive_due_ms is not None and now_ms >= self._alive_due_ms:
            self._alive_due_ms = now_ms + ALIVE_EVERY_MS
            self._urgent.append(ALIVE)
        if self._ack_due_ms is not None and now_ms >= self._ack_due_ms:
            self._urgent.append(self._ack())
