"""The sending half of a resumable stream: what was written, each byte at its offset, kept until the other end has it.

Whole DATA frames are kept, so that sending again is handing out the same object. It is always safe: the other end knows
by its offset what it has already. Stands on the start-up path of every `ssh`: imports stay light.
"""

from collections import deque

from protocol.stream_frames import DATA_LIMIT_BYTES, data_header

SEND_BUFFER_BYTES = 8 * 1024 * 1024
"""Written but not yet acknowledged, above which the writer is to wait. Four OpenSSH windows of 2 MiB."""


class SendBuffer:
    """Written pieces become frames, frames wait for their acknowledgement. Offsets count all bytes ever written."""

    def __init__(self) -> None:
        self.acked_bytes = 0
        """The other end has every byte below this offset."""
        self.framed_bytes = 0
        """Every byte below this offset is in a frame: offset of the next frame."""
        self._written: deque[bytes] = deque()
        self._written_bytes = 0
        self._unacked: deque[tuple[int, bytes]] = deque()
        self._to_resend: deque[bytes] = deque()

    @property
    def buffered_bytes(self) -> int:
        """Written, and not yet known to have arrived."""
        return self.framed_bytes + self._written_bytes - self.acked_bytes

    @property
    def is_all_sent(self) -> bool:
        """Nothing waits for a frame, or to be sent again."""
        return not self._written and not self._to_resend

    @property
    def has_frames(self) -> bool:
        """True if `take_frames` would give something."""
        return bool(self._to_resend or (self._written and self._window_is_open))

    @property
    def _window_is_open(self) -> bool:
        return self.framed_bytes - self.acked_bytes < SEND_BUFFER_BYTES

    def write(self, data: bytes) -> None:
        """`data` is kept until it is framed: it must not change."""
        self._written.append(data)
        self._written_bytes += len(data)

    def take_frames(self, limit_bytes: int) -> list[bytes]:
        """The next frames, in order, until they are `limit_bytes` or more; what is to be sent again comes first."""
        frames: list[bytes] = []
        size = 0
        while self._to_resend and size < limit_bytes:
            frames.append(self._to_resend.popleft())
            size += len(frames[-1])
        while self._written and size < limit_bytes and self._window_is_open:
            frames.append(self._next_frame())
            size += len(frames[-1])
        return frames

    def acknowledge(self, offset: int) -> None:
        """The other end has every byte below `offset`, which the caller has found to be possible."""
        self.acked_bytes = offset
        while self._unacked and self._unacked[0][0] <= offset:
            self._unacked.popleft()

    def send_again(self) -> None:
        """On a new leg: all that was not acknowledged, from its first byte on."""
        self._to_resend.extend(frame for _, frame in self._unacked)

    def leg_stopped(self) -> None:
        """What was about to be sent again waits for the next leg's word of what arrived."""
        self._to_resend.clear()

    def drop(self) -> None:
        """The stream is over: nothing is kept any more."""
        self._written.clear()
        self._unacked.clear()
        self._written_bytes = 0
        self.acked_bytes = self.framed_bytes

    def _next_frame(self) -> bytes:
        """One DATA frame out of as many written pieces as fit: the only copy that is made of them."""
        pieces: list[bytes | memoryview] = []
        length = 0
        while self._written and length < DATA_LIMIT_BYTES:
            piece: bytes | memoryview = self._written.popleft()
            room = DATA_LIMIT_BYTES - length
            if len(piece) > room:
                rest = memoryview(piece)[room:]
                piece = memoryview(piece)[:room]
                self._written.appendleft(rest)  # type: ignore[arg-type]  # a view of bytes that do not change
            pieces.append(piece)
            length += len(piece)
        frame = b"".join((data_header(self.framed_bytes, length), *pieces))
        self._written_bytes -= length
        self.framed_bytes += length
        self._unacked.append((self.framed_bytes, frame))
        return frame
