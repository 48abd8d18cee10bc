"""Counts and hashes what one engineer really got from one channel, and says so in the recording when it closes."""

import hashlib
from collections import deque

from agent_client.recording import Recording
from protocol.events import ChannelClosed, ChannelOpened, ChannelUse


class OutputTally:
    """SHA-256 over the output that left the SSH channel.

    Bytes written to a channel wait there for the client's window. If the channel is cut they never leave, and a hash
    over them would call the engineer's own, honest hash a liar. So what was written is hashed only once it left.
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self.byte_count = 0

    def written(self, data: bytes) -> None:
        self._waiting.append(data)
        self._waiting_bytes += len(data)

    def settle(self, unsent_bytes: int) -> None:
        """All that was written has left, but for the last `unsent_bytes`."""
        leaving = self._waiting_bytes - unsent_bytes
        while leaving > 0:
            piece = self._waiting.popleft()
            if len(piece) > leaving:
                self._waiting.appendleft(piece[leaving:])
                piece = piece[:leaving]
            self._hash.update(piece)
            self._waiting_bytes -= len(piece)
            self.byte_count += len(piece)
            leaving -= len(piece)

    def sha256(self) -> bytes:
        return self._hash.digest()


class ChannelRecord:
    """One engineer's channel in the recording: opened when made, closed once, with its totals."""

    def __init__(
        self,
        recording: Recording,
        *,
        channel: int,
        participant: int,
        stream_id: bytes,
        use: ChannelUse,
        command: str = "",
        columns: int = 0,
        rows: int = 0,
        output_offset: int = 0,
    ) -> None:
        self._recording = recording
        self.channel = channel
        self.participant = participant
        self.stream_id = stream_id
        self.output = OutputTally()
        self.closed: ChannelClosed | None = None
        self._input = hashlib.sha256()
        self._input_bytes = 0
        recording.record(
            ChannelOpened(
                t_ms=recording.elapsed_ms(),
                channel=channel,
                participant=participant,
                use=use,
                stream_id=stream_id,
                command=command,
                columns=columns,
                rows=rows,
                output_offset=output_offset,
            )
        )

    def took_input(self, data: bytes, *, hidden: bool = False) -> None:
        """`hidden` input (a password) is counted, never hashed: a hash of few unknown letters is those letters."""
        self._input_bytes += len(data)
        if not hidden:
            self._input.update(data)

    def close(self, exit_status: int | None) -> None:
        """Record the totals. Only the first call counts."""
        if self.closed is None:
            self.closed = ChannelClosed(
                t_ms=self._recording.elapsed_ms(),
                channel=self.channel,
                participant=self.participant,
                stream_id=self.stream_id,
                exit_status=exit_status,
                input_bytes=self._input_bytes,
                input_sha256=self._input.digest(),
                output_bytes=self.output.byte_count,
                output_sha256=self.output.sha256(),
            )
            self._recording.record(self.closed)
